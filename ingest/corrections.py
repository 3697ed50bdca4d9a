"""Slips of the printed text, kept as data beside the document: 省发展改革 for 省发展改革委."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.knowledge import require
from ingest.types import Clause, Responsibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One slip: what clause (十八) prints, how it reads, and what the reader is told."""

    clause: str
    printed: str
    reads: str
    note: str


def read_corrections(data: dict[str, Any], path: Path) -> tuple[Correction, ...]:
    """The corrections in a document's metadata file; raises BrokenKnowledge on a bad row."""
    return tuple(
        Correction(
            clause=require(row, "clause", str, path),
            printed=require(row, "printed", str, path),
            reads=require(row, "reads", str, path),
            note=require(row, "note", str, path),
        )
        for row in data.get("corrections") or []
    )


def correct_duties(clause: Clause, corrections: tuple[Correction, ...]) -> tuple[Responsibility, ...]:
    """The clause's responsibilities with misprinted names as they are meant."""
    names = {c.printed: c.reads for c in corrections if c.clause == clause.label}
    if not names:
        return clause.responsibilities

    def fix(bodies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(body, body) for body in bodies)

    return tuple(
        replace(
            duty, lead=fix(duty.lead), cooperating=fix(duty.cooperating), responsible=fix(duty.responsible)
        )
        for duty in clause.responsibilities
    )


def correct_text(clause: Clause, corrections: tuple[Correction, ...]) -> str:
    """The clause's words for search: the printed text, then the words as meant."""
    extra = [c.reads for c in corrections if c.clause == clause.label and c.printed in clause.text]
    return " ".join([clause.text, *extra])


def notes_for(label: str, corrections: tuple[Correction, ...]) -> tuple[str, ...]:
    """What a reader of this clause is told about its slips."""
    return tuple(c.note for c in corrections if c.clause == label)
