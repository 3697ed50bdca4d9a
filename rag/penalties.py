"""What follows from breaking an article: 违反本办法第十九条第四项规定的,处二百元以上一千元以下罚款."""

from __future__ import annotations

import re

from ingest.chinese_numbers import to_int
from ingest.stores.catalogue import StoredClause
from ingest.text import sentences
from rag.context import Context
from rag.draft import Point

_PENALTY = re.compile(r"罚款|责令|处分|没收|吊销|追究")
_NUMERAL = "[一二三四五六七八九十百零]+"
_ITEMS = re.compile(rf"第({_NUMERAL})项")


def penalty_for(context: Context, clause: StoredClause) -> Point | None:
    """The sentence part that fines what an article (or this item of it) forbids; None where none names the article.

    Of 违反第十九条第四项规定的,…;违反第十九条第三项、第五项规定的,… only the limb on the item is quoted.
    """
    number = clause.clause.article
    if number is None or not clause.clause.path:
        return None
    item = _item(clause)
    named = re.compile(rf"第({_NUMERAL}|\d+)条((?:第{_NUMERAL}[款项][、和及,，]?)*)")
    for held in context.snapshot.clauses_of(clause.document_id):
        if held.clause.article == number or not _PENALTY.search(held.clause.text):
            continue
        text = context.snapshot.documents[held.document_id].document.text
        for start, end in sentences(text, held.clause.start, held.clause.end):
            sentence = text[start:end]
            if not _PENALTY.search(sentence):
                continue
            for match in named.finditer(sentence):
                items = {to_int(found) for found in _ITEMS.findall(match.group(2))}
                if to_int(match.group(1)) == number and (not items or item is None or item in items):
                    return Point(clause=held, quotes=((start, end),))
    return None


def _item(clause: StoredClause) -> int | None:
    last = clause.clause.path[-1].strip("()（）")
    return None if last.startswith("第") else to_int(last)
