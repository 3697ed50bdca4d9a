"""Which national-level zones there are (corpus/digests/gansu-zones.yaml): 兰州经开区是国家级吗."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.stores.catalogue import StoredClause
from ingest.text import fold
from rag.context import Context
from rag.draft import Draft, refusal
from rag.evidence import search, whole_point
from rag.messages import say
from rag.types import Status

DOCUMENT = "gansu-zones"
_PLACE = re.compile(
    r"(?P<place>兰州新区|兰州|金昌|天水|酒泉|张掖|白银|嘉峪关|武威|定西|平凉|庆阳|陇南|临夏|甘南|敦煌|玉门|石嘴山)"
)
# Zones as an English question names them.
_ENGLISH = {
    "lanzhou new area": "兰州新区",
    "lanzhou": "兰州",
    "jinchang": "金昌",
    "tianshui": "天水",
    "jiuquan": "酒泉",
    "zhangye": "张掖",
    "baiyin": "白银",
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTRY = re.compile(r"全国|全中国|国家(?:一共|总共)")


def applies(context: Context) -> bool:
    """Whether a zone's standing is asked about, or how many there are."""
    question = context.question
    if DOCUMENT not in context.snapshot.documents or question.articles:
        return False
    # 哪几家 counts zones here; 谁牵头 asks for a body.
    if question.asks_for_bodies and re.search(r"(?<!少了)谁|牵头|配合|负责|管|找|部门", question.text):
        return False
    about_zones = bool(context.focus.keys) and context.focus.keys[0].startswith(f"{DOCUMENT}#")
    named = bool(_PLACE.search(question.text)) and len(question.text) < 40
    return question.wants("zone_standing") or (about_zones and (named or bool(_talked_about(context))))


def answer(context: Context) -> Draft:
    """The facts on the zones named; those on their number where none is."""
    language, text = context.language, fold(context.question.text)
    facts = context.snapshot.clauses_of(DOCUMENT)
    places = _places(text)
    held = [fact for fact in facts if any(_is_of(fact, place) for place in places)]
    absent = [place for place in places if not any(_is_of(fact, place) for fact in facts)]
    opening = ""
    if absent:
        held += [fact for fact in facts[:1] if fact not in held]
        opening = say("zone_absent", language, places="、".join(absent))
    if not held:
        held = _talked_about(context) or _searched(context, facts)
    years = [year for year in _YEAR.findall(text) if not any(year in fact.clause.text for fact in held)]
    if years or not held:
        return refusal(Status.NOT_IN_CORPUS, say("not_found", language))
    points = tuple(whole_point(fact) for fact in held[:4])
    return Draft(status=Status.ANSWERED, opening=opening or say("zones", language), points=points)


def _places(text: str) -> list[str]:
    """The places that a question names, in Chinese: jiuquan → 酒泉."""
    found = [match.group("place") for match in _PLACE.finditer(text)]
    if not found:
        names = sorted(_ENGLISH, key=len, reverse=True)
        found = [_ENGLISH[name] for name in names if name in text][:1]
    return list(dict.fromkeys(found))


def _talked_about(context: Context) -> list[StoredClause]:
    """The facts that a follow-up points back to: 那它是哪年升上来的."""
    if not (context.pinned or context.continued) or context.question.wants("zone_standing"):
        return []
    facts = (context.snapshot.clause(key) for key in context.focus.keys)
    return [fact for fact in facts if fact is not None and fact.document_id == DOCUMENT]


def _is_of(fact: StoredClause, place: str) -> bool:
    """Whether a fact is about a place: 酒泉经济技术开发区, 酒泉退出之后; 兰州新区 is not 兰州."""
    heading = fact.clause.heading
    if place == "石嘴山":
        return "石嘴山" in fact.clause.text
    return heading.startswith(place) and (place == "兰州新区" or not heading.startswith("兰州新区"))


def _searched(context: Context, facts: tuple[StoredClause, ...]) -> list[StoredClause]:
    """All zones where a ranking is asked for, else the facts closest to the question."""
    text = context.question.text
    if re.search(r"排名|排第|第几|名次", text):
        year = _YEAR.search(text)
        return [
            f
            for f in facts
            if "考核" in f.clause.text
            and "排" in f.clause.text
            and (not year or year.group() in f.clause.text)
        ]
    narrowed = replace(context, named=replace(context.named, ids=(DOCUMENT,)))
    if not _COUNTRY.search(text) and re.search(r"[几多哪].{0,4}[家个]|名单|都叫", text):
        return list(facts[:1])
    return [hit.clause for hit in search(narrowed, limit=1)]
