"""Whether a question is about another place than the documents': 浙江的园区, 岚港市 of a rule of 云栎市, 隔壁市."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text import fold
from rag.context import Context
from rag.retrieve import Hit

_CITY = re.compile(r"^[一-龥]{2,6}?(?:市(?!场)|区|县)")
# At the beginning of a sentence a name is whole: 岚港市的收运企业…, but not 我们在全市….
_ASKED_CITY = re.compile(
    r"(?:^|[,。?!:;\s]|请问|在|(?P<beside>隔壁|旁边|相邻|邻近|[邻外][省市县])的?)"
    r"(?P<city>(?![一-龥]{0,2}[我你他咱承本全各哪这那每该省一三两几个城外地级在是去到给问找由归向跟和的按照依据从隔])[一-龥]{2,3}"
    r"(?:(?<![夜早晚菜超集闹门股楼上开罢都县])市|(?(beside)[省区县]|(?!)))(?!场|政|区|民|容|值|级|里|内|直))"
)
# 隔壁市建冷库补多少钱; but 我是隔壁市的企业 asks about here.
_NEXT_DOOR = re.compile(
    r"(?<!我是)(?<!我们是)(?<!我在)(?<!来自)(?<!从)(?<!和)(?<!跟)(?<!与)(?:隔壁|旁边|相邻|邻近|外)(?:的)?(?:那个|个)?(?:市|县)(?!的(?:人|企业|公司|户口|老乡)|场)"
)


def asked_of_elsewhere(context: Context, hits: Sequence[Hit]) -> bool:
    """Whether another place's rule is asked for, which no document held here speaks of."""
    folded, forms = fold(context.question.text), context.knowledge.forms
    away = forms.elsewhere.search(folded)
    # Zhejiang's rules on green buildings are held where its name is found in Chinese.
    of_ours = away is not None and any(fold(word) in away.group() for word in context.named.words)
    if away and not of_ours and not forms.unless_here.search(folded) and not _held(context, away):
        return True
    return bool(hits) and _of_another_city(context, hits[0])


def _held(context: Context, match: re.Match[str] | None) -> bool:
    """Whether some document speaks of the place."""
    if match is None:
        return False
    place = match.groupdict().get("place") or match.group()
    return any(place in stored.document.text for stored in context.documents.values())


def _of_another_city(context: Context, hit: Hit) -> bool:
    """Whether a city's own rule is asked of another city, which no document names: 岚港市 of one of 云栎市."""
    metadata = context.documents[hit.clause.document_id].document.metadata
    if not _CITY.match(metadata.issuer or metadata.title):
        return False
    named = [match.group("city") for match in _ASKED_CITY.finditer(context.question.text)]
    if _NEXT_DOOR.search(context.question.text):
        return True
    return any(
        not any(city in stored.document.text for stored in context.documents.values()) for city in named
    )
