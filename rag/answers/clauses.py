"""Clauses named by number, part or place: 第十四条, 第四部分有哪几条, 最后一条."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.chinese_numbers import to_chinese
from ingest.stores.catalogue import StoredClause
from ingest.text import compact, fold
from ingest.types import Responsibility
from rag.answers.limbs import limb_draft
from rag.around import name_of
from rag.articles import article_label, heads, in_section, neighbour, parts
from rag.bodies_in_text import digest_bodies
from rag.context import Context
from rag.draft import Draft, Point, refusal
from rag.evidence import whole_point
from rag.figures import figure_corrections
from rag.forms import Ask
from rag.messages import say
from rag.missing import not_said_in
from rag.question import article_places
from rag.types import Status
from rag.wording import bodies_sentence, introduced, label_of, merge_roles

# So many documents' articles of one number are shown side by side.
_MOST_DOCUMENTS = 3
_LONG_ROW = 15
# So many characters of the question's words tell whose article of a number is meant.
_MATTER = 2
# 甘肃第九条呢, after talk of another document.
_HOME = re.compile(r"甘肃|省里|我省|本省|实施意见")
# 有没有写到, …写了吗: whether an article says a thing, not what it says.
_WHETHER = re.compile(
    r"有没有|有无|是否|(?:写|提|说|讲|规定|包括|涉及|允许)[^。?]{0,16}(?:吗|没有?|不)[?。]?$|(?:写|提|说|讲)没(?:写|提|说|讲)"
)
_SAID = re.compile(
    r"有没有|有无|是否|(?:也|还)?(?:写|提|说|讲|规定|涉及|包括)(?:没(?:写|提|说|讲))?(?:到|了|的是|明|过)?|允许|可以|能(?:够)?|对吧|对吗|是吧|没有?$|里|的$|^的"
)
_LABELLED = re.compile(r"^(?:第[一二三四五六七八九十百]+[章节部分编]+|[一二三四五六七八九十]+[、.])")


def applies(context: Context) -> bool:
    """Whether the question names clauses by number or place."""
    question = context.question
    if question.articles and (_counts_all(context) or _of_policy(context)):
        return False
    named = question.articles or question.sections or question.relative or question.from_end
    return bool(named) or bool(_section_by_title(context))


def answer(context: Context) -> Draft:
    """The clauses asked for, or that they do not exist."""
    titled = [] if context.question.articles else _section_by_title(context)
    if titled:
        return _section(context, titled)
    document_ids = _document_ids(context)
    if context.question.relative == "around":
        return _around(context, document_ids)
    if context.question.relative or context.question.from_end:
        clause = _relative(context, document_ids[0])
        if clause is None:
            return _no_neighbour(context)
        return answer_for(context, [clause])
    if context.question.articles:
        return _articles(context, document_ids)
    return _sections(context, document_ids[0])


def _of_policy(context: Context) -> bool:
    """Whether the number is the policy's, and another document is asked: 第十四条说的贴息,财建94号文怎么规定."""
    named, question = context.named, context.question
    if not named.ids or not set(named.ids) <= set(context.snapshot.companions):
        return False
    text = fold(question.text)
    begin = min((text.find(fold(word)) for word in named.words if fold(word) in text), default=-1)
    places = article_places(text)
    return bool(places) and 0 <= max(place for place, _ in places) < begin


def _counts_all(context: Context) -> bool:
    """24条里头,哪一条…: the number says how many articles there are and names none."""
    question = context.question
    if len(question.articles) != 1 or not question.wants("which_clauses"):
        return False
    number = question.articles[0]
    return bool(
        re.search(
            rf"(?<![第(])(?:{number}|{to_chinese(number)})(?:个)?条(?:里|中|当中|之中|内)",
            fold(question.text),
        )
    )


def _section_by_title(context: Context) -> list[StoredClause]:
    """The clauses of a part that is named by its title and asked for its clauses: “加快产业转型升级”下面有哪几条."""
    question = context.question
    listed = question.wants("which_clauses", "count_clauses") and not question.mentions
    # 14号总体要求里的四个坚持是什么, of a document that is named.
    asks_what = question.wants("content", "which_clauses") or re.search(r"分别|哪|是什么", question.text)
    if not listed and not (context.named.ids and asks_what):
        return []
    asked = compact(question.text)
    clauses = context.scope
    for section in dict.fromkeys(clause.clause.section for clause in clauses if clause.clause.section):
        title = _LABELLED.sub("", compact(section))
        if len(title) >= (4 if context.named.ids else 5) and title in asked:
            return [clause for clause in clauses if clause.clause.section == section]
    return []


