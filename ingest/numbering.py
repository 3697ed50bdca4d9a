"""How clauses are numbered, as rows: a new numbering form is one row here and one test row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.chinese_numbers import NUMERAL, to_int

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingForm:
    """One way to number a unit. Lower `rank` stands higher in a document."""

    name: str
    rank: int
    pattern: re.Pattern[str]
    label: str  # template of the normalised label, {n} being the printed numeral
    article: bool = False  # whether its number is an article's number by its very form


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A number found at the start of a paragraph: (十四) → form 'bracketed', number 14."""

    form: NumberingForm
    number: int
    label: str
    printed: str
    length: int


def _form(
    name: str, rank: int, pattern: str, label: str, *, article: bool = False, ahead: str = ""
) -> NumberingForm:
    return NumberingForm(
        name=name, rank=rank, pattern=re.compile(f"({pattern}){ahead}"), label=label, article=article
    )


# What follows a number that is only a reference: 第十条规定的…, (三)项要求…; 第五条 项目单位… and
# (三)目标任务 are no references.
_NOT_A_REFERENCE = (
    r"(?!规定|所列|所称|所指|要求|的|款(?!项|待)|项(?!目)|目(?!标|的|录|前)"
    r"|\s*第[一二三四五六七八九十]+[款项]|\s*[至、和及与]\s*第)"
)
# A heading's marks in Markdown: ## 一、总体要求, **(一)明确目标。**
_MARKDOWN = re.compile(r"(?:#{1,6}\s*)?(?:\*\*)?")

FORMS = (
    _form("volume", 0, rf"第\s*(?P<n>{NUMERAL}|\d+)\s*编(?=\s|　)", "第{n}编"),
    _form("chapter", 1, rf"第\s*(?P<n>{NUMERAL}|\d+)\s*章", "第{n}章", ahead=_NOT_A_REFERENCE),
    _form("part", 1, rf"第\s*(?P<n>{NUMERAL}|\d+)\s*部分", "第{n}部分", ahead=_NOT_A_REFERENCE),
    _form("division", 2, rf"第\s*(?P<n>{NUMERAL}|\d+)\s*节", "第{n}节", ahead=_NOT_A_REFERENCE),
    _form("article", 3, rf"第\s*(?P<n>{NUMERAL}|\d+)\s*条", "第{n}条", article=True, ahead=_NOT_A_REFERENCE),
    _form("numeral", 4, rf"(?P<n>{NUMERAL})\s*、", "{n}"),
    _form("bracketed", 5, rf"[(（]\s*(?P<n>{NUMERAL})\s*[)）]", "({n})", ahead=_NOT_A_REFERENCE),
    _form("digit", 6, r"(?P<n>\d{1,3})\s*(?:[.．](?!\d(?!\d{3}年))|、)", "{n}"),
    _form("bracketed digit", 7, r"[(（]\s*(?P<n>\d{1,3})\s*[)）]", "({n})", ahead=_NOT_A_REFERENCE),
    _form("circled", 8, rf"(?P<n>[{_CIRCLED}])", "{n}"),
)

_OVER_ARTICLES = 2

# 1 总则, 1.1 编制目的, 1.1.1 …: only in documents that number so throughout, for 1.5亿元 begins lines too.
_AFTER_DECIMAL = r"(?![\d.%％亿万倍])"
DECIMAL_FORMS = (
    _form("decimal 4", 6, r"(?P<n>\d{1,2}(?:[.．]\d{1,2}){3})", "{n}", ahead=_AFTER_DECIMAL),
    _form("decimal 3", 5, r"(?P<n>\d{1,2}(?:[.．]\d{1,2}){2})", "{n}", ahead=_AFTER_DECIMAL),
    _form("decimal 2", 4, r"(?P<n>\d{1,2}[.．]\d{1,2})", "{n}", ahead=_AFTER_DECIMAL),
    _form("decimal 1", 3, r"(?P<n>\d{1,2})", "{n}", ahead=r"(?=[\s　]+[一-龥])"),
)
_DECIMAL_LINE = re.compile(r"^[ \t　]*\d{1,2}[.．]\d{1,2}(?![\d%％亿万倍])[\s　]*[一-龥]", re.MULTILINE)


def has_decimals(text: str) -> bool:
    """Whether a document numbers its units 1.1, 1.2, …"""
    return len(_DECIMAL_LINE.findall(text)) >= 3


def match_marker(paragraph: str, *, decimals: bool = False) -> Marker | None:
    """The number that begins `paragraph`, or None: '(十四)加强…' → (十四), 14."""
    markdown = _MARKDOWN.match(paragraph)
    begin = markdown.end() if markdown else 0
    for form in (*DECIMAL_FORMS, *FORMS) if decimals else FORMS:
        match = form.pattern.match(paragraph, begin)
        if not match:
            continue
        numeral = match.group("n")
        number = (
            _CIRCLED.index(numeral) + 1 if numeral in _CIRCLED else to_int(re.split("[.．]", numeral)[-1])
        )
        if number is None:
            continue
        # Full-width digits and odd spacing are printing; the label is the same.
        printed = str(number) if numeral.isdecimal() else unicodedata.normalize("NFKC", numeral)
        label = form.label.format(n=numeral if numeral in _CIRCLED else printed)
        return Marker(
            form=form, number=number, label=label, printed=match.group(1).strip(), length=match.end(1)
        )
    return None


def raise_tops(markers: Sequence[Marker | None]) -> list[Marker | None]:
    """Among 1.1, 1.2, …, a line 1. that 1.1 follows is the unit above them, not an item below."""
    raised = list(markers)
    following: Marker | None = None
    for index in range(len(raised) - 1, -1, -1):
        marker = raised[index]
        if marker is None:
            continue
        is_digit = marker.form.name in ("digit", "numeral")
        if is_digit and following is not None and following.label == f"{marker.number}.1":
            raised[index] = replace(marker, form=DECIMAL_FORMS[-1])
        following = marker
    return raised


def raise_numerals(markers: Sequence[Marker | None]) -> list[Marker | None]:
    """一、 to 五、 over a running 第一条 to 第十七条, as in 若干措施, are the units above the articles, not items of them."""
    found = [(index, marker) for index, marker in enumerate(markers) if marker is not None]
    articles = [marker.number for _, marker in found if marker.form.article]
    numerals = [position for position, (_, marker) in enumerate(found) if marker.form.name == "numeral"]
    over = [p for p in numerals if p + 1 < len(found) and found[p + 1][1].form.article]
    running = len(articles) > 1 and articles == list(range(1, len(articles) + 1))
    if not running or not over or over != numerals or found[over[0] + 1][1].number != 1:
        return list(markers)
    raised = list(markers)
    for position in over:
        index, marker = found[position]
        raised[index] = replace(marker, form=replace(marker.form, rank=_OVER_ARTICLES))
    return raised
