"""One loader per file format; each gives the stored text that all offsets refer to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.errors import UnreadableDocument
from ingest.loaders.text import load_text

LOADERS: dict[str, Callable[[Path], str]] = {".txt": load_text, ".md": load_text}


def load(path: Path) -> str:
    """The text of any supported file; raises UnreadableDocument in one line otherwise."""
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        known = "、".join(sorted(LOADERS))
        raise UnreadableDocument(f"{path}:不支持的文件格式,目前支持 {known}")
    if not path.is_file():
        raise UnreadableDocument(f"{path}:没有这个文件")
    return loader(path)