def _document_ids(context: Context) -> tuple[str, ...]:
    """The documents named, else the one in focus, else the first that numbers its articles."""
    if context.named.ids:
        return context.named.ids
    if _HOME.search(context.question.text):
        return context.snapshot.primary
    focused = tuple(dict.fromkeys(key.rpartition("#")[0] for key in context.focus.keys))
    return tuple(dict.fromkeys((*focused, *_on_the_matter(context), *context.document_ids)))


def _on_the_matter(context: Context) -> tuple[str, ...]:
    """Of several documents, first the one whose article of that number holds what else is asked: 第一条说的六类数据企业."""
    if len(context.document_ids) < 2 or len(context.question.articles) != 1:
        return ()
    retriever = context.knowledge.retriever
    asked = retriever.known_words(context.snapshot, context.question.topic, context.document_ids)
    held = context.snapshot.catalogue.articles(context.question.articles[0], context.document_ids)
    counted = {c.document_id: sum(len(w) for w in asked if w in c.clause.text) for c in reversed(held)}
    best = max(counted, key=lambda document_id: counted[document_id], default="")
    alone = [i for i, n in counted.items() if n == counted.get(best)] == [best]
    return (best,) if alone and counted[best] >= _MATTER else ()


def _articles(context: Context, document_ids: tuple[str, ...]) -> Draft:
    if context.question.sections and len(context.question.articles) == 1:
        return _article_of_section(context, document_ids[0])
    found: list[StoredClause] = []
    missing: list[int] = []
    for number in context.question.articles:
        held = context.snapshot.catalogue.articles(number, document_ids)
        by_document = {clause.document_id: clause for clause in reversed(held)}
        chosen = next((by_document[d] for d in document_ids if d in by_document), None)
        if chosen is None:
            missing.append(number)
        else:
            found.append(chosen)
    if missing and not found:
        return no_such_article(context, missing[0], document_ids)
    if context.question.limb is not None:
        return limb_draft(context, parts(context.snapshot, found[0]), context.question.limb)
    ask = _not_held(context, found)
    if ask is not None:
        return not_said_in(context, ask, found[0])
    alike = _in_each_document(context, document_ids)
    draft = answer_for(context, alike or found)
    if len(found) == 1 and not alike:
        wrong = figure_corrections(context, draft.points)
        draft = replace(draft, opening=wrong or _whether_said(context, found[0]) or draft.opening)
    others = "" if alike else _others_with(context, found[0])
    if others:
        draft = replace(draft, notes=(*draft.notes, say("other_documents", context.language, titles=others)))
    if not missing:
        return draft
    gone = no_such_article(context, missing[0], document_ids)
    return replace(draft, notes=(gone.opening, *draft.notes))


def _not_held(context: Context, clauses: list[StoredClause]) -> Ask | None:
    """An amount, rate or date asked of articles that hold none: 第十四条的贴息比例是多少.

    第二十五条对商铺怎么规定的,什么时间才能装修 asks for the article first, and is shown it.
    """
    if context.question.wants("content"):
        return None
    for ask in context.question.asks:
        if ask.needs is not None and not any(ask.needs.search(fold(c.clause.text)) for c in clauses):
            return ask
    return None


def _whether_said(context: Context, clause: StoredClause) -> str:
    """Whether an article writes of a thing, where that is asked: 第十条写到知识产权吗, 第十四条说可以搞房地产,对吧."""
    question, language = context.question, context.language
    if (
        question.asks_for_bodies
        or question.figures
        or not (question.asserts or _WHETHER.search(question.text))
    ):
        return ""
    topic = " ".join(_SAID.sub(" ", context.topic).split())
    words = context.knowledge.retriever.content_words(topic)
    whole = compact(fold("".join(part.clause.text for part in parts(context.snapshot, clause))))
    label = label_of(clause, language)
    if len(compact(topic)) < 2 or not words:
        return ""
    if compact(fold(topic)) in whole:
        return say("such_words", language, label=label, words=topic)
    if any(word in whole for word in words):
        return ""
    return say("no_such_words", language, label=label, words=topic)


