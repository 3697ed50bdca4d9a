"""The document itself: when it was issued, by whom, for whom, on what basis, how many articles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.stores.catalogue import StoredClause, StoredDocument
from ingest.text import fold, sentences
from ingest.types import Clause
from rag.around import change_sentence
from rag.articles import heads
from rag.context import Context
from rag.draft import Draft, Point, refusal
from rag.evidence import search, whole_point
from rag.messages import say
from rag.types import Status
from rag.wording import label_of

_ASKS = (
    "document_validity",
    "document_date",
    "document_issuer",
    "document_number",
    "document_addressees",
    "document_basis",
)
# 贯彻的是国办哪个文号的文件 asks for the document above, not for this one's number.
_OTHER_DOCUMENT = re.compile(r"贯彻|落实|依据|根据|按照|上位|上级|国办|国务院")
_DOCUMENT_WORDS = frozenset(
    "文件 日期 时间 成文 印发 发布 发文 机关 文号 主送 依据 根据 制定 出台 上级 国务院 一共 总共 部分 多少 实施 意见 国家 落实"
    " 贯彻 什么 目的 为了 下发 省里 这份 国办 哪个 落款 那份 哪天 办公厅 国务院办公厅 施行 开始 实行 有效 有效期 现在 办法".split()
)
# 这个文件讲了什么, 概括一下全文, 主要内容
_WHOLE = re.compile(
    r"(?:文件|意见|政策|办法|通知|方案|规定)(?:都|主要|大概|总的)?(?:是)?(?:讲|说|写|规定|管)(?:了|的是|的)?(?:些)?(?:什么|啥|哪些)(?:内容|东西|事)?[??。]*$"
    r"|(?:概括|总结|介绍)(?:一?下)?(?:这|本|该)?(?:份|个)?(?:全文|文件|意见|政策|办法)|(?:文件|全文|意见|政策|办法)的?(?:主要|大致|基本)内容|(?:部分|章)(?:的)?(?:标题|题目)"
)
# 六方面21条: a digest's fact on how its document is built.
_STRUCTURE = re.compile(r"\d+\s*(?:条|项举措|项)(?!以)|[一二三四五六七八九十]+(?:个)?(?:部分|方面)")
# A digest of so few clauses is shown whole.
_FEW = 5
# 讲了什么, 是什么, 全文 of a document that is named.
_ABOUT = re.compile(
    r"(?:讲|说|写|规定|管)(?:了|的是|的)?(?:些)?(?:什么|啥|哪些)|是(?:个)?(?:什么|啥)|主要内容|全文|原文|是干(?:什么|啥)|讲的"
)
_VALIDITY = re.compile(r"施行|起(?:正式)?(?:实施|执行)|有效期|废止|生效|试行期|失效")
# 第八条 本办法自2023年7月1日起施行,有效期5年。
_OWN_VALIDITY = re.compile(
    r"本(?:办法|规定|规则|条例|细则|意见|措施|通知|方案|决定|规划)[^。]{0,30}(?:施行|起(?:正式)?(?:实施|执行)|有效期|生效|试行期|失效)"
)
# 养羊这个政策是不是年底到期: the document, whatever matter it is named by.
_THIS_ONE = re.compile(
    r"(?:这|该|本)(?:个|份|项|套|一)?(?:政策|措施|办法|文件|意见|规定|通知|条例|方案)[^,，。]{0,14}(?:到期|有效|失效|作废|管到|执行|实行)"
)
_WHAT = {
    "document_validity": "施行日期和有效期",
    "document_date": "日期",
    "document_issuer": "发文机关",
    "document_number": "文号",
    "document_addressees": "主送机关",
    "document_basis": "依据",
}


def applies(context: Context) -> bool:
    """Whether the question is about the document as such rather than about a matter in it."""
    question = context.question
    if context.pinned and not question.wants(*_ASKS):
        return False
    # 第四部分有哪几条 and 各部门牵头几条 count within the document; 国务院 may be named as its basis.
    counted = question.wants("count_clauses") and not question.sections and not question.asks_for_bodies
    others = [mention for mention in question.mentions if not _OTHER_DOCUMENT.search(mention.text)]
    if _whole(context) and not others:
        return True
    about_document = (counted or question.wants(*_ASKS)) and not others
    if about_document and question.wants("document_validity") and _THIS_ONE.search(question.text):
        return True
    return about_document and not has_other_topic(context)


def _whole(context: Context) -> bool:
    """Whether the document's contents as a whole are asked for."""
    question = context.question
    named = question.articles or question.sections or question.relative or question.quoted or context.pinned
    about = _WHOLE.search(question.text) or (context.named.ids and _ABOUT.search(question.text))
    if named or question.wants(*_ASKS) or not about:
        return False
    rest = _WHOLE.sub(" ", question.text)
    for word in context.named.words:
        rest = rest.replace(word, " ")
    known = context.knowledge.retriever.known_words(context.snapshot, context.knowledge.reader.topic(rest))
    return not known - _DOCUMENT_WORDS


