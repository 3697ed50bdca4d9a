"""From when to when a document holds, and what it ends: 自2021年8月1日起施行,有效期5年."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.chinese_numbers import NUMERAL, to_int
from ingest.lines import read_date
from ingest.references import find_references
from ingest.text import fold, paragraphs, sentences

_EFFECTIVE = re.compile(
    r"(?:本|该)?[一-龥]{0,8}自(?P<from>印发之日|发布之日|公布之日|颁布之日|批准之日|[^,。;]{4,16}?日)起?(?:正式|开始)?(?:施行|实施|执行|生效|试行)"
)
_TERM = re.compile(
    # 认定有效期为3年 is of what is recognised, not of the document.
    rf"(?<![认证定牌照可书格目项格同件券])有效期(?:限)?(?:为|是)?(?P<term>(?:{NUMERAL}|\d{{1,2}})年)|试行(?:期)?(?:为|是)?(?P<trial>(?:{NUMERAL}|\d{{1,2}})年)|有效期(?:限)?至(?P<until>[^,。;]{{4,16}}?日)"
)
_REPEALS = re.compile(r"同时废止|即行废止|予以废止|同时停止执行")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_TELLS = re.compile("施行|实施|执行|生效|试行|有效期|废止|停止")
# What another provision says of itself is not what the document says of itself.
_NOT_OWN = re.compile(r"许可证|证书|营业执照|合同|资格|批文|证件|登记证")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """What a document says of its own validity; None where it says nothing."""

    effective_from: str | None = None
    valid_for: str | None = None
    repeals: tuple[str, ...] = ()


def read_validity(text: str) -> Validity:
    """The statements of validity in a document, the last ones counting: they stand at its end."""
    effective = term = None
    repeals: list[str] = []
    telling = (span for span in paragraphs(text) if _TELLS.search(text, *span))
    for start, end in (span for line in telling for span in sentences(text, *line)):
        sentence = fold(text[start:end])
        if _NOT_OWN.search(sentence):
            continue
        if match := _EFFECTIVE.search(sentence):
            effective = read_date(match.group("from")) or match.group("from")
        if match := _TERM.search(sentence):
            term = _term(match)
        if _REPEALS.search(sentence):
            repeals += [reference.number or reference.raw for reference in find_references(text[start:end])]
    return Validity(effective_from=effective, valid_for=term, repeals=tuple(dict.fromkeys(repeals)))


def last_day(effective_from: str | None, issued_on: str | None, valid_for: str | None) -> date | None:
    """The last day of a document by its own statement, or None where it states none.

    自2021年8月1日起施行,有效期5年 → 2026-07-31; 有效期至2025年12月31日 → 2025-12-31. 印发之日 is the date of issue.
    """
    if not valid_for:
        return None
    until = _ISO.search(valid_for)
    if until:
        return date.fromisoformat(until.group())
    begins = _ISO.search(effective_from or "") or _ISO.search(issued_on or "")
    years = re.match(r"(\d{1,2})年", valid_for)
    if begins is None or years is None:
        return None
    first = date.fromisoformat(begins.group())
    year = first.year + int(years.group(1))
    # 29 February has no anniversary in most years.
    anniversary = date(year, 3, 1) if (first.month, first.day) == (2, 29) else first.replace(year=year)
    return anniversary - timedelta(days=1)


def _term(match: re.Match[str]) -> str:
    if match.group("until"):
        return f"至{read_date(match.group('until')) or match.group('until')}"
    years = match.group("term") or match.group("trial")
    number = to_int(years.rstrip("年"))
    return f"{number}年" if number is not None else years
