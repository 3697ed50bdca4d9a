"""PDF files with text. Reading runs in a process of its own with limits on time and memory:
a hostile file can make any PDF reader run for ever, grow without bound or crash.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from ingest.loaders.base import GridCell, Loaded, TextBuilder, read_bytes, refuse, sniff, wrong_kind
from ingest.loaders.pdf_layout import Item

MAX_PDF_BYTES = 100_000_000
TIMEOUT_SECONDS = 120
MEMORY_BYTES = 2_000_000_000

_LINEARIZED = re.compile(rb"/Linearized\b.{0,200}?/L\s+(\d+)", re.DOTALL)


def load_pdf(path: Path) -> Loaded:
    """The text and tables of a PDF. Raises UnreadableDocument: scanned, encrypted, truncated, too large."""
    raw = read_bytes(path, MAX_PDF_BYTES)
    # Some writers put a few bytes before the header.
    start = raw.find(b"%PDF-", 0, 1024)
    if start < 0:
        found = sniff(raw)
        if found:
            raise wrong_kind(path, found)
        raise refuse(path, "文件名是 .pdf，内容却不是 PDF；请检查扩展名")
    if _is_cut_short(raw):
        raise refuse(path, "文件不完整（可能没有下载完）；请重新获取")
    del raw
    answer = _read_apart(path)
    if "error" in answer:
        raise refuse(path, str(answer["error"]))
    builder = TextBuilder(path)
    for item in _items(answer):
        if item.grid is not None:
            builder.add_table(item.grid)
        else:
            builder.add(item.text)
    note = str(answer.get("note") or "")
    return builder.build({"note": note} if note else {})


def _is_cut_short(raw: bytes) -> bool:
    """Whether the end is missing: PDFium would rebuild such a file and silently lose pages."""
    end = raw.rfind(b"%%EOF")
    if end < 0:
        return True
    if raw.find(b" obj", end) >= 0:
        return True
    linearized = _LINEARIZED.search(raw[:2048])
    return linearized is not None and len(raw) < int(linearized.group(1))


def _read_apart(path: Path) -> dict[str, object]:
    root = Path(__file__).resolve().parents[2]
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ingest.loaders.pdf_worker", str(path.resolve()), str(MEMORY_BYTES)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            cwd=root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refuse(path, f"读取超过 {TIMEOUT_SECONDS} 秒，已停止；文件可能损坏或过于复杂") from None
    except OSError as error:
        raise refuse(path, f"启动不了读取程序（{error.strerror or error}）") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if done.returncode != 0 or not isinstance(answer, dict):
        raise refuse(path, "文件损坏或占用内存过多，读取中断；请用阅读器另存后再试")
    return answer


def _items(answer: dict[str, object]) -> list[Item]:
    held = answer.get("items")
    items: list[Item] = []
    for entry in held if isinstance(held, list) else ():
        if isinstance(entry, str):
            items.append(Item(text=entry))
        else:
            items.append(
                Item(
                    grid=[
                        [GridCell(text=text, rows=rows, columns=columns) for text, rows, columns in row]
                        for row in entry
                    ]
                )
            )
    return items