def has_other_topic(context: Context) -> bool:
    """Whether the question has words that are neither about documents nor in a document's title."""
    text = context.question.text
    for reference in context.question.references:
        text = text.replace(reference.raw, " ")
    for word in context.named.words:
        text = text.replace(word, " ")
    for ask in context.question.asks:
        if ask.id in _ASKS:
            text = ask.match.sub(" ", fold(text))
    topic = context.knowledge.reader.topic(text)
    words = context.knowledge.retriever.known_words(context.snapshot, topic) - _DOCUMENT_WORDS
    titles = "".join(stored.document.metadata.title for stored in context.documents.values())
    return any(word not in titles for word in words)


def _chosen(context: Context) -> StoredDocument:
    """The document meant: named, alike in title, talked about, else the first."""
    documents = list(context.documents.values())
    if context.named.ids:
        return documents[0]
    words = context.knowledge.retriever.content_words(context.question.text)
    alike = {d.document.id: sum(len(w) for w in words if w in d.document.metadata.title) for d in documents}
    best = max(documents, key=lambda d: alike[d.document.id])
    if len({alike[d.document.id] for d in documents}) > 1:
        return best
    focused = {key.rpartition("#")[0] for key in context.focus.keys}
    held = next((d for d in documents if d.document.id in focused), None)
    if held is None and len(documents) > 1 and (hits := search(context, limit=1)):
        # 养羊这个政策: the document that speaks of it.
        held = next(d for d in documents if d.document.id == hits[0].clause.document_id)
    return held or documents[0]


def answer(context: Context) -> Draft:
    """The document's own statements; the opening sentence is quoted for its basis."""
    stored = _chosen(context)
    if _whole(context):
        return _count(context, stored)
    if context.question.wants("count_clauses") and not context.question.wants(*_ASKS):
        return _count(context, stored)
    if context.question.wants("document_number") and _OTHER_DOCUMENT.search(context.question.text):
        return _draft(context, stored, ("document_basis",))
    return _draft(context, stored, [ask for ask in _ASKS if context.question.wants(ask)])


def _draft(context: Context, stored: StoredDocument, asked_for: Sequence[str]) -> Draft:
    said = [line for ask in asked_for if (line := _line(context, stored, ask))]
    asked = asked_for[0]
    if not said:
        unknown = say("document_unknown", context.language, what=_WHAT[asked])
        return refusal(Status.NOT_IN_CORPUS, unknown, *_since(context, stored, asked))
    points = tuple(dict.fromkeys(point for ask in asked_for for point in _evidence(context, stored, ask)))
    if not points:
        return refusal(Status.NOT_IN_CORPUS, say("document_unknown", context.language, what=_WHAT[asked]))
    return Draft(status=Status.ANSWERED, opening="".join(said), points=points)


def _since(context: Context, stored: StoredDocument, asked: str) -> list[str]:
    """What is known of a document's validity beside its text, where that is asked."""
    around = context.knowledge.around
    changes = around.currency.of(stored.document.id, None, around.today)
    return [change_sentence(c, context.language) for c in changes if asked == "document_validity"]


def _line(context: Context, stored: StoredDocument, ask: str) -> str:
    metadata, language = stored.document.metadata, context.language
    match ask:
        case "document_date" if metadata.issued_on:
            posted = say("posted", language, posted=metadata.posted_on) if metadata.posted_on else ""
            return say(
                "document_date", language, title=metadata.title, issued=metadata.issued_on, posted=posted
            )
        case "document_issuer" if metadata.issuer:
            return say("document_issuer", language, title=metadata.title, issuer=metadata.issuer)
        case "document_number" if metadata.number:
            return say("document_number", language, title=metadata.title, number=metadata.number)
        case "document_addressees" if metadata.addressees:
            return say(
                "document_addressees",
                language,
                title=metadata.title,
                names=say("semicolon", language).join(metadata.addressees),
            )
        case "document_validity" if _validity(context, stored):
            return say("document_validity", language, title=metadata.title)
        case "document_basis" if stored.references:
            return say("document_basis", language, title=metadata.title)
        case _:
            return ""


