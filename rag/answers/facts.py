"""What the documents say about a topic: the sentences that say it, quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.text import fold
from rag.applying import OF_TIME, when_to_apply
from rag.around import name_of
from rag.context import Context, Focus
from rag.doubt import silent
from rag.draft import Draft, Point
from rag.evidence import (
    HOLDING_BESIDE,
    quote_holding,
    quote_point,
    search,
    whole_point,
    with_items,
)
from rag.figures import figure_corrections
from rag.forms import Ask
from rag.messages import say
from rag.missing import (
    may_not_answer,
    missing_beside,
    missing_thing,
    nearly_as_close,
    not_said,
    not_said_in,
    read_as_unanswered,
)
from rag.penalties import (
    ASKS_FINE,
    PENAL,
    asks_rule_and_penalty,
    fine_of_before,
    fines_another,
    penalty_for,
    penalty_without_fine,
    says_not_done,
    sets_fine,
)
from rag.presumed import forbidden, left_free
from rag.retrieve import Hit
from rag.sufficiency import far_fetched, insufficient
from rag.types import Status
from rag.wording import bodies_sentence, introduced, join_names, merge_roles

# Of other documents, clauses nearly as close, from so many documents.
_NEARLY, _MOST_DOCUMENTS = 0.8, 3
# A digest of so few points is shown whole where none of them is close to the question.
_FEW_POINTS = 5
# The rule that a penalty follows from is found nearly as close.
_RULE_NEAR = 0.6
_OF_AMOUNT = ("amount", "rate", "figure")
_FINE = re.compile(r"罚|处分|后果")


def answer(context: Context) -> Draft:
    """The best clause's sentences on the topic, or that the documents do not say it."""
    question = context.question
    if context.pinned:
        return _pinned(context)
    fine = fine_of_before(context)
    if fine is not None:
        return quoting(context, fine)
    free = left_free(context) if any(ask.needs is not None for ask in question.asks) else None
    if free is not None:
        return _otherwise(context, free, "left_free")
    hits = search(context)
    ending = insufficient(context, hits)
    if ending is not None:
        ask = next((ask for ask in question.asks if ask.needs is not None), None)
        unanswerable = ask is not None and ending.status is not Status.OUT_OF_SCOPE
        short = _short_digest(context) if ask is None else None
        if short is not None:
            return short
        if ask is None or not unanswerable:
            return ending
        told = not_said(context, ask, ())
        # Who usually handles it is told beside: 公积金一年能提几回.
        return replace(told, notes=(*told.notes, *ending.notes))
    ask = missing_thing(context, hits)
    beside = missing_beside(context, hits) if ask is not None else ()
    ask = None if beside else ask
    if ask is None and ASKS_FINE.search(question.text) and fines_another(context, hits):
        # 年报忘了交罚多少, where only other breaches are fined.
        ask = next((each for each in question.asks if each.needs is not None), None)
        if ask is not None and (instead := penalty_without_fine(context, hits)):
            return not_said_in(context, ask, instead.clause)
    if ask is not None and ASKS_FINE.search(question.text) and (fine := penalty_for(context, hits[0].clause)):
        if not sets_fine(context, fine):
            return not_said_in(context, ask, fine.clause)
        return _with_points(quoting(context, fine), quoting(context, quote_point(context, hits[0].clause)))
    # 没按规定留的罚多少 is asked of what was spoken of, and no other fine answers it.
    of_before = says_not_done(question.text)
    if ask is not None and context.continued and not of_before and (alone := _alone(context)):
        hits, ask = alone, None
    applied = when_to_apply(context, hits[0].clause, question.asks)
    if applied is not None:
        ask, beside = None, tuple(each for each in beside if each.id not in OF_TIME)
    if ask is not None:
        # Whoever asks for the fine knows that it is forbidden; 材料 and 截止日期 are asked of what is allowed.
        of_amount = ask.id in _OF_AMOUNT and not _FINE.search(context.question.text)
        told_of = (of_amount or question.asserts) and not silent(hits[0])
        sentence = forbidden(context, hits) if told_of else None
        if sentence is not None:
            return _otherwise(context, sentence, "forbidden")
        return not_said(context, ask, hits)
    # The reader judges a question as one; where a part of it is said, that part is told.
    unanswered = read_as_unanswered(context, hits) if not beside else None
    if unanswered is not None:
        return unanswered
    clause = hits[0].clause
    if question.wants("original"):
        return quoting(context, whole_point(clause))
    needed = [ask for ask in question.asks if ask.needs is not None and ask not in beside]
    point = quote_point(context, clause)
    if needed:
        for hit in nearly_as_close(hits):
            candidate = quote_point(context, hit.clause)
            if _has_all(context, candidate, needed):
                point = candidate
                break
            holding = quote_holding(context, hit.clause, [ask.needs for ask in needed if ask.needs])
            if holding is not None:
                point = holding
                break
    point = _with_rest(context, point, needed)
    unsure = needed and applied is None and may_not_answer(hits[0])
    if unsure and not any(_has_all(context, point, [ask]) for ask in needed):
        # 油车占了充电位罚多少 of …依法给予处罚 beside a sentence that fines something else.
        return not_said(context, needed[0], hits)
    draft = quoting(context, point)
    if applied is not None:
        draft = _with_points(draft, quoting(context, applied))
    if ASKS_FINE.search(question.text) and (fine := penalty_for(context, clause)):
        draft = _with_points(draft, quoting(context, fine))
    elif asks_rule_and_penalty(question.text):
        draft = _with_rule_and_penalty(context, draft, hits)
    if context.broad:
        draft = _with_others(context, draft, hits)
    unsaid = tuple(
        say("not_said", context.language, what=ask.what if context.language != "en" else ask.id)
        for ask in beside
    )
    notes = (*draft.notes, *unsaid, *_eligibility(context, draft), *far_fetched(context, hits))
    return replace(draft, notes=notes)


