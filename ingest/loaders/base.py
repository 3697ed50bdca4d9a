"""What every loader gives back, and what all of them check before they read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from ingest.errors import UnreadableDocument

MAX_BYTES = 50_000_000
MAX_CHARS = 20_000_000
MAX_COLUMNS = 100
MAX_CELLS = 100_000
# A merged cell that runs down over rows is printed again in each, unless it is a whole text of its own.
MAX_FILLED_CHARS = 200

# First bytes → what the file is, and the extension it should carry where we read that format.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "PDF", ".pdf"),
    (b"PK\x03\x04", "ZIP 压缩包", ""),
    (b"PK\x05\x06", "ZIP 压缩包", ""),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office 文件", ".doc"),
    (b"{\\rtf", "RTF", ""),
    (b"\x89PNG", "PNG 图片", ""),
    (b"\xff\xd8\xff", "JPEG 图片", ""),
    (b"GIF8", "GIF 图片", ""),
    (b"II*\x00", "TIFF 图片", ""),
    (b"MM\x00*", "TIFF 图片", ""),
    (b"\x1f\x8b", "GZIP 压缩包", ""),
    (b"Rar!", "RAR 压缩包", ""),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", ""),
    (b"MZ\x90\x00", "程序", ""),
    (b"\x7fELF", "程序", ""),
)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# Characters that no reader sees: zero-width ones, soft hyphens, controls.
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HEADER_CELL = re.compile(
    r"序号|编号|任务|事项|内容|措施|目标|要求|单位|部门|责任|牵头|配合|参与|时限|时间|进度|备注|项目|名称|指标|类别|领域|条款"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One grid position of a table; `text` is what stands at `start`–`end` of the stored text.

    `filled` marks a position that a merged cell covers; its text is that cell's.
    """

    text: str
    start: int
    end: int
    filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the stored text that is a table row: cells joined by tabs."""

    cells: tuple[Cell, ...]
    start: int
    end: int
    header: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its rows; every row has the same number of cells."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file's stored text, which all offsets refer to, and what the file states beside it.

    `facts` may hold title, number, issuer, issued_on, posted_on, source_url, attachments (one a line)
    and note; dates in ISO form.
    """

    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """A cell as the file has it, before it is laid out; it covers `rows` × `columns` positions."""

    text: str
    rows: int = 1
    columns: int = 1
    header: bool = False


Grid = Sequence[Sequence[GridCell]]


def refuse(path: Path, reason: str) -> UnreadableDocument:
    """The error for a file that cannot be used: its name and one plain line."""
    return UnreadableDocument(f"{path}：{reason}")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes; refuses before reading what is over `limit` or empty."""
    too_large = refuse(path, f"文件超过 {limit // 1_000_000} MB，没有处理；请拆分后再添加")
    try:
        if path.stat().st_size > limit:
            raise too_large
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise refuse(path, f"读不到文件（{error.strerror or error}）") from None
    if len(raw) > limit:
        raise too_large
    if not raw.strip():
        raise refuse(path, "文件是空的")
    return raw


def sniff(raw: bytes) -> tuple[str, str] | None:
    """What the first bytes say a file is, with the right extension if it is one we read: ('PDF', '.pdf')."""
    for magic, name, suffix in _MAGIC:
        if raw.startswith(magic):
            if magic.startswith(b"PK"):
                return _sniff_zip(raw)
            return name, suffix
    if _HTML_START.match(raw[:4096].removeprefix(b"\xef\xbb\xbf")):
        return "网页", ".html"
    return None


def _sniff_zip(raw: bytes) -> tuple[str, str]:
    # Names of members stand uncompressed in the archive; the directory is at its end.
    if b"word/document.xml" in raw:
        return "DOCX", ".docx"
    if b"xl/workbook.xml" in raw:
        return "Excel 表格", ""
    if b"ppt/presentation.xml" in raw:
        return "PPT 演示文稿", ""
    if b"OFD.xml" in raw:
        return "OFD 版式文件", ""
    return "ZIP 压缩包", ""


def wrong_kind(path: Path, found: tuple[str, str]) -> UnreadableDocument:
    """The error for a file whose extension and content disagree: 文件名是 .pdf,内容却是 DOCX."""
    name, suffix = found
    advice = f"请把扩展名改为 {suffix} 再试" if suffix else "请换成可支持的格式再试"
    return refuse(path, f"文件名是 {path.suffix.lower()}，内容却是 {name}；{advice}")


def clean_line(text: str) -> str:
    """A line as a reader sees it: no invisible characters, plain spaces, none at the ends."""
    return _INVISIBLE.sub("", text.replace("\u00a0", " ").replace("\t", " ")).strip()


class TextBuilder:
    """Collects lines and tables into the stored text and keeps their offsets."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[str] = []
        self._length = 0
        self._tables: list[Table] = []

    def add(self, text: str) -> None:
        """Append a paragraph; line breaks inside it stay, blank lines go."""
        for line in text.splitlines():
            cleaned = clean_line(line)
            if cleaned:
                self._append(cleaned)

    def add_table(self, grid: Grid) -> None:
        """Append a table, one line a row; a table of one column is paragraphs."""
        widest = max((sum(min(cell.columns, MAX_COLUMNS) for cell in row) for row in grid), default=0)
        if widest * len(grid) > 3 * MAX_CELLS:
            # Far beyond any real table; its text stays, its columns do not.
            for line in grid:
                self.add(" ".join(cell.text for cell in line))
            return
        rows = _lay_out(grid)
        width = max((len(row) for row in rows), default=0)
        if width < 2:
            for row in rows:
                for cell in row:
                    if not cell.filled:
                        self.add(cell.text)
            return
        headers = _header_rows(grid, rows)
        laid: list[Row] = []
        origins: dict[tuple[int, int], tuple[int, int]] = {}
        for number, row in enumerate(rows):
            # A covered position to the right prints nothing; one below prints the cell again if it is short.
            printed = [_prints(slot, number) for slot in row]
            joined = "\t".join(printed).rstrip("\t")
            if not joined.strip():
                continue
            start = self._append(joined)
            cells: list[Cell] = []
            at = start
            for slot, text in zip(row, printed, strict=True):
                if text or not slot.filled:
                    begin = min(at, start + len(joined))
                    span = (begin, begin + len(text))
                    origins[slot.origin] = span
                else:
                    span = origins.get(slot.origin, (start, start))
                cells.append(
                    Cell(
                        text=slot.text if span[1] > span[0] else "",
                        start=span[0],
                        end=span[1],
                        filled=slot.filled,
                    )
                )
                at += len(text) + 1
            laid.append(
                Row(cells=tuple(cells), start=start, end=start + len(joined), header=number in headers)
            )
        if laid:
            self._tables.append(Table(rows=tuple(laid)))

    def build(self, facts: Mapping[str, str] | None = None) -> Loaded:
        """The whole; refuses a file that holds no text."""
        text = "\n".join(self._parts)
        if not text.strip():
            raise refuse(self._path, "里面没有文字")
        return Loaded(text=text, facts=dict(facts or {}), tables=tuple(self._tables))

    def _append(self, line: str) -> int:
        start = self._length + (1 if self._parts else 0)
        self._parts.append(line)
        self._length = start + len(line)
        if self._length > MAX_CHARS:
            raise refuse(self._path, f"文字超过 {MAX_CHARS // 10_000} 万字，没有处理；请拆分后再添加")
        return start


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    text: str
    origin: tuple[int, int]
    filled: bool = False
    column: int = 0


