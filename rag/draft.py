"""An answer before it is checked and rendered: what it says, and on which spans it rests."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.stores.catalogue import StoredClause
from ingest.types import Responsibility
from rag.types import Status

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One clause that the answer uses: the quoted spans (document offsets) and a line before them."""

    clause: StoredClause
    quotes: tuple[Span, ...]
    before: str = ""
    # In a list the clause stands as one line, label and heading, with its quote as evidence only.
    listed: bool = False
    duties: tuple[Responsibility, ...] | None = None

    @property
    def responsibilities(self) -> tuple[Responsibility, ...]:
        """The duties that count for this point: all of the clause's unless narrowed."""
        return self.clause.clause.responsibilities if self.duties is None else self.duties


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unverified answer in parts, in the order in which they are read."""

    status: Status
    opening: str = ""
    points: tuple[Point, ...] = ()
    notes: tuple[str, ...] = ()
    # Bodies that the answer gives, as printed; checked against the points' clauses.
    lead: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    # What it says itself of what usually stands in notes: alignment, currency.
    told: frozenset[str] = frozenset()
    trace: dict[str, object] = field(default_factory=dict)


def refusal(status: Status, text: str, *notes: str) -> Draft:
    """A draft that says why there is no answer."""
    return Draft(status=status, opening=text, notes=tuple(note for note in notes if note))
