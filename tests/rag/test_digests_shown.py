"""Whatever is quoted from a digest says that it is one: over all questions of the evaluation set."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from rag_samples import ADVERTISING, MEASURES, SEED, check_answer

from ingest.knowledge import read_yaml
from ingest.settings import ROOT
from ingest.types import Metadata
from rag.build import Assistant
from rag.render import escape
from rag.types import Answer, Status

_ADDRESS = re.compile(r"https?://[^\s)>\]]+")


def conversations() -> list[tuple[str, ...]]:
    """The turns of every question of evals/questions/."""
    files = sorted((ROOT / "evals" / "questions").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [tuple(row["turns"]) for row in rows]


@cache
def digest_files() -> dict[str, dict[str, Any]]:
    """The shipped digest files by document id."""
    return {path.stem: read_yaml(path) for path in (ROOT / "corpus" / "digests").glob("*.yaml")}


@cache
def official_addresses() -> frozenset[str]:
    """The official pages that somebody saw."""
    return frozenset(data["official_url"] for data in digest_files().values() if data.get("official_url"))


def metadata_of(assistant: Assistant) -> dict[str, Metadata]:
    return {stored.document.id: stored.document.metadata for stored in assistant.documents()}


def check_digests(answer: Answer, held: dict[str, Metadata]) -> None:
    """What holds of every answer that may quote a digest."""
    digests = [citation for citation in answer.citations if citation.kind == "digest"]
    for citation in answer.citations:
        assert citation.kind == held[citation.document_id].kind
        unchecked = citation.label in held[citation.document_id].unverified
        assert citation.unverified is unchecked
        if unchecked:
            assert "未核对" in answer.text or "unverified" in answer.text
    if digests and not answer.question.isascii():
        assert "提要" in answer.text and "非原文" in answer.text
    for line in answer.text.splitlines():
        # Each quote of a digest is marked where it stands.
        shown = [c for c in digests if line.startswith("> ") and escape(c.quote) in line]
        assert not shown or "提要，非原文" in line or "digest" in line
        assert not any(c.unverified for c in shown) or "未核对" in line or "unverified" in line
    cited = {citation.document_id for citation in digests}
    linked = {held[document_id].address for document_id in cited} - {""}
    assert set(_ADDRESS.findall(answer.text)) == linked <= official_addresses()


@pytest.mark.parametrize("turns", conversations()[::8], ids=lambda turns: turns[-1])
def test_every_eighth_question(assistant: Assistant, turns: tuple[str, ...]) -> None:
    answer = assistant.ask(turns)
    check_answer(assistant, answer)
    check_digests(answer, metadata_of(assistant))


@pytest.mark.slow
def test_every_question(assistant: Assistant) -> None:
    held = metadata_of(assistant)
    quoting = 0
    for turns in conversations():
        answer = assistant.ask(turns)
        check_answer(assistant, answer)
        check_digests(answer, held)
        quoting += any(citation.kind == "digest" for citation in answer.citations)
    assert quoting >= 40  # else the rows above say little


# Of several clauses, an answer to 讲了什么 is a list of headings.


@pytest.mark.parametrize(
    "document_id",
    sorted(digest_files()),
)
def test_every_shipped_digest_can_be_asked_for_and_says_what_it_is(
    assistant: Assistant, document_id: str
) -> None:
    held = metadata_of(assistant)
    assert (held[document_id].kind, held[document_id].relation) == (
        "digest",
        digest_files()[document_id]["relation"],
    )
    answer = assistant.ask([f"{document_id}讲了什么?"])
    check_answer(assistant, answer)
    check_digests(answer, held)
    assert {citation.document_id for citation in answer.citations} <= {document_id}


def test_the_policy_itself_is_never_called_a_digest(ask: Callable[..., Answer]) -> None:
    for question in ("贷款贴息由谁牵头?", "第十四条的原文", "省商务厅牵头哪几条？", "各部门分别牵头几条?"):
        answer = ask(question)
        assert {citation.kind for citation in answer.citations} == {"original"}
        assert "提要" not in answer.text


@pytest.mark.parametrize(
    ("question", "linked"),
    [
        ("国办发〔2016〕14号总体要求第一条怎么写?", ["content_5060345"]),
        ("国发〔2019〕3号现在还有效吗?", ["content_5361158"]),
        ("国办发〔2014〕54号第九条怎么写?", []),
        ("外商投资法怎么规定信息报告?", []),
        ("贷款贴息由谁牵头?", []),
    ],
)
def test_only_pages_that_were_seen_are_linked(
    ask: Callable[..., Answer], question: str, linked: list[str]
) -> None:
    found = _ADDRESS.findall(ask(question).text)
    assert len(found) == len(linked)
    assert all(part in address for part, address in zip(linked, found, strict=True))


@pytest.mark.parametrize(
    ("question", "unchecked"),
    [
        ("国办发〔2014〕54号第十六条怎么写?", True),
        ("国办发〔2014〕54号第九条怎么写?", False),
        ("国发〔2019〕11号第二十三条怎么写?", True),
        ("国发〔2019〕11号第十四条怎么写?", False),
        ("国办发〔2017〕7号第十二条怎么写?", False),
        ("国办发〔2017〕7号第二十二条怎么写?", True),
    ],
)
def test_what_nobody_checked_is_marked_where_it_stands(
    ask: Callable[..., Answer], question: str, unchecked: bool
) -> None:
    answer = ask(question)
    (quote,) = (line for line in answer.text.splitlines() if line.startswith("> "))
    (citation,) = answer.citations
    assert citation.unverified is unchecked
    assert ("（提要，非原文，未核对）" in quote) is unchecked
    assert ("（提要，非原文）" in quote) is not unchecked


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("国发〔2019〕11号第五十条怎么写?", "没有第五十条"),
        # Its digest has (一) to (三) and (八) to (十一): that the original has no article 5 is not known.
        ("国发〔2017〕39号第五条怎么写?", "只收录了提要"),
        ("省里后来那份高质量发展的实施意见,第八条原文怎么写的?给我抄一下。", "只收录了提要"),
    ],
)
def test_an_article_that_a_digest_lacks_is_refused(
    ask: Callable[..., Answer], assistant: Assistant, question: str, words: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert answer.status.refused and not answer.citations
    assert words in answer.text


@pytest.mark.parametrize(
    ("question", "lead"),
    [("区中园由谁牵头?", "省发展改革委"), ("外商投资审批由谁牵头?", "省发展改革委"), ("国际合作生态园由谁牵头?", "省发展改革委")],
)  # fmt: skip
def test_who_leads_is_never_told_from_a_digest(ask: Callable[..., Answer], question: str, lead: str) -> None:
    answer = ask(question)
    assert lead in answer.departments.lead
    assert {citation.kind for citation in answer.citations} == {"original"}


# Documents around the policy are asked second


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("贷款贴息怎么申报?", "original"),
        ("人才绿色通道怎么规定的?", "original"),
        ("国务院对人才是怎么要求的?", "digest"),  # an example of its own form
        ("国家层面对信息化怎么说?", "digest"),
        ("中央对区域协调发展有什么要求?", "digest"),
    ],
)
def test_the_policy_is_asked_first_unless_what_stands_above_is(
    ask: Callable[..., Answer], assistant: Assistant, question: str, kind: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert answer.status is Status.ANSWERED
    assert {citation.kind for citation in answer.citations} == {kind}


def test_a_time_limit_that_nobody_states_is_not_found_in_a_digest(ask: Callable[..., Answer]) -> None:
    assert ask("三证合一几个工作日能办完?").status is Status.NOT_IN_CORPUS


def test_which_documents_are_asked_first(several: Assistant) -> None:
    with several._index.snapshot() as snapshot:
        assert snapshot.primary == (SEED, MEASURES, ADVERTISING)
        assert sorted(snapshot.companions) == sorted(digest_files())
        assert set(snapshot.primary) | set(snapshot.companions) == set(snapshot.documents)


@pytest.mark.parametrize(
    "document_ids",
    [None, (SEED,), (SEED, MEASURES), ("guobanfa-2014-54",), ("guobanfa-2014-54", "guofa-2019-11"), (SEED, "guobanfa-2014-54")],
)  # fmt: skip
def test_words_are_searched_among_the_documents_given(
    several: Assistant, document_ids: tuple[str, ...] | None
) -> None:
    with several._index.snapshot() as snapshot:
        found = snapshot.search_words("贷款贴息 人才 知识产权", 40, document_ids)
        ids = {key.split("#")[0] for key in found}
        assert ids and ids <= set(document_ids or snapshot.primary)
        assert all(0 < share <= 1 for share in found.values())
        # The best of either index has a share of one, so that neither hides the other.
        for among in (snapshot.primary, snapshot.companions):
            shares = [share for key, share in found.items() if key.split("#")[0] in among]
            assert max(shares, default=1.0) == 1.0
        assert snapshot.search_words("贷款贴息", 40, ()) == {}


@pytest.mark.parametrize(
    "question",
    ["比较一下甘肃第七条与国办54号文第八条", "第五条上面是哪条？", "第十四条对应国办发54号哪一条？"],
)
def test_the_marks_said_to_be_digests_are_those_of_digests(ask: Callable[..., Answer], question: str) -> None:
    text = ask(question).text
    said = re.search(r"引文里 ((?:\[\d+\])+) 是提要", text)
    assert said
    marked = re.findall(r"（提要，非原文(?:，未核对)?） (\[\d+\])", text)
    assert re.findall(r"\[\d+\]", said.group(1)) == marked
