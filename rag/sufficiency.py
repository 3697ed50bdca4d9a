"""Whether what was found is about the question: how close it is, how likely it answers, and whose matter the question is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text import fold
from rag.articles import parts
from rag.closely import how_likely
from rag.context import Context
from rag.draft import Draft, refusal
from rag.elsewhere import asked_of_elsewhere
from rag.messages import say
from rag.retrieve import Hit
from rag.types import Status

# Below these the best clause shares so little with the question that it is not about it. Asking
# which body is in charge is itself a question of government business; other talk is not.
MIN_CONFIDENCE = 0.15
MIN_CONFIDENCE_FOLLOW_UP = 0.06
MIN_CONFIDENCE_BODIES = 0.05
# Where the best clause has expected questions, what is further from it than this is said to be far-fetched.
_CLOSE_ASKED = 0.32
# Least closeness of a clause with expected questions where no probability is known.
_LEAST_ASKED = 0.26
# How much closer other talk than government business has to be, from where it begins (docs/adr/0010).
_OTHER_TALK, _BUSINESS = 0.05, 1.5
# How much further a question which body is in charge may be, being government business in itself.
_FOR_BODIES = 0.05
# Another matter of government (驾照, 低保) shares form words with many clauses; surer than this it is not one.
_SURE_OF_MATTER = 0.46
# Nor is it one where the clause is so likely: 先不交税就能存货的库 of one on 保税仓库, though 税 has an office of its own.
_LIKELY_OURS = 0.4
# A wrong amount or time limit costs more than a wrong topic: where one is asked for, the clause has to be this likely.
_SURE_FOR_FIGURE = 0.2
# English is searched for by its known words only; a clause less likely than this is as often of another matter.
_SURE_IN_ENGLISH = 0.13
# Below this the clause was found by likeness of meaning rather than by its words.
_CLOSE = 0.15
_BROAD = 0.8
# Read word by word, a clause this likely answers though a rule doubts it.
READ_ANSWERS = 0.6
# Where documents were added, the shipped policy's clause is doubted if it is no likelier than this, and was read as answering no likelier than that.
_SURELY_OURS, _READ_AS_ANOTHERS = 0.6, 0.2
# Who is in charge of 申花主场跟谁踢 is no matter of a clause so unlikely, with which it shares so little.
_NOT_OF_IT, _NO_WORD = 0.1, 0.03
# Where it was read as likely to answer, so likely by closeness is enough: other talk is read as answered at times.
_READ_AS_LIKELY, _READ_ENOUGH = 0.4, 0.03
# Of the clauses found, so many may name what is asked about by name.
_MOST_NAMING = 5
# Words that point to a clause, though they name none.
_POINTING = ("这", "那", "它", "这条", "那条", "条", "第", "原文")
# An off-topic word counts unless the clauses hold most of the question (天气预报 in a policy on weather).
_OFF_TOPIC_UNLESS = 0.35
# Nor where all of the question is government business (开火锅店必须装滤油的那套东西吗).
_CLEARLY_OURS = 1.5
# What part a named body has in a matter is answered where the matter is less sure.
_OF_A_BODY = 0.5


def confidence(hit: Hit) -> float:
    """How close the clause is to the topic, 0 to 1."""
    return 0.5 * hit.coverage + 0.5 * max(0.0, hit.similarity)


def best_confidence(hits: Sequence[Hit]) -> float:
    """The confidence of the best of the first hits, 0 where there is none."""
    return max((confidence(hit) for hit in hits[:3]), default=0.0)


def far_fetched(context: Context, hits: Sequence[Hit]) -> tuple[str, ...]:
    """What a reader is told where question and clause share few words: check it, and who usually handles it."""
    if not hits or best_confidence(hits) >= (_CLOSE_ASKED if hits[0].clause.questions else _CLOSE):
        return ()
    language, folded = context.language, fold(context.question.text)
    notes = [say("far_fetched", language)]
    directory = context.knowledge.directory
    handling = [
        today.short
        for body in directory.departments
        if body.level == "province" and any(topic in folded for topic in body.handles)
        for today in directory.current(body)
    ]
    usual = tuple(dict.fromkeys(handling))
    if 1 <= len(usual) <= 2 and language != "en":
        notes.append(say("usually", language, names="、".join(usual)))
    return tuple(notes)


def insufficient(context: Context, hits: Sequence[Hit]) -> Draft | None:
    """The refusal where nothing found is about the question, or it is none for these documents."""
    if context.pinned:
        return None
    folded, language, forms = fold(context.question.text), context.language, context.knowledge.forms
    if not re.search(r"[一-龥a-zA-Z0-9]{2}", context.topic) and not context.question.quoted:
        bare = re.sub(r"\W", "", context.question.text)
        if len(bare) <= 2 and not context.question.asks and bare not in _POINTING:
            return refusal(Status.CLARIFY, say("too_little", language, text=bare))
        # 那配合的呢, with nothing before it.
        return refusal(Status.CLARIFY, say("no_focus", language))
    sure = best_confidence(hits)
    clearly_ours = bool(hits) and hits[0].business >= _CLEARLY_OURS
    if (
        sure < _OFF_TOPIC_UNLESS
        and not clearly_ours
        and not (hits and read_as_answering(hits[0]))
        and any(pattern.search(folded) for pattern in forms.off_topic)
    ):
        return refusal(Status.OUT_OF_SCOPE, say("out_of_scope", language))
    if asked_of_elsewhere(context, hits):
        return refusal(Status.NOT_IN_CORPUS, say("elsewhere", language))
    other = _named_but_not_held(context, hits)
    if other:
        usual = _other_matter(context) if hits and hits[0].clause.questions else ()
        known = say("usually", language, names="、".join(usual) or other)
        return refusal(Status.NOT_IN_CORPUS, say("not_found", language), known if language != "en" else "")
    least = MIN_CONFIDENCE_FOLLOW_UP if context.continued else MIN_CONFIDENCE
    if context.question.asks_for_bodies:
        least = min(least, MIN_CONFIDENCE_BODIES)
    if hits and not context.continued:
        likely, limits = _likely(hits), context.knowledge.thresholds
        asked = bool(hits[0].clause.questions)
        own = hits[0].clause.document_id in context.snapshot.primary
        doubted = sure < _SURE_OF_MATTER and (likely is None or likely < _LIKELY_OURS)
        usual = _other_matter(context) if asked and own and doubted else ()
        if usual:
            known = say("usually", language, names="、".join(usual))
            return refusal(
                Status.NOT_IN_CORPUS, say("not_found", language), known if language != "en" else ""
            )
        if likely is not None and (own or not asked):
            context.trace.confidence = sure if asked else likely
            if asked:
                # 省统计局牵头考核开发区,是不是 is told yes or no, and who does.
                of_a_body = bool(context.question.mentions) and context.question.wants("role_of")
                enough = limits.asked * (_OF_A_BODY if of_a_body else 1)
                context.trace.judged(likely, enough)
                return (
                    None
                    if likely >= enough and not _of_the_added(context, hits[0], likely)
                    else _nothing(context)
                )
            if context.question.asks_for_bodies and _read_as_other(hits[0]):
                context.trace.judged(likely, 1.0)
                return _nothing(context)
            enough = limits.bodies if context.question.asks_for_bodies else limits.plain
            of_figure = any(ask.needs for ask in context.question.asks)
            if (hits[0].article_answers or 0.0) >= _READ_AS_LIKELY:
                enough = min(enough, _READ_ENOUGH)
            elif not context.question.asks_for_bodies and of_figure:
                enough = max(enough, _SURE_FOR_FIGURE)
            if context.question.foreign:
                enough = max(enough, _SURE_IN_ENGLISH)
            context.trace.judged(likely, enough)
            return None if likely >= enough else _nothing(context)
        if asked:
            # A digest's clause, or one whose embedder is another: closeness has to do.
            least = _LEAST_ASKED + _OTHER_TALK * max(0.0, _BUSINESS - hits[0].business)
            if context.question.asks_for_bodies:
                least -= _FOR_BODIES
    if context.broad:
        # Where the State Council's level is asked for, the nearest of its documents is worth showing.
        least *= _BROAD
    context.trace.judged(sure, least)
    return _nothing(context) if not hits or sure < least else None


def _likely(hits: Sequence[Hit]) -> float | None:
    """How likely the first hit answers; one that reading put first without being sure of it, as likely as the one before."""
    first = hits[0]
    if first.probability is None and read_as_answering(first):
        return None
    known = (
        hit.probability
        for hit in hits
        if hit.probability is not None
        and bool(hit.clause.questions) == bool(first.clause.questions)
        and hit.clause.document_id == first.clause.document_id
    )
    return next(known, None)


def read_as_answering(hit: Hit) -> bool:
    """Whether a clause's article was read as answering."""
    return hit.article_answers is not None and hit.article_answers >= READ_ANSWERS


