"""A verified draft as the Markdown that the user reads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag_samples import context_for

from rag.build import Assistant
from rag.draft import Draft, Point
from rag.messages import keys, say
from rag.render import escape, render
from rag.types import Answer, Status
from rag.verify import verify


def test_the_answer_comes_first_then_the_quote_with_its_number(ask: Callable[..., Answer]) -> None:
    blocks = ask("贷款贴息由谁牵头?").text.split("\n\n")
    assert blocks[0].startswith("**省财政厅牵头**")
    assert blocks[1] == "(十四)“加强财政支持力度”是这样写的："
    assert blocks[2].startswith("> ") and blocks[2].endswith(" [1]")


@pytest.mark.parametrize(
    "question",
    ["贷款贴息由谁牵头?", "省商务厅牵头哪几条？", "哪几条提到土地?", "第一条到第三条", "各部门分别牵头几条?"],
)
def test_numbers_run_from_one_to_the_number_of_clauses(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    clauses = list(dict.fromkeys((c.document_id, c.path) for c in answer.citations))
    numbers = [int(number) for number in re.findall(r" \[(\d+)\]", answer.text)]
    assert numbers == list(range(1, len(clauses) + 1))


def test_quotes_stand_as_published(ask: Callable[..., Answer]) -> None:
    answer = ask("第十七条的原文")
    (citation,) = answer.citations
    line = next(line for line in answer.text.split("\n") if line.startswith("> "))
    assert line == f"> {escape(citation.quote)} [1]"


def test_renamed_bodies_and_misprints_are_noted(ask: Callable[..., Answer]) -> None:
    text = ask("第十八条的原文").text
    assert "现名：省国土资源厅自 2018 年起为甘肃省自然资源厅" in text
    assert "原文印作“省发展改革”" in text
    assert "新三板" in ask("企业在新三板挂牌由谁牵头?").text


def test_markup_in_published_text_is_shown_not_run() -> None:
    assert escape("*a* <b> [1](x) `c` #d | ~e~ _f_ \\") == (
        "\\*a\\* \\<b\\> \\[1\\](x) \\`c\\` \\#d \\| \\~e\\~ \\_f\\_ \\\\"
    )


@given(st.text())
def test_escaping_loses_nothing(text: str) -> None:
    assert re.sub(r"\\([\\`*_\[\]<>#|~])", r"\1", escape(text)) == text


def test_a_list_of_several_bodies_keeps_every_line(assistant: Assistant) -> None:
    with context_for(assistant, "x") as context:
        clauses = context.snapshot.all_clauses[:3]
        points = tuple(
            Point(clause=c, quotes=((c.clause.start, c.clause.end),), listed=True, before=before)
            for c, before in zip(clauses, ("甲：\n一", "二", "乙：\n三"), strict=True)
        )
        text = render(context, verify(context, Draft(status=Status.ANSWERED, points=points)))
    lines = [line for line in text.split("\n") if line]
    assert lines[:5] == ["甲：", "- 一 [1]", "- 二 [2]", "乙：", "- 三 [3]"]
    assert lines[5:] == ["上位文件（国办发〔2014〕54号）对应条款：(一)对应(一)；(二)对应(二)；(三)对应(五)。"]


@pytest.mark.parametrize("key", keys())
def test_every_message_has_the_same_gaps_in_both_languages(key: str) -> None:
    from string import Formatter

    from rag.messages import _MESSAGES

    chinese, english = ({f for _, f, _, _ in Formatter().parse(text) if f} for text in _MESSAGES[key])
    assert chinese == english or key in {"which_document"}
    assert say(key, "zh", **dict.fromkeys(chinese, "x")) and say(key, "en", **dict.fromkeys(english, "x"))
