"""Plain text and Markdown: the stored text is the file's, line ends and all."""

from __future__ import annotations

from pathlib import Path

from ingest.loaders.base import Loaded, read_bytes, refuse, sniff, wrong_kind
from ingest.loaders.encodings import NotText, decode

MAX_TEXT_BYTES = 20_000_000


def load_text(path: Path) -> Loaded:
    """The text of a .txt or .md file, characters as stored.

    Raises UnreadableDocument with one line: empty, binary, too large, no known encoding, not a text.
    """
    raw = read_bytes(path, MAX_TEXT_BYTES)
    found = sniff(raw)
    if found:
        raise wrong_kind(path, found)
    try:
        return Loaded(text=decode(raw))
    except NotText as error:
        raise refuse(path, str(error)) from None
