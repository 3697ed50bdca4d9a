"""What a question takes for granted and a sentence of the documents says otherwise: 既然允许返还, 责任险强制必须买."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text import fold
from rag.context import Context
from rag.draft import Point
from rag.evidence import search
from rag.retrieve import Hit

# 不得拒绝, 不得强制 forbid standing in the way of it.
_FORBIDS = re.compile(
    r"(?:严禁|不得|禁止|不准|杜绝|不允许)(?!拒|强制|强行|限制|阻|妨碍|设置|变相|以任何|要求|歧视|排斥)"
)
# So much of what is forbidden has to be asked for, unless it is taken for allowed: 组织未成年人参加抢险救灾 is not 去救灾的志愿者.
_FORBIDDEN_SHARE = 0.5
_COMPELLED = re.compile(r"强制|必须|一定[要得]|非[^,，。?？]{1,8}不可|都得|全部|一律|硬性")
# What is told up to the end of the clause that takes it for compulsory; another asks.
_TAKEN = re.compile(rf"^.*?(?:{_COMPELLED.pattern})[^,，。?？;；]*(?=[,，。?？;；])", re.DOTALL)
# 都得准备哪些材料 takes nothing for compulsory.
_ASKED = re.compile(r"哪|什么|啥|多少|几|谁|怎")
_LEFT_FREE = re.compile(r"鼓励|倡导|提倡|引导|自愿|[不无]需|不必|取消[^,，。;；]{0,12}(?:审批|备案|许可)")
_COMPELS = re.compile(r"应当|必须|不得")
_LOOKED_AT = 2


def forbidden(context: Context, hits: Sequence[Hit]) -> Point | None:
    """The sentence that forbids what a question takes for allowed: 既然允许返还土地出让金,能返几成."""
    retriever = context.knowledge.retriever
    asked = {
        word
        for word in retriever.known_words(context.snapshot, context.topic, context.document_ids)
        if len(word) > 1
    }
    for hit in hits[:2]:
        text = context.snapshot.documents[hit.clause.document_id].document.text
        for sentence in retriever.rank_sentences(context.snapshot, hit.clause, context.topic):
            for piece in re.split(r"[,，;；]", text[sentence.start : sentence.end]):
                begin = _FORBIDS.search(piece)
                if begin is None:
                    continue
                rest = fold(piece[begin.end() :])
                shared = sum(word in rest for word in asked)
                most = context.question.asserts or shared >= _FORBIDDEN_SHARE * len(
                    retriever.content_words(rest)
                )
                if shared >= 2 and most:
                    return Point(clause=hit.clause, quotes=((sentence.start, sentence.end),))
    return None


def left_free(context: Context) -> Point | None:
    """The sentence that leaves to everyone what a question takes for compulsory: 电梯责任险是强制必须买的,没买罚多少, of 鼓励投保."""
    if context.continued or context.language == "en":
        return None
    taken = _TAKEN.match(context.question.text)
    if taken is None or _ASKED.search(taken.group()):
        return None
    retriever = context.knowledge.retriever
    topic = context.knowledge.reader.topic(_COMPELLED.sub("", taken.group()))
    words = {w for w in retriever.known_words(context.snapshot, topic, context.document_ids) if len(w) > 1}
    for hit in search(context, topic)[:_LOOKED_AT] if words else ():
        text = context.snapshot.documents[hit.clause.document_id].document.text
        ranked = retriever.rank_sentences(context.snapshot, hit.clause, topic)
        best = max(ranked, key=lambda sentence: sentence.score, default=None)
        if best is None:
            continue
        said = fold(text[best.start : best.end])
        free = _LEFT_FREE.search(said)
        shared = sum(word in said for word in words)
        if free and not _COMPELS.search(said[: free.start()]) and shared >= 2 and 2 * shared >= len(words):
            return Point(clause=hit.clause, quotes=((best.start, best.end),))
    return None
