"""A document's parts: the text itself, what it issues, its attachments.

A notice that issues a plan is signed first and the plan follows; attachments follow under 附件1.
Each part is read for clauses on its own, so that nothing of one sticks to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.metadata import is_page_noise, read_date
from ingest.numbering import match_marker
from ingest.text import fold, paragraphs

Span = tuple[int, int]

# 附件 / 附件1 / 附件1:任务分解表 at the head of an attachment; 附件:1.… below the text is a list of them.
_ATTACHMENT = re.compile(r"附\s*件\s*(?P<n>[0-9一二三四五六七八九十]{0,2})\s*(?P<rest>[::].*)?")
_LIST_ITEM = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[.、.．]")
_SIGNATURE = re.compile(
    r"[一-龥、\s]{2,40}(?:政府|办公厅|办公室|委员会|委|部|厅|局|署|国务院|党委|人大|银行|会|院|行|公司|小组|中心|管委会)(?:\(章\))?"
)
_BELOW = re.compile(r"(?:\(?此件.{0,12}\)?|\(?联系(?:人|电话).*|抄送.*|主题词.*|印发[::]?.*|[一-龥]{2,20}办公[厅室]\d{4}年.*印发|共印.*)")
_DATE_ONLY = re.compile(r"\(?.{0,4}[0-9〇○o零一二三四五六七八九]{4}\s*年.{1,6}月.{1,5}日\)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its path prefix (附件1, or none), its body, and what closes it."""

    prefix: str
    start: int
    end: int
    signed_by: str | None = None
    signed_on: str | None = None


def split_parts(text: str, start: int) -> tuple[Part, ...]:
    """The parts of the text from `start` on, in order; at least one, maybe empty."""
    lines = [(start + a, start + b) for a, b in paragraphs(text[start:])]
    parts: list[Part] = []
    begin = 0
    prefix = ""
    index = 0
    while index < len(lines):
        line = fold(text[slice(*lines[index])])
        heading = _attachment_heading(line)
        if heading and index > begin and not _in_list(text, lines, index):
            parts.append(_part(text, lines[begin:index], prefix, start))
            prefix, begin = heading, index + 1
        elif signed := _signature(text, lines, index):
            if _has_body(text, lines[begin:index]):
                parts.append(_part(text, lines[begin:index], prefix, start, signed))
                prefix, begin = "", signed.following
            elif begin == index or parts:
                # Title, signature, date: whoever wrote the issued text signs at its head.
                begin = signed.following
            index = max(index, signed.following - 1)
        index += 1
    if begin < len(lines) or not parts:
        parts.append(_part(text, lines[begin:], prefix, start))
    return tuple(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    by: str | None
    on: str | None
    following: int


def _attachment_heading(line: str) -> str | None:
    match = _ATTACHMENT.fullmatch(line.strip())
    if not match or len(line) > 60:
        return None
    rest = (match.group("rest") or "").lstrip(": ")
    if _LIST_ITEM.match(rest) or (rest and not match.group("n")):
        return None
    return f"附件{match.group('n')}"


def _in_list(text: str, lines: Sequence[Span], index: int) -> bool:
    """Whether 附件1:… is one of several such lines in a row, which only list the attachments."""
    here = fold(text[slice(*lines[index])])
    if ":" not in here:
        return False
    near = [fold(text[slice(*lines[i])]) for i in (index - 1, index + 1) if 0 <= i < len(lines)]
    if any(_ATTACHMENT.match(line) and len(line) < 60 for line in near):
        return True
    # A list is followed by the signature, an attachment by its text.
    return index + 1 < len(lines) and _signature(text, lines, index + 1) is not None


def _signature(text: str, lines: Sequence[Span], index: int) -> _Signed | None:
    """A signature with its date below, or a date alone at the end of a part, beginning at `index`."""
    line = text[slice(*lines[index])].strip()
    by = None
    position = index
    while position < len(lines) and position - index < 4:
        candidate = text[slice(*lines[position])].strip()
        if _SIGNATURE.fullmatch(fold(candidate)) and "。" not in candidate and not match_marker(candidate):
            by = by or re.sub(r"\s+", "", candidate)
            position += 1
            continue
        break
    if position < len(lines):
        candidate = fold(text[slice(*lines[position])]).strip()
        on = read_date(candidate) if _DATE_ONLY.fullmatch(candidate) else None
        if on is not None:
            following = position + 1
            while following < len(lines) and _is_below(text[slice(*lines[following])]):
                following += 1
            return _Signed(by=by, on=on, following=following)
    del line
    return None


def _is_below(line: str) -> bool:
    return is_page_noise(line) or bool(_BELOW.fullmatch(fold(line).strip()))


def _has_body(text: str, lines: Sequence[Span]) -> bool:
    return any("。" in text[slice(*span)] or match_marker(text[slice(*span)]) for span in lines)


def _part(text: str, lines: Sequence[Span], prefix: str, start: int, signed: _Signed | None = None) -> Part:
    kept = list(lines)
    while kept and _is_below(text[slice(*kept[-1])]):
        kept.pop()
    return Part(
        prefix=prefix,
        start=kept[0][0] if kept else start,
        end=kept[-1][1] if kept else start,
        signed_by=signed.by if signed else None,
        signed_on=signed.on if signed else None,
    )
