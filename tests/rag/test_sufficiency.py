"""Whether what was found can answer, and what is said where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rag_samples import SEED, context_for, first_as

from rag.build import Assistant
from rag.context import Context
from rag.evidence import search
from rag.retrieve import Hit
from rag.sufficiency import best_confidence, confidence, far_fetched, insufficient
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


def status_of(context: Context, hits: list[Hit]) -> Status | None:
    ending = insufficient(context, hits)
    return ending.status if ending else None


@pytest.mark.parametrize(
    ("coverage", "similarity", "expected"),
    [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.6, 0.2, 0.4), (0.6, -0.8, 0.3), (0.0, -1.0, 0.0)],
)
def test_words_and_meaning_count_alike_and_unlikeness_not_at_all(
    assistant: Assistant, coverage: float, similarity: float, expected: float
) -> None:
    with context_for(assistant, "贷款贴息怎么规定") as context:
        (hit, *_) = first_as(search(context), coverage=coverage, similarity=similarity)
        assert confidence(hit) == pytest.approx(expected)


def test_only_the_first_three_hits_count(assistant: Assistant) -> None:
    with context_for(assistant, "贷款贴息怎么规定") as context:
        hits = search(context)
        unlike = [replace(hit, coverage=0.0, similarity=0.1 * n) for n, hit in enumerate(hits[:3])]
        sure = replace(hits[3], coverage=1.0, similarity=1.0)
        assert best_confidence([*unlike, sure]) == pytest.approx(0.1)
        assert best_confidence([*unlike[:2], sure]) == 1.0


@pytest.mark.parametrize(
    ("question", "likely", "refused"),
    [
        ("园区的绿化怎么规定", 0.09, True),
        ("园区的绿化怎么规定", 0.11, False),
        # Which body is in charge may be less likely, an amount has to be likelier.
        ("园区的绿化由谁牵头", 0.05, True),
        ("园区的绿化由谁牵头", 0.09, False),
        ("园区的绿化补贴最高多少万元", 0.15, True),
        ("园区的绿化补贴最高多少万元", 0.25, False),
    ],
)
def test_a_first_hit_has_to_be_likely_enough_for_what_is_asked(
    assistant: Assistant, question: str, likely: float, refused: bool
) -> None:
    with context_for(assistant, question) as context:
        thresholds = replace(context.knowledge.thresholds, plain=0.1, bodies=0.06)
        known = replace(context, knowledge=replace(context.knowledge, thresholds=thresholds))
        unasked = [replace(hit, clause=replace(hit.clause, questions=())) for hit in search(context)]
        ending = status_of(known, first_as(unasked, probability=likely))
        assert ending is (Status.NOT_IN_CORPUS if refused else None)


@pytest.mark.parametrize(("asked", "refused"), [(0.0, False), (1.0, True)])
def test_a_clause_with_expected_questions_has_to_be_likely_enough(
    assistant: Assistant, asked: float, refused: bool
) -> None:
    with context_for(assistant, "企业上市融资怎么规定") as context:
        hits = search(context)
        assert hits[0].clause.questions and 0 < hits[0].probability < 1
        thresholds = replace(context.knowledge.thresholds, asked=asked)
        strict = replace(context, knowledge=replace(context.knowledge, thresholds=thresholds))
        assert status_of(strict, hits) is (Status.NOT_IN_CORPUS if refused else None)


@pytest.mark.parametrize(
    ("close", "alone", "after"), [(0.05, True, True), (0.1, True, False), (0.5, False, False)]
)
def test_a_follow_up_may_be_further_from_its_clause(
    assistant: Assistant, close: float, alone: bool, after: bool
) -> None:
    with context_for(assistant, "申报有什么要求") as context:
        hits = first_as(search(context), coverage=close, similarity=close, probability=None)[:1]
        assert (insufficient(context, hits) is not None) is alone
        assert (insufficient(replace(context, continued=True), hits) is not None) is after


@pytest.mark.parametrize(
    ("close", "business", "status"),
    [
        (0.1, 0.0, Status.OUT_OF_SCOPE),
        # A policy on the weather holds most of the question; 预报 in government's words is ours.
        (0.6, 0.0, None),
        (0.1, 2.0, Status.NOT_IN_CORPUS),
    ],
)
def test_a_word_of_other_talk_counts_unless_the_clauses_hold_the_question(
    assistant: Assistant, close: float, business: float, status: Status | None
) -> None:
    with context_for(assistant, "天气预报怎么样") as context:
        hits = first_as(
            search(context), coverage=close, similarity=close, business=business, probability=None
        )[:1]
        assert status_of(context, hits) is status


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("呢", "“呢”太短"),
        ("嗯", "“嗯”太短"),
        # These point to a clause that nobody has named.
        ("这", "请说明问的是哪一条"),
        ("条", "请说明问的是哪一条"),
        ("那配合的呢", "请说明问的是哪一条"),
    ],
)
def test_too_little_to_go_by_is_asked_back(assistant: Assistant, question: str, words: str) -> None:
    with context_for(assistant, question) as context:
        ending = insufficient(context, [])
        assert ending is not None and ending.status is Status.CLARIFY and words in ending.opening


@pytest.mark.parametrize(
    ("question", "usual"),
    [("谁管汽车驾照", "省公安厅"), ("婚姻登记归谁管", "省民政厅"), ("宠物狗办证找谁", "")],
)
def test_another_matter_of_government_is_refused_with_who_usually_handles_it(
    assistant: Assistant, question: str, usual: str
) -> None:
    with context_for(assistant, question) as context:
        ending = insufficient(context, search(context))
        assert ending is not None and ending.status is Status.NOT_IN_CORPUS
        assert bool(ending.notes) is bool(usual) and all(usual in note for note in ending.notes)


@pytest.mark.parametrize(("close", "told"), [(0.31, 2), (0.33, 0)])
def test_what_is_far_fetched_is_said_with_who_usually_handles_it(
    assistant: Assistant, close: float, told: int
) -> None:
    with context_for(assistant, "谁管汽车驾照") as context:
        hits = first_as(search(context), coverage=close, similarity=close)[:1]
        notes = far_fetched(context, hits)
        assert len(notes) == told and (not notes or "省公安厅" in notes[1])


def test_nothing_found_is_not_far_fetched(assistant: Assistant) -> None:
    with context_for(assistant, "谁管汽车驾照") as context:
        assert far_fetched(context, []) == ()


@pytest.mark.parametrize(("question", "refused"), [("谁管汽车驾照", True), ("谁管孵化器", False)])
def test_a_matter_is_another_one_only_where_no_clause_speaks_of_it(
    assistant: Assistant, question: str, refused: bool
) -> None:
    with context_for(assistant, question) as context:
        hits = first_as(search(context), coverage=0.45, similarity=0.45, business=2.0, probability=None)[:1]
        assert hits[0].clause.questions
        assert (insufficient(context, hits) is not None) is refused