def _in_each_document(context: Context, document_ids: tuple[str, ...]) -> list[StoredClause]:
    """The article of a number in each document that has it, where none is named and its words are asked for."""
    question = context.question
    if context.named.ids or context.focus.keys or len(question.articles) != 1 or question.asks_for_bodies:
        return []
    held = context.snapshot.catalogue.articles(question.articles[0], document_ids)
    first = {clause.document_id: clause for clause in reversed(held)}
    return [first[d] for d in document_ids if d in first] if 2 <= len(first) <= _MOST_DOCUMENTS else []


def _others_with(context: Context, clause: StoredClause) -> str:
    """Titles of other documents that have an article of this number, where none was named."""
    if context.named.ids or context.focus.keys or clause.clause.article is None:
        return ""
    same = context.snapshot.catalogue.articles(clause.clause.article, context.document_ids)
    held = {c.document_id for c in same} - {clause.document_id}
    return "、".join(f"《{context.snapshot.documents[i].document.metadata.title}》" for i in sorted(held)[:3])


def no_such_article(context: Context, number: int, document_ids: tuple[str, ...]) -> Draft:
    """That the first of some documents that numbers its articles has none of that number: 第三十条."""
    for document_id in document_ids:
        every = context.snapshot.clauses_of(document_id)
        held = heads(every)
        digest = context.snapshot.documents[document_id].document.metadata.kind == "digest"
        if digest and not _is_whole(held):
            told = (
                [c for c in every if f"第{to_chinese(number)}条" in c.clause.text]
                if 0 < number < 10000
                else []
            )
            if told:
                return answer_for(context, told)
            name = name_of(context.snapshot, document_id)
            text = say("digest_lacks", context.language, name=name, number=number)
            return refusal(Status.NOT_IN_CORPUS, text)
        numbered = [clause for clause in held if clause.clause.article is not None]
        if numbered:
            title = context.snapshot.documents[document_id].document.metadata.title
            asked = (
                f"article {number}"
                if context.language == "en"
                else f"第{to_chinese(number) if 0 < number < 10000 else number}条"
            )
            text = say(
                "no_such_article",
                context.language,
                title=title,
                asked=asked,
                first=article_label(numbered[0]),
                last=article_label(numbered[-1]),
                count=len(numbered),
            )
            return refusal(Status.NO_SUCH_ARTICLE, text)
    return refusal(Status.NO_SUCH_ARTICLE, say("not_found", context.language))


def _is_whole(articles: Sequence[StoredClause]) -> bool:
    """Whether a digest gives every article of its original: a long row of numbers without a hole."""
    numbers = [c.clause.article for c in articles if c.clause.article is not None]
    return len(numbers) >= _LONG_ROW and numbers == list(range(1, len(numbers) + 1))


def answer_for(context: Context, clauses: list[StoredClause]) -> Draft:
    """Whole articles with the items below them and who is responsible; only the bodies where only they were asked for."""
    question, language = context.question, context.language
    only_bodies = question.asks_for_bodies and not question.wants("content", "original")
    points: list[Point] = []
    duties: list[Responsibility] = []
    for clause in clauses:
        whole = parts(context.snapshot, clause) if _begins_article(context, clause) else [clause]
        own = [duty for part in whole for duty in part.clause.responsibilities]
        duties += own
        line = bodies_sentence(
            own,
            context.knowledge.directory,
            language,
            cooperating_first=question.wants("cooperating") and not question.wants("lead"),
        )
        if not own and context.snapshot.documents[clause.document_id].document.metadata.kind == "digest":
            line = digest_bodies(context, [clause]) if question.asks_for_bodies else ""
        before = (
            f"{label_of(clause, language)}:{line}"
            if only_bodies
            else f"{introduced(context, clause, 'whole')} {line}".rstrip()
        )
        points.append(Point(clause=clause, quotes=whole_point(clause).quotes, before=before))
        points += [Point(clause=part, quotes=whole_point(part).quotes) for part in whole[1:]]
    lead, cooperating, responsible, _ = merge_roles(duties)
    return Draft(
        status=Status.ANSWERED,
        points=tuple(points),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )


