"""Who imposes the penalties of a regulation whose articles on penalties name nobody: 本条例规定的行政处罚,由市园林行政管理部门实施."""

from __future__ import annotations

import re

from ingest.article_references import find_article_references
from ingest.stores.catalogue import StoredClause
from ingest.text import sentences
from rag.articles import parts
from rag.context import Context
from rag.draft import Point
from rag.penalties import item_of

# 委托 hands over what another body has; 作出处罚决定的机关 is whom one appeals against.
_IMPOSED = re.compile(
    r"(?:本(?:条例|办法|规定|细则|章|条)|第[^。;；]{1,12}[条款项])[^。;；]{0,30}处罚(?!法)[^。;；]{0,24}?由[^。;；]{2,60}(?:实施|决定|执行|作出|负责|行使|处理)"
)
_BY = re.compile(r"由[^。;；]{2,60}(?:实施|决定|执行|作出|负责|行使|处理)")
_THREAT = re.compile(r"罚款|没收|吊销|责令|警告")
_RANGE = re.compile(r"^[至到-]$")


def enforcer_of(context: Context, clause: StoredClause) -> Point | None:
    """The sentences that say who imposes what this article (or item) threatens; None where it threatens nothing or no article of its document says it."""
    text = context.snapshot.documents[clause.document_id].document.text
    article, item = clause.clause.article, item_of(clause)
    if article is None or not any(_THREAT.search(p.clause.text) for p in parts(context.snapshot, clause)):
        return None
    for held in context.snapshot.clauses_of(clause.document_id):
        if held.clause.article == article or not _IMPOSED.search(held.clause.text):
            continue
        quotes = []
        follows = False
        for start, end in sentences(text, held.clause.start, held.clause.end):
            sentence = text[start:end]
            if _IMPOSED.search(sentence):
                follows = speaks_of(sentence, article, item)
            elif not _BY.search(sentence):
                follows = False
            if follows:
                quotes.append((start, end))
        if quotes:
            told = (d for d in held.clause.responsibilities if any(a <= d.start < b for a, b in quotes))
            return Point(clause=held, quotes=tuple(quotes), duties=tuple(told))
    return None


def speaks_of(sentence: str, article: int, item: int | None = None) -> bool:
    """Whether a sentence is on this article (or item): 第四十八条至第五十二条规定的行政处罚 on 50; one that names none is on all."""
    named = [each for each in find_article_references(sentence) if each.article is not None]
    if not named:
        return True
    for place, each in enumerate(named):
        if each.article == article and (each.item is None or item is None or each.item == item):
            return True
        after = named[place + 1] if place + 1 < len(named) else None
        if after is not None and _RANGE.match(sentence[each.end : after.start]):
            assert each.article is not None and after.article is not None
            if each.article < article < after.article:
                return True
    return False
