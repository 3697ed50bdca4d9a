"""The clauses that an answer cites, in the order of its marks: what [1] and [2] are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One cited clause with every span of it that the answer quotes; `number` is the answer's [n]."""

    number: int
    citation: Citation
    quotes: tuple[tuple[int, int], ...]
    words_quoted: tuple[str, ...]


def cards_of(citations: Sequence[Citation]) -> tuple[Card, ...]:
    """One card a clause, in the order in which the answer numbers them."""
    grouped: dict[tuple[object, ...], list[Citation]] = {}
    for citation in citations:
        key = (citation.document_id, citation.path, citation.clause_start)
        grouped.setdefault(key, []).append(citation)
    return tuple(
        Card(
            number=number,
            citation=group[0],
            quotes=tuple((c.start, c.end) for c in group),
            words_quoted=tuple(c.quote for c in group),
        )
        for number, group in enumerate(grouped.values(), start=1)
    )
