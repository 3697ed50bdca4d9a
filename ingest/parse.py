"""A document's text into its numbered clauses, with exact offsets.

`parse` never raises on any text: what has no numbers becomes one clause per paragraph.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingest.article_references import resolve_article_references
from ingest.corrections import Correction, correct_duties
from ingest.duties import DutyGrammar, first_body_leads
from ingest.headings import (
    Opening,
    are_headed_alike,
    are_headed_articles,
    heading_of,
    is_headed,
    read_opening,
)
from ingest.lines import is_page_noise
from ingest.metadata import read_frame
from ingest.numbering import Marker, has_decimals, match_marker, raise_numerals, raise_tops
from ingest.parts import Part
from ingest.references import find_references, resolve_short_numbers, resolve_short_titles
from ingest.tables import TableRow, read_table_rows
from ingest.text import paragraphs
from ingest.types import Clause, Document, ParsedDocument, Responsibility

# Sentences that close a document without belonging to its last clause.
_CLOSING = re.compile(
    r"^(?:请?各(?:地|市|省|县|级|部门|有关|单位|区)|(?:国务院|省|市|县|区)(?:政府)?(?:各|有关|相关|各有关)部门"
    r"|本(?:意见|办法|方案|通知|规定|决定|规划)自)"
)
# What stands below the text and never belongs to a clause.
_BELOW = re.compile(r"^(?:附件|附\s*[:：]|特此|此件|[(（]此件|[(（]联系)")


@dataclass(slots=True)
class _Unit:
    marker: Marker
    start: int
    prefix: str
    parents: tuple[_Unit, ...]
    opening: Opening
    spans: list[tuple[int, int]] = field(default_factory=list)
    heading: str = ""
    has_children: bool = False
    # Whether it has text of its own beyond a heading.
    has_body: bool = False
    # A table's row has its bodies in cells.
    row: TableRow | None = None


def parse(
    document: Document, grammar: DutyGrammar, corrections: tuple[Correction, ...] = ()
) -> ParsedDocument:
    """The clauses of `document` in reading order, and the documents it mentions."""
    text = document.text
    decimals = has_decimals(text)
    frame = read_frame(text, decimals=decimals)
    units: list[_Unit] = []
    preamble, closing = (frame.body_start, frame.body_start), (frame.body_end, frame.body_end)
    for number, part in enumerate(frame.parts):
        found, before, after = _collect_units(text, part, grammar, decimals)
        units += found
        if number == 0:
            preamble = before
        if after[0] < after[1]:
            closing = after
    _decide_headings(text, units, grammar)
    # Where the first-listed body leads, later brackets may hold the list alone.
    grammar = replace(grammar, bare_lists=grammar.states_first_leads(text[: frame.body_end]))
    if units:
        clauses = _clauses(text, units, grammar)
    else:
        clauses = _unnumbered(text, frame.body_start, frame.body_end, grammar)
        preamble, closing = (frame.body_start, frame.body_start), (frame.body_end, frame.body_end)
    clauses = _apply_first_leads(text, clauses, grammar)
    clauses = tuple(
        replace(clause, responsibilities=correct_duties(clause, corrections)) for clause in clauses
    )
    references = tuple(
        reference
        for reference in find_references(text[: frame.body_end])
        # The document's own number below its title mentions no other document.
        if reference.start >= frame.body_start or reference.title
    )
    references = resolve_short_titles(text[: frame.body_end], references)
    short = resolve_short_numbers(text[: frame.body_end], references)
    return ParsedDocument(
        document=document,
        clauses=clauses,
        references=tuple(sorted((*references, *short), key=lambda reference: reference.start)),
        article_references=resolve_article_references(text, clauses, references),
        default_bodies=grammar.find_default_bodies(text[: frame.body_end]),
        preamble=preamble,
        closing=closing,
    )


def _collect_units(
    text: str, part: Part, grammar: DutyGrammar, decimals: bool
) -> tuple[list[_Unit], tuple[int, int], tuple[int, int]]:
    units: list[_Unit] = []
    stack: list[_Unit] = []
    start, end = part.start, part.end
    preamble = [start, start]
    closing: list[tuple[int, int]] = []
    spans = [(start + a, start + b) for a, b in paragraphs(text[start:end])]
    markers = [match_marker(text[begin:stop], decimals=decimals) for begin, stop in spans]
    if decimals:
        markers = raise_tops(markers)
    markers = raise_numerals(markers)
    rows = read_table_rows(text, spans)
    for (begin, stop), marker in zip(spans, markers, strict=True):
        paragraph = text[begin:stop]
        if is_page_noise(paragraph):
            continue
        row = rows.get(begin)
        if begin in rows and row is None:
            continue
        marker = row.marker if row is not None else marker
        if marker:
            _take_back(text, stack, closing)
            closing = []
            while stack and stack[-1].marker.form.rank >= marker.form.rank:
                stack.pop()
            unit = _Unit(
                marker=marker,
                start=begin,
                prefix=part.prefix,
                parents=tuple(stack),
                opening=read_opening(paragraph[marker.length :]),
            )
            for parent in stack:
                parent.has_children = True
            unit.row = row
            unit.has_body = row is not None or bool(_without_duties(unit.opening.following, grammar))
            unit.spans.append((begin, stop))
            stack.append(unit)
            units.append(unit)
        elif not stack:
            preamble[1] = stop
        elif closing or _closes(text, paragraph, stack[-1], units, grammar):
            closing.append((begin, stop))
        else:
            stack[-1].spans.append((begin, stop))
            stack[-1].has_body = stack[-1].has_body or not grammar.is_label_line(paragraph)
    closing_span = (closing[0][0], closing[-1][1]) if closing else (end, end)
    return units, (preamble[0], preamble[1]), closing_span


def _without_duties(rest: str, grammar: DutyGrammar) -> str:
    """A paragraph's words without the brackets that name bodies."""
    for duty in reversed(grammar.find(rest, 0, len(rest))):
        rest = rest[: max(0, duty.start - 1)] + rest[duty.end + 1 :]
    return rest.strip(" 。\t　")


