"""Text handling that keeps offsets: one character in, one character out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# Full-width ASCII to half-width; 。 and 、 and 《》 have no ASCII twin and stay.
_FOLD: dict[int, int | str] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLD |= {
    ord("　"): " ",
    ord("\u00a0"): " ",
    ord("【"): "[",
    ord("】"): "]",
    ord("〔"): "[",
    ord("〕"): "]",
    ord("﹝"): "[",
    ord("﹞"): "]",
}
_FOLD |= {ord("“"): '"', ord("”"): '"', ord("‘"): "'", ord("’"): "'", ord("○"): "〇", ord("—"): "-"}

_SENTENCE_END = re.compile(r"[。!?！？；;]+[”’\"')）〕]*|\n+")
_HAN = re.compile(r"[㐀-䶿一-鿿]")


def fold(text: str) -> str:
    """Half-width, lower case, for matching only: （Ａ）→(a). Same length as `text`."""
    folded = text.translate(_FOLD)
    # str.lower may lengthen a character (İ); such characters stay as they are.
    lowered = folded.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in folded)


def compact(text: str) -> str:
    """`fold` without white space: what two writings of the same words have in common."""
    return re.sub(r"\s+", "", fold(text))


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the non-empty lines, without the white space around them."""
    for match in re.finditer(r"[^\r\n]+", text):
        line = match.group()
        stripped = line.strip()
        if stripped:
            start = match.start() + len(line) - len(line.lstrip())
            yield start, start + len(stripped)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences in `text[start:end]`, punctuation included, brackets kept whole.

    A full stop inside a bracket or quotation ((…负责。列第一位者…,下同)) does not end one.
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    depth = 0
    begin = start
    position = start
    while position < end:
        char = text[position]
        if char in "(（〔[":
            depth += 1
        elif char in ")）〕]":
            depth = max(0, depth - 1)
        match = _SENTENCE_END.match(text, position, end)
        if match and (depth == 0 or "\n" in match.group()):
            depth = 0
            position = match.end()
            _append_stripped(spans, text, begin, position)
            begin = position
        else:
            position += 1
    _append_stripped(spans, text, begin, end)
    return spans


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def bigrams(text: str) -> list[str]:
    """Neighbouring pairs of Chinese characters: 贷款贴息 → 贷款, 款贴, 贴息."""
    return [a + b for a, b in pairwise(text) if _HAN.match(a) and _HAN.match(b)]


def opens_items(text: str) -> bool:
    """Whether a clause ends by announcing items: 应当提交下列材料:"""
    return text.rstrip().endswith((":", "："))


def han_share(text: str) -> float:
    """Which part of the letters in `text` are Chinese characters, 0 to 1."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return 0.0
    return sum(1 for char in letters if _HAN.match(char)) / len(letters)
