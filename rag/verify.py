"""The last gate: nothing leaves that the documents do not hold.

A quote is a span of its clause; a body is named only in the role that a used clause gives it;
a clause label in our own words belongs to a clause that the answer cites or that the catalogue
holds. What fails is dropped and noted in the trace; an answer left without support is a refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.text import fold
from rag.context import Context
from rag.draft import Draft, Point
from rag.messages import say
from rag.types import Citation, Departments, Status
from rag.wording import current_names

_LABEL = re.compile(r"\((?:[一二三四五六七八九十百]+)\)(?=“)|第[一二三四五六七八九十百千]+条(?=“)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A draft whose every claim was checked, with its citations and bodies."""

    draft: Draft
    citations: tuple[Citation, ...]
    departments: Departments
    dropped: tuple[str, ...] = ()


def verify(context: Context, draft: Draft) -> Verified:
    """Check a draft; points and bodies that do not hold are dropped."""
    dropped: list[str] = []
    points = []
    for point in draft.points:
        quotes = tuple(span for span in point.quotes if _is_span(context, point, span))
        if len(quotes) < len(point.quotes):
            dropped.append(f"quote outside {point.clause.clause.label}")
        if quotes:
            points.append(replace(point, quotes=quotes))
    lead = _held(draft.lead, points, "lead", dropped)
    cooperating = _held(draft.cooperating, points, "cooperating", dropped)
    responsible = _held(draft.responsible, points, "responsible", dropped)
    checked = replace(
        draft, points=tuple(points), lead=lead, cooperating=cooperating, responsible=responsible
    )
    unknown = _unknown_labels(checked)
    if unknown:
        dropped += [f"unknown label {label}" for label in unknown]
        checked = _without_support(context)
    elif draft.status is Status.ANSWERED and draft.points and not points:
        checked = _without_support(context)
    given = (*checked.lead, *checked.cooperating, *checked.responsible)
    return Verified(
        draft=checked,
        citations=tuple(_citation(context, point, span) for point in checked.points for span in point.quotes),
        departments=Departments(
            lead=checked.lead,
            cooperating=checked.cooperating,
            current=current_names(given, context.knowledge.directory),
        ),
        dropped=tuple(dropped),
    )


def _is_span(context: Context, point: Point, span: tuple[int, int]) -> bool:
    stored = context.snapshot.documents.get(point.clause.document_id)
    clause = point.clause.clause
    if stored is None or not clause.start <= span[0] < span[1] <= clause.end:
        return False
    return stored.document.text[clause.start : clause.end] == clause.text


def _held(names: tuple[str, ...], points: list[Point], role: str, dropped: list[str]) -> tuple[str, ...]:
    held = {name for point in points for duty in point.responsibilities for name in getattr(duty, role)}
    dropped += [f"{name} is not {role}" for name in names if name not in held]
    return tuple(name for name in dict.fromkeys(names) if name in held)


def _unknown_labels(draft: Draft) -> list[str]:
    """Clause labels in our own words that belong to no clause cited."""
    own = " ".join((draft.opening, *draft.notes, *(point.before for point in draft.points)))
    # Only an opening quotation mark begins a heading: 例如“第十四条” names none.
    words = fold(own.replace("”", " ")).replace('"', "“")
    cited = {fold(point.clause.clause.label) for point in draft.points}
    named = [match.group() for match in _LABEL.finditer(words)]
    return [label for label in named if label not in cited]


def _without_support(context: Context) -> Draft:
    return Draft(status=Status.NOT_IN_CORPUS, opening=say("not_found", context.language))


def _citation(context: Context, point: Point, span: tuple[int, int]) -> Citation:
    stored = context.snapshot.documents[point.clause.document_id]
    metadata = stored.document.metadata
    clause = point.clause.clause
    duties = point.responsibilities
    return Citation(
        document_id=point.clause.document_id,
        document_title=metadata.title,
        document_number=metadata.number,
        section=clause.section or None,
        path=clause.path,
        article=clause.article,
        label=clause.label,
        heading=clause.heading,
        quote=stored.document.text[span[0] : span[1]],
        start=span[0],
        end=span[1],
        lead=tuple(dict.fromkeys(name for duty in duties for name in duty.lead)),
        cooperating=tuple(dict.fromkeys(name for duty in duties for name in duty.cooperating)),
        responsible=tuple(dict.fromkeys(name for duty in duties for name in duty.responsible)),
        open_ended=any(duty.open_ended for duty in duties),
        kind=metadata.kind,
        source=metadata.source,
        clause_text=clause.text,
        clause_start=clause.start,
        unverified=clause.label in metadata.unverified,
        address=metadata.address,
    )
