"""Digests: what a document that is not held says, in our own words, clause by clause. Never the original.

corpus/digests/<document id>.yaml, one a document. Its text is written out here, so that an answer can
quote a digest by offsets like any document; everything that shows it says 提要,非原文.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest.chinese_numbers import to_int
from ingest.errors import BrokenKnowledge
from ingest.knowledge import only, place, read_yaml, require, strings
from ingest.types import Clause, Document, Metadata, ParsedDocument

# What is surer than this is shown; `medium` is shown as unchecked, anything else stays out.
_SHOWN = {"high": True, "medium": False}
_FILE = frozenset(
    "id title number issuer issued_on posted_on relation relation_note also_called official_url pages_seen validity ended"
    " sections facts".split()
)
_CLAUSE = frozenset("label heading digest conf pages".split())
_LABEL = re.compile(r"\([一二三四五六七八九十百]+\)")
_RELATIONS = ("parent", "predecessor", "successor", "related")
SOURCE = "依据公开页面整理的提要，不是原文"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest with its clauses: 国办发〔2014〕54号, (九)带动区域协调发展."""

    parsed: ParsedDocument
    path: Path

    @property
    def id(self) -> str:
        """The id of the document that it stands for."""
        return self.parsed.document.id


def read_digests(folder: Path) -> tuple[Digest, ...]:
    """All digests of a folder, by id; none without the folder. Raises BrokenKnowledge with file and line."""
    return tuple(read_digest(path) for path in sorted(folder.glob("*.yaml"))) if folder.is_dir() else ()


def read_digest(path: Path) -> Digest:
    """One digest file; raises BrokenKnowledge with file, line and fault."""
    data = read_yaml(path)
    only(data, _FILE, path)
    if require(data, "id", str, path) != path.stem:
        raise BrokenKnowledge(f"{path}：id 应与文件名相同")
    if data.get("relation") not in _RELATIONS:
        raise BrokenKnowledge(f"{path}：relation 应是 {'、'.join(_RELATIONS)} 之一")
    writer = _Writer()
    writer.line(require(data, "title", str, path))
    if _optional(data, "number", path):
        writer.line(data["number"])
    writer.line("（提要，非原文）")
    for unit in _units(data, path):
        writer.clause(unit)
    if not writer.clauses:
        raise BrokenKnowledge(f"{path}：没有可以显示的提要")
    metadata = Metadata(
        title=data["title"],
        number=data.get("number"),
        issuer=_optional(data, "issuer", path),
        issued_on=_date(data, "issued_on", path),
        posted_on=_date(data, "posted_on", path),
        kind="digest",
        source=SOURCE,
        relation=data["relation"],
        note=_optional(data, "relation_note", path) or "",
        address=_address(data, path),
        validity=_optional(data, "validity", path) or "",
        ended=data.get("ended") is True,
        also_called=strings(data, "also_called", path),
        unverified=tuple(writer.unverified),
    )
    document = Document(id=data["id"], text=writer.text, metadata=metadata)
    end = len(writer.text)
    return Digest(
        parsed=ParsedDocument(
            document=document, clauses=tuple(writer.clauses), preamble=(0, 0), closing=(end, end)
        ),
        path=path,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One clause of a digest file before it is written out."""

    label: str
    section_label: str
    section: str
    heading: str
    digest: str
    verified: bool


class _Writer:
    """Writes a digest's text and notes where each clause stands in it."""

    def __init__(self) -> None:
        self.text = ""
        self.clauses: list[Clause] = []
        self.unverified: list[str] = []
        self._section = ""

    def line(self, text: str) -> None:
        """Append one line."""
        self.text += f"{text}\n"

    def clause(self, unit: _Unit) -> None:
        """Append one clause, under its section's heading where that changes."""
        if unit.section != self._section:
            self._section = unit.section
            if unit.section:
                self.line(unit.section)
        numbered = unit.label.startswith("(")
        heading = f"{unit.heading}。" if unit.heading else ""
        text = f"{unit.label if numbered else ''}{heading}{unit.digest}"
        start = len(self.text)
        self.line(text)
        self.clauses.append(
            Clause(
                path=tuple(filter(None, (unit.section_label, unit.label))) if numbered else (),
                article=to_int(unit.label.strip("()")) if numbered else None,
                label=unit.label,
                heading=unit.heading,
                section=unit.section,
                text=text,
                start=start,
                end=start + len(text),
            )
        )
        if not unit.verified:
            self.unverified.append(unit.label)


def _units(data: dict[str, Any], path: Path) -> Iterator[_Unit]:
    seen: set[str] = set()
    for section in data.get("sections") or ():
        label = require(section, "label", str, path)
        title = f"{label}、{require(section, 'heading', str, path)}"
        for row in require(section, "articles", list, path):
            unit = _unit(row, _article_label(row, seen, path), path)
            if unit is not None:
                yield replace(unit, section_label=label, section=title)
    for number, row in enumerate(data.get("facts") or (), start=1):
        unit = _unit(row, f"要点{number}", path)
        if unit is not None:
            yield unit


def _article_label(row: Any, seen: set[str], path: Path) -> str:
    label = require(row, "label", str, path)
    if not _LABEL.fullmatch(label):
        raise BrokenKnowledge(f"{place(path, row)}：label 应写作 (九) 这样，用半角括号")
    if label in seen:
        raise BrokenKnowledge(f"{place(path, row)}：{label} 写了不止一次")
    seen.add(label)
    return label


def _unit(row: Any, label: str, path: Path) -> _Unit | None:
    """A clause of the file; None where it is not sure enough to be shown."""
    only(row, _CLAUSE, path)
    confidence = require(row, "conf", str, path)
    if confidence not in ("high", "medium", "low"):
        raise BrokenKnowledge(f"{place(path, row)}：conf 应是 high、medium 或 low")
    if confidence not in _SHOWN:
        return None
    return _Unit(
        label=label,
        section_label="",
        section="",
        heading=require(row, "heading", str, path),
        digest=require(row, "digest", str, path),
        verified=_SHOWN[confidence],
    )


def _optional(data: dict[str, Any], key: str, path: Path) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise BrokenKnowledge(f"{path}：{key} 应是文字")
    return value


def _date(data: dict[str, Any], key: str, path: Path) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, date):
        raise BrokenKnowledge(f"{path}：{key} 应是 2014-10-30 这样的日期")
    return value.isoformat() if value is not None else None


def _address(data: dict[str, Any], path: Path) -> str:
    """The official page, where it was seen; only https is linked."""
    address = _optional(data, "official_url", path) or ""
    if address and not address.startswith("https://"):
        raise BrokenKnowledge(f"{path}：official_url 应以 https:// 开头")
    return address
