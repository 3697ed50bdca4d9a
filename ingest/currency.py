"""What has changed since a clause was written (corpus/currency.yaml): the 3亿美元 approvals of (五) ended in 2016.

A note beside the text, never a change of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.errors import BrokenKnowledge
from ingest.knowledge import only, place, read_yaml, require, strings

# In corpus/.
CURRENCY = "currency.yaml"
_CHANGE = frozenset({"document", "clause", "about", "words", "what", "now", "since", "by", "conf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: clause (五) of the policy, its words 3亿美元, since 2016-10, by which documents, what holds now.

    `clause` is None for what concerns the document as a whole. Without `words` it concerns the whole clause.
    """

    document: str
    clause: str | None
    about: str
    words: tuple[str, ...]
    what: str
    now: str
    since: date
    # As it is told: 2016年10月.
    since_told: str
    by: tuple[str, ...]
    verified: bool

    def concerns(self, text: str) -> bool:
        """Whether a quoted text, or a question, holds what has changed."""
        return not self.words or any(word in text for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """All changes known."""

    changes: tuple[Change, ...] = ()

    def of(self, document: str, clause: str | None, today: date) -> tuple[Change, ...]:
        """The changes of a clause that have happened by a day."""
        return tuple(
            change
            for change in self.changes
            if change.document == document and change.clause == clause and change.since <= today
        )

    def about(self, document: str, text: str, today: date) -> tuple[Change, ...]:
        """The changes of a document whose words stand in a text."""
        return tuple(
            change
            for change in self.changes
            if change.document == document
            and change.words
            and change.concerns(text)
            and change.since <= today
        )


def load_currency(path: Path) -> Currency:
    """Read the changes; none without the file. Raises BrokenKnowledge with file, line and fault."""
    if not path.is_file():
        return Currency()
    data = read_yaml(path)
    return Currency(changes=tuple(_change(row, path) for row in require(data, "changes", list, path)))


def check_currency(path: Path, currency: Currency, labels: Mapping[str, Set[str]]) -> None:
    """Raise BrokenKnowledge with file and line where a document or clause does not exist; `labels` by document id."""
    if not currency.changes:
        return
    for row, change in zip(read_yaml(path)["changes"], currency.changes, strict=True):
        for document in (change.document, *change.by):
            if document not in labels:
                raise BrokenKnowledge(f"{place(path, row)}：没有编号为 {document} 的文件")
        if change.clause is not None and change.clause not in labels[change.document]:
            raise BrokenKnowledge(f"{place(path, row)}：文件 {change.document} 里没有 {change.clause} 这一条")


def told(since: str) -> tuple[date, str]:
    """2016-10 → (2016-10-01, 2016年10月); 2018 → (2018-01-01, 2018年). Raises ValueError."""
    parts = [int(part) for part in since.split("-")]
    year, month, day = (*parts, 1, 1)[:3] if len(parts) < 3 else parts
    words = "".join(f"{value}{unit}" for value, unit in zip(parts, "年月日", strict=False))
    return date(year, month, day), words


def _change(row: Any, path: Path) -> Change:
    only(row, _CHANGE, path)
    written = require(row, "since", str, path)
    try:
        since, since_told = told(written)
    except ValueError:
        raise BrokenKnowledge(f'{place(path, row)}：since 应写作 "2016"、"2016-10" 或 "2016-10-08"') from None
    clause = row.get("clause")
    if clause is not None and not isinstance(clause, str):
        raise BrokenKnowledge(f"{place(path, row)}：clause 应是 (五) 这样的条号，或不写")
    return Change(
        document=require(row, "document", str, path),
        clause=clause,
        about=require(row, "about", str, path),
        words=strings(row, "words", path),
        what=require(row, "what", str, path),
        now=str(row.get("now") or ""),
        since=since,
        since_told=since_told,
        by=strings(row, "by", path),
        verified=row.get("conf") == "high",
    )
