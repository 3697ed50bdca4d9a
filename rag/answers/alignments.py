"""What stands above an article, what stands below one, what was added: 第十四条对应国办发54号哪一条.

Answered from the alignment table, in both directions and completely; never from search alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.alignment import Pair
from ingest.chinese_numbers import to_chinese
from ingest.stores.catalogue import StoredClause
from ingest.text import compact, fold
from rag.answers import facts
from rag.answers.alignment_questions import (
    ADDED,
    OWN,
    PARENT,
    TITLE,
    WITHOUT,
    added_in,
    applies,
    headed_in_parent,
    numbers_of,
    own_articles,
    owner_before,
    subject_of,
    tables_of,
)
from rag.answers.clauses import no_such_article
from rag.around import labelled, name_of, parent_label, short_label, unverified
from rag.articles import in_section
from rag.context import Context
from rag.conversation import points_back
from rag.draft import Draft, Point, refusal
from rag.evidence import quote_point, search, whole_point
from rag.messages import say
from rag.sufficiency import best_confidence
from rag.types import Status
from rag.wording import bodies_sentence, introduced, label_of, merge_roles

__all__ = ["answer", "applies"]

# Less close to the matter than this, no article is told as the one on it.
_LEAST_CLOSE = 0.12


def answer(context: Context) -> Draft:
    """The pairs asked for, with the articles of both sides."""
    forms, text = context.knowledge.forms, fold(context.question.text)
    away = any(f"{place}省" in text for place in context.knowledge.directory.other_provinces)
    if away or (forms.elsewhere.search(text) and not forms.unless_here.search(text)):
        return refusal(Status.NOT_IN_CORPUS, say("elsewhere", context.language))
    others = [
        i for i in context.named.ids if i not in (tables_of(context).document, tables_of(context).parent)
    ]
    if others:
        name = name_of(context.snapshot, others[0])
        return refusal(Status.NOT_IN_CORPUS, say("no_table", context.language, name=name))
    named = numbers_of(text)
    above = [] if named.own or named.parent else headed_in_parent(context)
    if above:
        return _below(context, above)
    if context.question.sections and not named.parent and not named.own and TITLE.search(text):
        return _sections(context)
    if named.parent and not named.own:
        return _below(context, [f"({to_label(n)})" for n in named.parent])
    if named.own:
        clauses = [c for n in named.own for c in own_articles(context) if c.clause.article == n]
        return (
            _above(context, clauses)
            if clauses
            else no_such_article(context, named.own[0], (tables_of(context).document,))
        )
    if WITHOUT.search(text) and re.search(r"哪|几条|什么|有没有", text) and not subject_of(context):
        last = owner_before(text, WITHOUT)
        return (
            _not_singled_out(context)
            if last == "own"
            else _added(context, also_partly=bool(ADDED.search(text)))
        )
    talked_about = context.focus.keys and (points_back(context.question.text) or not subject_of(context))
    if context.pinned or (talked_about and not context.question.quoted):
        return _of_focus(context)
    added = added_in(context, text)
    if added is not None:
        return _above(context, [c for c in own_articles(context) if c.clause.label == added.clause])
    if not subject_of(context):
        return _added(context, also_partly=True) if ADDED.search(text) else _whole(context)
    return _by_topic(context)


def to_label(number: int) -> str:
    """9 → 九, as the parent numbers its articles."""
    return to_chinese(number) if 0 < number < 10000 else str(number)


def _told(context: Context, opening: str, points: Sequence[Point]) -> Draft:
    """What the table says, with the word that it is no official one."""
    basis = say("aligned_basis", context.language, basis=tables_of(context).basis)
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(points),
        notes=(basis,),
        told=frozenset({"alignment"}),
    )


def _above(context: Context, clauses: Sequence[StoredClause]) -> Draft:
    """What stands above some articles: (十四) ← 54号 (九), in part."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    parent = around.alignment.parent
    sentences: list[str] = []
    own: list[Point] = []
    above: list[Point] = []
    for clause in clauses:
        pair = around.pair(clause, snapshot)
        if pair is None:
            continue
        sentences.append(_pair_sentence(context, clause, pair))
        topic = " ".join((pair.reason, pair.added, context.topic))
        point = quote_point(context, clause, topic, most=2)
        own.append(replace(point, before=introduced(context, clause, "says")))
        for label in pair.parents:
            found = labelled(snapshot, parent, label)
            if found is not None:
                above.append(whole_point(found))
    if not own:
        return refusal(Status.NOT_IN_CORPUS, say("not_aligned", language))
    duties = [duty for point in own for duty in point.clause.clause.responsibilities]
    asked = context.question.asks_for_bodies
    if asked:
        sentences.append(bodies_sentence(duties, context.knowledge.directory, language))
        own = [replace(point, duties=None) for point in own]
    lead, cooperating, responsible, _ = merge_roles(duties if asked else ())
    return replace(
        _told(context, "".join(sentences), (*own, *_once(above))),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )


