"""A document's text into its numbered clauses, with exact offsets.

`parse` never raises on any text: what has no numbers becomes one clause per paragraph.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingest.corrections import Correction, correct_duties
from ingest.duties import DutyGrammar
from ingest.metadata import is_page_noise, read_frame
from ingest.numbering import Marker, match_marker
from ingest.references import find_references
from ingest.text import paragraphs
from ingest.types import Clause, Document, ParsedDocument, Responsibility

# A heading is a short phrase that ends in a full stop or stands alone: (一)明确发展定位。
_HEADING = re.compile(r"\s*(?P<heading>[^。;；:：,，!?！？\n]{1,40})(?P<stop>[。]|$)")
_HEADING_PARAGRAPH_CHARS = 45
# Sentences that close a document without belonging to its last clause.
_CLOSING = re.compile(r"^(?:各地|各市|各省|各县|各级|各部门|各有关|各单位|本(?:意见|办法|方案|通知|规定)自)")
# What stands below the text and never belongs to a clause.
_BELOW = re.compile(r"^(?:附件|附\s*[:：]|特此|此件|[(（]此件|[(（]联系)")
# 列第一位者为牵头单位,下同: said once, it holds for every list of bodies in the document.
_FIRST_LEADS = re.compile(r"(?:列|排)(?:在)?第一[位个][^。;；]{0,20}?[为是]牵头")


@dataclass(slots=True)
class _Unit:
    marker: Marker
    start: int
    parents: tuple[_Unit, ...]
    spans: list[tuple[int, int]] = field(default_factory=list)
    heading: str = ""
    has_children: bool = False
    has_body: bool = False


def parse(
    document: Document, grammar: DutyGrammar, corrections: tuple[Correction, ...] = ()
) -> ParsedDocument:
    """The clauses of `document` in reading order, and the documents it mentions."""
    frame = read_frame(document.text)
    units, preamble, closing = _collect_units(document.text, frame.body_start, frame.body_end, grammar)
    if units:
        clauses = _clauses(document.text, units, grammar)
    else:
        clauses = _unnumbered(document.text, frame.body_start, frame.body_end, grammar)
        preamble, closing = (frame.body_start, frame.body_start), (frame.body_end, frame.body_end)
    if _FIRST_LEADS.search(document.text):
        clauses = tuple(
            replace(clause, responsibilities=tuple(map(_with_first_leading, clause.responsibilities)))
            for clause in clauses
        )
    clauses = tuple(
        replace(clause, responsibilities=correct_duties(clause, corrections)) for clause in clauses
    )
    return ParsedDocument(
        document=document,
        clauses=clauses,
        references=find_references(document.text[: frame.body_end]),
        preamble=preamble,
        closing=closing,
    )


def _collect_units(
    text: str, start: int, end: int, grammar: DutyGrammar
) -> tuple[list[_Unit], tuple[int, int], tuple[int, int]]:
    units: list[_Unit] = []
    stack: list[_Unit] = []
    preamble = [start, start]
    closing: list[tuple[int, int]] = []
    for begin, stop in ((start + a, start + b) for a, b in paragraphs(text[start:end])):
        paragraph = text[begin:stop]
        if is_page_noise(paragraph):
            continue
        marker = match_marker(paragraph)
        if marker:
            _take_back(text, stack, closing)
            closing = []
            while stack and stack[-1].marker.form.rank >= marker.form.rank:
                stack.pop()
            unit = _Unit(marker=marker, start=begin, parents=tuple(stack))
            for parent in stack:
                parent.has_children = True
            _read_heading(unit, paragraph[marker.length :])
            unit.spans.append((begin, stop))
            stack.append(unit)
            units.append(unit)
        elif not stack:
            preamble[1] = stop
        elif closing or _closes(text, paragraph, stack[-1], units, grammar):
            closing.append((begin, stop))
        else:
            stack[-1].spans.append((begin, stop))
            stack[-1].has_body = True
    closing_span = (closing[0][0], closing[-1][1]) if closing else (end, end)
    return units, (preamble[0], preamble[1]), closing_span


def _take_back(text: str, stack: list[_Unit], closing: list[tuple[int, int]]) -> None:
    """Give paragraphs that seemed to close the document (各级政府要…) to the unit before them.

    Called where another number follows after all.
    """
    for start, stop in closing:
        if not stack or _BELOW.match(text[start:stop]):
            return
        stack[-1].spans.append((start, stop))
        stack[-1].has_body = True


def _read_heading(unit: _Unit, rest: str) -> None:
    match = _HEADING.match(rest)
    following = rest[match.end() :].strip() if match else rest.strip()
    if match and (following or len(rest) <= _HEADING_PARAGRAPH_CHARS):
        unit.heading = match.group("heading").strip(" \t　*")
    unit.has_body = bool(following)


def _closes(text: str, paragraph: str, unit: _Unit, units: list[_Unit], grammar: DutyGrammar) -> bool:
    """Whether an unnumbered paragraph ends the clauses rather than continuing `unit`.

    Where clauses end in who is responsible, whatever follows such an ending is outside.
    """
    if _BELOW.match(paragraph):
        return True
    if not unit.has_body:
        return False
    if _CLOSING.match(paragraph):
        return True
    if grammar.find(paragraph, 0, len(paragraph)):
        return False
    ended = _ends_in_duty(text, unit, grammar)
    return ended and sum(_ends_in_duty(text, other, grammar) for other in units[-4:]) >= min(2, len(units))


def _ends_in_duty(text: str, unit: _Unit, grammar: DutyGrammar) -> bool:
    start, end = unit.spans[-1]
    duties = grammar.find(text, max(start, end - 400), end)
    return bool(duties) and duties[-1].end >= end - 2


def _clauses(text: str, units: list[_Unit], grammar: DutyGrammar) -> tuple[Clause, ...]:
    articles = _article_numbers(units)
    clauses = []
    for unit in units:
        if unit.has_children and not unit.has_body:
            continue
        start, end = unit.spans[0][0], unit.spans[-1][1]
        top = unit.parents[0] if unit.parents else None
        clauses.append(
            Clause(
                path=(*(parent.marker.label for parent in unit.parents), unit.marker.label),
                article=articles.get(id(unit)),
                label=unit.marker.label,
                heading=unit.heading,
                section=_section(text, top) if top else "",
                text=text[start:end],
                start=start,
                end=end,
                responsibilities=_duties(text, unit, grammar),
            )
        )
    return tuple(clauses)


def _duties(text: str, unit: _Unit, grammar: DutyGrammar) -> tuple[Responsibility, ...]:
    return tuple(duty for start, end in unit.spans for duty in grammar.find(text, start, end))


def _with_first_leading(duty: Responsibility) -> Responsibility:
    if duty.lead or not duty.responsible:
        return duty
    first, *others = duty.responsible
    return replace(duty, lead=(first,), cooperating=(*others, *duty.cooperating), responsible=())


def _section(text: str, unit: _Unit) -> str:
    if unit.heading and not unit.has_body:
        start, end = unit.spans[0]
        return text[start:end].strip("#*。 \t")
    return f"{unit.marker.printed}{unit.heading}"


def _article_numbers(units: list[_Unit]) -> dict[int, int]:
    """Numbers of the units that the document counts in one running series.

    第X条 always does; (一) does where it runs on from part to part without starting again.
    """
    numbers: dict[int, int] = {id(u): u.marker.number for u in units if u.marker.form.article}
    if numbers:
        return numbers
    by_form: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        if unit.parents:
            by_form[unit.marker.form.name].append(unit)
    for candidates in sorted(by_form.values(), key=lambda group: group[0].marker.form.rank):
        series = [unit.marker.number for unit in candidates]
        parents = {id(unit.parents[-1]) for unit in candidates}
        if len(parents) > 1 and all(a < b for a, b in pairwise(series)):
            return {id(unit): unit.marker.number for unit in candidates}
    return {}


def _unnumbered(text: str, start: int, end: int, grammar: DutyGrammar) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    for begin, stop in ((start + a, start + b) for a, b in paragraphs(text[start:end])):
        if is_page_noise(text[begin:stop]):
            continue
        clauses.append(
            Clause(
                path=(),
                article=None,
                label=f"第{len(clauses) + 1}段",
                heading="",
                section="",
                text=text[begin:stop],
                start=begin,
                end=stop,
                responsibilities=grammar.find(text, begin, stop),
            )
        )
    return tuple(clauses)
