"""Which part a named body has in a matter: 市民政局在企业认定中承担什么职责. Said plainly where the clause does not name it."""

from __future__ import annotations

import re

from ingest.departments import Department
from ingest.stores.catalogue import StoredClause
from ingest.text import fold
from rag.answers import bodies, facts
from rag.answers.departments import NO_TOPIC, same_body
from rag.context import Context
from rag.draft import Draft, Point, refusal
from rag.evidence import quote_point, search, whole_point
from rag.messages import say
from rag.missing import nearly_as_close
from rag.sufficiency import insufficient
from rag.types import Status
from rag.wording import label_of, merge_roles, names_for

_VERB = (
    r"(?:具体|主要|都|要|需要?|应当?|各自|又|是)*(?:承担|负责|担负|履行|担任|扮演|安排|起|有)(?:着|了|的是|(?:核|审|检|监|抽|督|办|组|受)[一-龥])?"
    r"(?:什么|哪些|啥|哪个|哪一?块|何种|怎样的?)(?:样的?)?(?:的)?(?:具体)?(?:职责|责任|任务|分工|工作|角色|环节|事情?|内容|作用|部分)?[?。]?$"
)
_IN = r"(?:(?:这项|这个)?工作|过程|环节|方面|这件事|这一?块|的?时候|[中里上])+[,]?"
_ASKS_PART = (
    re.compile(rf"在(?P<matter>[^,。?]{{2,40}}?)(?:{_IN}(?P<after>[一-龥]{{2,16}}?)??)?{_VERB}"),
    # 三无电梯整治中民政部门负责什么
    re.compile(rf"^(?P<matter>[^,。?在]{{2,30}}?){_IN}(?P<after>[一-龥]{{2,16}}?){_VERB}"),
)
# 方案给市公安局安排的是什么任务
_GIVES = re.compile(r"^(?:方案|文件|意见|办法|条例|政策)?(?:里)?(?:给|让|要求)")
_OWN_BODY = re.compile(r"(?:我们|咱们|我|咱)(?:这个)?(?:局|厅|委|办|部门|单位|街道)")
_FROM_BODY = re.compile(
    r"^(?:我|我们|咱们?|本人)(?:就)?(?:在|是)[^,。?]{2,16}[,。](?:领导|上面|同事)?(?:问|让(?:我)?查|想问|要(?:我)?查)?"
)
_HOW_WRITTEN = re.compile(r",(?:文件|里面|条文|上面)*(?:是)?(?:怎么|如何)(?:写|说|规定|讲)的?[?。]?$")
# A body that no list names, before 在 or behind the matter: 消防救援机构在古树防火检查中….
_NAME = re.compile(
    r"^(?:请问|那|想问一?下|问一?下)*(?!的|.*(?:配合|牵头|责任|主管|负责|协助|相关|有关)(?:部门|单位|机构)$)(?P<name>[一-龥]{2,14}?(?:局|厅|委|部|办|署|处|所|院|站|队|机构|机关|部门|中心|委员会|办公室|街道|协会|银行|公司))$"
)


def applies(context: Context) -> bool:
    """Whether the part of one body in a matter is asked."""
    question = context.question
    if context.pinned or question.articles or len({m.departments for m in question.mentions}) > 1:
        return False
    return bool(_matter(context)) and bool(question.mentions or _unlisted(context))


def answer(context: Context) -> Draft:
    """The clause on the matter with the body's part, or that it has none there."""
    hits = search(context, _matter(context))
    ending = insufficient(context, hits)
    if ending is not None:
        return ending
    near = [hit.clause for hit in nearly_as_close(hits)]
    own = next((clause for clause in near if _takes_part(context, clause)), None)
    if own is not None and context.question.mentions and own.clause.responsibilities:
        told = bodies.role_of(context, _on_body(context, own), asked=True)
        if told is not None:
            return told
    if own is not None:
        return facts.quoting(context, _on_body(context, own))
    return _none(context, near[0])


