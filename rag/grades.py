"""Which of several grades a number falls into: 树龄三百年以上不满五百年的 for a tree of 320 years."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.chinese_numbers import to_int
from ingest.text import fold
from rag.retrieve import Hit

_AMOUNT = (
    r"(?P<{n}>\d+(?:\.\d+)?|[一二三四五六七八九十百千两零]+)\s*(?:来|多|余)?(?P<{s}>万|亿)?\s*"
    r"(?P<{u}>周?岁|年(?!级|轻|度|底|初)|个月|日|天|人|名|家|只|头|亩|公顷|平方米|平米|平方|米|公里|吨|千瓦|美元|元|%|层|户|株|辆)"
)
_FIGURE = re.compile(_AMOUNT.format(n="n", s="s", u="u"))
_FROM = re.compile(
    _AMOUNT.format(n="n", s="s", u="u")
    + r"(?:及|\(含\))?(?:以上|起)(?:[,的]?(?P<below>不满|不足|未满|低于)?"
    + _AMOUNT.format(n="n2", s="s2", u="u2")
    + r"(?:\(含\))?(?:以下|的)?)?"
)
_BELOW = re.compile(
    r"(?:不满|不足|未满|低于)"
    + _AMOUNT.format(n="n", s="s", u="u")
    + "|"
    + _AMOUNT.format(n="n2", s="s2", u="u2")
    + "以下"
)
_SAME_UNIT = {"周岁": "岁", "平米": "平方米", "平方": "平方米", "名": "人", "天": "日"}
_SCALE = {"万": 1e4, "亿": 1e8}
# What the item that fits goes before its neighbours by; before all hits where the grade is asked and it is about as close.
_AHEAD, _ABOUT = 0.02, 0.5
_ASKS_GRADE = re.compile(r"(?:几|哪一?|多少)(?:级|档|类|等)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A range of numbers of one unit: 300 年 to below 500 年."""

    unit: str
    least: float = 0.0
    below: float = float("inf")
    # Whether the upper end belongs to it: 五百元以下.
    included: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies in it."""
        return self.least <= value and (value < self.below or (self.included and value == self.below))


def grades_in(text: str) -> tuple[Grade, ...]:
    """The ranges that a clause names, in order: 三百年以上不满五百年 → 300 to below 500."""
    folded = fold(text)
    found = []
    covered: list[tuple[int, int]] = []
    for match in _FROM.finditer(folded):
        covered.append(match.span())
        upper = match.group("n2") and _unit(match.group("u2")) == _unit(match.group("u"))
        found.append(
            Grade(
                unit=_unit(match.group("u")),
                least=_value(match.group("n"), match.group("s")),
                below=_value(match.group("n2"), match.group("s2")) if upper else float("inf"),
                included=bool(upper) and not match.group("below"),
            )
        )
    for match in _BELOW.finditer(folded):
        if any(start <= match.start() < end for start, end in covered):
            continue
        number, scale, unit = (
            match.group("n", "s", "u") if match.group("n") else match.group("n2", "s2", "u2")
        )
        found.append(Grade(unit=_unit(unit), below=_value(number, scale), included=match.group("n") is None))
    return tuple(found)


def fits(question: str, text: str) -> bool | None:
    """Whether a number of the question lies in a range of the clause; None where they share no unit."""
    asked: dict[str, list[float]] = defaultdict(list)
    for match in _FIGURE.finditer(fold(question)):
        asked[_unit(match.group("u"))].append(_value(match.group("n"), match.group("s")))
    judged = [
        any(grade.holds(value) for value in asked[grade.unit])
        for grade in grades_in(text)
        if grade.unit in asked
    ]
    return any(judged) if judged else None


def by_grade(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Of items below one lead-in that grade the same thing, the one that the question's number falls into comes first."""
    families: dict[tuple[str, tuple[str, ...]], list[tuple[int, bool]]] = defaultdict(list)
    for place, hit in enumerate(hits):
        path = hit.clause.clause.path
        told = fits(question, hit.clause.clause.text) if len(path) > 1 else None
        if told is not None:
            families[hit.clause.document_id, path[:-1]].append((place, told))
    raised = list(hits)
    for members in families.values():
        fitting = [place for place, told in members if told]
        if len(members) > 1 and len(fitting) == 1:
            best = max(hits[place].score for place, _ in members)
            if _ASKS_GRADE.search(question) and best >= _ABOUT * hits[0].score:
                best = max(hit.score for hit in hits)
            raised[fitting[0]] = replace(hits[fitting[0]], score=best + _AHEAD)
    return raised


def _unit(written: str) -> str:
    return _SAME_UNIT.get(written, written)


def _value(number: str, scale: str | None) -> float:
    value = float(number) if number[0].isdigit() else float(to_int(number) or 0)
    return value * _SCALE.get(scale or "", 1.0)
