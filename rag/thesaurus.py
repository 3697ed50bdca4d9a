"""Everyday wording → official wording → kinds of bodies, by corpus/thesaurus.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ingest.errors import BrokenKnowledge
from ingest.knowledge import place, read_yaml, require
from ingest.text import compact
from ingest.types import Clause

_SHORTEST, _LONGEST = 2, 14


_BETWEEN = "\x00"  # no file of words holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One matter: {say: [敲钟, 去股市圈钱], means: [首次公开发行股票, 上市融资], bodies: [证券监管]}."""

    say: tuple[str, ...]
    means: tuple[str, ...]
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an everyday wording of a question means officially; longer wordings are surer."""

    wording: str
    means: tuple[str, ...]
    # How names of the bodies in charge are written: 证监, 证券监管.
    names: tuple[str, ...]


@dataclass(frozen=True)
class Thesaurus:
    """All entries, looked up by wording."""

    entries: tuple[Entry, ...]
    kinds: dict[str, tuple[str, ...]] | None = None

    def meanings(self, topic: str) -> tuple[Meaning, ...]:
        """The matters that a topic names in everyday words, longest wording first, none inside another."""
        text = compact(topic)
        found: list[tuple[int, int]] = []
        for length in range(_LONGEST, _SHORTEST - 1, -1):
            for start in range(len(text) - length + 1):
                inside = any(a <= start and start + length <= b for a, b in found)
                if not inside and text[start : start + length] in self._by_wording:
                    found.append((start, start + length))
        wordings = dict.fromkeys(text[start:end] for start, end in found)
        return tuple(self._meaning(wording) for wording in wordings)

    def _meaning(self, wording: str) -> Meaning:
        entry, kinds = self._by_wording[wording], self.kinds or {}
        names = tuple(name for kind in entry.bodies for name in kinds.get(kind, (kind,)))
        return Meaning(wording=wording, means=entry.means, names=names)

    @cached_property
    def _by_wording(self) -> dict[str, Entry]:
        said = [(wording, entry) for entry in self.entries for wording in entry.say]
        # All at once, for a question waits for it.
        compacted = compact(_BETWEEN.join(wording for wording, _ in said)).split(_BETWEEN)
        return {wording: entry for wording, (_, entry) in zip(compacted, said, strict=True)} if said else {}


def expansion(meanings: tuple[Meaning, ...], clause: Clause) -> float:
    """How well a clause fits what the everyday wordings mean: its terms, and its bodies; 0 to 1."""
    best = 0.0
    names = [name for duty in clause.responsibilities for name in duty.names]
    for meaning in meanings:
        held = sum(term in clause.text for term in meaning.means)
        body = any(name in printed for name in meaning.names for printed in names)
        # One term tells most; a body alone tells little, for it has many matters.
        value = (0.7 + 0.15 * (held > 1) + 0.15 * body) if held else 0.2 * body
        best = max(best, value * min(1.0, 0.6 + 0.1 * len(meaning.wording)))
    return best


def load_thesaurus(path: Path) -> Thesaurus:
    """Read corpus/thesaurus.yaml; raises BrokenKnowledge with file and line."""
    data = read_yaml(path)
    kinds = {str(kind): tuple(map(str, names)) for kind, names in require(data, "kinds", dict, path).items()}
    entries = []
    seen: dict[str, Entry] = {}
    for row in require(data, "entries", list, path):
        entry = _entry(row, path)
        for kind in entry.bodies:
            if kind not in kinds:
                raise BrokenKnowledge(f"{place(path, row)}：单位类别 {kind} 不在 kinds 里")
        for wording in entry.say:
            if wording in seen and seen[wording] is not entry:
                raise BrokenKnowledge(f"{place(path, row)}：说法 {wording} 在两行里都有")
            seen[wording] = entry
        entries.append(entry)
    return Thesaurus(entries=tuple(entries), kinds=kinds)


def _entry(row: object, path: Path) -> Entry:
    """敲钟、去股市圈钱 → 首次公开发行股票、上市融资 → 证券监管."""
    parts = [part.strip().split("、") for part in row.split("→")] if isinstance(row, str) else []
    if not 2 <= len(parts) <= 3 or not all(word.strip() for part in parts for word in part):
        raise BrokenKnowledge(f"{place(path, row)}：{str(row)[:60]} 应写成“平时的说法 → 公文用语 → 单位类别”")
    say, means, bodies = (tuple(word.strip() for word in part) for part in (*parts, [])[:3])
    return Entry(say=say, means=means, bodies=bodies)
