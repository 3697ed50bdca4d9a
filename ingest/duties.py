"""Who leads and who cooperates, from the bracket at the end of a clause.

The wordings are rows in corpus/duty_patterns.yaml; this module only runs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml, require
from ingest.text import fold
from ingest.types import Responsibility

_OPEN, _CLOSE = "(（〔[【", ")）〕]】"
_DUTY_HINT = re.compile(r"牵头|负责|配合|责任单位|责任部门|参与|会同")
_SEPARATOR = re.compile(r"[、,;]")
# 等部门 / 等有关单位 / 等 at the end of a name or between names.
_OPEN_ENDED = re.compile(r"等(?:(?:国务院|省|市)?(?:有关|相关|各有关)?(?:部门|单位)?(?:和单位)?)?$")
_JOINED_GROUP = re.compile(r"等(?:部门|单位|有关部门|相关部门)?[和与及](?=各|有关|相关|地方)|[和与及](?=各(?:有关|地|省|市|县|级))")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPattern:
    """One wording of a responsibility clause: …牵头,…配合."""

    id: str
    match: re.Pattern[str]
    open_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyGrammar:
    """All wordings, in the order in which they are tried, and the false friends."""

    patterns: tuple[DutyPattern, ...]
    not_duties: tuple[re.Pattern[str], ...]

    def read(self, bracket: str, start: int) -> Responsibility | None:
        """The responsibility in one bracket, or None: '(省财政厅牵头,…)' at offset `start`."""
        inside = re.sub(r"\s+", "", fold(bracket))[1:-1]
        if not _DUTY_HINT.search(inside) or any(p.fullmatch(inside) for p in self.not_duties):
            return None
        for pattern in self.patterns:
            match = pattern.match.fullmatch(inside)
            if not match:
                continue
            groups = match.groupdict()
            lists = {role: split_bodies(groups.get(role) or "") for role in ("lead", "cooperating", "responsible")}
            return Responsibility(
                lead=lists["lead"][0],
                cooperating=lists["cooperating"][0],
                responsible=lists["responsible"][0],
                open_ended=pattern.open_ended or any(is_open for _, is_open in lists.values()),
                raw=bracket[1:-1],
                start=start + 1,
                end=start + len(bracket) - 1,
            )
        return None

    def find(self, text: str, start: int, end: int) -> tuple[Responsibility, ...]:
        """Every responsibility bracket in `text[start:end]`, in reading order."""
        found = []
        for begin, stop in _brackets(text, start, end):
            duty = self.read(text[begin:stop], begin)
            if duty:
                found.append(duty)
        return tuple(found)


def load_grammar(path: Path) -> DutyGrammar:
    """Read corpus/duty_patterns.yaml; raises BrokenKnowledge naming the row at fault."""
    data = read_yaml(path)
    patterns = []
    for row in require(data, "patterns", list, path):
        patterns.append(
            DutyPattern(
                id=require(row, "id", str, path),
                match=_compile(row, path),
                open_ended=bool(row.get("open_ended", False)),
            )
        )
    not_duties = tuple(_compile(row, path) for row in data.get("not_duties") or [])
    return DutyGrammar(patterns=tuple(patterns), not_duties=not_duties)


def _compile(row: Any, path: Path) -> re.Pattern[str]:
    source = require(row, "match", str, path)
    try:
        return re.compile(source)
    except re.error as error:
        raise BrokenKnowledge(f"{path}:写法 {source!r} 不是可用的正则表达式({error})") from None


def split_bodies(names: str) -> tuple[tuple[str, ...], bool]:
    """Bodies in a list, and whether the list stays open: 'A、B等部门、C' → (A, B, C), True."""
    open_ended = False
    if _JOINED_GROUP.search(names):
        open_ended = "等" in names
        names = _JOINED_GROUP.sub("、", names)
    bodies = []
    for part in _SEPARATOR.split(names):
        stripped = _OPEN_ENDED.sub("", part)
        open_ended = open_ended or stripped != part
        if stripped:
            bodies.append(stripped)
    return tuple(dict.fromkeys(bodies)), open_ended


def _brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Outermost bracket pairs of any shape; an unclosed one is passed over."""
    spans = []
    stack: list[int] = []
    for position in range(start, end):
        char = text[position]
        if char in _OPEN:
            stack.append(position)
        elif char in _CLOSE and stack:
            begin = stack.pop()
            if not stack:
                spans.append((begin, position + 1))
        elif char == "\n":
            stack.clear()
    return spans
