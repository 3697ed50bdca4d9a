"""A document for reading, as HTML: its outline, one article with who is responsible, what was found in it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from ingest.types import Metadata
from rag.web.openers import escape, opener_html
from rag.web.outline import Block, Book, Found, Unit
from rag.web.reading import Span, kind_html, marked_html, note_html, roles_html
from rag.web.words import CHINESE, Words

_AROUND = 24
_SHOWN_QUERY = 40


def outline_html(book: Book, words: Words = CHINESE) -> str:
    """The table of contents: sections, and a button for each article."""
    if not book.units:
        return note_html(words("这份文件没有可以读的条文。"))
    blocks = []
    for section, units in groupby(book.units, key=lambda unit: unit.section):
        heading = f"<h3>{escape(section)}</h3>" if section else ""
        items = "".join(f"<li>{opener_html(book.id, unit.start, unit.name)}</li>" for unit in units)
        blocks.append(f"{heading}<ul>{items}</ul>")
    return f'<nav class="pq-contents" aria-label="{words("目录")}">{"".join(blocks)}</nav>'


def unit_html(
    book: Book,
    unit: Unit,
    today: Mapping[str, str],
    *,
    notes: Sequence[str] = (),
    spans: Sequence[Span] = (),
    sought: bool = False,
    words: Words = CHINESE,
) -> str:
    """One article: where it stands, who is responsible, its text with the spans (document offsets) marked.

    `today` has what became of the bodies; `sought` tells the page to bring it into view.
    """
    metadata = book.metadata
    number = ""
    if unit.article is not None:
        number = f'<span class="pq-article">{words("第 {n} 条", n=unit.article)}</span>'
    section = f'<p class="pq-section">{escape(unit.section)}</p>' if unit.section else ""
    told = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return (
        f'<article class="pq-unit" data-start="{unit.start}"{" data-sought" if sought else ""}'
        f' aria-label="{escape(unit.name)}">'
        f'<p class="pq-document">《{escape(metadata.title)}》{_number_html(metadata)}</p>{section}'
        f'<h3 tabindex="-1">{escape(unit.name)}{number}</h3>'
        + "".join(_block_html(block, today, spans, words) for block in unit.blocks)
        + (f'<ul class="pq-notes" aria-label="{words("另外请留意")}">{told}</ul>' if told else "")
        + f'<p class="pq-source">{kind_html(metadata, unit.label, words)} {escape(metadata.source)}'
        f"{_original(metadata, words)}</p>"
        "</article>"
    )


def _number_html(metadata: Metadata) -> str:
    return f'<span class="pq-docnumber">{escape(metadata.number)}</span>' if metadata.number else ""


def _original(metadata: Metadata, words: Words) -> str:
    """A link to the official page of what is held only as a digest."""
    if metadata.kind != "digest" or not metadata.address.startswith("https://"):
        return ""
    address = escape(metadata.address)
    return f' <a href="{address}" target="_blank" rel="noopener noreferrer">{words("看官方原文")}</a>'


def _block_html(block: Block, today: Mapping[str, str], spans: Sequence[Span], words: Words) -> str:
    length = len(block.text)
    own = [
        (max(start - block.start, 0), min(end - block.start, length))
        for start, end in spans
        if start < block.start + length and end > block.start
    ]
    return (
        f'{roles_html(block.duties, today, words)}<div class="pq-text">{marked_html(block.text, own)}</div>'
    )


def found_html(book: Book, query: str, found: Sequence[Found], words: Words = CHINESE) -> str:
    """Where words stand in a document: how often, and each article with the words around the first place."""
    shown = query[:_SHOWN_QUERY]
    if not found:
        return note_html(words("这份文件里没有“{query}”。", query=shown))
    times = sum(len(each.spans) for each in found)
    count = words("“{query}”在 {n} 条里，共 {times} 处。", query=escape(shown), n=len(found), times=times)
    items = "".join(
        f"<li>{opener_html(book.id, each.unit.start, each.unit.name)}<span>{_snippet(each)}</span></li>"
        for each in found
    )
    return (
        f'<p class="pq-count" role="status">{count}</p>'
        f'<ol class="pq-found" aria-label="{words("找到的条款")}">{items}</ol>'
    )


def _snippet(found: Found) -> str:
    start, end = found.spans[0]
    block = next(b for b in reversed(found.unit.blocks) if b.start <= start)
    begin, stop = max(start - _AROUND, block.start), min(end + _AROUND, block.start + len(block.text))
    within = [(max(s, begin) - begin, min(e, stop) - begin) for s, e in found.spans if s < stop and e > begin]
    text = block.text[begin - block.start : stop - block.start]
    before, after = "……" if begin > block.start else "", "……" if stop < block.start + len(block.text) else ""
    return f"{before}{marked_html(text, within)}{after}"
