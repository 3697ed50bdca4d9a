"""How an answer came about is kept with it: steps, searches, hits used and not used."""

from __future__ import annotations

from collections.abc import Callable

from rag.cli import trace_lines
from rag.types import Answer
from rag.web.cards import evidence_html, trace_html

STEPS = {"understand", "resolve", "route", "draft", "write", "verify", "render"}


def test_steps_and_hits_are_kept(ask: Callable[..., Answer]) -> None:
    trace = ask("贷款贴息由谁牵头?").trace
    assert set(trace["steps_ms"]) == STEPS and all(spent >= 0 for spent in trace["steps_ms"].values())
    (search,) = trace["searches"]
    assert search["topic"] == "贷款贴息"
    assert [hit["label"] for hit in search["hits"] if hit["used"]] == ["(十四)"]
    scores = [hit["score"] for hit in search["hits"]]
    assert scores == sorted(scores, reverse=True) and len(scores) == 8


def test_a_question_answered_from_the_catalogue_searched_for_nothing(ask: Callable[..., Answer]) -> None:
    answer = ask("省商务厅牵头哪几条？")
    assert answer.trace["searches"] == [] and trace_html(answer.trace) == ""


def test_it_is_shown_folded_up_and_escaped(ask: Callable[..., Answer]) -> None:
    shown = evidence_html(ask("贷款<b>贴息</b>由谁牵头?"))
    assert '<details class="pq-trace">' in shown and "<b>" not in shown
    assert "加强财政支持力度" in shown.split("pq-trace")[1]


def test_it_is_printed_a_line_each(ask: Callable[..., Answer]) -> None:
    lines = trace_lines(ask("贷款贴息由谁牵头?").trace).splitlines()
    assert lines[0].startswith("类型 bodies") and lines[1].startswith("用时")
    assert sum(line.startswith(" 用 ") for line in lines) == 1
