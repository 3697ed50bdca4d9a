"""A page's elements into lines: paragraphs, list items with their numbers, tables as grids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.chinese_numbers import to_chinese
from ingest.loaders.base import MAX_COLUMNS, Grid, GridCell

_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_SKIPPED = frozenset("head title meta rt rp script style".split())
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—]"
# A line break in the source between Chinese characters is the editor's, not the author's.
_SOURCE_BREAK = re.compile(rf"(?<={_WIDE})\x01(?={_WIDE})")
_CJK_LISTS = ("cjk-ideographic", "simp-chinese", "trad-chinese", "japanese")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph, or a table where `grid` is set; `linked` counts characters that are links."""

    text: str = ""
    linked: int = 0
    grid: Grid | None = None


class _Lines:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._buffer: list[str] = []
        self._linked = 0

    def write(self, text: str | None, *, linked: bool, pre: bool = False) -> None:
        if not text:
            return
        if pre:
            first, *others = text.split("\n")
            self._buffer.append(first)
            for part in others:
                self.flush()
                self._buffer.append(part)
            return
        text = re.sub(r"[ \t\f]*[\r\n][ \t\r\n\f]*", "\x01", text)
        self._buffer.append(re.sub(r"[ \t\f]+", " ", text))
        if linked:
            self._linked += len("".join(text.split()).replace("\x01", ""))

    def flush(self) -> None:
        text = "".join(self._buffer).strip("\x01 \t")
        self._buffer.clear()
        linked, self._linked = self._linked, 0
        text = re.sub(r"[\x01 ]*\x01[\x01 ]*", "\x01", text)
        text = _SOURCE_BREAK.sub("", text).replace("\x01", " ")
        text = re.sub(r" {2,}", " ", text).replace("\u00a0", " ").strip()
        if text.strip("\u200b\ufeff\u3000 "):
            self.lines.append(Line(text=text, linked=linked))


def render(root: Any, *, skip: frozenset[Any] = frozenset(), flat: bool = False) -> list[Line]:
    """The lines of an element; `flat` gives table rows as lines with tabs and leaves `skip` out.

    Walks without recursion: hostile pages nest deeply.
    """
    out = _Lines()
    pending: list[tuple[Any, bool]] = [(root, False)]
    links = pres = 0
    while pending:
        element, leaving = pending.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            links -= tag == "a"
            pres -= tag == "pre"
            if flat and tag in ("td", "th"):
                out.write("\u0002", linked=False)
            elif tag in _BLOCKS and not (flat and _in_cell(element)):
                out.flush()
            if element is not root:
                out.write(element.tail, linked=links > 0, pre=pres > 0)
            continue
        if element in skip or tag in _SKIPPED or not tag:
            out.flush()
            if element is not root:
                out.write(element.tail, linked=links > 0, pre=pres > 0)
            continue
        if tag == "table" and not flat:
            grid = _data_grid(element)
            if grid is not None:
                out.flush()
                out.lines.append(Line(grid=grid))
                if element is not root:
                    out.write(element.tail, linked=links > 0)
                continue
        if tag in _BLOCKS and not (flat and (tag in ("td", "th") or _in_cell(element))):
            out.flush()
        if tag == "li":
            out.write(_number(element), linked=False)
        links += tag == "a"
        pres += tag == "pre"
        out.write(element.text, linked=links > 0, pre=pres > 0)
        pending.append((element, True))
        pending.extend((child, False) for child in reversed(element))
    out.flush()
    if not flat:
        return out.lines
    return [Line(text=line.text.replace("\u0002", "\t").strip(), linked=line.linked) for line in out.lines]


def _in_cell(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in ("td", "th") and element.tag != "table"


def _number(item: Any) -> str:
    """The number that a browser prints before an item of an ordered list: 3."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return ""
    style = f"{parent.get('style') or ''} {item.get('style') or ''}".replace(" ", "").lower()
    if "list-style:none" in style or "list-style-type:none" in style:
        return ""
    number = _whole(parent.get("start"), 1)
    for other in parent:
        if other.tag != "li":
            continue
        number = _whole(other.get("value"), number)
        if other is item:
            break
        number += 1
    kind = parent.get("type") or "1"
    if any(name in style for name in _CJK_LISTS) and 0 < number < 10_000:
        return f"{to_chinese(number)}、"
    if kind in "aA" and 0 < number <= 26:
        return f"{chr(ord(kind) + number - 1)}. "
    return f"{number}. "


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,6}", text.strip()) else default


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _data_grid(table: Any) -> Grid | None:
    """The table's cells, or None where it only lays out the page (one cell, a whole text in a cell)."""
    if next((t for t in table.iter("table") if t is not table), None) is not None:
        return None
    grid: list[list[GridCell]] = []
    for row in _rows(table):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        head = row.getparent().tag == "thead"
        grid.append(
            [
                GridCell(
                    text=_cell_text(cell),
                    rows=max(1, min(_whole(cell.get("rowspan"), 1), 10_000)),
                    columns=max(1, min(_whole(cell.get("colspan"), 1), MAX_COLUMNS)),
                    header=head or cell.tag == "th",
                )
                for cell in cells
            ]
        )
    filled = [[cell for cell in row if cell.text] for row in grid]
    if max((len(row) for row in filled), default=0) < 2:
        return None
    longest = max(len(cell.text) for row in filled for cell in row)
    total = sum(len(cell.text) for row in filled for cell in row)
    paragraphs = max(cell.text.count("\n") for row in filled for cell in row)
    if total > 600 and longest > 0.7 * total and paragraphs >= 3:
        return None
    return grid


def _cell_text(cell: Any) -> str:
    return "\n".join(line.text for line in render(cell))