def _otherwise(context: Context, sentence: Point, word: str) -> Draft:
    """A sentence that says otherwise than the question takes for granted."""
    return replace(quoting(context, sentence), opening=say(word, context.language))


def _with_rule_and_penalty(context: Context, draft: Draft, hits: Sequence[Hit]) -> Draft:
    """The draft with the rule before what follows from breaking it, whichever of both was found."""
    first = hits[0].clause
    if not PENAL.search(first.clause.text):
        fine = penalty_for(context, first)
        return _with_points(draft, quoting(context, fine)) if fine else draft
    others = (
        hit.clause
        for hit in hits
        if hit.clause.document_id == first.document_id
        and hit.score >= _RULE_NEAR * hits[0].score
        and not PENAL.search(hit.clause.clause.text)
    )
    rule = next(others, None)
    return _with_points(quoting(context, quote_point(context, rule)), draft) if rule else draft


def _alone(context: Context) -> list[Hit]:
    """The hits of a follow-up by its own words, in the document talked about, where they hold what is asked for.

    那多久检查一次, after which grade a tree has, is told by another article than the one on grades.
    """
    documents = {key.rpartition("#")[0] for key in context.focus.keys}
    if len(documents) != 1:
        return []
    by_itself = replace(context, focus=Focus(), continued=False, among=tuple(documents))
    hits = search(by_itself)
    held = hits and insufficient(by_itself, hits) is None and missing_thing(by_itself, hits) is None
    return hits if held else []


def _short_digest(context: Context) -> Draft | None:
    """All points of the one digest that is named, where it has few and none is close: 国发〔2020〕7号能用在经开区上吗."""
    named = context.named.ids
    if len(named) != 1 or context.documents[named[0]].document.metadata.kind != "digest":
        return None
    clauses = context.snapshot.clauses_of(named[0])
    if len(clauses) > _FEW_POINTS:
        return None
    opening = say("digest_points", context.language, name=name_of(context.snapshot, named[0]))
    return Draft(status=Status.ANSWERED, opening=opening, points=tuple(map(whole_point, clauses)))


