"""A verified draft into the Markdown that the user reads."""

from __future__ import annotations

import re

from ingest.corrections import notes_for
from rag.context import Context
from rag.draft import Point
from rag.messages import say
from rag.verify import Verified
from rag.wording import label_of

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")


def render(context: Context, verified: Verified, *, dropped_input: bool = False) -> str:
    """Direct answer first, then the quotes with their numbers, then notes."""
    draft = verified.draft
    blocks = [draft.opening] if draft.opening else []
    number = 0
    listed: list[str] = []
    for point in draft.points:
        number += 1
        if point.listed:
            line = point.before or label_of(point.clause, context.language)
            # Lists of several bodies have a line of their own above each body's first clause.
            *above, item = line.split("\n")
            listed += [f"\n{heading}\n" for heading in above]
            listed.append(f"- {item} [{number}]")
            continue
        blocks.append(_point(context, point, number))
    if listed:
        blocks.append("\n".join(listed).strip("\n"))
    blocks += [*draft.notes, *_notes(context, verified)]
    if dropped_input:
        blocks.append(say("unsafe_part", context.language))
    return "\n\n".join(block for block in blocks if block)


def _point(context: Context, point: Point, number: int) -> str:
    document = context.snapshot.documents[point.clause.document_id].document
    lines = [point.before] if point.before else []
    for position, (start, end) in enumerate(point.quotes):
        mark = f" [{number}]" if position == len(point.quotes) - 1 else ""
        quote = re.sub(r"\s*\n\s*", "\n> ", escape(document.text[start:end].strip()))
        lines.append(f"> {quote}{mark}")
    return "\n\n".join(lines)


def _notes(context: Context, verified: Verified) -> list[str]:
    """Present names of renamed bodies, misprints, digests."""
    language = context.language
    notes = []
    current = verified.departments.current
    if current:
        pairs = (", " if language == "en" else ";").join(
            say("current_pair", language, old=old, new=new) for old, new in current.items()
        )
        notes.append(say("current", language, pairs=pairs))
    for point in verified.draft.points:
        if not point.listed:
            corrections = context.snapshot.documents[point.clause.document_id].corrections
            quoted = "".join(
                citation.quote
                for citation in verified.citations
                if citation.label == point.clause.clause.label
            )
            relevant = tuple(
                c
                for c in corrections
                if c.printed in quoted or c.reads in (*verified.draft.lead, *verified.draft.cooperating)
            )
            notes += notes_for(point.clause.clause.label, relevant)
    if any(citation.kind == "digest" for citation in verified.citations):
        notes.append(say("digest", language))
    return list(dict.fromkeys(notes))


def escape(text: str) -> str:
    """Published text shown as it is, whatever Markdown or HTML it may hold."""
    return _MARKDOWN.sub(r"\\\1", text)
