"""Whether what was found can answer, and what is said where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rag_samples import SEED, context_for

from rag.build import Assistant
from rag.evidence import search
from rag.sufficiency import (
    best_confidence,
    confidence,
    far_fetched,
    insufficient,
    missing_thing,
    not_said,
    not_said_in,
)
from rag.types import Answer, Status

# Question → how it ends before any clause is quoted; None where a clause can answer.
ENDINGS = [
    ("基础设施项目贷款贴息怎么规定", None),
    ("三证合一是怎么回事", None),
    ("修路借的钱利息能补吗", None),
    ("红烧肉怎么做好吃", Status.OUT_OF_SCOPE),
    ("明天天气怎么样", Status.OUT_OF_SCOPE),
    ("浙江省的经开区贷款贴息找谁", Status.NOT_IN_CORPUS),
    ("宠物狗办证在哪里办", Status.NOT_IN_CORPUS),
    ("呢", Status.CLARIFY),
]


@pytest.mark.parametrize(("question", "status"), ENDINGS)
def test_how_a_question_ends(assistant: Assistant, question: str, status: Status | None) -> None:
    with context_for(assistant, question) as context:
        ending = insufficient(context, search(context) if context.topic else [])
        assert (ending.status if ending else None) is status


def test_clauses_in_focus_are_always_enough(assistant: Assistant) -> None:
    with context_for(assistant, "那怎么办呢") as context:
        clause = context.snapshot.catalogue.clauses(SEED)[0]
        assert insufficient(replace(context, pinned=(clause,)), []) is None


def test_nothing_found_is_said(assistant: Assistant) -> None:
    with context_for(assistant, "贷款贴息怎么规定") as context:
        ending = insufficient(context, [])
        assert ending is not None and ending.status is Status.NOT_IN_CORPUS


def test_confidence_lies_between_nothing_and_all(assistant: Assistant) -> None:
    with context_for(assistant, "贷款贴息怎么规定") as context:
        hits = search(context)
        assert all(0.0 <= confidence(hit) <= 1.0 for hit in hits)
        assert best_confidence(hits) == max(map(confidence, hits[:3]))
        assert best_confidence([]) == 0.0


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


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("基础设施项目贷款贴息由谁牵头", False),
        ("跟管园子的人打交道老受气,找谁说理", True),
    ],
)
def test_a_far_fetched_clause_is_said_to_be_one(assistant: Assistant, question: str, told: bool) -> None:
    with context_for(assistant, question) as context:
        assert bool(far_fetched(context, search(context))) is told


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        # What only looks like the matter holds an amount, but of something else.
        ("在市里租一个早餐摊位一个月多少钱?", True),
        ("首次贷款贴息单户最高多少钱?", False),
        ("擅自设置大型户外广告设施罚多少钱?", False),
    ],
)
def test_an_amount_is_only_given_from_a_clause_that_is_likely_meant(
    ask_several: Callable[..., Answer], question: str, refused: bool
) -> None:
    assert (ask_several(question).status is Status.NOT_IN_CORPUS) is refused
