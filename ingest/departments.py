"""Public bodies: their names through time, what people call them, and what became of them.

The knowledge is corpus/departments.yaml; 省国土资源厅 → 甘肃省自然资源厅 (2018).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml, require, strings
from ingest.text import fold

Level = Literal["central", "province", "local", "zone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A body that took over: 甘肃省自然资源厅 from 省国土资源厅 in 2018."""

    id: str
    year: int | None
    scope: str | None
    conf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """One public body, e.g. 甘肃省财政厅, printed 省财政厅."""

    id: str
    name: str
    short: str
    level: Level
    aliases: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()
    english: str = ""
    english_aliases: tuple[str, ...] = ()
    exists_to: int | None = None
    successors: tuple[Successor, ...] = ()
    handles: tuple[str, ...] = ()
    conf: str = "high"
    # What people should know of it: 2009—2010年已改成现名,不是前后两个机构.
    note: str = ""

    @property
    def written(self) -> tuple[str, ...]:
        """All written forms: full name, short form, aliases."""
        return tuple(dict.fromkeys((self.name, self.short, *self.aliases)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What a body is today: 省国土资源厅 → 甘肃省自然资源厅 since 2018; what is said to have followed, unchecked."""

    bodies: tuple[Department, ...]
    since: int | None = None
    unchecked: tuple[Department, ...] = ()
    unchecked_since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A body named in a question: the words, where, and which bodies they may mean."""

    text: str
    start: int
    end: int
    departments: tuple[Department, ...]


@dataclass(frozen=True)
class Directory:
    """All known bodies, looked up by any of their names."""

    departments: tuple[Department, ...]
    # Provinces other than the one whose bodies are listed: 浙江省商务厅 is not 省商务厅.
    other_provinces: tuple[str, ...] = ()
    # The last two characters of the places whose documents are held: 临川.
    own_places: tuple[str, ...] = ()
    # The year that counts as today; None: every change known has happened.
    as_of: int | None = None

    @cached_property
    def by_id(self) -> dict[str, Department]:
        """Bodies by id."""
        return {department.id: department for department in self.departments}

    @cached_property
    def _by_written(self) -> dict[str, tuple[Department, ...]]:
        return _index(self.departments, lambda d: d.written)

    @cached_property
    def _by_any_name(self) -> dict[str, tuple[Department, ...]]:
        return _index(self.departments, lambda d: (*d.written, *d.nicknames))

    @cached_property
    def _name_pattern(self) -> re.Pattern[str]:
        names = sorted(self._by_any_name, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, names)) or r"(?!)")

    @cached_property
    def _english_pattern(self) -> re.Pattern[str]:
        names = sorted(self._by_english, key=len, reverse=True)
        return re.compile(
            r"\b(?:" + "|".join(map(re.escape, names)) + r")\b" if names else r"(?!)", re.IGNORECASE
        )

    @cached_property
    def _by_english(self) -> dict[str, tuple[Department, ...]]:
        return _index(
            self.departments, lambda d: tuple(n.lower() for n in (d.english, *d.english_aliases) if n)
        )

    def resolve(self, printed: str, *, central: bool = False) -> Department | None:
        """The one body that a document means by a printed name, or None: 省财政厅.

        A province's document prints 财政厅 or 省财政厅; central forms have no 省. In a `central` document a bare
        name (发展改革委, 能源局, 人民银行) is the national body.
        """
        found = self._by_written.get(fold(printed), ())
        if len(found) == 1:
            return found[0]
        if central:
            bare = fold(printed)
            national = [
                d
                for d in self._by_any_name.get(bare, ())
                if d.level == "central" and (bare in map(fold, d.nicknames) or bare in map(fold, d.written))
            ] or [
                d
                for prefix in ("国家", "中国", "国务院", "中华")
                for d in self._by_written.get(prefix + bare, ())
                if d.level == "central"
            ]
            if len({d.id for d in national}) == 1:
                return national[0]
        return None

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Every body that a question names, longest names first, in reading order."""
        folded = fold(text)
        found = [
            self._mention(text, folded, m.start(), m.end())
            for m in self._name_pattern.finditer(folded)
            if not _begins_a_word(m.group(), folded[m.end() :])
        ]
        if re.search(r"[a-z]{4}", folded):
            found += [
                Mention(
                    text=text[m.start() : m.end()],
                    start=m.start(),
                    end=m.end(),
                    departments=self._by_english[m.group()],
                )
                for m in self._english_pattern.finditer(folded)
            ]
        return tuple(sorted(found, key=lambda mention: mention.start))

    def _mention(self, text: str, folded: str, start: int, end: int) -> Mention:
        """The bodies a name may mean; 市民政局 and 浙江省商务厅 are none of the listed ones."""
        elsewhere = self._place_before(folded, start, folded[start:end])
        if not elsewhere:
            return Mention(
                text=text[start:end], start=start, end=end, departments=self._by_any_name[folded[start:end]]
            )
        begin = start - len(elsewhere)
        return Mention(text=text[begin:end], start=begin, end=end, departments=(unlisted(text[begin:end]),))

    def _place_before(self, folded: str, start: int, name: str) -> str:
        """The place or level before a name that makes it another body; empty where there is none."""
        before = folded[:start]
        for place in self.other_provinces:
            for form in (place, f"{place}省", f"{place}市"):
                if before.endswith(form) and not name.startswith(("国家", "中央")):
                    return form
        if name[0] in "市县区州":
            match = _PLACE_BEFORE.search(before)
            return match.group(1) if match and match.group(1) not in self.own_places else ""
        bare = not name.startswith(("省", "甘肃", "国家", "中央", "兰州"))
        return before[-1] if bare and before.endswith(("市", "县", "区", "州", "镇", "乡")) else ""

    def with_printed(self, names: Iterable[str], issuers: Iterable[str] = ()) -> Directory:
        """This directory with bodies that documents print and nobody has listed, each by that one name.

        In a document issued by 临川市人民政府, 市财政局 is 临川市财政局 and no other city's.
        """
        known = self._by_written
        unknown = [unlisted(name) for name in dict.fromkeys(names) if fold(name) not in known]
        places = tuple(match.group(1)[-2:] for issuer in issuers if (match := _ISSUING_PLACE.match(issuer)))
        return replace(self, departments=(*self.departments, *unknown), own_places=places)

    def current(self, department: Department) -> tuple[Department, ...]:
        """The body or bodies that do its work today; itself where nothing changed."""
        return self.present(department).bodies

    def present(self, department: Department, *, seen: frozenset[str] = frozenset()) -> Present:
        """What a body is today and since when; a change that nobody has checked is told apart."""
        whole = [s for s in department.successors if s.scope is None and self._happened(s.year)]
        sure = [s for s in whole if s.conf == "high"]
        if not sure or department.id in seen:
            unsure = [] if sure else whole
            return Present(
                bodies=(department,),
                unchecked=tuple(self.by_id[s.id] for s in unsure),
                unchecked_since=unsure[0].year if unsure else None,
            )
        later = [(s.year, self.present(self.by_id[s.id], seen=seen | {department.id})) for s in sure]
        return Present(
            bodies=tuple(dict.fromkeys(body for _, present in later for body in present.bodies)),
            since=max((present.since or year or 0 for year, present in later), default=0) or None,
            unchecked=tuple(dict.fromkeys(body for _, present in later for body in present.unchecked)),
            unchecked_since=next((p.unchecked_since for _, p in later if p.unchecked_since), None),
        )

    def _happened(self, year: int | None) -> bool:
        return self.as_of is None or year is None or year <= self.as_of

    def lineage(self, department: Department) -> tuple[Department, ...]:
        """A body with all its predecessors and successors: who may be meant in an older document."""
        related = {department.id}
        grew = True
        while grew:
            before = len(related)
            for other in self.departments:
                whole = {s.id for s in other.successors if s.scope is None}
                # Only upwards from the asked body and downwards to what preceded it.
                if other.id not in related and whole & related:
                    related.add(other.id)
            grew = len(related) != before
        return tuple(d for d in self.departments if d.id in related)


_PLACE_BEFORE = re.compile(
    r"(?:^|[^一-龥]|[的和与及跟由归找问是对向让给在到])"
    r"(?!我|你|他|她|咱|.在|请问|我们|你们|咱们|他们|咱们|那么|这个|那个|还有|以及|现在|目前|这事|这项|还是|但是|所以|听说|麻烦|就是|应该|需要)"
    r"([一-龥]{2})$"
)
_ISSUING_PLACE = re.compile(r"(?:[一-龥]{2,3}省)?([一-龥]{2,4}?)[市县区州]")


def unlisted(name: str) -> Department:
    """A body known only by its printed name: 市民政局 in a city's document."""
    return Department(id=f"unlisted:{name}", name=name, short=name, level="local")


