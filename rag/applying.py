"""When and how what a policy promises is applied for: often said once, for all its articles, near the end.

于每年3月31日前提出上一年度奖补申请 of an article on 兑现 holds for the subsidy of another that states only the sum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.stores.catalogue import StoredClause
from ingest.text import fold, sentences
from rag.context import Context
from rag.draft import Point
from rag.forms import Ask

_ASKS_TO_APPLY = re.compile(r"申报|申请|材料|报名|递交|提交|[交报]上去|怎么领")
# Whoever applies for anything, and what it is that is applied for.
_FOR_ALL = re.compile(r"申报(?:主体|单位|人|企业|者)|申请(?:人|单位|企业)|符合条件的(?:企业|单位|项目|主体)")
_APPLIED_FOR = re.compile(
    r"(?:申报|申请|提出)[^。]*(?:奖补|补贴|补助|奖励|资金)|(?:奖补|补贴|补助|奖励|资金)[^。]*(?:申报|申请)"
)
_APPLIES = re.compile(r"申报|申请|报名")
OF_TIME = ("when", "deadline")


def when_to_apply(context: Context, clause: StoredClause, asks: Sequence[Ask]) -> Point | None:
    """The sentence of a clause's document that says when anything in it is applied for; None where that is not asked or said."""
    wanted = [ask.needs for ask in asks if ask.id in OF_TIME and ask.needs is not None]
    asked = _ASKS_TO_APPLY.search(context.question.text)
    if not wanted or not asked or _APPLIES.search(clause.clause.text):
        return None
    text = context.snapshot.documents[clause.document_id].document.text
    for held in context.snapshot.clauses_of(clause.document_id):
        if held.clause.article == clause.clause.article:
            continue
        for start, end in sentences(text, held.clause.start, held.clause.end):
            said = fold(text[start:end])
            of_all = _FOR_ALL.search(said) and _APPLIED_FOR.search(said)
            if of_all and all(needed.search(said) for needed in wanted):
                return Point(clause=held, quotes=((start, end),))
    return None
