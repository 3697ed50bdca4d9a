"""Every clause that mentions a thing: “区中园”在哪几条里出现过. Complete, by exact words."""

from __future__ import annotations

import re

from ingest.stores.catalogue import StoredClause
from ingest.text import compact
from rag.answers import facts
from rag.context import Context
from rag.draft import Draft, Point
from rag.evidence import ASKS_FORBIDDEN, quote_point, search, whole_point
from rag.messages import say
from rag.sufficiency import insufficient
from rag.types import Status
from rag.wording import bodies_sentence, label_of, merge_roles

_MENTIONED = re.compile(r"讲|提到|提及|说到|说了|写到|写了|写着|涉及|出现|谈到|包含|有关|相关|关于|规定")
_AROUND = re.compile(
    r"讲到?|提到?|提及|说到?|写到?|写着|涉及|出现过?|谈到?|包含|有关|相关|关于|规定|要求|方面|内容|分散|分布|条款|条文|条目|都|分别|里面?|[中上在有还把是过了和与跟及的着从被吗呢]"
)
# 把“…”项下的文字完整列出
_IN_FULL = re.compile(r"(?:文字|内容|条文)[^,,。]{0,4}(?:完整|全部|全文)|(?:完整|全部)的?(?:文字|内容|条文)")
# 条例里哪一条讲招聘会, 帮我找一下条号: the document itself, and that a number is wanted.
_ITSELF = re.compile(
    r"^(?:(?:这|该|本|那)?(?:部|份|个)?(?:条例|办法|规定|细则|意见|方案|措施|通知|文件|政策)|(?:请|帮|给|我|一下|找|查|报|出)*条号)$"
)
# Where clauses are asked for, not what one of them lists.
_PLACES = re.compile(
    rf"{_MENTIONED.pattern}|条(?!件)|处(?!罚|理)|地方|部分|段|which|clause|article|list", re.IGNORECASE
)
# …的那一条原文: one is meant.
_THAT_ONE = re.compile(r"[那这]一?条")
_THE_ONE = re.compile(r"哪(?:一)?条(?!款?都|款?有)|第几条")
_OF_EACH = re.compile(r"各(?:自|是|由|归)|分别")
_FEW = 3
# 码头 in a long question on one clause (…出自第几条) is so small a part of it that it does not tell which.
_SMALL_PART = 0.4
_SPLIT = re.compile(r"[、,，\s/]|或者?|和|与|跟|以及|还有")


def applies(context: Context) -> bool:
    """Whether the question asks in which clauses a thing stands."""
    text = context.question.text
    # 不能干的事都列给我 and 哪些情形可以例外,请列出 ask for a list that stands in one clause.
    that_one = context.question.wants("original") and _THAT_ONE.search(text)
    in_one = that_one or ASKS_FORBIDDEN.search(text) or not (context.question.quoted or _PLACES.search(text))
    return (
        context.question.wants("which_clauses")
        and not in_one
        and not context.pinned
        and bool(_phrases(context))
    )


def _phrases(context: Context) -> list[str]:
    """The words looked for: quoted ones, else the topic's parts."""
    if context.question.quoted:
        return list(context.question.quoted)
    words = [word for part in _SPLIT.split(context.topic) for word in _words(context, part)]
    return [compact(word) for word in words if len(word) >= 2]


def _words(context: Context, part: str) -> list[str]:
    """One part of the topic without the words around what is looked for; 区中园 is a thing, not 园 in 区."""
    whole = compact(_MENTIONED.sub(" ", part)).strip("款了的在有过都里上")
    if _ITSELF.match(whole):
        return []
    if len(whole) >= 2 and any(whole in compact(clause.clause.text) for clause in context.scope):
        return [whole]
    return _AROUND.sub(" ", part).split()


