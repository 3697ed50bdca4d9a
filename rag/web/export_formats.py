"""A file's blocks written as Markdown and as DOCX.

Every word is plain text in both: no link, no markup, no field, no invisible character.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What XML forbids, other control characters, and what turns or hides text: bidi controls, zero width, tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKDOWN = re.compile(r"[\\`*_\[\]#|~$]|&(?=#?\w+;)")
# What would make a line a list item, a rule, an underlined heading or a quotation.
_LINE_START = re.compile(r"^([-+=:>])|^(\d{1,9})([.)])(?=\s|$)")

_LATIN, _TEXT_FONT, _HEADING_FONT = "Times New Roman", "宋体", "黑体"
_THEME_FONTS = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


@dataclass(frozen=True, slots=True)
class Span:
    """Words in one line, set off or not."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, a paragraph, a quotation or a list item, line by line."""

    kind: Literal["heading", "text", "quote", "item"]
    lines: tuple[tuple[Span, ...], ...]
    level: int = 0


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks as Markdown (CommonMark), line feeds at the ends of lines."""
    pieces: list[str] = []
    before = ""
    for block in blocks:
        together = before == block.kind == "item"
        pieces += ["" if not pieces else "\n" if together else "\n\n", _markdown_block(block)]
        before = block.kind
    return "".join([*pieces, "\n"])


def _markdown_block(block: Block) -> str:
    lines = [line for spans in block.lines if (line := _markdown_line(spans))]
    match block.kind:
        case "heading":
            return f"{'#' * block.level} {' '.join(lines)}"
        case "quote":
            return "  \n".join(f"> {line}" for line in lines)
        case "item":
            return "- " + "  \n  ".join(lines)
        case _:
            return "  \n".join(lines)


def _markdown_line(spans: Sequence[Span]) -> str:
    line = "".join(map(_markdown_span, spans)).strip(" \t")
    return _LINE_START.sub(lambda m: f"{m[2] or ''}\\{m[1] or m[3]}", line)


def _markdown_span(span: Span) -> str:
    # A tag is never closed by this, even for a reader that knows no backslash.
    text = _MARKDOWN.sub(r"\\\g<0>", span.text).replace("<", "&lt;")
    # Beside punctuation ** is no emphasis in Chinese text, where no space stands around it.
    emphatic = span.bold and span.text[:1].isalnum() and span.text[-1:].isalnum()
    return f"**{text}**" if emphatic else text


def docx(blocks: Iterable[Block], *, title: str, author: str, note: str, at: datetime) -> bytes:
    """The blocks as a DOCX file with headings that Word and WPS list beside the text; `note` on every page."""
    from docx import Document

    document = Document()
    _set_look(document)
    styles = {"text": "Normal", "quote": "Quote", "item": "List Bullet"}
    for block in blocks:
        if block.kind == "heading":
            paragraph = document.add_heading("", level=block.level)
        else:
            paragraph = document.add_paragraph(style=styles[block.kind])
        for position, line in enumerate(block.lines):
            if position:
                paragraph.add_run().add_break()
            for span in line:
                paragraph.add_run(span.text).bold = True if span.bold else None
    document.sections[0].footer.paragraphs[0].text = note
    facts = document.core_properties
    facts.title, facts.author, facts.comments = title, author, note
    facts.last_modified_by, facts.language = author, "zh-CN"
    facts.created = facts.modified = at.astimezone(UTC)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _set_look(document: Any) -> None:
    """A4, dark text, and fonts by name: the template's theme has none for Chinese."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    sizes = {"Heading 1": 18, "Heading 2": 15, "Heading 3": 13, "Heading 4": 12}
    for name in ("Normal", "Quote", "List Bullet", "Footer", *sizes):
        style = document.styles[name]
        font = style.font
        font.name, font.size, font.italic = _LATIN, Pt(sizes.get(name, 11)), False
        font.color.rgb = RGBColor(0x1F, 0x1F, 0x1F)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), _HEADING_FONT if name in sizes else _TEXT_FONT)
    # A theme's font goes before the one that is named beside it.
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        for theme in _THEME_FONTS:
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    document.styles["Quote"].paragraph_format.left_indent = Mm(8)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def visible(text: str) -> str:
    """The text without what cannot be seen or stored; every kind of line break is a line feed."""
    return _HIDDEN.sub("", _BREAK.sub("\n", text))


def one_line(text: str) -> str:
    """The text in one line, each white space one blank."""
    return " ".join(visible(text).split())