def _none(context: Context, clause: StoredClause) -> Draft:
    """The body has no part in the clause: the clause's words, and who leads there."""
    language, name = context.language, _name(context)
    if not context.question.mentions and not any(name in held.clause.text for held in context.scope):
        return refusal(Status.NO_SUCH_ROLE, say("no_role", language, name=name))
    point = quote_point(context, clause, most=1)
    lead, _, responsible, _ = merge_roles(point.responsibilities)
    tail = say("role_lead_tail", language, lead="、".join(lead)) if lead else ""
    return Draft(
        status=Status.NO_SUCH_ROLE,
        opening=say("role_none", language, name=name, label=label_of(clause, language), lead=tail),
        points=(point,),
        lead=lead,
        responsible=responsible,
    )


def _takes_part(context: Context, clause: StoredClause) -> bool:
    if _written_in(context, clause.clause.text):
        return True
    ids = {body.id for body in same_body(_departments(context), context.knowledge.directory)}
    printed = (
        name
        for duty in clause.clause.responsibilities
        for name in (*duty.lead, *duty.cooperating, *duty.responsible)
    )
    resolved = (context.knowledge.directory.resolve(name) for name in printed)
    return any(body is not None and body.id in ids for body in resolved)


def _on_body(context: Context, clause: StoredClause) -> Point:
    """The sentence that names the body, where one does; else the best ones."""
    point = quote_point(context, clause)
    text = context.snapshot.documents[clause.document_id].document.text
    if any(_written_in(context, text[start:end]) for start, end in point.quotes):
        return point
    ranked = context.knowledge.retriever.rank_sentences(context.snapshot, clause, context.topic)
    naming = [sentence for sentence in ranked if _written_in(context, sentence.text)]
    if not naming:
        return point if clause.clause.responsibilities else whole_point(clause)
    best = max(naming, key=lambda sentence: sentence.score)
    return Point(clause=clause, quotes=((best.start, best.end),))


def _written_in(context: Context, text: str) -> bool:
    names = {mention.text for mention in context.question.mentions}
    names |= {name for body in _departments(context) for name in body.written} or {_unlisted(context)}
    return any(name and name in text for name in names)


def _matter(context: Context) -> str:
    """In what the body's part is asked, in the words of some clause; empty where that is the document itself."""
    match = _asked(context)
    matter = context.knowledge.reader.topic(match.group("matter")) if match else ""
    return matter if context.knowledge.retriever.known_words(context.snapshot, matter) - NO_TOPIC else ""


def _asked(context: Context) -> re.Match[str] | None:
    text = _HOW_WRITTEN.sub("", _with_own_body(context))
    inside, before = (pattern.search(text) for pattern in _ASKS_PART)
    if inside is None and before is not None:
        body = _GIVES.sub("", before.group("after") or "")
        # 意见里责任单位有国家邮政局的条款有哪些 names more than a body there.
        known = any(fold(mention.text) == body for mention in context.question.mentions)
        return before if known or _NAME.match(body) else None
    return inside


def _with_own_body(context: Context) -> str:
    """The question with the asker's own body by its name: 我在市农业农村局,…我们局要承担什么任务."""
    text, mentions = fold(context.question.text), context.question.mentions
    named = {fold(mention.text) for mention in mentions}
    if len(named) != 1 or not _FROM_BODY.search(text) or not _OWN_BODY.search(text):
        return text
    return _OWN_BODY.sub(named.pop(), _FROM_BODY.sub("", text))


def _departments(context: Context) -> tuple[Department, ...]:
    mentions = context.question.mentions
    return mentions[0].departments if mentions else ()


def _name(context: Context) -> str:
    return names_for(_departments(context)) if context.question.mentions else _unlisted(context)


def _unlisted(context: Context) -> str:
    """The name of a body that no list holds; empty where none stands there."""
    match = _asked(context)
    if match is None:
        return ""
    for part in (match.string[: match.start()], match.group("after") or ""):
        named = _NAME.match(part)
        if named:
            return named.group("name")
    return ""
