"""What is known around a cited clause, for its card: the articles above it, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.stores.catalogue import StoredClause, StoredDocument
from rag.around import currency_notes, short_label
from rag.build import Assistant
from rag.types import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """An article of the document above: 国办发〔2014〕54号(九)带动区域协调发展, and its first character there."""

    document_id: str
    start: int
    name: str
    partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The articles above a clause, and notes on what has changed of the words quoted."""

    parents: tuple[Parent, ...] = ()
    notes: tuple[str, ...] = ()


class Surroundings:
    """Looks up what is known around clauses; each document is read once."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._around = assistant.knowledge.around
        self._documents: dict[str, StoredDocument] = {s.document.id: s for s in assistant.documents()}
        self._clauses: dict[str, dict[int, StoredClause]] = {}

    def of(self, citation: Citation, quotes: Iterable[str], language: str) -> Beside:
        """What stands beside a cited clause; `quotes` are its words that the answer quotes."""
        clause = self._at(citation.document_id, citation.clause_start)
        if clause is None:
            return Beside()
        notes = currency_notes(self._around, clause, "\n".join(quotes), language)
        return Beside(parents=tuple(self._parents(clause)), notes=tuple(notes))

    def _parents(self, clause: StoredClause) -> Iterable[Parent]:
        alignment = self._around.alignment
        pair = alignment.of(clause.clause.label) if clause.document_id == alignment.document else None
        parent = self._documents.get(alignment.parent)
        if pair is None or parent is None:
            return
        name = parent.document.metadata.number or f"《{parent.document.metadata.title}》"
        above = {each.clause.label: each.clause for each in self._of(alignment.parent).values()}
        for label in pair.parents:
            if (found := above.get(label)) is not None:
                yield Parent(
                    document_id=alignment.parent,
                    start=found.start,
                    name=f"{name}{short_label(label)}{found.heading}",
                    partial=pair.strength == "partial",
                )

    def _at(self, document_id: str, start: int) -> StoredClause | None:
        return self._of(document_id).get(start) if document_id in self._documents else None

    def _of(self, document_id: str) -> dict[int, StoredClause]:
        if document_id not in self._clauses:
            clauses = self._assistant.clauses(document_id)
            self._clauses[document_id] = {each.clause.start: each for each in clauses}
        return self._clauses[document_id]