def answer(context: Context) -> Draft:
    """All clauses that hold the phrases, each with its sentence; by likeness where none does."""
    language = context.language
    phrases = _phrases(context)
    found = [clause for clause in context.scope if any(p in compact(clause.clause.text) for p in phrases)]
    held = [p for p in phrases if any(p in compact(clause.clause.text) for clause in found)]
    single = len(phrases) == 1
    exact = context.question.quoted or _MENTIONED.search(context.question.text) or single
    # 是在哪一条里写着的 is one, and many clauses hold some word of it.
    told = sum(map(len, held)) >= _SMALL_PART * len(compact(context.topic))
    one_of_many = (
        _THE_ONE.search(context.question.text)
        and not context.question.quoted
        and (len(found) > _FEW or (len(found) > 1 and not told))
    )
    if not exact or not found or one_of_many or len(found) > len(context.scope) * 0.6:
        return _by_likeness(context)
    if len(found) == 1 and _whole_wanted(context):
        return facts.quoting(context, whole_point(found[0]))
    points = [_point(context, clause, held) for clause in found]
    lead, cooperating, responsible, _ = merge_roles([d for p in points for d in p.responsibilities])
    opening = say("phrase_list", language, count=len(found), phrase="、".join(held))
    asks = context.question
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(points),
        notes=(say("complete", language),),
        lead=lead,
        cooperating=cooperating if asks.asks_for_bodies else (),
        responsible=responsible,
    )


def _whole_wanted(context: Context) -> bool:
    """Whether the article's words are asked for beside its number: 哪一条讲这个?原文怎么说."""
    return context.question.wants("original", "content") or bool(_IN_FULL.search(context.question.text))


def _point(context: Context, clause: StoredClause, phrases: list[str]) -> Point:
    """The sentences of a clause that hold the phrases, and who leads where that was asked."""
    language = context.language
    ranked = context.knowledge.retriever.rank_sentences(context.snapshot, clause, " ".join(phrases))
    spans = tuple((s.start, s.end) for s in ranked if any(p in compact(s.text) for p in phrases))
    line = ""
    if context.question.asks_for_bodies:
        line = bodies_sentence(
            clause.clause.responsibilities,
            context.knowledge.directory,
            language,
        )
    before = f"{label_of(clause, language)}{say('colon', language) + line if line else ''}"
    return Point(clause=clause, quotes=spans or ((clause.clause.start, clause.clause.end),), before=before)


def _by_likeness(context: Context) -> Draft:
    """No clause holds the very words: the closest ones, said to be that."""
    language = context.language
    hits = search(context)
    if not hits:
        return Draft(status=Status.NOT_IN_CORPUS, opening=say("not_found", language))
    fullest = max(hit.coverage for hit in hits)
    # Words that no clause holds: whether the closest clause is close enough decides.
    known = context.knowledge.retriever.known_words(context.snapshot, context.topic, context.document_ids)
    # Of the documents around the policy, which were not asked, only what is close.
    ending = None if known and not context.among else insufficient(context, hits)
    if ending is not None:
        return ending
    near = [hit for hit in hits[:4] if hit.score >= 0.75 * hits[0].score and hit.coverage >= 0.7 * fullest]
    near = near or list(hits[:1])
    if _THE_ONE.search(context.question.text):
        # One is meant: the closest, and at most one beside it.
        near = [hits[0], *(hit for hit in near if hit.clause.key != hits[0].clause.key)][:2]
    if _whole_wanted(context):
        return facts.quoting(context, whole_point(hits[0].clause))
    points = []
    for hit in near:
        point = quote_point(context, hit.clause, most=1)
        line = ""
        if context.question.asks_for_bodies:
            line = say("colon", language) + bodies_sentence(
                point.responsibilities, context.knowledge.directory, language
            )
        points.append(
            Point(
                clause=point.clause,
                quotes=point.quotes,
                before=label_of(hit.clause, language) + line,
                duties=point.duties,
            )
        )
    # 各是哪条管,各是谁领头 asks it of each.
    told = points if _OF_EACH.search(context.question.text) else points[:1]
    lead, cooperating, responsible, _ = merge_roles([d for p in told for d in p.responsibilities])
    return Draft(
        status=Status.ANSWERED,
        points=tuple(points),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )
