"""Clauses into passages: what is searched for each clause, with a digest of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ingest.corrections import Correction, correct_text
from ingest.text import opens_items
from ingest.types import Clause, ParsedDocument, Passage

# Changes whenever the same clause would be indexed differently.
PASSAGE_VERSION = "2"
# Of the items below a lead-in, so many characters are searched for with it.
_ITEMS = 800


def make_passages(
    parsed: ParsedDocument,
    corrections: Sequence[Correction] = (),
) -> tuple[Passage, ...]:
    """One passage a clause: its words without the responsible bodies, and where it stands.

    The bracket that names bodies is left out: 省发展改革委 stands in nearly every clause of the
    policy and would pull each question with 发展 to the shortest one.
    """
    passages = []
    for position, clause in enumerate(parsed.clauses):
        text = correct_text(clause, tuple(corrections))
        for duty in clause.responsibilities:
            if duty.source == "bracket":
                text = text.replace(duty.raw, "")
        fields = (
            parsed.document.metadata.title,
            f"{clause.section} {_lead_in(parsed.clauses, position)}".strip(),
            clause.heading,
            f"{text}{_items(parsed.clauses, position)}",
        )
        digest = hashlib.sha256("\x1f".join((PASSAGE_VERSION, *fields)).encode()).hexdigest()
        passages.append(
            Passage(
                document_id=parsed.document.id,
                position=position,
                title=fields[0],
                section=fields[1],
                heading=fields[2],
                body=fields[3],
                digest=digest,
            )
        )
    return tuple(passages)


def _items(clauses: Sequence[Clause], position: int) -> str:
    """The items below a lead-in (提交下列材料:), which alone says little of what is asked for."""
    clause = clauses[position]
    if not opens_items(clause.text):
        return ""
    below = [c.text for c in clauses[position + 1 :] if c.path[: len(clause.path)] == clause.path]
    return "".join(f"\n{text}" for text in below)[:_ITEMS]


def _lead_in(clauses: Sequence[Clause], position: int) -> str:
    """The lead-in above an item: 有下列情形之一的,由市商务局责令改正:."""
    path = clauses[position].path
    above = next((c for c in reversed(clauses[:position]) if c.path and c.path == path[:-1]), None)
    return above.text if above is not None and opens_items(above.text) else ""
