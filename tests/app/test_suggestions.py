"""What is suggested next can be answered."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from running_page import build_index

from ingest.settings import ROOT, load_settings
from rag.build import Assistant, open_assistant
from rag.context import Focus
from rag.types import Answer, Status
from rag.web.suggestions import MOST, follow_ups


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    data = build_index(tmp_path_factory.mktemp("suggestions") / "data")
    with open_assistant(load_settings(data=data, profile="extractive")) as opened:
        yield opened


def suggested(assistant: Assistant, answer: Answer) -> tuple[str, ...]:
    lead = answer.departments.lead
    profiles = assistant.profiles(lead[0]) if len(lead) == 1 else ()
    return follow_ups(answer, assistant.knowledge.around, profiles)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("贷款贴息由谁牵头?", ("第十四条的原文是什么？", "第十四条现在还适用吗？")),
        ("省商务厅牵头哪几条？", ()),
        ("加强土地节约集约利用由谁牵头?", ("第十九条的原文是什么？",)),
        ("招商引资由谁牵头?", ("第七条的原文是什么？", "省商务厅牵头哪几条？")),
    ],
)
def test_the_nearest_come_first(assistant: Assistant, question: str, expected: tuple[str, ...]) -> None:
    assert suggested(assistant, assistant.ask([question]))[: len(expected)] == expected


@pytest.mark.parametrize("question", ["明天天气怎么样", "第九十九条", "贷款贴息按百分之几?", "你好", ""])
def test_nothing_is_suggested_where_nothing_was_answered(assistant: Assistant, question: str) -> None:
    assert suggested(assistant, assistant.ask([question])) == ()


@pytest.mark.slow
def test_every_suggestion_is_answered_and_none_repeats_the_question(assistant: Assistant) -> None:
    file = ROOT / "evals" / "questions" / "gansu-etdz-2015.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    asked = 0
    for row in rows[::12]:
        focus = Focus()
        for text in row["turns"]:
            turn = assistant.turn(text, focus)
            focus = turn.focus
        questions = suggested(assistant, turn.answer)
        assert len(questions) <= MOST and row["turns"][-1] not in questions
        for question in questions:
            asked += 1
            answer = assistant.turn(question, focus).answer
            assert answer.status is Status.ANSWERED and answer.citations, (
                row["turns"],
                question,
                answer.text,
            )
    assert asked > 20
