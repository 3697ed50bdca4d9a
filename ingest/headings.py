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
_MARKED = re.compile(r"\s*(?P<heading>【[^】]{1,20}】)")
# What makes a short sentence a rule rather than a heading.
_RULE = re.compile(
    r"应当|不得|必须|可以|由.{1,20}(?:负责|组成|召集|制定|解释|批准|规定|领导)|自.{2,20}起施行|是指|按照|根据|依照|以下简称|[0-9]+[%％个项]"
)
_LINE_CHARS = 45
_COLON_CHARS = 15
_MOSTLY = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a unit opens: a phrase that may be its heading, and what follows in the paragraph."""

    phrase: str
    stop: str
    following: str
    marked: bool = False


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
    headed = [
        o for o in long if o.phrase and o.stop != "" and not _RULE.search(o.phrase) and len(o.phrase) <= 30
    ]
    return len(headed) >= _MOSTLY * len(long)


def heading_of(opening: Opening, *, more: bool, article: bool, headed: bool, has_children: bool) -> str:
    """The heading, or "" where the opening is a sentence like any other.

    `more` says whether the unit has text of its own beyond the opening; `article` whether its
    form is 第X条, which is headed by 【…】 or on a line of its own only.
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
        return ""
    if has_children and not more:
        return opening.phrase
    return opening.phrase if headed and not _RULE.search(opening.phrase) else ""
