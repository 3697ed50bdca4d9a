"""Input files for the loader tests, made on the spot: packages of hand-written XML, pages, PDFs."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

W_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
FONT = "STSong-Light"
# The PDFs made here embed no font; without any Chinese one on the machine the characters have no size.
NEEDS_FONT = pytest.mark.skipif(
    not any(Path("/usr/share/fonts").rglob("*CJK*")), reason="no Chinese font is installed"
)


def wrap(inside: str, root: str = "document") -> str:
    """A WordprocessingML part around `inside`."""
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:{root} {W_NS}>{inside}</w:{root}>'


def docx(path: Path, body: str, **parts: str) -> Path:
    """A .docx of hand-written XML: `body` inside w:body; numbering, styles, footnotes as whole parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        package.writestr("word/document.xml", wrap(f"<w:body>{body}<w:sectPr/></w:body>"))
        for name, xml in parts.items():
            package.writestr(f"word/{name}.xml", xml)
    return path


def p(
    text: str, *, num: str | None = None, level: int | None = 0, style: str | None = None, mark: str = ""
) -> str:
    """A paragraph of one run, perhaps in a list."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if num is not None:
        ilvl = f'<w:ilvl w:val="{level}"/>' if level is not None else ""
        properties += f'<w:numPr>{ilvl}<w:numId w:val="{num}"/></w:numPr>'
    return f'<w:p><w:pPr>{properties}{mark}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def level(number: int, form: str, text: str, *, start: int = 1, extra: str = "") -> str:
    """One w:lvl."""
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(abstracts: dict[str, str], nums: dict[str, tuple[str, str]]) -> str:
    """numbering.xml: abstract lists by id, and lists as (abstract id, overrides)."""
    inside = "".join(
        f'<w:abstractNum w:abstractNumId="{key}">{xml}</w:abstractNum>' for key, xml in abstracts.items()
    )
    inside += "".join(
        f'<w:num w:numId="{key}"><w:abstractNumId w:val="{abstract}"/>{overrides}</w:num>'
        for key, (abstract, overrides) in nums.items()
    )
    return wrap(inside, "numbering")


def restart(number: int, start: int = 1) -> str:
    """A w:lvlOverride that starts a level anew."""
    return f'<w:lvlOverride w:ilvl="{number}"><w:startOverride w:val="{start}"/></w:lvlOverride>'


def cell(text: str, *, span: int = 1, merge: str | None = None) -> str:
    """A w:tc; `merge` is restart or continue."""
    merged = {"restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>", None: ""}[merge]
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{p(text)}</w:tc>'


def table(*rows: str) -> str:
    """A w:tbl of rows of cells."""
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


class Pdf:
    """A PDF with Chinese text set by hand, A4, margins as official documents have them."""

    width, height = 210 * mm, 297 * mm
    left, right = 28 * mm, 184 * mm

    def __init__(self, path: Path, **options: object) -> None:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.path = path
        self.canvas = Canvas(str(path), pagesize=(self.width, self.height), **options)
        self.y = self.height - 40 * mm
        self.number = 0

    def text(self, x: float, y: float, line: str, size: float = 16) -> None:
        """One line at a place."""
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, y, line)

    def centred(self, line: str, size: float = 22) -> None:
        """A title line."""
        self.canvas.setFont(FONT, size)
        self.canvas.drawCentredString((self.left + self.right) / 2, self.y, line)
        self.y -= size * 1.7

    def paragraph(
        self,
        text: str,
        size: float = 16,
        *,
        left: float | None = None,
        right: float | None = None,
        indent: int = 2,
    ) -> None:
        """A paragraph set in lines of full width, first line indented by two characters."""
        left, right = left if left is not None else self.left, right if right is not None else self.right
        room = int((right - left) / size)
        first, rest = text[: room - indent], text[room - indent :]
        lines = [first, *(rest[i : i + room] for i in range(0, len(rest), room))]
        for number, line in enumerate(lines):
            if self.y < 32 * mm:
                self.number += 1
                self.page(self.number, 99)
            self.text(left + (indent * size if number == 0 else 0), self.y, line, size)
            self.y -= size * 1.75

    def page(self, number: int, total: int, *, head: str = "", form: str = "— {n} —") -> None:
        """Finish a page with its running head and number."""
        if head:
            self.text(self.left, self.height - 15 * mm, head, 9)
        self.canvas.setFont(FONT, 14)
        foot = form.format(n=number, total=total)
        # Odd pages to the right, even ones to the left, as in official documents.
        self.canvas.drawString(self.right - 40 if number % 2 else self.left, 18 * mm, foot)
        self.canvas.showPage()
        self.y = self.height - 40 * mm

    def ruled(
        self, xs: Sequence[float], rows: Sequence[Sequence[str | None]], height: float = 24, size: float = 10
    ) -> None:
        """A table with every line drawn; None merges a cell with the one above."""
        top = self.y
        for number, row in enumerate(rows):
            y = top - number * height
            for column, text in enumerate(row):
                x0, x1 = xs[column], xs[column + 1]
                if text is not None:
                    self.canvas.line(x0, y, x1, y)
                    self.text(x0 + 3, y - height * 0.65, text, size)
                self.canvas.line(x0, y, x0, y - height)
            self.canvas.line(xs[-1], y, xs[-1], y - height)
        bottom = top - len(rows) * height
        self.canvas.line(xs[0], bottom, xs[-1], bottom)
        self.y = bottom - 30

    def save(self) -> Path:
        """Write the file."""
        self.canvas.save()
        return self.path
