"""Finding the documents a text mentions: 《…若干意见》(国办发〔2014〕54号)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.chinese_numbers import NUMERAL, to_int
from ingest.text import fold
from ingest.types import Reference

# Over folded text: every bracket is [ or (, every digit half-width.
_NUMBER = (
    r"[一-鿿]{2,12}[^\S\n]*[\[(][^\S\n]*(?:19|20)\d{2}[^\S\n]*[\])][^\S\n]*(?:第[^\S\n]*)?\d{1,5}[^\S\n]*号"
)
_NUMBER_PATTERN = re.compile(_NUMBER)
# A title may hold one level of quotation: 《关于印发〈…〉的通知》.
_TITLE_PATTERN = re.compile(
    rf"《(?P<title>[^《》]{{2,120}})》(?:\s*\(\s*(?P<number>{_NUMBER})\s*(?:[,;][^()]{{0,30}})?\))?"
)
# …(国办发〔2014〕54号,以下简称《意见》), …(以下简称《意见》): what a document calls another one from there on.
_CALLED = re.compile(r"》[^。;《]{0,40}?以下(?:统)?简称:?\s*[\"《]?(?P<name>[^\"《》。;,()]{2,20})")
_SHORT_TITLE = re.compile(r"(?:若干|指导|实施)?(?:意见|办法|方案|规划|条例|规定|通知|决定|细则|纲要|计划)")
_SHORT_NUMBER = re.compile(rf"(?P<n>{NUMERAL}|\d{{1,4}})号文")
# Words that run into a document number from the left: 根据国办发〔2014〕54号.
_NUMBER_PREFIX = re.compile(
    r"^(?:.*(?:根据|按照|依据|依照|遵照|参照|对照|贯彻|落实|执行|转发|印发|下发|废止|国务院办公厅|人民政府))?"
    r"(?:和|及|与|以|见|对|按|由|经|原)*(?=[一-鿿]{2})"
)


def normalise_number(number: str) -> str:
    """国办发[2014]54号, 国办发 〔 2014〕54号 → 国办发〔2014〕54号."""
    bare = re.sub(r"\s+", "", fold(number)).replace("第", "")
    return re.sub(r"[\[(](\d{4})[\])]", r"〔\1〕", bare)


def find_references(text: str) -> tuple[Reference, ...]:
    """Every document that `text` mentions by title or number, in reading order."""
    found = []
    covered = []
    folded = fold(text)
    for match in _TITLE_PATTERN.finditer(folded):
        number = match.group("number")
        found.append(
            Reference(
                raw=text[match.start() : match.end()],
                title=text[match.start("title") : match.end("title")],
                number=normalise_number(number) if number else None,
                start=match.start(),
                end=match.end(),
            )
        )
        covered.append(match.span())
    for match in _NUMBER_PATTERN.finditer(folded):
        if any(start <= match.start() < end for start, end in covered):
            continue
        prefix = _NUMBER_PREFIX.match(match.group())
        start = match.start() + (prefix.end() if prefix else 0)
        raw = text[start : match.end()]
        found.append(
            Reference(raw=raw, title=None, number=normalise_number(raw), start=start, end=match.end())
        )
    return tuple(sorted(found, key=lambda reference: reference.start))


def find_number(line: str) -> str | None:
    """The document number that makes up a whole line, as below a title, or None."""
    match = re.fullmatch(rf"\s*\(?\s*(?P<number>{_NUMBER})\s*\)?\s*", fold(line))
    return normalise_number(match.group("number")) if match else None


def resolve_short_titles(text: str, references: Sequence[Reference]) -> tuple[Reference, ...]:
    """《意见》 as the document that was called so before, or the only one of that kind mentioned before it."""
    folded = fold(text)
    called: dict[str, Reference] = {}
    resolved = []
    for reference in references:
        title = reference.title or ""
        if title in called:
            known = called[title]
            resolved.append(replace(reference, title=known.title, number=known.number))
            continue
        if reference.number is None and _SHORT_TITLE.fullmatch(title):
            candidates = {
                (r.title, r.number)
                for r in resolved
                if (r.title or "").endswith(title) and not _SHORT_TITLE.fullmatch(r.title or "")
            }
            if len(candidates) == 1:
                ((full, number),) = candidates
                reference = replace(reference, title=full, number=number)
        elif title and not _SHORT_TITLE.fullmatch(title):
            named = _CALLED.match(folded, reference.start + 1 + len(title))
            if named:
                called[text[named.start("name") : named.end("name")]] = reference
        resolved.append(reference)
    return tuple(resolved)


def resolve_short_numbers(text: str, references: Sequence[Reference]) -> tuple[Reference, ...]:
    """54号文 as the one document mentioned whose number is 54; more than one candidate is left out."""
    found = []
    for match in _SHORT_NUMBER.finditer(fold(text)):
        number = to_int(match.group("n"))
        candidates = {r.number: r for r in references if r.number and re.search(rf"〕{number}号$", r.number)}
        if len(candidates) == 1:
            (known,) = candidates.values()
            raw = text[match.start() : match.end()]
            found.append(
                Reference(
                    raw=raw, title=known.title, number=known.number, start=match.start(), end=match.end()
                )
            )
    return tuple(found)
