"""Each rule of the strict pass is seen to hold and to break."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eval_samples import GOLD, REFUSAL, TRUTH, answer, cite, recorded

from evals.questions import Gold
from evals.score import CHECKS, score


def _departments(lead: list[str], cooperating: list[str]) -> dict[str, Any]:
    return {"lead": lead, "cooperating": cooperating, "current": {}}


_COOPERATING = ["省发展改革委", "省商务厅"]
_FAILING = [
    ("refuse", REFUSAL, GOLD),
    ("refuse", answer(), Gold(refuse=True)),
    ("must_not_contain", answer(answer="贴息由省 教育厅牵头"), GOLD),
    ("cites", answer(citations=[cite(3, "新增债务")]), GOLD),
    ("cites", answer(citations=[]), GOLD),
    ("cites", answer(citations=[cite(document_id="guofa-2019-11", article=14)]), GOLD),
    ("cites", answer(), replace(GOLD, articles=(14, 5))),
    (
        "overcites",
        answer(citations=[cite(), cite(5, "3亿美元"), cite(3, "新增债务")]),
        replace(GOLD, acceptable=()),
    ),
    ("lead", answer(departments=_departments(["省商务厅"], _COOPERATING)), GOLD),
    ("lead", answer(departments=_departments([], _COOPERATING)), GOLD),
    ("lead", answer(departments=_departments(["省财政厅", "省商务厅"], _COOPERATING)), GOLD),
    ("cooperating", answer(departments=_departments(["省财政厅"], ["省商务厅"])), GOLD),
    ("must_contain", answer(answer="由省财政厅牵头"), GOLD),
    ("must_contain", answer(), replace(GOLD, must_contain=(("贴息",), ("3亿美元",)))),
    ("quotes", answer(citations=[cite(quote="对贷款全额贴息")]), GOLD),
    ("quotes", answer(citations=[cite(quote="")]), GOLD),
    ("quotes", answer(citations=[cite(), cite(3, "对贷款予以贴息")]), GOLD),
    ("quotes", answer(citations=[cite(), cite(99, "贴息")]), replace(GOLD, acceptable=(99,))),
]
_PASSING = [
    (answer(), GOLD),
    (REFUSAL, Gold(refuse=True)),
    (answer(citations=[cite(), cite(3, "新增债务")]), GOLD),
    # One of two lies outside: half, which is allowed.
    (answer(citations=[cite(), cite(5, "3亿美元")]), GOLD),
    # The same article twice counts once.
    (answer(citations=[cite(), cite(), cite(5, "3亿美元")]), GOLD),
    (answer(citations=[cite(), cite(document_id="guofa-2019-11", article=5, quote="另一份文件")]), GOLD),
    # White space and full-width forms do not matter.
    (answer(answer="可以 贴\n息", citations=[cite(quote="对贷款 予以贴息")]), GOLD),
    (answer(answer="总投资3亿美元"), replace(GOLD, must_contain=(("3亿美元",),))),
    (answer(departments=_departments(["省财政厅"], ["省商务厅", "省发展改革"])), GOLD),
    # Departments are compared only where the gold names some.
    (answer(departments=_departments(["省财政厅"], [])), replace(GOLD, cooperating=())),
    # The date at the end stands outside every clause.
    (
        answer(answer="2015年1月27日", citations=[cite(None, "2015年1月27日")]),
        Gold(must_contain=(("2015年1月27日",),)),
    ),
]


@pytest.mark.parametrize(("rule", "given", "gold"), _FAILING)
def test_a_broken_rule_fails_the_question(rule: str, given: dict[str, Any], gold: Gold) -> None:
    verdict = score(recorded(given, gold), TRUTH)
    assert rule in verdict.failed
    assert not verdict.passed


@pytest.mark.parametrize(("given", "gold"), _PASSING)
def test_a_right_answer_passes(given: dict[str, Any], gold: Gold) -> None:
    verdict = score(recorded(given, gold), TRUTH)
    assert verdict.failed == ()
    assert verdict.passed


def test_every_rule_is_seen_to_break() -> None:
    assert {rule for rule, _, _ in _FAILING} == set(CHECKS)


@pytest.mark.parametrize("rule", sorted(set(CHECKS) - {"refuse"}))
def test_rules_break_one_at_a_time(rule: str) -> None:
    """The first sample of each rule that breaks nothing else shows that rules do not hang together."""
    alone = [score(recorded(given, gold), TRUTH).failed for name, given, gold in _FAILING if name == rule]
    assert (rule,) in alone or rule == "must_not_contain"


def test_a_refusal_is_judged_by_nothing_but_refusing() -> None:
    verdict = score(recorded(REFUSAL, Gold(refuse=True)), TRUTH)
    assert verdict.cites is None
    assert verdict.quotes is None
    assert score(recorded(REFUSAL, Gold(refuse=True, must_not_contain=("没有规定",))), TRUTH).failed == (
        "must_not_contain",
    )