def _prints(slot: _Slot, row: int) -> str:
    if not slot.filled:
        return slot.text
    below = slot.origin[0] < row and slot.origin[1] == slot.column
    return slot.text if below and len(slot.text) <= MAX_FILLED_CHARS else ""


def _lay_out(grid: Grid) -> list[list[_Slot]]:
    """Rows of equal width in which merged cells fill every position that they cover."""
    rows: list[dict[int, _Slot]] = [{} for _ in grid]
    total = 0
    for number, cells in enumerate(grid):
        column = 0
        for cell in cells:
            while column in rows[number]:
                column += 1
            text = " ".join(part for line in cell.text.splitlines() if (part := clean_line(line)))
            # Only what a cell is said to cover is limited; a cell of its own is never lost.
            roomy = total <= MAX_CELLS
            height = max(1, min(cell.rows, len(grid) - number)) if roomy else 1
            width = max(1, min(cell.columns, MAX_COLUMNS - column)) if roomy else 1
            total += height * width
            for below, right in product(range(height), range(width)):
                slot = _Slot(
                    text=text, origin=(number, column), filled=bool(below or right), column=column + right
                )
                rows[number + below].setdefault(column + right, slot)
            column += width
    columns = max((max(row) + 1 for row in rows if row), default=0)
    laid = [
        [row.get(c) or _Slot(text="", origin=(number, c), column=c) for c in range(columns)]
        for number, row in enumerate(rows)
    ]
    # Columns that are only there because a cell was said to span them.
    used = [c for c in range(columns) if any(not row[c].filled or row[c].origin[1] == c for row in laid)]
    return [[row[c] for c in used] for row in laid]


def _header_rows(grid: Grid, rows: Sequence[Sequence[_Slot]]) -> set[int]:
    """Rows that name the columns: declared ones at the top, or the first that reads like one (序号 任务 责任单位)."""
    declared = set()
    for number, cells in enumerate(grid):
        if not cells or not all(cell.header for cell in cells):
            break
        declared.add(number)
    if declared:
        return declared
    for number, row in enumerate(rows[:3]):
        texts = [slot.text for slot in row if slot.text and not slot.filled]
        if len(texts) < 2:
            continue
        named = sum(1 for text in texts if len(text) <= 16 and _HEADER_CELL.search(text.replace(" ", "")))
        if named * 2 >= len(texts) and all(len(text) <= 24 for text in texts):
            return set(range(number + 1))
        return set()
    return set()
