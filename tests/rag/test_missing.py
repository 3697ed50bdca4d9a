"""What the clauses found do not hold of what is asked for, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rag_samples import ADVERTISING, MEASURES, context_for, first_as

from rag.build import Assistant
from rag.evidence import quote_point, search
from rag.missing import missing_beside, missing_thing, not_said, not_said_in
from rag.types import Answer, Status


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("外资企业审批的总投资额上限是多少美元", None),
        ("贷款贴息的比例是百分之几", "rate"),
        ("高新技术企业认定要交什么材料", "materials"),
        ("优化投资环境的投诉电话是多少", "contact"),
    ],
)
def test_the_thing_asked_for_is_held_or_named(
    assistant: Assistant, question: str, missing: str | None
) -> None:
    with context_for(assistant, question) as context:
        ask = missing_thing(context, search(context))
        assert (ask.id if ask else None) == missing


def test_what_is_not_said_is_told_with_the_nearest_clause_and_who_may_know(assistant: Assistant) -> None:
    with context_for(assistant, "贷款贴息的比例是百分之几") as context:
        hits = search(context)
        ask = missing_thing(context, hits)
        assert ask is not None
        draft = not_said_in(context, ask, hits[0].clause)
        assert draft.status is Status.NOT_IN_CORPUS
        assert ask.what in draft.opening and "(十四)" in draft.opening
        assert draft.lead == ("省财政厅",) and "省财政厅" in draft.notes[0]
        # Without a hit that is near, only who is likely to know is left to say.
        assert not_said(context, ask, []).points == ()


@pytest.mark.parametrize(("nearly", "missing"), [(0.95, None), (0.5, "amount")])
def test_a_second_clause_holds_the_thing_only_if_it_fits_nearly_as_well(
    several: Assistant, nearly: float, missing: str | None
) -> None:
    with context_for(several, "稳岗补贴多少钱") as context:
        hits = search(context)
        (holding,) = [hit for hit in hits if hit.clause.clause.heading == "发放稳岗补贴"]
        (other,) = [hit for hit in hits if hit.clause.clause.heading == "开展送工返岗"]
        pair = [replace(other, score=1.0), replace(holding, score=nearly)]
        ask = missing_thing(context, pair)
        assert (ask.id if ask else None) == missing


def test_a_time_limit_is_held_by_the_clause_that_states_it(several: Assistant) -> None:
    with context_for(several, "大型户外广告设施受理后多少天作出决定") as context:
        hits = search(context)
        (holding,) = [h for h in hits if (h.clause.document_id, h.clause.clause.article) == (ADVERTISING, 5)]
        (other,) = [h for h in hits if (h.clause.document_id, h.clause.clause.article) == (ADVERTISING, 3)]
        assert missing_thing(context, [holding]) is None
        ask = missing_thing(context, [other])
        assert ask is not None and ask.id == "duration"


@pytest.mark.parametrize(
    ("question", "close", "nearest"),
    [
        ("贷款贴息的比例是百分之几", 0.5, True),
        ("贷款贴息的比例是百分之几", 0.1, False),
        # Who is named in the question is not told to ask the lead of some clause.
        ("省财政厅给的贷款贴息比例是百分之几", 0.5, False),
    ],
)
def test_the_nearest_clause_is_shown_only_where_it_is_near(
    assistant: Assistant, question: str, close: float, nearest: bool
) -> None:
    with context_for(assistant, question) as context:
        hits = first_as(search(context), coverage=close, similarity=close)[:1]
        ask = missing_thing(context, hits)
        assert ask is not None and ask.id == "rate"
        draft = not_said(context, ask, hits)
        assert draft.status is Status.NOT_IN_CORPUS and ask.what in draft.opening
        shown = (quote_point(context, hits[0].clause, most=1),) if nearest else ()
        assert draft.points == shown
        # Where the clause has a lead, that one is asked.
        assert not any(ask.who_knows in note for note in draft.notes)
        assert (ask.who_knows in draft.opening) is not nearest


def test_without_a_lead_it_is_told_who_usually_knows(several: Assistant) -> None:
    with context_for(several, "用水价格下调的依据文号是多少,联系电话是多少") as context:
        (clause,) = [c for c in context.snapshot.catalogue.clauses(MEASURES) if c.clause.article == 3]
        ask = next(ask for ask in context.question.asks if ask.needs is not None)
        draft = not_said_in(context, ask, clause)
        assert draft.lead == () and draft.responsible == ("市水务局",)
        assert ask.who_knows and all(ask.who_knows in note for note in draft.notes) and draft.notes


def test_a_thing_that_any_clause_can_tell_is_not_missing(assistant: Assistant) -> None:
    with context_for(assistant, "贷款贴息由谁牵头") as context:
        assert [ask.needs for ask in context.question.asks] == [None]
        assert missing_thing(context, search(context)) is None


@pytest.mark.parametrize(
    ("question", "beside"),
    [
        # Both are asked for, one is said.
        ("发放稳岗补贴每人多少元,电话是多少", ("contact",)),
        # Neither is, or there is but one.
        ("发放稳岗补贴的税率是多少,电话是多少", ()),
        ("发放稳岗补贴每人多少元", ()),
        ("稳岗补贴的窗口电话是多少", ()),
    ],
)
def test_one_of_two_things_asked_for_may_be_said(
    several: Assistant, question: str, beside: tuple[str, ...]
) -> None:
    with context_for(several, question) as context:
        hits = [hit for hit in search(context) if hit.clause.clause.heading == "发放稳岗补贴"]
        assert tuple(ask.id for ask in missing_beside(context, hits)) == beside


def test_what_is_said_is_answered_and_what_is_not_is_told(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("发放稳岗补贴每人多少元,窗口的电话是多少?")
    assert answer.status is Status.ANSWERED
    assert "每人1000元" in answer.text and "没有写明电话" in answer.text
