"""A document's parts: the text itself, what it issues, its attachments.

A notice that issues a plan is signed first and the plan follows; attachments follow under 附件1.
Each part is read for clauses on its own, so that nothing of one sticks to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.lines import is_below_text, is_date_line, is_page_noise, is_signature, read_date
from ingest.numbering import match_marker
from ingest.text import fold, paragraphs

Span = tuple[int, int]

# 附件, 附件1, 附件1:任务分解表 at the head of an attachment; 附件:1.… below the text lists them.
_ATTACHMENT = re.compile(r"附\s*件\s*(?P<n>[0-9一二三四五六七八九十]{0,2})\s*(?P<rest>:.*)?")
_LIST_ITEM = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[.、]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its path prefix (附件1, or none), its body, and the signature that closes it."""

    prefix: str
    start: int
    end: int
    signed_by: str | None = None
    signed_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    by: str | None
    on: str | None
    following: int


def split_parts(text: str, start: int) -> tuple[Part, ...]:
    """The parts of the text from `start` on, in order; at least one, maybe empty."""
    spans = [(start + a, start + b) for a, b in paragraphs(text[start:])]
    # Long lines are body text whatever they say; only short ones are looked at closely.
    lines = [fold(text[a:b]).strip() if b - a <= 120 else text[a:b] for a, b in spans]
    parts: list[Part] = []
    begin, prefix, index = 0, "", 0
    while index < len(lines):
        heading = _attachment_heading(lines[index])
        signed = None if heading else _signature(lines, index)
        if heading and not _lists_attachments(lines, index):
            if index > begin:
                parts.append(_part(spans[begin:index], prefix, start))
            prefix, begin = heading, index + 1
        elif signed:
            if _has_body(lines[begin:index]):
                body = spans[begin : _end_of_body(lines, begin, index)]
                parts.append(_part(body, prefix, start, signed))
                prefix = ""
            # Otherwise title, signature, date: whoever wrote the issued text signs at its head.
            begin = signed.following
            index = signed.following - 1
        index += 1
    if begin < len(lines) or not parts:
        last = spans[begin : _end_of_body(lines, begin, len(lines))]
        if last or not parts:
            parts.append(_part(last, prefix, start))
    return tuple(parts)


def _attachment_heading(line: str) -> str | None:
    match = _ATTACHMENT.fullmatch(line)
    if not match or len(line) > 60:
        return None
    rest = (match.group("rest") or "").lstrip(": ")
    if _LIST_ITEM.match(rest) or (rest and not match.group("n")):
        return None
    return f"附件{match.group('n')}"


def _lists_attachments(lines: Sequence[str], index: int) -> bool:
    """Whether 附件1:… only names an attachment, as below the text: the signature follows, or 附件2:…."""
    if ":" not in lines[index]:
        return False
    near = [lines[i] for i in (index - 1, index + 1) if 0 <= i < len(lines)]
    return any(_ATTACHMENT.match(line) and len(line) < 60 for line in near) or (
        index + 1 < len(lines) and _signature(lines, index + 1) is not None
    )


def _signature(lines: Sequence[str], index: int) -> _Signature | None:
    """A signature with its date below, or a date alone, beginning at `index`."""
    by, position = None, index
    while position < min(len(lines), index + 4) and is_signature(lines[position]):
        by = by or re.sub(r"\s+|\(章\)", "", lines[position])
        position += 1
    if position >= len(lines) or not is_date_line(lines[position]):
        return None
    following = position + 1
    while following < len(lines) and is_below_text(lines[following]):
        following += 1
    return _Signature(by=by, on=read_date(lines[position]), following=following)


def _end_of_body(lines: Sequence[str], begin: int, end: int) -> int:
    """Where the body ends above lines below it and above the list of attachments."""
    while end > begin and is_below_text(lines[end - 1]):
        end -= 1
    for position in range(end - 1, max(begin, end - 12) - 1, -1):
        line = lines[position]
        if re.match(r"附\s*件\s*\d*\s*:", line):
            return position
        if "。" in line or not (_LIST_ITEM.match(line) or _ATTACHMENT.match(line)):
            break
    return end


def _has_body(lines: Sequence[str]) -> bool:
    return any("。" in line or match_marker(line) for line in lines if not is_page_noise(line))


def _part(spans: Sequence[Span], prefix: str, start: int, signed: _Signature | None = None) -> Part:
    return Part(
        prefix=prefix,
        start=spans[0][0] if spans else start,
        end=spans[-1][1] if spans else start,
        signed_by=signed.by if signed else None,
        signed_on=signed.on if signed else None,
    )
