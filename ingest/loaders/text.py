"""Plain text and Markdown: decode, and reject what is not text."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import UnreadableDocument

# UTF-8 first: it is strict, so a wrong guess fails; GB18030 reads nearly anything.
_ENCODINGS = ("utf-8-sig", "gb18030", "big5")
MAX_BYTES = 50_000_000


def load_text(path: Path) -> str:
    """The text of a .txt or .md file, characters as stored (line ends too).

    Raises UnreadableDocument with one line: empty, binary, too large, no known encoding.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableDocument(f"{path}:文件超过 {MAX_BYTES // 1_000_000} MB,没有处理")
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{path}:读不到文件({error.strerror or error})") from None
    if not raw.strip():
        raise UnreadableDocument(f"{path}:文件是空的")
    if b"\x00" in raw:
        raise UnreadableDocument(f"{path}:不是文本文件(含有二进制内容)")
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _looks_like_text(text):
            return text
    raise UnreadableDocument(f"{path}:不是文本文件,或编码不是 UTF-8、GB18030、Big5")


def _looks_like_text(text: str) -> bool:
    odd = sum(1 for char in text if (char < " " and char not in "\t\r\n\f") or "\ue000" <= char <= "\uf8ff")
    return bool(text.strip()) and odd <= len(text) * 0.01