# 海关特殊监管区 and 工商登记 are matters, not bodies; 海关牵头 and 工商、国税 are bodies.
_AFTER_SHORT_NAME = re.compile(
    r"$|[\s、,，。;；:：?？!！)）]|牵头|配合|负责|参与|参加|部门|那边|这边|管|是|的|和|跟|与|及|在|有|呢|吗|要|能|会|也|都|名下|口|这|那|方面"
)


def _begins_a_word(name: str, rest: str) -> bool:
    """Whether a two-character name is only the beginning of a longer word."""
    return len(name) <= 2 and not _AFTER_SHORT_NAME.match(rest)


def _index(departments: tuple[Department, ...], names: Any) -> dict[str, tuple[Department, ...]]:
    index: dict[str, list[Department]] = {}
    for department in departments:
        for name in names(department):
            entries = index.setdefault(fold(name), [])
            if department not in entries:
                entries.append(department)
    return {name: tuple(entries) for name, entries in index.items()}


def load_directory(path: Path, as_of: int | None = None) -> Directory:
    """Read corpus/departments.yaml, as things stand in the year `as_of`; raises BrokenKnowledge naming the entry at fault."""
    data = read_yaml(path)
    rows = require(data, "departments", list, path)
    departments = tuple(_department(row, path) for row in rows)
    directory = Directory(departments, strings(data, "other_provinces", path), as_of=as_of)
    if len(directory.by_id) != len(departments):
        raise BrokenKnowledge(f"{path}：有两个部门用了同一个 id")
    for department in departments:
        for successor in department.successors:
            if successor.id not in directory.by_id:
                raise BrokenKnowledge(f"{path}：{department.id} 的后继 {successor.id} 不存在")
    return directory


def _department(row: Any, path: Path) -> Department:
    level = require(row, "level", str, path)
    if level not in get_args(Level):
        raise BrokenKnowledge(f"{path}：{row.get('id')} 的 level 应是 central、province、local 或 zone")
    exists = row.get("exists") or {}
    if not isinstance(exists, dict):
        raise BrokenKnowledge(f"{path}：{row.get('id')} 的 exists 应是 {{from: 年份, to: 年份}}")
    return Department(
        id=require(row, "id", str, path),
        name=require(row, "name", str, path),
        short=require(row, "short", str, path),
        level=cast(Level, level),
        aliases=strings(row, "aliases", path),
        nicknames=strings(row, "nicknames", path),
        english=str(row.get("english") or ""),
        english_aliases=strings(row, "english_aliases", path),
        exists_to=exists.get("to"),
        successors=tuple(
            Successor(
                id=require(item, "id", str, path),
                year=item.get("year"),
                scope=item.get("scope"),
                conf=str(item.get("conf", "high")),
            )
            for item in row.get("successors") or []
        ),
        handles=strings(row, "handles", path),
        conf=str(row.get("conf", "high")),
        note=str(row.get("note") or ""),
    )
