"""A verified draft into the Markdown that the user reads."""

from __future__ import annotations

import re

from ingest.corrections import notes_for
from ingest.types import Metadata
from rag.around import aligned_note, currency_notes, name_of, term_note
from rag.context import Context
from rag.draft import Point
from rag.messages import say
from rag.types import Status
from rag.verify import Verified
from rag.wording import label_of, present_names

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")


def render(context: Context, verified: Verified, *, dropped_input: bool = False) -> str:
    """Direct answer first, then the quotes with their numbers, then notes."""
    draft = verified.draft
    blocks = [draft.opening] if draft.opening else []
    number = 0
    listed: list[str] = []
    above = ""
    for point in draft.points:
        number += 1
        if point.listed:
            line = point.before or label_of(point.clause, context.language)
            # Lists of several bodies have a line of their own above each body's first clause.
            *headings, item = line.split("\n")
            listed += [f"\n{heading}\n" for heading in headings]
            listed.append(f"- {item}{_unchecked(context, point)} [{number}]")
            continue
        source = _source(context, point)
        blocks.append(_point(context, point, number, source if source != above else ""))
        above = source
    if listed:
        blocks.append("\n".join(listed).strip("\n"))
    blocks += [*draft.notes, *_notes(context, verified)]
    if dropped_input:
        blocks.append(say("unsafe_part", context.language))
    return "\n\n".join(block for block in blocks if block)


def _point(context: Context, point: Point, number: int, source: str) -> str:
    metadata = context.snapshot.documents[point.clause.document_id].document.metadata
    text = context.snapshot.documents[point.clause.document_id].document.text
    lines = [source, point.before]
    for position, (start, end) in enumerate(point.quotes):
        last = position == len(point.quotes) - 1
        mark = (_digest_mark(point, metadata, context.language) if last else "") + (
            f" [{number}]" if last else ""
        )
        quote = re.sub(r"\s*\n\s*", "\n> ", escape(text[start:end].strip()))
        lines.append(f"> {quote}{mark}")
    return "\n\n".join(line for line in lines if line)


def _source(context: Context, point: Point) -> str:
    """The document that a quote is of, where it is not the one that everybody expects."""
    snapshot, document_id = context.snapshot, point.clause.document_id
    if document_id not in snapshot.companions and len(snapshot.primary) == 1:
        return ""
    metadata = snapshot.documents[document_id].document.metadata
    number = say("in_brackets", context.language, text=metadata.number) if metadata.number else ""
    return say("from_document", context.language, name=f"《{metadata.title}》{number}")


def _unchecked(context: Context, point: Point) -> str:
    metadata = context.snapshot.documents[point.clause.document_id].document.metadata
    unverified = point.clause.clause.label in metadata.unverified
    return say("unverified", context.language) if unverified else ""


def _digest_mark(point: Point, metadata: Metadata, language: str) -> str:
    if metadata.kind != "digest":
        return ""
    unchecked = point.clause.clause.label in metadata.unverified
    return say("digest_unverified" if unchecked else "digest_mark", language)


def _notes(context: Context, verified: Verified) -> list[str]:
    """Present names of renamed bodies, misprints, what stands above, what has changed, digests."""
    language, around = context.language, context.knowledge.around
    draft, snapshot = verified.draft, context.snapshot
    notes = []
    told = present_names(verified.departments.current, context.knowledge.directory, language)
    if told:
        notes.append(say("current", language, pairs=(", " if language == "en" else "；").join(told)))
    for point in draft.points:
        if not point.listed:
            notes += _slips(context, verified, point)
    if draft.status is Status.ANSWERED:
        if "alignment" not in draft.told:
            notes.append(aligned_note(around, snapshot, [point.clause for point in draft.points], language))
        if "currency" not in draft.told:
            for point in draft.points:
                if not point.listed:
                    text = snapshot.documents[point.clause.document_id].document.text
                    quoted = "".join(text[start:end] for start, end in point.quotes)
                    notes += currency_notes(around, point.clause, quoted, language)
    for document_id in dict.fromkeys(point.clause.document_id for point in draft.points):
        notes.append(term_note(snapshot.documents[document_id].document.metadata, around.today, language))
    notes += _digest_notes(context, verified)
    return [note for note in dict.fromkeys(notes) if note]


def _slips(context: Context, verified: Verified, point: Point) -> list[str]:
    """What a reader is told about slips of the printed text that the answer touches."""
    corrections = context.snapshot.documents[point.clause.document_id].corrections
    quoted = "".join(
        citation.quote
        for citation in verified.citations
        if (citation.document_id, citation.label) == (point.clause.document_id, point.clause.clause.label)
    )
    relevant = tuple(
        c
        for c in corrections
        if c.printed in quoted or c.reads in (*verified.draft.lead, *verified.draft.cooperating)
    )
    return list(notes_for(point.clause.clause.label, relevant))


def _digest_notes(context: Context, verified: Verified) -> list[str]:
    """That a digest is not the original, and where the original is, where its page was seen."""
    documents, points = context.snapshot.documents, verified.draft.points
    kinds = [documents[point.clause.document_id].document.metadata.kind for point in points]
    digests = list(
        dict.fromkeys(p.clause.document_id for p, kind in zip(points, kinds, strict=True) if kind == "digest")
    )
    if not digests:
        return []
    # A mark stands for a point, however many quotes it has.
    marks = [f"[{n}]" for n, kind in enumerate(kinds, start=1) if kind == "digest"]
    some = len(marks) < len(points)
    notes = [
        say("digest_some", context.language, marks="".join(marks))
        if some
        else say("digest", context.language)
    ]
    for document_id in digests:
        metadata = context.snapshot.documents[document_id].document.metadata
        name = name_of(context.snapshot, document_id)
        # 已被2021年版替代 is told wherever the digest is shown; that nothing is known against it is not.
        if metadata.ended and "currency" not in verified.draft.told:
            notes.append(say("document_changed", context.language, name=name, text=metadata.validity))
        if metadata.address:
            notes.append(say("digest_link", context.language, name=name, address=metadata.address))
    return notes


def escape(text: str) -> str:
    """Published text shown as it is, whatever Markdown or HTML it may hold."""
    return _MARKDOWN.sub(r"\\\1", text)
