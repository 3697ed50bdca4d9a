"""The last gate: what a draft claims beyond its clauses does not get out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import context_for

from rag.build import Assistant
from rag.draft import Draft, Point
from rag.route import route
from rag.types import Status
from rag.verify import Verified, verify

QUESTION = "贷款贴息由谁牵头?"
GOOD = (
    "贷款贴息由谁牵头?",
    "第五条的原文",
    "省商务厅牵头哪几条？",
    "哪几条提到区中园?",
    "闲置土地怎么处置?",
    "这份文件什么时候印发的?",
)


def draft_for(assistant: Assistant, question: str) -> Draft:
    with context_for(assistant, question) as context:
        return route(context).answer(context)


def verified(assistant: Assistant, draft: Draft, question: str = QUESTION) -> Verified:
    with context_for(assistant, question) as context:
        return verify(context, draft)


@pytest.mark.parametrize("question", GOOD)
def test_a_good_draft_passes_whole(assistant: Assistant, question: str) -> None:
    draft = draft_for(assistant, question)
    checked = verified(assistant, draft, question)
    assert checked.dropped == ()
    assert checked.draft == draft
    assert len(checked.citations) == sum(len(point.quotes) for point in draft.points)


def test_a_quote_outside_its_clause_is_dropped(assistant: Assistant) -> None:
    draft = draft_for(assistant, QUESTION)
    (point,) = draft.points
    end = point.clause.clause.end
    for span in ((end - 5, end + 5), (0, 10), (end, end), (point.quotes[0][1], point.quotes[0][0])):
        bad = replace(draft, points=(replace(point, quotes=(*point.quotes, span)),))
        checked = verified(assistant, bad)
        assert [(c.start, c.end) for c in checked.citations] == list(point.quotes)
        assert checked.dropped == ("quote outside (十四)",)


def test_without_a_quote_that_holds_there_is_no_answer(assistant: Assistant) -> None:
    draft = draft_for(assistant, QUESTION)
    checked = verified(assistant, replace(draft, points=(replace(draft.points[0], quotes=((0, 5),)),)))
    assert checked.draft.status is Status.NOT_IN_CORPUS
    assert not checked.citations and checked.departments.lead == ()
    assert "省财政厅" not in checked.draft.opening


def test_a_clause_whose_text_is_not_the_documents_is_dropped(assistant: Assistant) -> None:
    draft = draft_for(assistant, QUESTION)
    clause = draft.points[0].clause
    forged = replace(clause, clause=replace(clause.clause, text=clause.clause.text.replace("贴息", "免息")))
    checked = verified(assistant, replace(draft, points=(replace(draft.points[0], clause=forged),)))
    assert checked.draft.status is Status.NOT_IN_CORPUS and not checked.citations


def test_a_clause_of_an_unknown_document_is_dropped(assistant: Assistant) -> None:
    draft = draft_for(assistant, QUESTION)
    stray = replace(draft.points[0].clause, document_id="guofa-1999-1")
    checked = verified(assistant, replace(draft, points=(replace(draft.points[0], clause=stray),)))
    assert checked.draft.status is Status.NOT_IN_CORPUS and not checked.citations


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("lead", "省商务厅"),
        ("lead", "省教育厅"),
        ("cooperating", "省财政厅"),
        ("responsible", "省财政厅"),
        ("lead", "财政部"),
    ],
)
def test_a_body_in_another_role_is_dropped(assistant: Assistant, role: str, name: str) -> None:
    draft = draft_for(assistant, QUESTION)
    checked = verified(assistant, replace(draft, **{role: (*getattr(draft, role), name)}))
    assert getattr(checked.draft, role) == getattr(draft, role)
    assert checked.dropped == (f"{name} is not {role}",)


@pytest.mark.parametrize("label", ["(九十九)“加强财政支持力度”", "第三十条“贴息”", "(十五)“创新投融资体制”"])
@pytest.mark.parametrize("place", ["opening", "notes", "before"])
def test_a_clause_named_but_not_cited_refuses_the_answer(
    assistant: Assistant, label: str, place: str
) -> None:
    draft = draft_for(assistant, QUESTION)
    words = f"{label}是这样写的："
    bad = {
        "opening": replace(draft, opening=words),
        "notes": replace(draft, notes=(words,)),
        "before": replace(draft, points=(replace(draft.points[0], before=words),)),
    }[place]
    checked = verified(assistant, bad)
    assert checked.draft.status is Status.NOT_IN_CORPUS and not checked.citations


def test_a_number_in_quotation_marks_is_no_heading(assistant: Assistant) -> None:
    draft = Draft(status=Status.CLARIFY, opening="请说明问的是哪一条，例如“第十四条”。")
    assert verified(assistant, draft).draft == draft


def test_present_names_are_given_for_the_bodies_given(assistant: Assistant) -> None:
    checked = verified(assistant, draft_for(assistant, "闲置土地由谁牵头?"))
    assert checked.departments.current == {"省国土资源厅": "甘肃省自然资源厅"}


NAMES = ("省财政厅", "省商务厅", "省教育厅", "财政部", "市民政局", "省发展改革委", "甲局", "")


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_random_corruptions_never_get_out(assistant: Assistant, data: st.DataObject) -> None:
    question = data.draw(st.sampled_from(GOOD))
    draft = draft_for(assistant, question)
    clauses = assistant.clauses()
    offset = st.integers(min_value=-5, max_value=20000)
    names = st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)
    points = []
    for point in draft.points:
        clause = data.draw(st.sampled_from([point.clause, *clauses[:4]]))
        spans = data.draw(
            st.lists(st.one_of(st.sampled_from(point.quotes), st.tuples(offset, offset)), max_size=3)
        )
        points.append(Point(clause=clause, quotes=tuple(spans)))
    corrupted = replace(
        draft,
        points=tuple(points),
        lead=(*draft.lead, *data.draw(names)),
        cooperating=(*draft.cooperating, *data.draw(names)),
        responsible=data.draw(names),
        opening=data.draw(st.sampled_from([draft.opening, "(三)“健全考核体系”", "第四十条“免税”", ""])),
    )
    checked = verified(assistant, corrupted, question)
    texts = {stored.document.id: stored.document.text for stored in assistant.documents()}
    used = {(c.document_id, c.path) for c in checked.citations}
    for citation in checked.citations:
        assert citation.quote == texts[citation.document_id][citation.start : citation.end] != ""
        assert (
            citation.clause_start
            <= citation.start
            < citation.end
            <= citation.clause_start + len(citation.clause_text)
        )
    held = {
        role: {
            name
            for stored in clauses
            if (stored.document_id, stored.clause.path) in used
            for duty in stored.clause.responsibilities
            for name in getattr(duty, role)
        }
        for role in ("lead", "cooperating")
    }
    assert set(checked.departments.lead) <= held["lead"]
    assert set(checked.departments.cooperating) <= held["cooperating"]
    assert "第四十条" not in checked.draft.opening
    if checked.draft.status is Status.ANSWERED and draft.points:
        assert checked.citations
