"""The process that reads one PDF: `python -m ingest.loaders.pdf_worker FILE MEMORY` prints JSON."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from ingest.loaders.pdf_layout import read_layout
from ingest.loaders.pdf_pages import CannotOpen, Page, read_pages

_FEW_CHARS = 15
_FULL_IMAGE = 0.5


def read_pdf(path: Path) -> dict[str, object]:
    """{"items": [paragraph or table, …], "note": …} or {"error": one line in Chinese}."""
    try:
        pages = list(read_pages(path))
    except CannotOpen as error:
        return {"error": str(error)}
    fault, note = _judge(pages)
    if fault:
        return {"error": fault}
    items: list[object] = [
        [[(cell.text, cell.rows, cell.columns) for cell in row] for row in item.grid]
        if item.grid is not None
        else item.text
        for item in read_layout(pages)
    ]
    return {"items": items, "note": note}


def _judge(pages: list[Page]) -> tuple[str, str]:
    """Why the pages hold no usable text, and what a user should know if they do."""
    scanned = [
        number
        for number, page in enumerate(pages, start=1)
        if len(page.chars) < _FEW_CHARS and page.image_share >= _FULL_IMAGE
    ]
    chars = sum(len(page.chars) for page in pages)
    unmapped = sum(page.unmapped for page in pages)
    if unmapped > chars * 0.3 and unmapped > _FEW_CHARS:
        return "字体没有文字编码，读不出文字；请换成 Word 版，或先做文字识别（OCR）", ""
    if scanned and (len(scanned) * 2 >= len(pages) or chars < _FEW_CHARS):
        return "这是扫描件，只有图片没有文字；请先做文字识别（OCR），或换成文字版", ""
    if chars == 0:
        images = any(page.image_share > 0.05 for page in pages)
        return ("里面只有图片没有文字；请先做文字识别（OCR），或换成文字版" if images else "里面没有文字"), ""
    if scanned:
        listed = "、".join(str(number) for number in scanned[:20])
        return "", f"第 {listed} 页是扫描图片，没有读入"
    return "", ""


def _limit_memory(size: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def main() -> int:
    """Read the file named on the command line and print what it holds."""
    _limit_memory(int(sys.argv[2]))
    answer = json.dumps(read_pdf(Path(sys.argv[1])), ensure_ascii=False)
    sys.stdout.buffer.write(answer.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
