"""Which article of a regulation says in general who is in charge: 第五条 市林业主管部门负责…的保护管理工作."""

from __future__ import annotations

import re

from ingest.stores.catalogue import StoredClause
from ingest.text import sentences
from rag.context import Context
from rag.draft import Point

_IN_CHARGE = re.compile(
    r"(?:部门|局|委|办公室|机构|中心|人民政府)[^。;；]{0,12}?(?:负责|主管|是[^。;；]{2,24}(?:主管|行政)部门)[^。;；]{0,50}(?:工作|管理|监督|实施|指导|协调)"
)
# It stands among the general provisions.
_FIRST_ARTICLES = 8


def general_authority(context: Context, document_id: str) -> Point | None:
    """The first of the general articles that lays down who is in charge, with the sentences that do; None where none does."""
    text = context.snapshot.documents[document_id].document.text
    for clause in context.snapshot.clauses_of(document_id):
        if clause.clause.article is None or clause.clause.article > _FIRST_ARTICLES:
            continue
        if not clause.clause.label.startswith("第") or not clause.clause.path[-1].startswith("第"):
            continue
        spans = sentences(text, clause.clause.start, clause.clause.end)
        telling = tuple(span for span in spans if _IN_CHARGE.search(text[slice(*span)]))
        if telling:
            return Point(clause=clause, quotes=telling[:2])
    return None


def is_of_a_regulation(clause: StoredClause) -> bool:
    """Whether a clause is one of 第X条, among which one says in general who is in charge."""
    return any(label.startswith("第") and label.endswith("条") for label in clause.clause.path)