def _decide_headings(text: str, units: list[_Unit], grammar: DutyGrammar) -> None:
    by_level: dict[tuple[str, str], list[_Unit]] = defaultdict(list)
    by_parent: dict[tuple[str, str, int], list[_Unit]] = defaultdict(list)
    for unit in units:
        if unit.row is None:
            by_level[unit.prefix, unit.marker.form.name].append(unit)
            by_parent[_family(unit)].append(unit)
    headed = {
        level: (are_headed_articles if members[0].marker.form.article else is_headed)(_openings(members))
        for level, members in by_level.items()
    }
    alike = {family: are_headed_alike(_openings(members)) for family, members in by_parent.items()}
    for unit in units:
        if unit.row is None:
            unit.heading = heading_of(
                unit.opening,
                more=unit.has_body,
                article=unit.marker.form.article,
                headed=headed[unit.prefix, unit.marker.form.name],
                alike=alike[_family(unit)],
                has_children=unit.has_children,
            )
    for unit in units:
        if unit.row is not None:
            unit.heading = unit.row.heading
            continue
        # (一)统筹两个市场,打造集散中心。 over 1. 2. 3. is a heading though it has a comma.
        own = _without_duties(text[unit.spans[0][0] : unit.spans[0][1]], grammar)[unit.marker.length :].strip(
            " 。"
        )
        if (
            unit.has_children
            and not unit.heading
            and len(unit.spans) == 1
            and len(own) <= 40
            and not re.search("[。;；:：]", _without_colon(own, unit.marker))
        ):
            unit.heading = _without_colon(own, unit.marker)
            unit.has_body = False
        elif not unit.heading and not unit.has_children:
            unit.has_body = True


def _without_colon(heading: str, marker: Marker) -> str:
    """2.1.1 指挥部职责: over its items is a heading; (二)下列材料: is the beginning of a sentence."""
    return (
        heading.rstrip(":： ") if marker.form.name.startswith("decimal") and len(heading) <= 20 else heading
    )