def _read_as_other(hit: Hit) -> bool:
    """Whether a clause that shares no word with the question, and was not the likeliest found, was not read as answering it either."""
    unread = hit.answers is not None and hit.answers < _NOT_OF_IT
    return hit.probability is None and unread and hit.coverage < _NO_WORD


def _of_the_added(context: Context, hit: Hit, likely: float) -> bool:
    """Whether the shipped policy's clause was found for a question that is rather one to a document that a user added.

    软件著作权归谁管, asked beside a regulation on patents, is not answered from the policy's clause on trade in services.
    """
    documents = context.snapshot.documents
    added = any(
        id_ not in context.snapshot.primary and documents[id_].document.metadata.kind != "digest"
        for id_ in context.document_ids
    )
    if not added or likely >= _SURELY_OURS or context.named.ids:
        return False
    read = how_likely(context, hit.clause)
    return read is not None and read < _READ_AS_ANOTHERS


def _nothing(context: Context) -> Draft:
    return refusal(Status.NOT_IN_CORPUS, say("not_found", context.language))


def _other_matter(context: Context) -> tuple[str, ...]:
    """Who usually handles a matter that the question names and no clause or expected question does."""
    folded, directory = fold(context.question.text), context.knowledge.directory
    handling = [
        (topic, body)
        for body in directory.departments
        if body.level == "province"
        for topic in body.handles
        if len(topic) >= 2 and topic in folded
    ]
    spoken = {
        topic
        for topic, _ in handling
        for clause in context.scope
        if topic in clause.clause.text or any(topic in question for question in clause.questions)
    }
    if not handling or spoken:
        return ()
    return tuple(dict.fromkeys(today.short for _, body in handling for today in directory.current(body)))[:2]


def _named_but_not_held(context: Context, hits: Sequence[Hit]) -> str:
    """Who usually handles what the question asks about by a name (公积金) that no clause found, nor an expected question, holds."""
    question = context.question
    of_figure = any(ask.needs for ask in question.asks) and not question.asks_for_bodies
    # Of the policy's own clauses the nearest is worth showing: 高新技术企业的所得税税率.
    if context.continued or (hits and hits[0].clause.questions and of_figure):
        return ""
    near = [hit.clause for hit in hits[:_MOST_NAMING]]
    texts = (
        fold(text)
        for clause in near
        for part in parts(context.snapshot, clause)
        for text in (part.clause.heading, part.clause.text, *part.questions)
    )
    return context.knowledge.named_matters.unspoken(fold(context.question.text), texts)