def _with_others(context: Context, draft: Draft, hits: Sequence[Hit]) -> Draft:
    """The answer with the nearly as close clauses of other documents, where all of them are asked: 国家层面对人才怎么要求."""
    points, told = list(draft.points), {hits[0].clause.document_id}
    for hit in hits:
        document_id = hit.clause.document_id
        if document_id not in told and hit.score >= _NEARLY * hits[0].score and len(told) < _MOST_DOCUMENTS:
            told.add(document_id)
            point = quote_point(context, hit.clause)
            points.append(replace(point, before=introduced(context, hit.clause, "says")))
    return replace(draft, points=tuple(points))


def _eligibility(context: Context, draft: Draft) -> tuple[str, ...]:
    """Whether somebody qualifies is not for us to say: the conditions are quoted, and who decides is named."""
    if not context.question.wants("eligibility"):
        return ()
    language = context.language
    bodies = join_names(draft.lead or draft.responsible, context.knowledge.directory, language)
    return (say("eligibility", language, who=bodies or say("competent", language)),)


def _has_all(context: Context, point: Point, needed: Sequence[Ask]) -> bool:
    text = context.snapshot.documents[point.clause.document_id].document.text
    quotes = [span for each in with_items(context, point) for span in each.quotes]
    quoted = fold("\n".join(text[start:end] for start, end in quotes))
    return all(ask.needs is not None and ask.needs.search(quoted) for ask in needed)


def _with_rest(context: Context, point: Point, needed: Sequence[Ask]) -> Point:
    """What the clause quoted holds of the other things asked for: 补多少钱,多久之内要去申请 are two sentences of one article."""
    if len(needed) < 2:
        return point
    spans = list(point.quotes)
    for ask in needed:
        if _has_all(context, point, [ask]) or ask.needs is None:
            continue
        held = quote_holding(context, point.clause, (ask.needs,), HOLDING_BESIDE)
        if held is not None and held.clause == point.clause:
            spans += [span for span in held.quotes if span not in spans]
    return replace(point, quotes=tuple(sorted(spans)))


def _pinned(context: Context) -> Draft:
    """A follow-up without a topic of its own: more of the clauses in focus."""
    if context.question.wants("original", "content"):
        points = [whole_point(clause) for clause in context.pinned]
    else:
        points = [quote_point(context, clause) for clause in context.pinned]
    if ASKS_FINE.search(context.question.text):
        fines = [fine for clause in context.pinned if (fine := penalty_for(context, clause))]
        points = fines or points
    drafts = [quoting(context, point) for point in points]
    return Draft(
        status=Status.ANSWERED,
        opening=drafts[0].opening,
        points=tuple(point for draft in drafts for point in draft.points),
        notes=drafts[0].notes,
        lead=tuple(dict.fromkeys(name for draft in drafts for name in draft.lead)),
        cooperating=tuple(dict.fromkeys(name for draft in drafts for name in draft.cooperating)),
        responsible=tuple(dict.fromkeys(name for draft in drafts for name in draft.responsible)),
    )


def _with_points(draft: Draft, other: Draft) -> Draft:
    held = {point.clause.key for point in draft.points}
    return replace(draft, points=(*draft.points, *(p for p in other.points if p.clause.key not in held)))


def quoting(context: Context, point: Point) -> Draft:
    """One clause quoted, with who is responsible below."""
    language = context.language
    before = introduced(context, point.clause, "says")
    points = with_items(
        context, Point(clause=point.clause, quotes=point.quotes, before=before, duties=point.duties)
    )
    opening = figure_corrections(context, points)
    notes: tuple[str, ...] = ()
    duties = [duty for each in points for duty in each.responsibilities]
    if duties:
        notes = (bodies_sentence(duties, context.knowledge.directory, language),)
    lead, cooperating, responsible, _ = merge_roles(duties)
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=points,
        notes=notes,
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )
