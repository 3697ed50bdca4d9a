"""A PDF's characters into the text that was set: lines, columns, paragraphs, without page furniture.

Nothing in a PDF says where a paragraph begins. What does: first-line indents, lines that end
short of the margin, larger gaps, another size, a clause number after a full stop.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.loaders.base import Grid, GridCell
from ingest.loaders.pdf_pages import Char, Page
from ingest.loaders.pdf_tables import FoundTable, find_tables
from ingest.numbering import match_marker

_PAGE_NUMBER = re.compile(
    r"[-—–─·.\s]*(?:\d{1,4}|[ivxlIVXL]{1,6})[-—–─·.\s]*|第?\s*\d{1,4}\s*页?\s*[,，/／、]?\s*(?:共|of|/|／)\s*\d{1,4}\s*页?|第\s*[\d一二三四五六七八九十]+\s*页|(?:Page|P)\.?\s*\d+(?:\s*(?:of|/)\s*\d+)?",
    re.IGNORECASE,
)
_MARGIN = 0.12  # the part of a page's height, at either end, where running heads and numbers stand
_SENTENCE_ENDS = "。；：！？;:!?)）》”"
_CONTENTS_LINE = re.compile(r".*[.…·．]{5,}\s*\d{1,4}")
_ASCII_RUN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line, or a table in its place; `column` 0 is the full width, 1 and 2 the two columns."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    column: int = 0
    table: FoundTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A paragraph of the document, or a table."""

    text: str = ""
    grid: Grid | None = None


def read_layout(pages: Sequence[Page]) -> list[Item]:
    """Paragraphs and tables of a document in reading order."""
    rows = [_rows(page, number) for number, page in enumerate(pages)]
    running = _running(rows, pages)
    ordered: list[Line] = []
    for number, page_rows in enumerate(rows):
        kept = _without_furniture(page_rows, pages[number], running)
        ordered += _reading_order(kept)
    return _paragraphs(ordered)


Row = list[Line]  # segments from left to right


def _rows(page: Page, number: int) -> list[Row]:
    """The page's lines from the top, each as its segments; wide gaps divide segments."""
    chars = _distinct(page.chars)
    tables = find_tables(page.edges, chars, _cell_text)
    taken = set().union(*(table.taken for table in tables)) if tables else set()
    rows = [
        [
            Line(text=text, x0=x0, x1=x1, y=group[0].y, size=size, page=number)
            for text, x0, x1, size in _segments(group)
        ]
        for group in _baselines([char for index, char in enumerate(chars) if index not in taken])
    ]
    rows += [[Line(text="", x0=t.x0, x1=t.x1, y=t.y1, size=0.0, page=number, table=t)] for t in tables]
    return sorted(rows, key=lambda row: -row[0].y)


def _distinct(chars: Iterable[Char]) -> list[Char]:
    """Characters printed twice almost in place, which makes them bold, once."""
    seen: dict[tuple[str, int, int], list[Char]] = {}
    kept = []
    for char in chars:
        step = max(1.0, char.size)
        column, row = int(char.x0 // step), int(char.y // step)
        near = (
            other
            for c in (column - 1, column, column + 1)
            for r in (row - 1, row, row + 1)
            for other in seen.get((char.text, c, r), ())
        )
        if any(abs(o.x0 - char.x0) < 0.2 * step and abs(o.y - char.y) < 0.2 * step for o in near):
            continue
        seen.setdefault((char.text, column, row), []).append(char)
        kept.append(char)
    return kept


def _baselines(chars: Sequence[Char]) -> list[list[Char]]:
    groups: list[list[Char]] = []
    for char in sorted(chars, key=lambda ch: (-ch.y, ch.x0)):
        if groups and groups[-1][0].y - char.y <= 0.45 * max(char.size, groups[-1][0].size):
            groups[-1].append(char)
        else:
            groups.append([char])
    return groups


def _segments(group: Sequence[Char]) -> list[tuple[str, float, float, float]]:
    segments: list[list[Char]] = []
    for char in sorted(group, key=lambda ch: ch.x0):
        if segments and char.x0 - segments[-1][-1].x1 <= 1.3 * char.size:
            segments[-1].append(char)
        else:
            segments.append([char])
    return [(_spell(s), s[0].x0, max(ch.x1 for ch in s), median(ch.size for ch in s)) for s in segments]


def _spell(chars: Sequence[Char]) -> str:
    """Characters from left to right; a space where the gap says so."""
    text = ""
    previous: Char | None = None
    for char in chars:
        if previous is not None:
            gap = char.x0 - previous.x1
            latin = previous.text.isascii() and char.text.isascii()
            if gap > (0.2 if latin else 0.6) * char.size:
                text += " "
        text += char.text
        previous = char
    return text


def _cell_text(chars: Sequence[Char]) -> str:
    lines = [" ".join(text for text, *_ in _segments(group)) for group in _baselines(chars)]
    text = ""
    for line in lines:
        # A number begins a new line of the cell; anything else is the same line wrapped.
        text = f"{text}\n{line}" if text and match_marker(line) else _join(text, line)
    return text


def _running(rows: Sequence[Sequence[Row]], pages: Sequence[Page]) -> set[str]:
    """Texts that stand at the edge of most pages: running heads and feet, digits put aside."""
    counts: Counter[str] = Counter()
    for page_rows, page in zip(rows, pages, strict=True):
        counts.update({_pattern(row) for row in _edge_rows(page_rows, page)})
    needed = max(2, len(pages) * 0.4)
    return {text for text, count in counts.items() if count >= needed and len(pages) >= 2}


def _edge_rows(rows: Sequence[Row], page: Page) -> list[Row]:
    near = [row for row in (*rows[:2], *rows[-2:]) if row[0].table is None]
    return [row for row in near if not _MARGIN < row[0].y / page.height < 1 - _MARGIN]


def _pattern(row: Row) -> str:
    # Odd and even pages set their number at different sides.
    return "".join(sorted(re.sub(r"[\d\s—–\-·]+", "", " ".join(line.text for line in row))))


def _without_furniture(rows: Sequence[Row], page: Page, running: set[str]) -> list[Row]:
    dropped: set[int] = set()
    for row in _edge_rows(rows, page):
        text = " ".join(line.text for line in row)
        if _PAGE_NUMBER.fullmatch(text.strip()) or (_pattern(row) and _pattern(row) in running):
            dropped.add(id(row))
    # A list of contents would repeat every heading.
    dropped.update(id(row) for row in rows if _CONTENTS_LINE.fullmatch("".join(line.text for line in row)))
    return [row for row in rows if id(row) not in dropped]


def _reading_order(rows: Sequence[Row]) -> list[Line]:
    """The lines of a page as they are read: column by column between lines of full width."""
    gutter = _gutter(rows)
    if gutter is None:
        return [_whole(row, 0) for row in rows]
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        if any(line.x0 < gutter < line.x1 for line in row):
            ordered += [*left, *right, _whole(row, 0)]
            left, right = [], []
            continue
        sides = ([s for s in row if s.x1 <= gutter], [s for s in row if s.x1 > gutter])
        for side, lines, column in ((sides[0], left, 1), (sides[1], right, 2)):
            if side:
                lines.append(_whole(side, column))
    return [*ordered, *left, *right]


def _whole(row: Sequence[Line], column: int) -> Line:
    if row[0].table is not None:
        return row[0]
    return Line(
        text=" ".join(line.text for line in row),
        x0=row[0].x0,
        x1=row[-1].x1,
        y=row[0].y,
        size=max(row, key=lambda line: len(line.text)).size,
        page=row[0].page,
        column=column,
    )


def _gutter(rows: Sequence[Row]) -> float | None:
    """Where the white strip between two columns runs, None on a page of one column."""
    segments = [line for row in rows for line in row if line.table is None]
    if len(segments) < 10:
        return None
    left, right = min(s.x0 for s in segments), max(s.x1 for s in segments)
    width = right - left
    best: tuple[int, float] | None = None
    step = 3.0
    position = left + 0.3 * width
    while position < left + 0.7 * width:
        crossing = sum(1 for s in segments if s.x0 < position < s.x1)
        if (
            best is None
            or crossing < best[0]
            or (
                crossing == best[0] and abs(position - (left + right) / 2) < abs(best[1] - (left + right) / 2)
            )
        ):
            best = (crossing, position)
        position += step
    if best is None:
        return None
    crossing, position = best
    before = [s for s in segments if s.x1 <= position]
    after = [s for s in segments if s.x0 >= position]
    if min(len(before), len(after)) < 5 or crossing > 0.3 * (len(before) + len(after)):
        return None
    # Two columns are about as wide as the space they have, and stand side by side.
    wide = (
        median(s.x1 - s.x0 for s in before) >= 0.25 * width
        and median(s.x1 - s.x0 for s in after) >= 0.25 * width
    )
    overlap = min(max(s.y for s in before), max(s.y for s in after)) - max(
        min(s.y for s in before), min(s.y for s in after)
    )
    height = max(s.y for s in segments) - min(s.y for s in segments)
    return position if wide and overlap >= 0.2 * height else None


@dataclass(frozen=True, slots=True)
class _Margins:
    left: float
    right: float
    pitch: float


def _margins(lines: Sequence[Line]) -> dict[tuple[int, int], _Margins]:
    """Left and right edge and line distance of each page's columns; short pages use the document's."""
    groups: dict[tuple[int, int], list[Line]] = {}
    columns: dict[int, list[Line]] = {}
    for line in lines:
        if line.table is None:
            groups.setdefault((line.page, line.column), []).append(line)
            columns.setdefault(line.column, []).append(line)
    whole = {column: _margins_of(held) for column, held in columns.items()}
    return {key: _margins_of(held) if len(held) >= 8 else whole[key[1]] for key, held in groups.items()}


def _margins_of(lines: Sequence[Line]) -> _Margins:
    lefts = sorted(line.x0 for line in lines)
    rights = sorted(line.x1 for line in lines)
    gaps = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and a.column == b.column and a.y > b.y]
    return _Margins(
        lefts[min(len(lefts) - 1, len(lefts) // 20)],
        rights[max(0, len(rights) - 1 - len(rights) // 20)],
        median(gaps) if gaps else 0.0,
    )


def _paragraphs(lines: Sequence[Line]) -> list[Item]:
    margins = _margins(lines)
    items: list[Item] = []
    text = ""
    previous: Line | None = None
    table_before: FoundTable | None = None
    for line in lines:
        if line.table is not None:
            if text:
                items.append(Item(text=text))
                text, previous = "", None
                table_before = None
            table_before = _add_table(items, line.table, table_before)
            continue
        table_before = None
        if previous is not None and _continues(previous, line, margins):
            text = _join(text, line.text)
        else:
            if text:
                items.append(Item(text=text))
            text = line.text
        previous = line
    if text:
        items.append(Item(text=text))
    return items


def _add_table(items: list[Item], table: FoundTable, before: FoundTable | None) -> FoundTable:
    """Append a table; one that only goes on from the page before, head repeated or not, joins it."""
    same = (
        before is not None
        and len(before.columns) == len(table.columns)
        and all(abs(a - b) <= 4 for a, b in zip(before.columns, table.columns, strict=True))
        and bool(items)
        and items[-1].grid is not None
    )
    if same and before is not None:
        repeated = [cell.text for cell in before.grid[0]] == [cell.text for cell in table.grid[0]]
        rows: list[list[GridCell]] = [*map(list, items[-1].grid or ()), *table.grid[1 if repeated else 0 :]]
        items[-1] = Item(grid=rows)
        return before
    items.append(Item(grid=table.grid))
    return table


def _continues(previous: Line, line: Line, margins: dict[tuple[int, int], _Margins]) -> bool:
    """Whether `line` is the same paragraph as the line before it."""
    size = max(previous.size, line.size, 1.0)
    if abs(previous.size - line.size) > 0.15 * size:
        return False
    own, above = margins[line.page, line.column], margins[previous.page, previous.column]
    aligned = line.page == previous.page and line.column == previous.column
    if aligned and own.pitch and previous.y - line.y > 1.6 * own.pitch:
        return False
    room = above.right - previous.x1
    first = _ASCII_RUN.match(line.text)
    needed = 2.2 * size if first is None else max(2.2 * size, 0.6 * size * len(first.group()))
    ended = previous.text[-1:] in tuple(_SENTENCE_ENDS)
    set_in = line.x0 - own.left > 1.2 * size
    # Lines that are not justified end early where half-width digits stand; mid-sentence they still run on.
    ragged = not ended and not set_in and previous.x0 - above.left <= 3 * size
    if room > (0.25 * (above.right - above.left) if ragged else needed):
        return False
    if set_in:
        # An indent begins a paragraph, unless the whole block is set in.
        hanging = aligned and abs(line.x0 - previous.x0) <= 0.6 * size
        return hanging and not ended and match_marker(line.text) is None
    return not (ended and match_marker(line.text) is not None)


def _join(before: str, after: str) -> str:
    """Two lines of one paragraph: nothing between Chinese characters, a space between words."""
    if not before or not after:
        return before + after
    if before[-1].isascii() and after[0].isascii() and before[-1].isalnum() and after[0].isalnum():
        return f"{before} {after}"
    return before + after