def _once(points: Sequence[Point]) -> list[Point]:
    seen: dict[str, Point] = {}
    for point in points:
        seen.setdefault(point.clause.key, point)
    return list(seen.values())


def _pair_sentence(context: Context, clause: StoredClause, pair: Pair) -> str:
    """(十四)“加强财政支持力度”部分对应国办发〔2014〕54号(九)“带动区域协调发展”:….甘肃另加了省级贴息资金."""
    snapshot, language = context.snapshot, context.language
    parent = context.knowledge.around.alignment.parent
    label = label_of(clause, language)
    name = name_of(snapshot, parent)
    if not pair.parents:
        text = say("pair_none", language, label=label, name=name, reason=pair.reason)
    else:
        text = say(
            "pair_partial" if pair.strength == "partial" else "pair_direct",
            language,
            label=label,
            name=name,
            parents="、".join(parent_label(snapshot, parent, each) for each in pair.parents),
            reason=pair.reason,
        )
        if pair.added:
            text += say("pair_added", language, added=pair.added)
    return text if pair.verified else unverified(text, language)


def _below(context: Context, labels: Sequence[str]) -> Draft:
    """Where articles of the parent went: 54号 (九) → (六) (八) (九) (十四)."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    alignment = around.alignment
    own = {clause.clause.label: clause for clause in own_articles(context)}
    name = name_of(snapshot, alignment.parent)
    sentences: list[str] = []
    points: list[Point] = []
    for label in labels:
        above = labelled(snapshot, alignment.parent, label)
        if above is None:
            sentences.append(say("parent_lacks", language, name=name, label=label))
            continue
        pairs = [pair for pair in alignment.below(label) if pair.clause in own]
        went = [c for c in alignment.went_into(label) if c in own and c not in {p.clause for p in pairs}]
        heading = parent_label(snapshot, alignment.parent, label)
        key = "below" if pairs or went else "below_none"
        sentences.append(say(key, language, name=name, label=heading, count=len(pairs) + len(went)))
        points.append(whole_point(above))
        points += [
            replace(
                whole_point(own[pair.clause]),
                listed=True,
                before=_line(context, own[pair.clause], pair),
            )
            for pair in pairs
        ]
        where = dict(alignment.not_singled_out).get(label, "")
        points += [
            replace(
                whole_point(own[each]),
                listed=True,
                before=f"{label_of(own[each], language)}:{say('went_in', language, where=where)}",
            )
            for each in went
        ]
    if not points:
        return refusal(Status.NO_SUCH_ARTICLE, "".join(sentences))
    return _told(context, "".join(sentences), points)


def _line(context: Context, clause: StoredClause, pair: Pair) -> str:
    """(八)“深化区域合作”——对应(九)、(三):信息平台…对应(九)."""
    language = context.language
    key = {"direct": "line_direct", "partial": "line_partial", "none": "line_none"}[pair.strength]
    text = say(
        key,
        language,
        label=label_of(clause, language),
        parents="、".join(short_label(each) for each in pair.parents),
        reason=pair.reason,
    )
    if pair.added and pair.parents:
        text += say("line_added", language, added=pair.added)
    return text if pair.verified else text + say("unverified", language)


def _added(context: Context, *, also_partly: bool) -> Draft:
    """What has no article above it, and what was added to articles that have one: 甘肃自己加了什么."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    alignment = around.alignment
    own = {clause.clause.label: clause for clause in own_articles(context)}
    alone = [pair for pair in alignment.pairs if not pair.parents and pair.clause in own]
    partly = [pair for pair in alignment.pairs if pair.parents and pair.added and pair.clause in own]
    name = name_of(snapshot, alignment.parent)
    opening = say("added", language, name=name, count=len(own), alone=len(alone))
    shown = alone
    if not also_partly:
        opening += say("added_only", language)
    else:
        opening += say("added_partly", language, count=len(partly))
        shown = [*alone, *partly]
    points = tuple(
        replace(
            whole_point(own[pair.clause]),
            listed=also_partly,
            before=_line(context, own[pair.clause], pair),
        )
        for pair in shown
    )
    return _told(context, opening, points)


