"""One loader per file format; each gives the stored text that all offsets refer to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.loaders.base import Cell, Loaded, Row, Table, refuse
from ingest.loaders.docx import load_docx
from ingest.loaders.html import load_html
from ingest.loaders.office import load_office
from ingest.loaders.pdf import load_pdf
from ingest.loaders.text import load_text

LOADERS: dict[str, Callable[[Path], Loaded]] = {
    ".txt": load_text,
    ".md": load_text,
    ".html": load_html,
    ".htm": load_html,
    ".docx": load_docx,
    ".pdf": load_pdf,
    ".doc": load_office,
    ".wps": load_office,
}

__all__ = ["LOADERS", "Cell", "Loaded", "Row", "Table", "load", "load_file"]


def load_file(path: Path) -> Loaded:
    """Any supported file's text, facts and tables; raises UnreadableDocument in one line otherwise."""
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        raise refuse(path, f"不支持的文件格式，目前支持 {'、'.join(sorted(LOADERS))}")
    if not path.is_file():
        raise refuse(path, "没有这个文件")
    return loader(path)


def load(path: Path) -> str:
    """The stored text of any supported file; raises UnreadableDocument in one line otherwise."""
    return load_file(path).text
