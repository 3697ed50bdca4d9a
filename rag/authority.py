"""Which article of a regulation says in general who is in charge: 第五条 市林业主管部门负责…的保护管理工作."""

from __future__ import annotations

import re

from ingest.stores.catalogue import StoredClause
from ingest.text import sentences
from rag.context import Context
from rag.draft import Point

_IN_CHARGE = re.compile(
    r"(?:部门|局|委|办公室|机构|中心|人民政府)[^。;；]{0,12}?(?:负责|主管|是[^。;；]{2,24}(?:主管|行政)部门)[^。;；]{0,50}(?:工作|管理|监督|实施|指导|协调)"
    r"|(?:部门|局|委|机构)对[^。;；]{2,40}(?:统一监督管理|(?:实施|进行)监督管理)"
    r"|(?<!等)(?:部门|局|委|机构)应当[^。;；]{0,20}做好[^。;；]{2,30}(?:协调|监督|管理|指导)[^。;；]{0,8}工作"
)
# 扬尘这事总的归哪个部门管, …的主管部门是谁: that article is meant, whichever other is nearer.
ASKS_IN_GENERAL = re.compile(
    r"总的|总管|总负责|总体上|总归|统一(?:归|由|监管|管(?!网))|主管部门(?:到底)?(?:是|叫)(?:谁|哪|什么)|(?:全市|全省|全县|全区|整个)[^,，。?？]{0,10}(?:归|由|该)|(?:平时|平常|日常|说到底|归根|到底)[^,，。?？]{0,6}(?:归|由|是)?(?:谁|哪)[^,，。?？]{0,6}(?:总管|主管|扛大旗|当家)|(?:平时|平常|日常)(?:主要)?(?:是|由|归|靠)?(?:哪|谁)[^,，。?？]{0,6}(?:管|盯|抓|协调)"
)
_OF_A_DEPARTMENT = re.compile(
    r"(?:部门|局|委(?!员会))[^。;；]{0,12}?(?:负责|主管|是[^。;；]{2,24}(?:主管|行政)部门|对[^。;；]{2,40}监督管理|(?<!等部门)应当[^。;；]{0,20}做好)"
)
# It stands among the general provisions.
_FIRST_ARTICLES = 8


def general_authority(context: Context, document_id: str) -> Point | None:
    """The general article that lays down which department, else which government, is in charge; None where none does."""
    text = context.snapshot.documents[document_id].document.text
    found: list[Point] = []
    for clause in context.snapshot.clauses_of(document_id):
        if clause.clause.article is None or clause.clause.article > _FIRST_ARTICLES:
            continue
        if not clause.clause.label.startswith("第") or not clause.clause.path[-1].startswith("第"):
            continue
        spans = sentences(text, clause.clause.start, clause.clause.end)
        telling = tuple(span for span in spans if _IN_CHARGE.search(text[slice(*span)]))
        if telling:
            found.append(Point(clause=clause, quotes=telling[:2]))
    # Which department is asked, and 市人民政府负责组织领导 stands before it.
    of_departments = (
        point
        for point in found
        if any(_OF_A_DEPARTMENT.search(text[start:end]) for start, end in point.quotes)
    )
    return next(of_departments, found[0] if found else None)


def is_of_a_regulation(clause: StoredClause) -> bool:
    """Whether a clause is one of 第X条, among which one says in general who is in charge."""
    return any(label.startswith("第") and label.endswith("条") for label in clause.clause.path)
