"""Articles of a document that is not held: 国办发〔2014〕54号第三条, 民法典第十四条. Never answered from another document."""

from __future__ import annotations

import re

from ingest.references import normalise_number
from ingest.text import bigrams, compact, fold
from rag.context import Context
from rag.document_names import LOOSE_NUMBER, is_asked_of
from rag.draft import Draft, Point, refusal
from rag.evidence import quote_point
from rag.messages import say
from rag.types import Status

# 民法典第十四条, 外商投资法第三条: a law named right before its article.
_LAW = re.compile(
    r"(?P<name>[一-龥]{1,20}?(?:法典|(?<![做看说想方合依违执用无没办])法|条例|实施细则|暂行规定|管理规定|管理办法|暂行办法))(?:的|里的?|中的?)?\s*第\s*[〇零一二三四五六七八九十百千\d]+\s*条"
)
# 154号文, 2018年54号文件.
_SHORT = re.compile(r"(?:(?:19|20)\d\d年)?(?:国办|国务院|国发|国办发)?(?<!\d)\d{1,4}号文(?:件)?")
# A title of which a held one has so much is that one, written otherwise.
_ALIKE = 0.75
_NO_NAME = re.compile(r"什么|哪|怎么|没有|^有|几")
_OWN = re.compile(r"^(?:这|那|该|本|此)(?:个|部|份)?|^(?:请问|按照?|根据|依据|依照|看看|查|问|想知道|的)+")


def applies(context: Context) -> bool:
    """Whether an article is asked of a document that is named and not held."""
    question = context.question
    named = (
        question.articles or question.sections or question.from_end or question.relative in ("first", "last")
    )
    if context.named.ids:
        return False
    return bool(_name(context)) if named else bool(_numbered_and_asked(context))


def _numbered_and_asked(context: Context) -> str:
    """A document number in a question on what that document says: 国办发〔2014〕55号说了什么."""
    text = fold(context.question.text)
    for reference in context.question.references:
        number = fold(reference.number or "")
        place = text.find(number) if number else -1
        if place >= 0 and is_asked_of(text[:place], text[place + len(number) :]):
            return reference.number or ""
        title = fold(reference.title or "")
        begin = text.find(title) if title else -1
        if (
            begin >= 0
            and _in_no_text(context, title)
            and is_asked_of(text[:begin], text[begin + len(title) :])
        ):
            return reference.raw
    for short in _SHORT.finditer(text):
        if is_asked_of(text[: short.start()], text[short.end() :]):
            return short.group()
    return ""


def _in_no_text(context: Context, title: str) -> bool:
    """Whether a title stands in none of the documents that may answer, nor is like one of theirs."""
    held = [stored.document for stored in context.snapshot.documents.values()]
    pairs = set(bigrams(compact(title)))
    alike = (len(pairs & set(bigrams(compact(fold(each.metadata.title))))) for each in held)
    if pairs and max(alike) >= _ALIKE * len(pairs):
        return False
    return not any(title in fold(each.text) for each in held)


def answer(context: Context) -> Draft:
    """That it is not held, and where the documents held mention it."""
    name, language = _name(context) or _numbered_and_asked(context), context.language
    mentions = _mentioning(context, name)
    text = say("not_held", language, name=name)
    if not mentions:
        return refusal(Status.NOT_IN_CORPUS, text)
    return Draft(
        status=Status.NOT_IN_CORPUS,
        opening=f"{text}{say('held_mentions', language)}",
        points=tuple(mentions[:2]),
    )


def _name(context: Context) -> str:
    """How the question names the document that is not held; empty where it names none."""
    question = context.question
    for reference in question.references:
        if reference.number:
            return reference.number
        if reference.title:
            return reference.raw
    folded = fold(question.text)
    loose = LOOSE_NUMBER.search(folded)
    if loose:
        return loose.group()
    law = _LAW.search(folded)
    if law is None:
        return ""
    name = _OWN.sub("", law.group("name"))
    if _NO_NAME.search(name):
        return ""
    titles = [stored.document.metadata.title for stored in context.snapshot.documents.values()]
    known = any(name in title for title in titles) or len(name) < 3
    return "" if known else f"《{name}》"


def _mentioning(context: Context, name: str) -> list[Point]:
    """The clauses that mention the document by its number or title."""
    wanted = {normalise_number(name), name.strip("《》")}
    loose = LOOSE_NUMBER.fullmatch(name)
    points = []
    for clause in context.scope:
        text = normalise_number(clause.clause.text)
        tail = loose and f"〕{loose.group('number')}号" in text and loose.group("series") in text
        if tail or any(each in text for each in wanted):
            points.append(quote_point(context, clause, name, most=1))
    return points
