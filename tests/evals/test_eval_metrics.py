"""Figures over a handful of answers, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eval_samples import GOLD, REFUSAL, TRUTH, answer, cite, recorded

from evals import metrics
from evals.questions import Gold

_REFUSE = Gold(refuse=True)
SCORED = metrics.score_all(
    [
        recorded(),
        recorded(answer(citations=[cite(3, "新增债务"), cite()])),
        recorded(REFUSAL),
        recorded(REFUSAL, _REFUSE, kind="unanswerable"),
        recorded(answer(elapsed_ms=50.0), _REFUSE, kind="unanswerable", set_name="other"),
        recorded(answer(citations=[cite(quote="全额贴息")]), kind="fact"),
    ],
    TRUTH,
)


def test_pass_rates() -> None:
    assert metrics.pass_rate(SCORED) == metrics.Rate(hits=3, of=6)
    assert metrics.pass_rate_by_kind(SCORED) == {
        "department": metrics.Rate(hits=2, of=3),
        "unanswerable": metrics.Rate(hits=1, of=2),
        "fact": metrics.Rate(hits=0, of=1),
    }
    assert list(metrics.grouped(SCORED, lambda each: each.recorded.set_name)) == ["own", "other"]


def test_right_article_first_counts_only_questions_with_a_gold_article() -> None:
    assert metrics.right_article_first(SCORED) == metrics.Rate(hits=2, of=4)


def test_right_article_first_wants_the_right_document() -> None:
    other = recorded(answer(citations=[cite(document_id="guofa-2019-11")]))
    assert metrics.right_article_first(metrics.score_all([other], TRUTH)).hits == 0


def test_false_answers_and_false_refusals() -> None:
    assert metrics.false_answers(SCORED) == metrics.Rate(hits=1, of=2)
    assert metrics.false_refusals(SCORED) == metrics.Rate(hits=1, of=4)


def test_broken_rules_and_ungrounded_claims() -> None:
    assert metrics.broken_rules(SCORED) == {"refuse": 2, "quotes": 1}
    assert metrics.ungrounded_counts(SCORED) == {
        "quotes": 1,
        "clause_numbers": 0,
        "departments": 0,
        "roles": 0,
    }


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7.0], 0.95, 7.0), ([3.0, 1.0, 2.0], 0.5, 2.0), (list(range(1, 101)), 0.95, 95)],
)
def test_percentile_by_nearest_rank(values: list[float], share: float, expected: float | None) -> None:
    assert metrics.percentile(values, share) == expected


def test_latencies_are_those_of_the_answers() -> None:
    assert metrics.latencies(SCORED) == (5.0, 5.0, 5.0, 5.0, 50.0, 5.0)


def test_a_rate_over_nothing_has_no_share() -> None:
    assert metrics.Rate(hits=0, of=0).share is None
    assert str(metrics.Rate(hits=0, of=0)) == "0/0"
    assert metrics.pass_rate(metrics.score_all([recorded(gold=replace(GOLD, lead=()))], TRUTH)).share == 1.0
