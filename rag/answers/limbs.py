"""Parts of an article named by number: 第五条第二款, 第五条第(三)项."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.chinese_numbers import to_chinese
from ingest.stores.catalogue import StoredClause
from rag.articles import article_label
from rag.context import Context
from rag.draft import Draft, Point, Span, refusal
from rag.messages import say
from rag.question import Limb
from rag.types import Status
from rag.wording import bodies_sentence, merge_roles

_KINDS = {"款": "paragraph", "项": "item"}
_ITEM = re.compile(r"[((]\s*[一二三四五六七八九十百\d]+\s*[))]|\d+\s*[.．、]")
_ENDED = re.compile(r'[。:：;；][”"』」)）]?$')


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One 款: its own words, and the items below it."""

    span: Span
    items: tuple[Span, ...] = ()


def limb_draft(context: Context, parts: Sequence[StoredClause], limb: Limb) -> Draft:
    """The 款 or 项 of an article, given as its clauses in reading order; or how many it has."""
    paragraphs = _paragraphs(context, parts)
    article = parts[0]
    if limb.paragraph is not None:
        if not 1 <= limb.paragraph <= len(paragraphs):
            return _none(context, article, "款", limb.paragraph, len(paragraphs))
        paragraphs = [paragraphs[limb.paragraph - 1]]
    spans: tuple[Span, ...] = (paragraphs[0].span, *paragraphs[0].items)
    number, kind = limb.paragraph, "款"
    if limb.item is not None:
        items = [item for paragraph in paragraphs for item in paragraph.items]
        if not 1 <= limb.item <= len(items):
            return _none(context, article, "项", limb.item, len(items))
        chosen = items[limb.item - 1]
        above = next(paragraph for paragraph in paragraphs if chosen in paragraph.items)
        spans, number, kind = (above.span, chosen), limb.item, "项"
    assert number is not None
    return _quoting(context, parts, spans, _named(context, article, number, kind))


def _paragraphs(context: Context, parts: Sequence[StoredClause]) -> list[_Paragraph]:
    """The 款 of an article. A line that does not end a sentence runs on in the next (pages are wrapped so)."""
    text = context.snapshot.documents[parts[0].document_id].document.text
    found: list[_Paragraph] = []
    for start, end in _lines(text, parts[0].clause.start, parts[-1].clause.end):
        if found and _ITEM.match(text, start):
            last = found[-1]
            found[-1] = _Paragraph(last.span, (*last.items, (start, end)))
        else:
            found.append(_Paragraph((start, end)))
    return found


def _lines(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    for match in re.finditer(r"[^\n]+", text[start:end]):
        line = match.group()
        if not line.strip():
            continue
        begin = start + match.start() + len(line) - len(line.lstrip())
        stop = start + match.start() + len(line.rstrip())
        goes_on = spans and not _ENDED.search(text[slice(*spans[-1])]) and not _ITEM.match(text, begin)
        if goes_on:
            spans[-1] = (spans[-1][0], stop)
        else:
            spans.append((begin, stop))
    return spans


def _quoting(context: Context, parts: Sequence[StoredClause], spans: Sequence[Span], before: str) -> Draft:
    """Each span as a quote of the clause that it stands in."""
    points: list[Point] = []
    for start, end in spans:
        for clause in parts:
            inside = max(start, clause.clause.start), min(end, clause.clause.end)
            if inside[0] < inside[1]:
                told = tuple(d for d in clause.clause.responsibilities if inside[0] <= d.start <= inside[1])
                points.append(
                    Point(clause=clause, quotes=(inside,), before="" if points else before, duties=told)
                )
    duties = [duty for point in points for duty in point.responsibilities]
    lead, cooperating, responsible, _ = merge_roles(duties)
    notes = (bodies_sentence(duties, context.knowledge.directory, context.language),) if duties else ()
    return Draft(
        status=Status.ANSWERED,
        points=tuple(points),
        notes=notes,
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )


def _named(context: Context, article: StoredClause, number: int, kind: str) -> str:
    language = context.language
    return say(
        "limb",
        language,
        label=_label(article, language),
        asked=_number(number, language),
        kind=_KINDS[kind] if language == "en" else kind,
    )


def _none(context: Context, article: StoredClause, kind: str, asked: int, count: int) -> Draft:
    language = context.language
    text = say(
        "no_such_limb",
        language,
        label=_label(article, language),
        count=count,
        asked=_number(asked, language),
        kind=_KINDS[kind] if language == "en" else kind,
    )
    return refusal(Status.NO_SUCH_ARTICLE, text)


def _number(number: int, language: str) -> str:
    return str(number) if language == "en" or not 0 < number < 10000 else to_chinese(number)


def _label(article: StoredClause, language: str) -> str:
    label = article_label(article)
    return f"article {article.clause.article} {label}" if language == "en" else label