def _family(unit: _Unit) -> tuple[str, str, int]:
    """What units under one parent with one numbering form have in common."""
    return unit.prefix, unit.marker.form.name, id(unit.parents[-1]) if unit.parents else 0


def _openings(units: list[_Unit]) -> list[tuple[Opening, bool]]:
    return [(unit.opening, unit.has_body) for unit in units if not unit.has_children]


def _apply_first_leads(text: str, clauses: tuple[Clause, ...], grammar: DutyGrammar) -> tuple[Clause, ...]:
    """列第一位者为牵头单位,下同: from where it is said, it holds for every list of bodies."""
    said_before = grammar.states_first_leads(text[: clauses[0].start]) if clauses else False
    changed = []
    for clause in clauses:
        duties = []
        for duty in clause.responsibilities:
            said_before = said_before or grammar.states_first_leads(duty.raw)
            duties.append(first_body_leads(duty) if said_before else duty)
        changed.append(replace(clause, responsibilities=tuple(duties)))
    return tuple(changed)


def _take_back(text: str, stack: list[_Unit], closing: list[tuple[int, int]]) -> None:
    """Give paragraphs that seemed to close the document (各级政府要…) to the unit before them.

    Called where another number follows after all.
    """
    for start, stop in closing:
        if not stack or _BELOW.match(text[start:stop]):
            return
        stack[-1].spans.append((start, stop))
        stack[-1].has_body = True


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
        duties = _duties(text, unit, grammar)
        if unit.has_children and not unit.has_body and not duties:
            continue
        start, end = unit.spans[0][0], unit.spans[-1][1]
        top = unit.parents[0] if unit.parents else None
        clauses.append(
            Clause(
                path=_path(unit),
                article=articles.get(id(unit)),
                label=unit.marker.label,
                heading=unit.heading,
                section=_section(text, top) if top else "",
                text=text[start:end],
                start=start,
                end=end,
                responsibilities=duties,
                in_text=grammar.find_in_text(text, start, end),
            )
        )
    return tuple(clauses)


def _path(unit: _Unit) -> tuple[str, ...]:
    labels = (*(parent.marker.label for parent in unit.parents), unit.marker.label)
    return (unit.prefix, *labels) if unit.prefix else labels


def _duties(text: str, unit: _Unit, grammar: DutyGrammar) -> tuple[Responsibility, ...]:
    if unit.row is not None:
        return unit.row.duties
    return grammar.find(text, unit.spans[0][0], unit.spans[-1][1])


def _section(text: str, unit: _Unit) -> str:
    if unit.heading and not unit.has_body:
        start, end = unit.spans[0]
        return text[start:end].strip("#*。 \t")
    return f"{unit.marker.printed}{unit.heading}"


def _article_numbers(units: list[_Unit]) -> dict[int, int]:
    """The article of each unit, where the document counts its articles in one running series.

    第X条 always is one; (一) is where it runs on from part to part without starting again. What
    stands below an article (第四条(二)) belongs to it.
    """
    numbers: dict[int, int] = {}
    for prefix in dict.fromkeys(unit.prefix for unit in units):
        own = [unit for unit in units if unit.prefix == prefix]
        level = _article_level(own)
        for unit in own:
            for candidate in (unit, *unit.parents):
                if candidate.marker.form.name == level:
                    numbers[id(unit)] = candidate.marker.number
    return numbers


def _article_level(units: list[_Unit]) -> str | None:
    """The form that numbers the articles of a part: article, bracketed, digit…"""
    by_form: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        if unit.marker.form.article:
            return unit.marker.form.name
        by_form[unit.marker.form.name].append(unit)
    for name, candidates in sorted(by_form.items(), key=lambda item: item[1][0].marker.form.rank):
        series = [unit.marker.number for unit in candidates]
        parents = {id(unit.parents[-1]) if unit.parents else 0 for unit in candidates}
        runs_on = all(a < b for a, b in pairwise(series))
        alone = len(by_form) == 1 or (not any(unit.has_children for unit in candidates) and parents == {0})
        if (
            runs_on
            and len(series) > 1
            and not name.startswith("decimal")
            and (len(parents) > 1 or (alone and parents == {0}))
        ):
            return name
    return None


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
