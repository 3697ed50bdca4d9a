"""A PDF's pages as characters with places, ruling lines and images; the only file that knows PDFium."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c

MAX_PAGES = 1_000
MAX_CHARS_A_PAGE = 50_000
MAX_OBJECTS_A_PAGE = 50_000
_FORM_DEPTH = 5

Matrix = tuple[float, float, float, float, float, float]


class CannotOpen(ValueError):
    """Why a PDF cannot be read, in Chinese."""


@dataclass(frozen=True, slots=True)
class Char:
    """A printed character: its left and right edge, its baseline, its size; y grows upwards."""

    text: str
    x0: float
    x1: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A ruling line: horizontal at `at` from `start` to `end`, or vertical."""

    horizontal: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as it is shown, rotation applied; `image_share` is the part that the largest image covers."""

    width: float
    height: float
    chars: tuple[Char, ...]
    edges: tuple[Edge, ...]
    image_share: float
    unmapped: int


def read_pages(path: Path) -> Iterator[Page]:
    """The pages of a PDF. Raises CannotOpen: encrypted, damaged, too many pages."""
    try:
        document = pdfium.PdfDocument(str(path))
    except pdfium.PdfiumError:
        if c.FPDF_GetLastError() == c.FPDF_ERR_PASSWORD:
            raise CannotOpen("文件已加密，需要打开密码；请先去掉密码再添加") from None
        raise CannotOpen("文件损坏或不完整（可能没有下载完），打不开；请重新获取") from None
    try:
        if len(document) > MAX_PAGES:
            raise CannotOpen(f"超过 {MAX_PAGES} 页，没有处理；请拆分后再添加")
        if len(document) == 0:
            raise CannotOpen("里面没有页面")
        for number in range(len(document)):
            try:
                page = document[number]
            except pdfium.PdfiumError:
                raise CannotOpen(f"第 {number + 1} 页损坏，读不出来；请重新获取文件") from None
            yield _read_page(page)
            page.close()
    finally:
        document.close()


def _read_page(page: Any) -> Page:
    left, bottom, right, top = page.get_cropbox()
    rotation = page.get_rotation()

    def shown(x: float, y: float) -> tuple[float, float]:
        if rotation == 90:
            return y - bottom, right - x
        if rotation == 180:
            return right - x, top - y
        if rotation == 270:
            return top - y, x - left
        return x - left, y - bottom

    width, height = page.get_size()
    chars, unmapped = _read_chars(page, shown, math.radians(rotation))
    edges, share = _read_objects(page, shown, max(1.0, width * height))
    return Page(width=width, height=height, chars=chars, edges=edges, image_share=share, unmapped=unmapped)


def _read_chars(page: Any, shown: Any, rotation: float) -> tuple[tuple[Char, ...], int]:
    textpage = page.get_textpage()
    raw = textpage.raw
    found: list[Char] = []
    unmapped = 0
    box = c.FS_RECTF()
    matrix = c.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    try:
        for index in range(min(c.FPDFText_CountChars(raw), MAX_CHARS_A_PAGE)):
            code = c.FPDFText_GetUnicode(raw, index)
            if c.FPDFText_IsGenerated(raw, index) == 1 or code in (0x20, 0x0A, 0x0D, 0x09, 0xA0, 0x3000):
                continue
            if code < 0x20 or code == 0xFFFD or c.FPDFText_HasUnicodeMapError(raw, index) == 1:
                unmapped += 1
                continue
            # Text set at an angle is a stamp or a watermark.
            angle = (c.FPDFText_GetCharAngle(raw, index) + rotation) % (2 * math.pi)
            if min(angle, 2 * math.pi - angle) > 0.2 and min(abs(angle - 2 * rotation), 9.0) > 0.2:
                continue
            if not c.FPDFText_GetLooseCharBox(raw, index, box) or not c.FPDFText_GetCharOrigin(
                raw, index, x, y
            ):
                continue
            c.FPDFText_GetMatrix(raw, index, matrix)
            scale = math.hypot(matrix.c, matrix.d) or 1.0
            size = c.FPDFText_GetFontSize(raw, index) * scale
            ax, ay = shown(box.left, box.bottom)
            bx, by = shown(box.right, box.top)
            _ox, oy = shown(x.value, y.value)
            if not size > 0.5:
                size = max(1.0, abs(by - ay))
            character = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
            if character:
                found.append(Char(character, min(ax, bx), max(ax, bx), oy, size))
    finally:
        textpage.close()
    return tuple(found), unmapped


def _read_objects(page: Any, shown: Any, area: float) -> tuple[tuple[Edge, ...], float]:
    edges: list[Edge] = []
    largest = 0.0
    for item, matrix in _objects(page.raw):
        kind = c.FPDFPageObj_GetType(item)
        if kind == c.FPDF_PAGEOBJ_IMAGE:
            corners = [shown(*_apply(matrix, px, py)) for px, py in ((0, 0), (1, 0), (0, 1), (1, 1))]
            xs, ys = [p[0] for p in corners], [p[1] for p in corners]
            largest = max(largest, (max(xs) - min(xs)) * (max(ys) - min(ys)) / area)
        elif kind == c.FPDF_PAGEOBJ_PATH and len(edges) < MAX_OBJECTS_A_PAGE:
            edges += _path_edges(item, matrix, shown)
    return tuple(edges), largest


def _objects(page: Any) -> Iterator[tuple[Any, Matrix]]:
    """Every drawn object with its matrix, those inside forms too."""
    identity: Matrix = (1, 0, 0, 1, 0, 0)
    pending: list[tuple[Any, Matrix, int]] = [
        (c.FPDFPage_GetObject(page, index), identity, 0)
        for index in range(min(c.FPDFPage_CountObjects(page), MAX_OBJECTS_A_PAGE))
    ]
    seen = 0
    while pending and seen < MAX_OBJECTS_A_PAGE:
        item, outer, depth = pending.pop()
        if not item:
            continue
        seen += 1
        held = c.FS_MATRIX()
        own = (
            (held.a, held.b, held.c, held.d, held.e, held.f)
            if c.FPDFPageObj_GetMatrix(item, held)
            else identity
        )
        matrix = _multiply(own, outer)
        if c.FPDFPageObj_GetType(item) == c.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
            inner = range(min(c.FPDFFormObj_CountObjects(item), MAX_OBJECTS_A_PAGE))
            pending.extend((c.FPDFFormObj_GetObject(item, index), matrix, depth + 1) for index in inner)
        yield item, matrix


def _path_edges(item: Any, matrix: Matrix, shown: Any) -> Iterator[Edge]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not c.FPDFPath_GetDrawMode(item, fill, stroke) or not (fill.value or stroke.value):
        return
    start = last = (0.0, 0.0)
    points: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for index in range(min(c.FPDFPath_CountSegments(item), 20_000)):
        segment = c.FPDFPath_GetPathSegment(item, index)
        px, py = ctypes.c_float(), ctypes.c_float()
        c.FPDFPathSegment_GetPoint(segment, px, py)
        point = shown(*_apply(matrix, px.value, py.value))
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == c.FPDF_SEGMENT_LINETO:
            points.append((last, point))
        last = point
        if c.FPDFPathSegment_GetClose(segment):
            points.append((last, start))
            last = start
    if not stroke.value and points:
        # A filled shape is a ruling line only where it is thin; otherwise it is shading.
        xs = [p[0] for pair in points for p in pair]
        ys = [p[1] for pair in points for p in pair]
        if min(max(xs) - min(xs), max(ys) - min(ys)) > 3:
            return
    for (ax, ay), (bx, by) in points:
        if abs(ay - by) <= 1 and abs(ax - bx) >= 4:
            yield Edge(True, (ay + by) / 2, min(ax, bx), max(ax, bx))
        elif abs(ax - bx) <= 1 and abs(ay - by) >= 4:
            yield Edge(False, (ax + bx) / 2, min(ay, by), max(ay, by))


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, cc, d, e, f = matrix
    return a * x + cc * y + e, b * x + d * y + f


def _multiply(first: Matrix, then: Matrix) -> Matrix:
    a, b, cc, d, e, f = first
    ax, ay = a * then[0] + b * then[2], a * then[1] + b * then[3]
    bx, by = cc * then[0] + d * then[2], cc * then[1] + d * then[3]
    ex, ey = _apply(then, e, f)
    return ax, ay, bx, by, ex, ey
