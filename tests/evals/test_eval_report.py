"""The report shows every figure and, for each failure, what was asked, right, answered and cited."""

from __future__ import annotations

from eval_samples import REFUSAL, TRUTH, answer, cite, recorded

from evals.metrics import score_all
from evals.questions import Gold
from evals.report import CLAIMS, RULES, render
from evals.score import CHECKS

_CONFIG = {"version": "0.1.0", "embedder": "static-zh", "index": {"documents": {"a": 2}, "clauses": 2}}


def test_failures_carry_their_evidence() -> None:
    wrong = answer(
        answer="由省商务厅牵头 | 见第九十条\n第二行",
        citations=[cite(5, "3亿美元")],
        departments={"lead": ["省商务厅"], "cooperating": []},
    )
    report = render(score_all([recorded(wrong), recorded()], TRUTH), _CONFIG)
    assert "1/2(50.0%)" in report
    assert "## 未通过的题目(1)" in report
    for evidence in (
        "补利息归谁管?",
        "牵头 省财政厅",
        "gansu-etdz-2015#5",
        "第九十条",
        "> 第二行",
        "static-zh",
    ):
        assert evidence in report
    for rule in ("cites", "lead", "cooperating", "must_contain"):
        assert RULES[rule] in report


def test_an_ungrounded_claim_is_listed_although_the_question_passes() -> None:
    report = render(score_all([recorded(answer(answer="贴息,见第九十条"))], TRUTH), _CONFIG)
    assert "1/1(100.0%)" in report
    assert "不存在的条号:第九十条" in report


def test_a_run_without_failures_says_so() -> None:
    report = render(score_all([recorded(REFUSAL, Gold(refuse=True), kind="unanswerable")], TRUTH), {})
    assert report.rstrip().endswith("无。")
    assert "0/1(0.0%)" in report


def test_every_rule_and_claim_has_words() -> None:
    assert set(RULES) == set(CHECKS)
    assert set(CLAIMS) == {"quotes", "clause_numbers", "departments", "roles"}
