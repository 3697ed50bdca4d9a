"""Choosing what to quote: which clause, and which of its sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.stores.catalogue import StoredClause
from ingest.types import Responsibility
from rag.context import Context
from rag.draft import Point, Span
from rag.retrieve import Hit, Sentence

# A further sentence is quoted when it is this close to the best one.
_NEAR_BEST = 0.62
_MAX_SENTENCES = 3


def search(context: Context, topic: str | None = None, limit: int = 10) -> list[Hit]:
    """Hits for the topic; a clause that the conversation is about comes first while it fits."""
    wanted = context.topic if topic is None else topic
    retriever = context.knowledge.retriever
    hits = retriever.search(context.snapshot, wanted, limit, context.document_ids, context.question.foreign)
    if not context.focus.keys:
        context.trace.searched(wanted, hits)
        return hits
    # What was talked about weighs in; a follow-up that points back rests on it.
    weight, bonus = (0.5, 0.2) if context.continued else (0.2, 0.04)
    both = f"{context.focus.topic} {wanted}"
    wider = retriever.search(context.snapshot, both, limit, context.document_ids, context.question.foreign)
    alone = {hit.clause.key: hit for hit in hits}
    merged = []
    for hit in wider:
        own = alone.get(hit.clause.key)
        merged.append(
            replace(
                hit,
                score=weight * hit.score
                + (1 - weight) * (own.score if own else 0.0)
                + (bonus if hit.clause.key in context.focus.keys else 0.0),
                # What was talked about before must not make a new question look unlike its clause.
                coverage=max(hit.coverage, own.coverage if own else 0.0),
                similarity=max(hit.similarity, own.similarity if own else 0.0),
            )
        )
    merged.sort(key=lambda hit: -hit.score)
    context.trace.searched(both, merged)
    return merged


def best_sentences(
    context: Context, clause: StoredClause, topic: str | None = None, most: int = _MAX_SENTENCES
) -> list[Sentence]:
    """The sentences of a clause closest to the topic, in reading order."""
    ranked = context.knowledge.retriever.rank_sentences(context.snapshot, clause, topic or context.topic)
    # The heading alone is never the answer where the clause has more to say.
    bare = [s for s in ranked if len(s.text) > len(clause.clause.label) + len(clause.clause.heading) + 2]
    ranked = bare or ranked
    if not ranked:
        return []
    best = max(sentence.score for sentence in ranked)
    chosen = sorted(ranked, key=lambda sentence: -sentence.score)[:most]
    return sorted((s for s in chosen if s.score >= best * _NEAR_BEST), key=lambda s: s.start)


def join_spans(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch or are split by white space only made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def quote_point(
    context: Context, clause: StoredClause, topic: str | None = None, most: int = _MAX_SENTENCES
) -> Point:
    """A point that quotes the clause's best sentences."""
    chosen = best_sentences(context, clause, topic, most)
    text = context.snapshot.documents[clause.document_id].document.text
    spans = [_without_label(clause, text, (sentence.start, sentence.end)) for sentence in chosen]
    quotes = join_spans(text, [span for span in spans if span[0] < span[1]]) or (whole_span(clause),)
    return Point(clause=clause, quotes=quotes, duties=duties_near(clause, quotes))


def whole_span(clause: StoredClause) -> Span:
    """The clause as published, without the bracket of bodies where that ends it."""
    return clause.clause.start, clause.clause.end


def whole_point(clause: StoredClause) -> Point:
    """A point that quotes the whole clause."""
    return Point(clause=clause, quotes=(whole_span(clause),))


def _without_label(clause: StoredClause, text: str, span: Span) -> Span:
    """The first sentence without number and heading: (十四)加强财政支持力度。 is no quote."""
    start, end = span
    if start != clause.clause.start or not clause.clause.heading:
        return span
    begin = text.find(clause.clause.heading, start, end)
    after = begin + len(clause.clause.heading) if begin >= 0 else start
    rest = re.match(r"[。.\s]*", text[after:end])
    return (after + (rest.end() if rest else 0), end)


def duties_near(clause: StoredClause, quotes: Sequence[Span]) -> tuple[Responsibility, ...] | None:
    """Of several responsibility brackets, those that follow the quoted sentences."""
    duties = clause.clause.responsibilities
    if len(duties) <= 1:
        return None
    chosen = []
    for _, end in quotes:
        following = [duty for duty in duties if duty.start >= end - 1]
        if following:
            chosen.append(following[0])
    return tuple(dict.fromkeys(chosen)) or None
