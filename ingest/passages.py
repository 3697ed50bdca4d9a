"""Clauses into passages: what is searched for each clause, with a digest of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ingest.corrections import Correction, correct_text
from ingest.types import ParsedDocument, Passage

# Changes whenever the same clause would be indexed differently.
PASSAGE_VERSION = "1"


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
            clause.section,
            clause.heading,
            text,
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
