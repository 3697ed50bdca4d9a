"""What a word means in the documents: 什么是飞地经济. Quoted where they define it, said where they do not."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.stores.catalogue import StoredClause
from ingest.text import compact, fold, sentences
from rag.answers import facts
from rag.context import Context
from rag.draft import Draft, Point
from rag.evidence import search
from rag.messages import say
from rag.types import Status

_ASKED = (
    re.compile(
        r"^(?:请问|那|那么|文件里|这里|(?:按|按照|照)[^,。?]{2,14}(?:口径|说法|定义|规定)[,]?)*(?:什么(?:叫|是|叫做)|何谓|何为|啥(?:叫|是))(?P<term>[^,。?!;:]{2,16})[?。!]*$"
    ),
    re.compile(
        r"^(?:请问|那|那么|文件里|这里)*(?:的)?(?P<term>[^,。?!;:]{2,16}?)(?:到底|在(?:条例|办法|规定|细则|文件|意见|措施)(?:里|中|当中)?(?:面|头)?)?"
        r"(?:究竟)?(?:是(?:个|一)?(?:什么|啥|哪种)(?:意思|东西|概念|钱)|是指(?:什么|啥|的是什么)|指的?是?(?:什么|啥)|的定义(?:是什么|是啥)?|(?:怎么|如何)(?:界定|定义))[?。!]*$"
    ),
    re.compile(
        r"^(?:what (?:is|are) (?:meant by|the definition of)|define|what does) ?(?P<term>.{2,40}?)(?: mean)?[?.]*$"
    ),
)
# “深水岸线”在重庆是怎么下定义的, 招商说的“重大项目”怎么界定, 两个词的定义: asked somewhere in a longer question.
_DEFINITION = re.compile(
    r"定义|界定|(?:是|究竟)(?:个)?(?:什么|啥)(?:意思|概念)|是?指(?:的)?(?:是)?(?:什么|啥)|(?:的)?含义"
)
_BEFORE_DEFINITION = re.compile(
    r"(?:^|[,。?;:里说的])(?P<term>[一-龥]{2,12}?)(?:到底|究竟|法定|在法律上)?(?:是)?(?:怎么|如何|咋)(?:下|给)?(?:的)?(?:定义|界定)"
)
# 多少年才算古树后备资源, 长够八十年就算古树了吧: asked of a word that a document defines; of another they ask for a rule.
_COUNTS_AS = re.compile(
    r"(?:怎么?样?|什么样|啥样|多[少大久长]|几|哪[些种]|[一-龥])[^,。?]{0,10}(?:才|就|也)(?:能|可以)?(?:算是?|叫做?|称为|算作)(?P<term>[^,。?了吗吧呢]{2,14})"
    r"|(?P<what>[^,。?;:]{2,16}?)(?:都|具体)?(?:包括|包含)(?:了)?(?:哪|什么|啥)"
)
# Clauses that hold the term in so large a part of all tell nothing of it.
_EVERYWHERE = 0.5
_SHORTEST_TAIL = 4


def applies(context: Context) -> bool:
    """Whether the meaning of a word is asked that the documents hold."""
    if context.question.mentions:
        return False
    return bool(_holding(context, _term(context))) if _term(context) else bool(_counted(context))


def applies_to_defined(context: Context) -> bool:
    """Whether the definition is asked of words that the documents define, however long the question: goes before other kinds."""
    return bool(_defined(context))


def answer(context: Context) -> Draft:
    """The sentence that defines the word, else the clause closest to it, said to be no definition."""
    language, defined = context.language, _defined(context)
    if defined:
        quoted = [facts.quoting(context, point) for point in defined.values()]
        points = tuple(point for draft in quoted for point in draft.points)
        opening = say("defined", language, term="、".join(defined))
        return replace(quoted[0], points=points, opening=opening)
    term = _term(context) or _counted(context)
    holding = _holding(context, term)
    # 住宅专项维修资金 is defined as 维修资金.
    for word in (term, *(term[cut:] for cut in range(1, len(term) - _SHORTEST_TAIL + 1))):
        for clause in holding if word == term else _holding(context, word):
            span = _defining(context, clause, word)
            if span is not None:
                draft = facts.quoting(context, Point(clause=clause, quotes=(span,)))
                return replace(draft, opening=say("defined", language, term=word))
    if len(holding) > _EVERYWHERE * len(context.scope):
        text = say("not_defined_anywhere", language, term=term, count=len(holding))
        return Draft(status=Status.NOT_IN_CORPUS, opening=text)
    keys = {clause.key for clause in holding}
    best = next((hit.clause for hit in search(context) if hit.clause.key in keys), holding[0])
    document = context.snapshot.documents[best.document_id].document.text
    inside = sentences(document, best.clause.start, best.clause.end)
    spans = tuple(span for span in inside if compact(fold(term)) in compact(fold(document[slice(*span)])))
    draft = facts.quoting(
        context, Point(clause=best, quotes=spans[:2] or ((best.clause.start, best.clause.end),))
    )
    return replace(draft, opening=say("not_defined", language, term=term))


def _term(context: Context) -> str:
    """The word whose meaning is asked; empty where none is."""
    folded = fold(context.question.text)
    for word in context.named.words:
        # 某市某办法里,共用部位的定义是什么
        folded = re.sub(rf"{re.escape(fold(word))}(?:里|中|当中|上)?(?:面|头)?,?", "", folded)
    folded = folded.strip(" ,")
    for pattern in _ASKED:
        match = pattern.match(folded)
        if match:
            return match.group("term").strip("\"'“”‘’ 《》")
    return ""


def _defined(context: Context) -> dict[str, Point]:
    """The words of which a definition is asked, and the sentence that defines each; without those that none defines."""
    folded = fold(context.question.text)
    if context.question.mentions or not _DEFINITION.search(folded):
        return {}
    match = _BEFORE_DEFINITION.search(folded)
    terms = context.question.quoted or ((match.group("term"),) if match else ())
    found: dict[str, Point] = {}
    for term in terms:
        for clause in _holding(context, term):
            span = _defining(context, clause, term)
            if span is not None:
                found.setdefault(term, Point(clause=clause, quotes=(span,)))
    return found


def _counted(context: Context) -> str:
    """The defined word of which is asked what counts as it; empty where no document defines it."""
    match = _COUNTS_AS.search(fold(context.question.text))
    term = (match.group("term") or match.group("what")).strip("\"'“”‘’ 《》") if match else ""
    defined = term and any(_defining(context, clause, term) for clause in _holding(context, term))
    return term if defined else ""


def _holding(context: Context, term: str) -> list[StoredClause]:
    wanted = compact(fold(term))
    return [clause for clause in context.scope if wanted in compact(fold(clause.clause.text))]


def _defining(context: Context, clause: StoredClause, term: str) -> tuple[int, int] | None:
    """The sentence that says what the term is: 本办法所称停车设施,是指…."""
    word = re.escape(fold(term))
    defines = re.compile(
        rf'(?:所称|所指)(?:的)?"?{word}"?|"?{word}"?(?:\([^)]*\))?,?(?:是指|指的是|系指|包括以下)'
    )
    text = context.snapshot.documents[clause.document_id].document.text
    for span in sentences(text, clause.clause.start, clause.clause.end):
        if defines.search(fold(text[slice(*span)])):
            return span
    return None
