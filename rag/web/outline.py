"""A document as its reader goes through it: articles in order, found by number, by place in the text, by words in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.chinese_numbers import to_int
from ingest.stores.catalogue import StoredClause, StoredDocument
from ingest.text import fold
from ingest.types import Metadata, Responsibility
from rag.articles import article_label, article_level
from rag.web.reading import Span
from rag.web.words import CHINESE, Words

_OPENING = 24
# Of 第十四条, (十四), 要点3, article 14: what is not the number.
_AROUND_NUMBER = re.compile(r"article|要点|[第条款项点()、.\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a unit's text, from `start` in the document: a clause with its duties, or unnumbered text."""

    start: int
    text: str
    duties: tuple[Responsibility, ...] = ()
    clause: StoredClause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An entry of the outline: an article with the items below it, or the text before and after all articles."""

    label: str
    name: str
    section: str
    article: int | None
    blocks: tuple[Block, ...]

    @property
    def start(self) -> int:
        """Its first character in the document, by which it is told from the others."""
        return self.blocks[0].start


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A unit with the places, as offsets in the document, where the words looked for stand."""

    unit: Unit
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One document with its units in reading order."""

    id: str
    metadata: Metadata
    units: tuple[Unit, ...]

    def at(self, start: int) -> Unit | None:
        """The unit that holds a character of the document; the one before where none does."""
        before = [unit for unit in self.units if unit.start <= start]
        return before[-1] if before else (self.units[0] if self.units else None)

    def numbered(self, told: int | str) -> Unit | None:
        """The unit of an article number or label: 14, 十四, 第十四条, (十四), 要点3; None where there is none."""
        wanted = fold(str(told)).strip()
        labelled = next((unit for unit in self.units if unit.label and fold(unit.label) == wanted), None)
        number = _number(wanted)
        if labelled is not None or number is None:
            return labelled
        by_article = (unit for unit in self.units if unit.article == number)
        by_label = (
            u for u in self.units if u.article is None and u.label and _number(fold(u.label)) == number
        )
        return next(by_article, None) or next(by_label, None)

    def beside(self, unit: Unit, step: int) -> Unit | None:
        """The unit after (1) or before (-1) one; None at either end."""
        at = self.units.index(unit) + step
        return self.units[at] if 0 <= at < len(self.units) else None

    def find(self, query: str) -> tuple[Found, ...]:
        """The units that hold every word of a query, whatever their width and case, with all places of the words."""
        wanted = fold(query).split()
        if not wanted:
            return ()
        found = []
        for unit in self.units:
            folded = [(block.start, fold(block.text)) for block in unit.blocks]
            spans = [
                [
                    (start + m.start(), start + m.end())
                    for start, text in folded
                    for m in pattern.finditer(text)
                ]
                for pattern in (re.compile(re.escape(word)) for word in dict.fromkeys(wanted))
            ]
            if all(spans):
                found.append(Found(unit=unit, spans=tuple(sorted(each for of in spans for each in of))))
        return tuple(found)


def book_of(stored: StoredDocument, clauses: Sequence[StoredClause], words: Words = CHINESE) -> Book:
    """A document and its clauses, in reading order, as units."""
    units = [_unit(list(group)) for _, group in groupby(clauses, key=_article)]
    opening = _unnumbered(stored, stored.preamble, words("文件开头"))
    closing = _unnumbered(stored, stored.closing, words("文件结尾"))
    return Book(
        id=stored.document.id,
        metadata=stored.document.metadata,
        units=tuple(unit for unit in (opening, *units, closing) if unit is not None),
    )


def _article(stored: StoredClause) -> tuple[str, ...] | str:
    """What an article's clauses share: its path; a clause of no article stands for itself."""
    path = stored.clause.path[: article_level(stored) + 1]
    return stored.key if stored.clause.article is None else path


def _unit(clauses: Sequence[StoredClause]) -> Unit:
    first = clauses[0]
    clause = first.clause
    label = article_label(first) if clause.article is not None else "".join(clause.path) or clause.label
    # An article without a text of its own begins with its first item, whose heading is not the article's.
    own = clause.article is None or article_level(first) == len(clause.path) - 1
    heading = clause.heading if own else ""
    return Unit(
        label=label,
        name=f"{label}{heading}" if heading or not own else _opening(label, clause.text),
        section=clause.section,
        article=clause.article,
        blocks=tuple(
            Block(
                start=each.clause.start,
                text=each.clause.text,
                duties=each.clause.responsibilities,
                clause=each,
            )
            for each in clauses
        ),
    )


def _opening(label: str, text: str) -> str:
    """A clause without a heading by its first words: 第三条 国家级开发区…."""
    line = " ".join(text.split())
    begun = line if fold(line).startswith(fold(label)) else f"{label} {line}".strip()
    return f"{begun[:_OPENING]}……" if len(begun) > _OPENING else begun


def _unnumbered(stored: StoredDocument, span: Span, name: str) -> Unit | None:
    start, end = span
    text = stored.document.text[start:end]
    if not text.strip():
        return None
    return Unit(label="", name=name, section="", article=None, blocks=(Block(start=start, text=text),))


def _number(folded: str) -> int | None:
    return to_int(_AROUND_NUMBER.sub("", folded))
