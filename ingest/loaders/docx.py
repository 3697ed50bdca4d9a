"""Word documents (.docx): paragraphs with the numbers that Word prints, tables, footnotes.

Tracked deletions are left out and insertions kept: the text is what a reader sees with all
changes accepted. Headers, footers, tables of contents and hidden text are not part of it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.loaders.base import GridCell, Loaded, TextBuilder, read_bytes, refuse, sniff, wrong_kind
from ingest.loaders.docx_numbering import Numbering, W, join_label

MAX_MEMBERS = 5_000
MAX_UNPACKED = 300_000_000
MAX_PART = 40_000_000
MAX_RATIO = 200
# Small parts may pack well without being a bomb.
_RATIO_FROM = 5_000_000
MAX_DEPTH = 100

_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
)  # fmt: skip
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DROPPED = frozenset(
    f"{W}{name}"
    for name in (
        "del",
        "moveFrom",
        "instrText",
        "delText",
        "delInstrText",
        "pPr",
        "rt",
        "tblPr",
        "sectPr",
        "sdtPr",
    )
) | {_FALLBACK}
_CONTENTS = re.compile(r"toc\s*\d|toc heading|目录\s*\d", re.IGNORECASE)


class _Broken(ValueError):
    """Why a package cannot be used, in Chinese."""


def load_docx(path: Path) -> Loaded:
    """The text and tables of a .docx file. Raises UnreadableDocument in one line."""
    raw = read_bytes(path)
    found = sniff(raw)
    if found and found[1] == ".doc" and b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d" in raw:
        raise refuse(path, "文件已加密；请先用 Word 或 WPS 去掉打开密码再添加")
    if found and not found[1] == ".docx" and not found[0].startswith("ZIP"):
        raise wrong_kind(path, found)
    if not found:
        raise refuse(path, "文件名是 .docx，内容却不是 DOCX；请检查扩展名")
    try:
        package = _Package(raw)
        return _Reader(package, TextBuilder(path)).read()
    except _Broken as error:
        raise refuse(path, str(error)) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        KeyError,
    ):
        raise refuse(path, "文件损坏或不完整（可能没有下载完），打不开；请重新获取") from None


class _Package:
    """The XML parts of a .docx, each checked for size and entities before it is parsed."""

    def __init__(self, raw: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(raw))
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
            raise _Broken("压缩包解开后过大（疑似压缩炸弹），没有处理")
        for member in members:
            if member.file_size > _RATIO_FROM and member.file_size > MAX_RATIO * max(1, member.compress_size):
                raise _Broken("压缩比异常（疑似压缩炸弹），没有处理")
        self._names = set(self._zip.namelist())
        if "word/document.xml" not in self._names:
            raise _Broken("文件名是 .docx，内容却不是 Word 文档；请检查扩展名")

    def part(self, name: str) -> Any | None:
        """The root element of one part, None where the package has no such part."""
        if name not in self._names:
            return None
        if self._zip.getinfo(name).flag_bits & 0x1:
            raise _Broken("文件已加密；请先去掉密码再添加")
        with self._zip.open(name) as file:
            data = file.read(MAX_PART + 1)
        if len(data) > MAX_PART:
            raise _Broken(f"正文超过 {MAX_PART // 1_000_000} MB（疑似压缩炸弹），没有处理")
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise _Broken("文件里有 XML 实体定义（疑似实体炸弹），没有处理")
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            raise _Broken("文件损坏（XML 不完整或嵌套过深），打不开；请重新获取") from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise _Broken("文件里有 XML 实体定义（疑似实体炸弹），没有处理")
        return root


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    name: str = ""
    based_on: str | None = None
    list_id: str | None = None
    level: int | None = None


@dataclass(slots=True)
class _Paragraph:
    """What one paragraph prints: its text, then its footnotes and text boxes."""

    text: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)


class _Reader:
    def __init__(self, package: _Package, builder: TextBuilder) -> None:
        self._document = package.part("word/document.xml")
        self._styles = _read_styles(package.part("word/styles.xml"))
        self._default_style = _default_style(package.part("word/styles.xml"))
        style_lists = {key: style.list_id for key, style in self._styles.items() if style.list_id}
        self._numbering = Numbering(package.part("word/numbering.xml"), style_lists)
        self._notes = {
            kind: _read_notes(package.part(f"word/{kind}s.xml"), kind) for kind in ("footnote", "endnote")
        }
        self._builder = builder
        self._note_count = 0
        self._carried = ""  # text before a paragraph mark that was deleted

    def read(self) -> Loaded:
        body = self._document.find(f"{W}body") if self._document is not None else None
        if body is None:
            raise _Broken("文件名是 .docx，内容却不是 Word 文档；请检查扩展名")
        self._read_blocks(body, 0)
        if self._carried:
            self._builder.add(self._carried)
        return self._builder.build()

    def _read_blocks(self, parent: Any, depth: int) -> None:
        for block in _blocks(parent, depth):
            if block.tag == f"{W}tbl":
                grid, notes = self._grid(block, depth + 1)
                self._builder.add_table(grid)
                for note in notes:
                    self._builder.add(note)
                continue
            paragraph = self._paragraph(block)
            if paragraph is None:
                continue
            self._builder.add("".join(paragraph.text))
            for note in paragraph.notes:
                self._builder.add(note)
            for box in paragraph.boxes:
                if depth < MAX_DEPTH:
                    self._read_blocks(box, depth + 1)

    def _paragraph(self, element: Any) -> _Paragraph | None:
        """The paragraph with its printed number; None where it prints nothing or only runs on."""
        properties = element.find(f"{W}pPr")
        style = self._style_of(properties)
        paragraph = _Paragraph()
        self._collect(element, paragraph)
        text = "".join(paragraph.text).strip(" \t")
        if any(_CONTENTS.match(self._styles.get(key, _Style()).name) for key in self._chain(style)):
            return None
        joined_on = properties is not None and properties.find(f"{W}rPr/{W}del") is not None
        if joined_on and not text:
            return None
        label = self._label(properties, style)
        # An empty numbered line counts, as it does in Word, but a number alone says nothing.
        line = self._carried + (join_label(*label, text) if text else "")
        self._carried = ""
        if joined_on:
            self._carried = line
            line = ""
        paragraph.text = [line]
        return paragraph

    def _style_of(self, properties: Any | None) -> str | None:
        named = properties.find(f"{W}pStyle") if properties is not None else None
        return named.get(f"{W}val") if named is not None else self._default_style

    def _chain(self, style: str | None) -> Iterator[str]:
        """A style and those it is based on."""
        seen: set[str] = set()
        while style is not None and style not in seen:
            seen.add(style)
            yield style
            style = self._styles.get(style, _Style()).based_on

    def _label(self, properties: Any | None, style: str | None) -> tuple[str, str]:
        """The printed number of a paragraph and what follows it (tab, space, nothing)."""
        list_id: str | None = None
        level: int | None = None
        direct = properties.find(f"{W}numPr") if properties is not None else None
        if direct is not None:
            list_id, level = _list_of(direct)
        if list_id is None:
            # 标题 2 may name only its level and leave the list to 标题 1, which it is based on.
            for key in self._chain(style):
                held = self._styles.get(key, _Style())
                level = held.level if level is None else level
                if held.list_id is not None:
                    list_id = held.list_id
                    break
        if list_id is None or list_id == "0":
            return "", "nothing"
        if level is None:
            level = self._numbering.level_of_style(list_id, tuple(self._chain(style)))
        return self._numbering.label(list_id, level), self._numbering.suffix(list_id, level)

    def _collect(self, element: Any, paragraph: _Paragraph) -> None:
        """Walk a paragraph's runs without recursion; hostile files nest deeply."""
        pending = [iter(element)]
        while pending:
            child = next(pending[-1], None)
            if child is None:
                pending.pop()
                continue
            tag = child.tag
            if not isinstance(tag, str) or tag in _DROPPED:
                continue
            if tag in (f"{W}t", _MATH_TEXT):
                paragraph.text.append((child.text or "").replace("\n", " "))
            elif tag in (f"{W}tab", f"{W}ptab"):
                paragraph.text.append(" ")
            elif tag == f"{W}cr" or (
                tag == f"{W}br" and child.get(f"{W}type", "textWrapping") == "textWrapping"
            ):
                paragraph.text.append("\n")
            elif tag == f"{W}noBreakHyphen":
                paragraph.text.append("-")
            elif tag == f"{W}sym":
                paragraph.text.append(_symbol(child))
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self._note(child, paragraph)
            elif tag == f"{W}txbxContent":
                paragraph.boxes.append(child)
            elif tag == f"{W}r" and self._is_hidden(child):
                continue
            else:
                pending.append(iter(child))

    def _is_hidden(self, run: Any) -> bool:
        hidden = run.find(f"{W}rPr/{W}vanish")
        return hidden is not None and hidden.get(f"{W}val", "1") not in ("0", "false", "off")

    def _note(self, reference: Any, paragraph: _Paragraph) -> None:
        kind = "footnote" if reference.tag == f"{W}footnoteReference" else "endnote"
        note = self._notes[kind].get(reference.get(f"{W}id", ""))
        if note is None:
            return
        inside = _Paragraph()
        for block in note.iter(f"{W}p"):
            for child in block.iterchildren():
                if child.tag not in (f"{W}pPr",):
                    self._collect_plain(child, inside)
            inside.text.append(" ")
        text = " ".join("".join(inside.text).split())
        if text:
            self._note_count += 1
            paragraph.notes.append(f"[注{self._note_count}]{text}")

    def _collect_plain(self, element: Any, paragraph: _Paragraph) -> None:
        if element.tag not in _DROPPED:
            wrapper = [element]
            self._collect(wrapper, paragraph)
            paragraph.boxes.clear()

    def _grid(self, table: Any, depth: int) -> tuple[list[list[GridCell]], list[str]]:
        """A table's cells with their merges, and the footnotes found in it."""
        notes: list[str] = []
        rows: list[list[tuple[int, GridCell, bool]]] = []  # first column, cell, continues the one above
        for row in _children(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            header = properties is not None and properties.find(f"{W}tblHeader") is not None
            column = _number(properties, "gridBefore", 0)
            cells: list[tuple[int, GridCell, bool]] = []
            if column:
                cells.append((0, GridCell(text="", columns=column), False))
            for cell in _children(row, f"{W}tc"):
                about = cell.find(f"{W}tcPr")
                span = max(1, _number(about, "gridSpan", 1))
                merge = about.find(f"{W}vMerge") if about is not None else None
                continues = merge is not None and merge.get(f"{W}val", "continue") == "continue"
                text = self._cell_text(cell, notes, depth)
                cells.append((column, GridCell(text=text, columns=span, header=header), continues))
                column += span
            rows.append(cells)
        return _merge_down(rows), notes

    def _cell_text(self, cell: Any, notes: list[str], depth: int) -> str:
        lines: list[str] = []
        for block in _blocks(cell, depth):
            if block.tag == f"{W}tbl":
                if depth < MAX_DEPTH:
                    inner, inner_notes = self._grid(block, depth + 1)
                    lines += [" ".join(c.text for c in row if c.text) for row in inner]
                    notes += inner_notes
                continue
            paragraph = self._paragraph(block)
            if paragraph is None:
                continue
            lines.append("".join(paragraph.text))
            notes += paragraph.notes
            for box in paragraph.boxes:
                if depth < MAX_DEPTH:
                    lines.append(self._cell_text(box, notes, depth + 1))
        return "\n".join(line for line in lines if line.strip())


def _merge_down(rows: list[list[tuple[int, GridCell, bool]]]) -> list[list[GridCell]]:
    """Vertical merges, which Word keeps as empty cells below, as cells that cover several rows."""
    grid: list[list[GridCell]] = []
    for number, cells in enumerate(rows):
        line: list[GridCell] = []
        for column, cell, continues in cells:
            if continues and number and any(c == column for c, _cell, _continues in rows[number - 1]):
                continue
            height = 1
            for below in rows[number + 1 :]:
                if not any(c == column and goes_on for c, _cell, goes_on in below):
                    break
                height += 1
            line.append(GridCell(text=cell.text, rows=height, columns=cell.columns, header=cell.header))
        grid.append(line)
    return grid


def _blocks(parent: Any, depth: int) -> Iterator[Any]:
    """Paragraphs and tables in order, through content controls and the like; contents lists are left out."""
    pending = [iter(parent)]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
            continue
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag == f"{W}sdt":
            gallery = child.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
            if gallery is None or gallery.get(f"{W}val") != "Table of Contents":
                pending.append(iter(child))
        elif isinstance(child.tag, str) and child.tag not in _DROPPED:
            if len(pending) + depth > MAX_DEPTH * 5:
                raise _Broken("文件嵌套过深，没有处理")
            pending.append(iter(child))


def _children(parent: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also those inside content controls."""
    pending = [iter(parent)]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
        elif child.tag == tag:
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}smartTag"):
            pending.append(iter(child))


def _read_styles(root: Any | None) -> dict[str, _Style]:
    styles: dict[str, _Style] = {}
    for element in root.iterchildren(f"{W}style") if root is not None else ():
        name = element.find(f"{W}name")
        based = element.find(f"{W}basedOn")
        numbered = element.find(f"{W}pPr/{W}numPr")
        list_id, level = _list_of(numbered) if numbered is not None else (None, None)
        styles[element.get(f"{W}styleId", "")] = _Style(
            name=name.get(f"{W}val", "") if name is not None else "",
            based_on=based.get(f"{W}val") if based is not None else None,
            list_id=list_id,
            level=level,
        )
    return styles


def _default_style(root: Any | None) -> str | None:
    for element in root.iterchildren(f"{W}style") if root is not None else ():
        if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true", "on"):
            return str(element.get(f"{W}styleId"))
    return None


def _list_of(numbered: Any) -> tuple[str | None, int | None]:
    identity = numbered.find(f"{W}numId")
    level = numbered.find(f"{W}ilvl")
    return (
        identity.get(f"{W}val") if identity is not None else None,
        int(level.get(f"{W}val", "0")) if level is not None else None,
    )


def _read_notes(root: Any | None, kind: str) -> dict[str, Any]:
    if root is None:
        return {}
    return {
        note.get(f"{W}id", ""): note
        for note in root.iterchildren(f"{W}{kind}")
        if note.get(f"{W}type", "normal") == "normal"
    }


def _symbol(element: Any) -> str:
    """A w:sym; symbol fonts map into the private range, where only ASCII look-alikes can be told."""
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return ""
    return chr(code) if 0x20 <= code < 0xD800 else ""


def _number(properties: Any | None, name: str, default: int) -> int:
    element = properties.find(f"{W}{name}") if properties is not None else None
    try:
        return int(element.get(f"{W}val")) if element is not None else default
    except (TypeError, ValueError):
        return default
