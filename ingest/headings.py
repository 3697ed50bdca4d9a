"""Which words at the start of a clause are its heading: (一)明确发展定位。深入贯彻…

Documents either head their clauses or do not: a level where most clauses open with a short phrase
is headed, one where few do has sentences only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A short phrase up to a full stop or, shorter, a colon; or the whole line where no stop ends it.
_PHRASE = re.compile(r"\s*(?P<heading>[^。;；:：,，!?！？\n]{1,40}?)\s*(?P<stop>[。:：]|$)")
# Two or three short limbs: 坚持深化改革，简政放权。
_LIMBS = re.compile(
    r"\s*(?P<heading>[^。;；:：,，!?！？\n]{2,24}(?:[,，][^。;；:：,，!?！？\n]{2,24}){1,2})\s*(?P<stop>。)"
)
_MARKED = re.compile(r"\s*(?P<heading>【[^】]{1,20}】)")
# What makes a short sentence a rule rather than a heading.
_RULE = re.compile(
    r"应当|不得|必须|可以|由.{1,20}(?:负责|组成|召集|制定|解释|批准|规定|领导)|自.{2,20}起施行|是指|按照|根据|依照|以下简称|[0-9]+[%％个项]"
)
# What limbs that are a sentence hold: 各级政府要高度重视，切实加强领导。
_SENTENCE = re.compile(r"[要应须将已了其]|^各|^对|^在|^经|的[,，]")
# 1.3.1国家级（Ⅰ级）：… tells what a name means; it heads nothing.
_DEFINES = re.compile(r"[)）]$")
_LINE_CHARS = 45
_COLON_CHARS = 15
_MOSTLY = 0.4
# Statutes open many an article with a short sentence; only where nearly all do are these headings.
_FEW_ARTICLES, _NEARLY_ALL, _ARTICLE_CHARS = 5, 0.8, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a unit opens: a phrase that may be its heading, and what follows in the paragraph."""

    phrase: str
    stop: str
    following: str
    marked: bool = False
    # Whether the phrase has several limbs, and so heads a clause only among its like.
    limbs: bool = False


def read_opening(rest: str) -> Opening:
    """The opening of a numbered paragraph after its number."""
    marked = _MARKED.match(rest)
    if marked:
        return Opening(
            phrase=marked.group("heading").strip("【】"),
            stop="",
            following=rest[marked.end() :].strip(),
            marked=True,
        )
    match = _PHRASE.match(rest)
    if not match and (limbs := _LIMBS.match(rest)) and not _SENTENCE.search(limbs.group("heading")):
        return Opening(
            phrase=limbs.group("heading").strip(" \t　*"),
            stop="。",
            following=rest[limbs.end() :].strip(),
            limbs=True,
        )
    if match and match.group("stop") in (":", "：") and _DEFINES.search(match.group("heading")):
        match = None
    if not match or (match.group("stop") in (":", "：") and len(match.group("heading")) > _COLON_CHARS):
        return Opening(phrase="", stop="", following=rest.strip())
    following = rest[match.end() :].strip()
    if match.group("stop") == "" and len(rest) > _LINE_CHARS:
        return Opening(phrase="", stop="", following=rest.strip())
    if match.group("stop") in (":", "：") and not following:
        return Opening(phrase="", stop="", following=rest.strip())
    return Opening(
        phrase=match.group("heading").strip(" \t　*"), stop=match.group("stop"), following=following
    )


def is_headed(openings: Sequence[tuple[Opening, bool]]) -> bool:
    """Whether a level heads its clauses, given each opening and whether more text follows it."""
    long = [opening for opening, more in openings if more]
    if not long:
        return True
    return sum(_can_head(opening) and not _stands_apart(opening) for opening in long) >= _MOSTLY * len(long)


def are_headed_alike(openings: Sequence[tuple[Opening, bool]]) -> bool:
    """Whether neighbours under one unit all open with a heading, one of several limbs included."""
    return len(openings) > 1 and all(more and _can_head(opening) for opening, more in openings)


def are_headed_articles(openings: Sequence[tuple[Opening, bool]]) -> bool:
    """Whether a document's 第X条 open with headings, as those of 若干措施 do: nearly all with a short phrase, then more."""
    phrases = [opening for opening, more in openings if more and _heads_an_article(opening)]
    return len(openings) >= _FEW_ARTICLES and len(phrases) >= _NEARLY_ALL * len(openings)


def _heads_an_article(opening: Opening) -> bool:
    return (
        _can_head(opening)
        and not opening.limbs
        and opening.stop == "。"
        and bool(opening.following)
        and len(opening.phrase) <= _ARTICLE_CHARS
    )


def _can_head(opening: Opening) -> bool:
    return (
        bool(opening.phrase)
        and not _RULE.search(opening.phrase)
        and len(opening.phrase) <= (44 if opening.limbs else 34)
    )


def _stands_apart(opening: Opening) -> bool:
    """Whether it heads a clause only among its like: several limbs, or a sentence on a line of its own."""
    return opening.limbs or (opening.stop == "。" and not opening.following)


def heading_of(
    opening: Opening, *, more: bool, article: bool, headed: bool, alike: bool, has_children: bool
) -> str:
    """The heading, or "" where the opening is a sentence like any other.

    `more` says whether the unit has text of its own beyond the opening; `article` whether its
    form is 第X条, which is headed by 【…】 or on a line of its own, unless the document's articles all are
    (`headed`, of them: are_headed_articles); `headed` whether its level is, `alike` whether its neighbours are, every one.
    """
    if opening.marked:
        return opening.phrase
    if not opening.phrase:
        return ""
    if opening.stop == "":
        return opening.phrase if more or has_children else ""
    if not more and not has_children:
        return ""
    if article and not has_children:
        return opening.phrase if headed and _heads_an_article(opening) else ""
    if has_children and (not more or opening.limbs):
        return opening.phrase
    if _stands_apart(opening) and not alike:
        return ""
    return opening.phrase if (headed or alike) and not _RULE.search(opening.phrase) else ""
