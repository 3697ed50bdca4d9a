"""Figures over scored answers. Each is one pure function; a new one needs a line in evals/report.py."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.grounding import Ungrounded, ungrounded
from evals.recorded import Recorded
from evals.score import SEED_DOCUMENT, Verdict, score
from evals.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One recorded answer with its verdict and with what it claims without support."""

    recorded: Recorded
    verdict: Verdict
    ungrounded: Ungrounded

    def to_json(self) -> dict[str, Any]:
        """One line of scores.jsonl."""
        return {
            "set": self.recorded.set_name,
            "id": self.recorded.question.id,
            "kind": self.recorded.question.kind,
            **self.verdict.to_json(),
            "ungrounded": {name: getattr(self.ungrounded, name) for name in Ungrounded.__dataclass_fields__},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many; `of` may be 0."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """The fraction, None over nothing."""
        return self.hits / self.of if self.of else None

    def __str__(self) -> str:
        return f"{self.hits}/{self.of}({self.hits / self.of:.1%})" if self.of else "0/0"


def score_all(recorded: Iterable[Recorded], truth: Truth) -> tuple[Scored, ...]:
    """Verdict and grounding of every recorded answer."""
    return tuple(
        Scored(recorded=each, verdict=score(each, truth), ungrounded=ungrounded(each, truth))
        for each in recorded
    )


def pass_rate(scored: Iterable[Scored]) -> Rate:
    """Strict passes."""
    return _rate(each.verdict.passed for each in scored)


def grouped(scored: Iterable[Scored], key: Callable[[Scored], str]) -> dict[str, tuple[Scored, ...]]:
    """The answers by a key, such as their set or kind, in order of first appearance."""
    groups: dict[str, list[Scored]] = {}
    for each in scored:
        groups.setdefault(key(each), []).append(each)
    return {name: tuple(members) for name, members in groups.items()}


def pass_rate_by_kind(scored: Iterable[Scored]) -> dict[str, Rate]:
    """Strict passes by kind of question."""
    by_kind = grouped(scored, lambda each: each.recorded.question.kind)
    return {kind: pass_rate(members) for kind, members in by_kind.items()}


def right_article_first(scored: Iterable[Scored]) -> Rate:
    """Answers whose first citation is a gold article, of all questions that have one."""
    hits = of = 0
    for each in scored:
        gold = each.recorded.question.gold
        if not gold.articles:
            continue
        of += 1
        first = next(iter(each.recorded.citations), None)
        hits += first is not None and first.document_id == SEED_DOCUMENT and first.article in gold.articles
    return Rate(hits=hits, of=of)


def false_answers(scored: Iterable[Scored]) -> Rate:
    """Answers given although the corpus carries none."""
    refused = [each.recorded.refused for each in scored if each.recorded.question.gold.refuse]
    return Rate(hits=len(refused) - sum(refused), of=len(refused))


def false_refusals(scored: Iterable[Scored]) -> Rate:
    """Refusals although the corpus carries an answer."""
    refused = [each.recorded.refused for each in scored if not each.recorded.question.gold.refuse]
    return Rate(hits=sum(refused), of=len(refused))


def broken_rules(scored: Iterable[Scored]) -> Counter[str]:
    """How often each rule of the strict pass was broken."""
    return Counter(rule for each in scored for rule in each.verdict.failed)


def ungrounded_counts(scored: Iterable[Scored]) -> dict[str, int]:
    """Unsupported quotes, clause numbers, departments and roles over all answers."""
    every = list(scored)
    return {
        name: sum(len(getattr(each.ungrounded, name)) for each in every)
        for name in Ungrounded.__dataclass_fields__
    }


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile, `share` in (0, 1]; None over nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def latencies(scored: Iterable[Scored]) -> tuple[float, ...]:
    """Milliseconds per turn, as the answers themselves report them."""
    return tuple(float(each.recorded.answer.get("elapsed_ms", 0.0)) for each in scored)


def _rate(outcomes: Iterable[bool]) -> Rate:
    counted = list(outcomes)
    return Rate(hits=sum(counted), of=len(counted))


# By how much the thresholds of refusal are moved for the operating curve.
SHIFTS = (-0.1, -0.05, -0.03, 0.0, 0.03, 0.05, 0.1, 0.15)


def operating_curve(scored: Iterable[Scored]) -> tuple[tuple[float, Rate, Rate], ...]:
    """For each shift of the thresholds: answerable questions refused, unanswerable ones answered.

    Only of questions that closeness decides on; what other rules refuse or answer stays out.
    """
    judged = [
        (each.recorded.closeness[0] - each.recorded.closeness[1], each.recorded.question.gold.refuse)
        for each in scored
        if each.recorded.closeness is not None
    ]
    return tuple(
        (
            shift,
            _rate(margin < shift for margin, refuse in judged if not refuse),
            _rate(margin >= shift for margin, refuse in judged if refuse),
        )
        for shift in SHIFTS
    )