def _begins_article(context: Context, clause: StoredClause) -> bool:
    """Whether a clause is asked for as its article, not as one item among others."""
    return parts(context.snapshot, clause)[0].key == clause.key


def _relative(context: Context, document_id: str) -> StoredClause | None:
    """最后一条, or the neighbour of the article in focus; None where there is none. Within a part where one is named."""
    question, snapshot = context.question, context.snapshot
    if question.from_end or question.relative in ("first", "last"):
        articles = (
            in_section(snapshot, document_id, question.sections[0])
            if question.sections
            else heads(snapshot.clauses_of(document_id))
        )
        if question.from_end:
            return articles[-question.from_end] if question.from_end <= len(articles) else None
        return articles[0 if question.relative == "first" else -1] if articles else None
    named = _named_or_focused(context, (document_id,))
    if named is None:
        return None
    return neighbour(snapshot, named, 1 if question.relative == "next" else -1)


def _named_or_focused(context: Context, document_ids: tuple[str, ...]) -> StoredClause | None:
    """The article that 前后两条 or 下一条 is counted from."""
    if context.question.articles:
        held = context.snapshot.catalogue.articles(context.question.articles[0], document_ids[:1])
        return held[0] if held else None
    return context.snapshot.clause(context.focus.keys[0]) if context.focus.keys else None


def _around(context: Context, document_ids: tuple[str, ...]) -> Draft:
    """An article between its neighbours: 第十四条前后两条."""
    middle = _named_or_focused(context, document_ids)
    if middle is None:
        return _no_neighbour(context)
    before, after = (neighbour(context.snapshot, middle, step) for step in (-1, 1))
    return answer_for(context, [clause for clause in (before, middle, after) if clause is not None])


def _article_of_section(context: Context, document_id: str) -> Draft:
    """第四部分第三条: the article of that number in the part, else the third of those that stand there."""
    number, language = context.question.articles[0], context.language
    inside = in_section(context.snapshot, document_id, context.question.sections[0])
    if not inside:
        return _sections(context, document_id)
    section = inside[0].clause.section
    shown = to_chinese(number) if language != "en" and 0 < number < 10000 else str(number)
    if not 1 <= number <= len(inside) and not any(c.clause.article == number for c in inside):
        text = say("fewer_in_section", language, section=section, count=len(inside), asked=shown)
        return replace(_section(context, inside), opening=text)
    same = next((c for c in inside if c.clause.article == number), None)
    chosen = same or inside[number - 1]
    draft = answer_for(context, [chosen])
    if same is not None:
        return draft
    opening = say("nth_in_section", language, section=section, asked=shown, label=article_label(chosen))
    return replace(draft, opening=opening)


def _no_neighbour(context: Context) -> Draft:
    """After the last article there is no next one; without a clause in focus, which one is asked back."""
    focused = context.snapshot.clause(context.focus.keys[0]) if context.focus.keys else None
    if focused is None or focused.clause.article is None or context.question.from_end:
        return refusal(Status.CLARIFY, say("no_focus", context.language))
    step = 1 if context.question.relative == "next" else -1
    if focused.clause.article + step < 1:
        label = article_label(focused)
        return refusal(Status.NO_SUCH_ARTICLE, say("nothing_before", context.language, label=label))
    return no_such_article(context, focused.clause.article + step, (focused.document_id,))


def _sections(context: Context, document_id: str) -> Draft:
    number = context.question.sections[0]
    inside = in_section(context.snapshot, document_id, number)
    if not inside:
        clauses = context.snapshot.clauses_of(document_id)
        count = len({clause.clause.section for clause in clauses if clause.clause.section})
        title = context.snapshot.documents[document_id].document.metadata.title
        text = say("no_such_section", context.language, title=title, asked=number, count=count)
        return refusal(Status.NO_SUCH_ARTICLE, text)
    return _section(context, inside)


def _section(context: Context, inside: list[StoredClause]) -> Draft:
    opening = say("section_list", context.language, section=inside[0].clause.section, count=len(inside))
    points = [Point(clause=c, quotes=whole_point(c).quotes, listed=True) for c in inside]
    return Draft(status=Status.ANSWERED, opening=opening, points=tuple(points))
