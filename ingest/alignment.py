"""Which article of the shipped policy carries out which article of the document above it (corpus/alignment.yaml).

(十四)加强财政支持力度 ↔ 国办发〔2014〕54号 (九), in part. Put together by us, not an official table.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ingest.errors import BrokenKnowledge
from ingest.knowledge import only, place, read_yaml, require, strings

# In corpus/.
ALIGNMENT = "alignment.yaml"
_FILE = frozenset({"document", "parent", "basis", "pairs", "not_singled_out"})
_WENT = frozenset({"parent", "into", "where"})
_PAIR = frozenset({"clause", "parents", "strength", "reason", "added", "conf"})
Strength = Literal["direct", "partial", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One article with the articles above it: (十四) ↔ (九), partial, what it rests on, what was added."""

    clause: str
    parents: tuple[str, ...]
    strength: Strength
    reason: str
    added: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """All pairs of one document and its parent, by clause labels; empty where nothing is known."""

    document: str = ""
    parent: str = ""
    basis: str = ""
    pairs: tuple[Pair, ...] = ()
    # Articles of the parent that have no article of their own below: label → where they went.
    not_singled_out: tuple[tuple[str, str], ...] = ()
    into: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, label: str) -> Pair | None:
        """The pair of an article of the document: (十四)."""
        return next((pair for pair in self.pairs if pair.clause == label), None)

    def went_into(self, label: str) -> tuple[str, ...]:
        """The articles that a parent's article without one of its own went into: (三) → (八), (二十一)."""
        return dict(self.into).get(label, ())

    def below(self, label: str) -> tuple[Pair, ...]:
        """The pairs in which an article of the parent stands: 54号 (九)."""
        return tuple(pair for pair in self.pairs if label in pair.parents)


def load_alignment(path: Path) -> Alignment:
    """Read the table; none without the file. Raises BrokenKnowledge with file, line and fault."""
    if not path.is_file():
        return Alignment()
    data = read_yaml(path)
    only(data, _FILE, path)
    for row in data.get("not_singled_out") or ():
        only(row, _WENT, path)
    return Alignment(
        document=require(data, "document", str, path),
        parent=require(data, "parent", str, path),
        basis=require(data, "basis", str, path),
        pairs=tuple(_pair(row, path) for row in require(data, "pairs", list, path)),
        not_singled_out=tuple(
            (require(row, "parent", str, path), require(row, "where", str, path))
            for row in data.get("not_singled_out") or ()
        ),
        into=tuple(
            (require(row, "parent", str, path), strings(row, "into", path))
            for row in data.get("not_singled_out") or ()
        ),
    )


def check_alignment(path: Path, alignment: Alignment, labels: Mapping[str, Set[str]]) -> None:
    """Raise BrokenKnowledge with file and line where a document or clause does not exist; `labels` by document id."""
    if not alignment.pairs:
        return
    for document in (alignment.document, alignment.parent):
        if document not in labels:
            raise BrokenKnowledge(f"{place(path, document)}：没有编号为 {document} 的文件")
    rows = read_yaml(path)
    for row in rows["pairs"]:
        _check(path, row, row["clause"], labels[alignment.document], alignment.document)
        for label in row.get("parents") or ():
            _check(path, row, label, labels[alignment.parent], alignment.parent)
    for row in rows.get("not_singled_out") or ():
        _check(path, row, row["parent"], labels[alignment.parent], alignment.parent)
        for label in row.get("into") or ():
            _check(path, row, label, labels[alignment.document], alignment.document)
    seen: set[str] = set()
    for row in rows["pairs"]:
        if row["clause"] in seen:
            raise BrokenKnowledge(f"{place(path, row)}：{row['clause']} 写了不止一行")
        seen.add(row["clause"])


def _check(path: Path, row: Any, label: str, known: Set[str], document: str) -> None:
    if label not in known:
        raise BrokenKnowledge(f"{place(path, row)}：文件 {document} 里没有 {label} 这一条")


def _pair(row: Any, path: Path) -> Pair:
    only(row, _PAIR, path)
    strength = require(row, "strength", str, path)
    if strength not in get_args(Strength):
        raise BrokenKnowledge(f"{place(path, row)}：strength 应是 direct、partial 或 none")
    parents = strings(row, "parents", path)
    if bool(parents) == (strength == "none"):
        raise BrokenKnowledge(f"{place(path, row)}：strength 是 none 时 parents 应为空，否则不能为空")
    return Pair(
        clause=require(row, "clause", str, path),
        parents=parents,
        strength=cast(Strength, strength),
        reason=require(row, "reason", str, path),
        added=str(row.get("added") or ""),
        verified=row.get("conf") == "high",
    )