def _not_singled_out(context: Context) -> Draft:
    """What the parent has and the policy gives no article of its own: 国办文件里有而甘肃没有的."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    alignment = around.alignment
    name = name_of(snapshot, alignment.parent)
    numbered = [c for c in snapshot.clauses_of(alignment.parent) if c.clause.article is not None]
    missing = [c for c in numbered if not alignment.below(c.clause.label)]
    where = dict(alignment.not_singled_out)
    shown = [c for c in numbered if c.clause.label in where or c in missing]
    opening = say(
        "not_singled_out", language, name=name, count=len(numbered), missing=len(missing), alone=len(shown)
    )
    points = tuple(
        replace(
            whole_point(clause),
            before=say(
                "went_into",
                language,
                label=parent_label(snapshot, alignment.parent, clause.clause.label),
                where=where.get(clause.clause.label, say("nowhere", language)),
            ),
        )
        for clause in shown
    )
    return _told(context, opening, points)


def _whole(context: Context) -> Draft:
    """The whole table, article by article."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    own = {clause.clause.label: clause for clause in own_articles(context)}
    pairs = [pair for pair in around.alignment.pairs if pair.clause in own]
    name = name_of(snapshot, around.alignment.parent)
    return _told(
        context,
        say("aligned_whole", language, name=name, count=len(pairs)),
        tuple(
            replace(whole_point(own[pair.clause]), listed=True, before=_line(context, own[pair.clause], pair))
            for pair in pairs
        ),
    )


def _sections(context: Context) -> Draft:
    """A part of one document beside the part of the same number in the other: 第六部分标题改成啥了."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    number = context.question.sections[0]
    own = in_section(snapshot, around.alignment.document, number)
    above = in_section(snapshot, around.alignment.parent, number)
    if not own or not above:
        return _whole(context)
    opening = say(
        "sections",
        language,
        own=own[0].clause.section,
        name=name_of(snapshot, around.alignment.parent),
        above=above[0].clause.section,
    )
    pairs = {pair.clause: pair for pair in around.alignment.pairs}
    return _told(
        context,
        opening,
        tuple(
            replace(
                whole_point(clause),
                listed=True,
                before=_line(context, clause, pairs[clause.clause.label])
                if clause.clause.label in pairs
                else label_of(clause, language),
            )
            for clause in own
        ),
    )


def _of_focus(context: Context) -> Draft:
    """The articles that the conversation is about, from whichever side they are."""
    alignment = context.knowledge.around.alignment
    clauses = context.pinned or tuple(
        clause for key in context.focus.keys if (clause := context.snapshot.clause(key)) is not None
    )
    above = [clause.clause.label for clause in clauses if clause.document_id == alignment.parent]
    own = [clause for clause in clauses if clause.document_id == alignment.document]
    asked_from_parent = bool(above) and clauses[0].document_id == alignment.parent
    if asked_from_parent:
        return _below(context, above)
    return _above(context, own) if own else _whole(context)


def _by_topic(context: Context) -> Draft:
    """The article on a matter, and what stands above or below it."""
    alignment, topic = context.knowledge.around.alignment, subject_of(context)
    text = fold(context.question.text)
    parent, own = PARENT.search(text), OWN.search(text)
    # 国办说的“能进能出”,省里是哪条接的: the matter is told in the parent's words.
    from_parent = bool(
        parent
        and (own is None or parent.start() < own.start())
        and re.match(r"[里中上]?(?:面)?(?:说|讲|提|写|要求|规定)", text[parent.end() :])
        and own
    )
    where = alignment.parent if from_parent else alignment.document
    narrowed = replace(context, among=(where,), named=replace(context.named, ids=(where,)), topic=topic)
    hits = search(narrowed, topic)
    # That some article corresponds is taken for granted: the closest one may be further off than elsewhere.
    if not hits or best_confidence(hits) < _LEAST_CLOSE:
        # What is said of the parent as such stands in its own facts: 54号也逐条写责任部门吗.
        return facts.answer(replace(context, named=replace(context.named, ids=(alignment.parent,))))
    held = [
        hit
        for hit in hits
        if compact(topic) and compact(fold(topic)) in compact(fold(hit.clause.clause.text))
    ]
    best = (held or hits)[0].clause
    if held and context.question.quoted and not from_parent:
        # “区中园” stands in two articles.
        return _above(narrowed, [hit.clause for hit in held[:2]])
    return _below(context, [best.clause.label]) if from_parent else _above(narrowed, [best])