def _evidence(context: Context, stored: StoredDocument, ask: str) -> list[Point]:
    """The printed lines that say it: preamble, addressees, signature and date."""
    text = stored.document.text
    if ask == "document_validity":
        return _validity(context, stored)
    if ask == "document_basis":
        spans = sentences(text, *stored.preamble)[:1]
    elif ask == "document_addressees":
        spans = _spans_of(text, stored.document.metadata.addressees[:1])
    elif ask == "document_issuer":
        spans = _spans_of(text, (stored.document.metadata.issuer or "",))
    elif ask == "document_number":
        spans = _spans_of(text, (stored.document.metadata.number or "",))
    else:
        spans = _spans_of(text, _date_forms(stored.document.metadata.issued_on or ""))
    spans = spans or _spans_of(text, (stored.document.metadata.title,))
    return [Point(clause=_unnumbered(stored, span), quotes=(span,)) for span in spans[:1]]


def _validity(context: Context, stored: StoredDocument) -> list[Point]:
    """From when to when the document holds, as its closing or a clause of its own says."""
    text = stored.document.text
    spans = [span for span in sentences(text, *stored.closing) if _VALIDITY.search(text[span[0] : span[1]])]
    points = [Point(clause=_unnumbered(stored, span), quotes=(span,)) for span in spans]
    for clause in context.snapshot.clauses_of(stored.document.id):
        inside = sentences(text, clause.clause.start, clause.clause.end)
        quotes = tuple(span for span in inside if _OWN_VALIDITY.search(text[span[0] : span[1]]))
        if quotes:
            points.append(Point(clause=clause, quotes=quotes))
    return points


def _spans_of(text: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """The lines that print one of the words, the last such line first."""
    spans = []
    for word in words:
        begin = text.rfind(word) if word else -1
        if begin >= 0:
            start = text.rfind("\n", 0, begin) + 1
            stop = text.find("\n", begin)
            line = text[start : len(text) if stop < 0 else stop]
            start += len(line) - len(line.lstrip())
            spans.append((start, start + len(line.strip())))
    return spans


def _date_forms(iso: str) -> tuple[str, ...]:
    if not iso:
        return ()
    year, month, day = (int(part) for part in iso.split("-"))
    return (f"{year}年{month}月{day}日", iso)


def _unnumbered(stored: StoredDocument, span: tuple[int, int]) -> StoredClause:
    """A printed line outside the clauses, citable like one but without a number."""
    start, end = span
    clause = Clause(
        path=(),
        article=None,
        label="",
        heading="",
        section="",
        text=stored.document.text[start:end],
        start=start,
        end=end,
    )
    return StoredClause(document_id=stored.document.id, position=-1, clause=clause)


def _of_digest(context: Context, stored: StoredDocument) -> Draft:
    """What a digest says of its document as a whole; what it counts is itself, not the original."""
    clauses = context.snapshot.clauses_of(stored.document.id)
    metadata, language = stored.document.metadata, context.language
    structure = [c for c in clauses if c.clause.article is None and _STRUCTURE.search(c.clause.text)]
    numbered = [c for c in clauses if c.clause.article is not None]
    if context.question.wants("count_clauses"):
        opening = say("digest_counts", language, title=metadata.title, count=len(numbered or clauses))
        return Draft(
            status=Status.ANSWERED,
            opening="" if structure else opening,
            points=tuple(whole_point(c) for c in structure[:1])
            or tuple(_listed(c, language) for c in numbered or clauses),
        )
    number = say("in_brackets", language, text=metadata.number) if metadata.number else ""
    short = len(clauses) <= _FEW
    return Draft(
        status=Status.ANSWERED,
        opening=say("digest_only", language, title=metadata.title, number=number),
        points=tuple(whole_point(c) if short else _listed(c, language) for c in clauses),
    )


def _listed(clause: StoredClause, language: str) -> Point:
    return replace(whole_point(clause), listed=True, before=label_of(clause, language))


def _count(context: Context, stored: StoredDocument) -> Draft:
    if stored.document.metadata.kind == "digest":
        return _of_digest(context, stored)
    clauses = context.snapshot.clauses_of(stored.document.id)
    sections = list(dict.fromkeys(clause.clause.section for clause in clauses if clause.clause.section))
    articles = heads(clauses)
    opening = say(
        "count_articles",
        context.language,
        title=stored.document.metadata.title,
        sections=len(sections),
        count=len(articles),
    )
    points = []
    above = ""
    for article in articles:
        label = label_of(article, context.language)
        begins = article.clause.section and article.clause.section != above
        above = article.clause.section
        points.append(
            Point(
                clause=article,
                quotes=((article.clause.start, article.clause.end),),
                listed=True,
                before=f"{above}\n{label}" if begins else label,
            )
        )
    return Draft(status=Status.ANSWERED, opening=opening, points=tuple(points))
