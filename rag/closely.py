"""Reading the clauses found closely: which of them answers the question, and by which sentence (rag/reader.py).

An article is read whole, with its items and the bracket that names its bodies; its clauses share what it says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ingest.stores.catalogue import StoredClause
from ingest.text import sentences
from rag.articles import parts
from rag.context import Context
from rag.index import Snapshot
from rag.reader import Passage, Reader, Reading, Tokens
from rag.retrieve import Hit, Sentence

Span = tuple[int, int]
# So many hits are read; what the log odds of their answering add to the score by which they were found.
READ, TRUST = 8, 0.01
# What a sentence's reading counts beside its closeness.
_BY_READING = 0.5
_MEMORY = 2000


@dataclass(frozen=True, slots=True)
class _Article:
    """An article's sentences, in parts that can be read at once."""

    spans: tuple[Span, ...]
    parts: tuple[Tokens, ...]


def read_closely(context: Context, hits: list[Hit]) -> list[Hit]:
    """The hits with how likely each answers, those that do first; as they are where they cannot be read.

    Clauses with expected questions are told apart by those.
    """
    reader = context.knowledge.close_reader
    if reader is None or not _readable(context):
        return hits
    read = [
        replace(hit, answers=likely, score=hit.score + TRUST * _odds(likely))
        if place < READ and (likely := _likely(context, reader, hit.clause)) is not None
        else hit
        for place, hit in enumerate(hits)
    ]
    return sorted(read, key=lambda hit: -hit.score)


def ranked_sentences(context: Context, clause: StoredClause, topic: str | None = None) -> list[Sentence]:
    """The sentences of a clause in reading order, by closeness to the topic and by how likely each is what answers.

    Another `topic` than the question's goes by closeness alone.
    """
    ranked = context.knowledge.retriever.rank_sentences(context.snapshot, clause, topic or context.topic)
    reader = context.knowledge.close_reader
    own = topic is None or topic == context.topic
    if reader is None or not own or not ranked or not _readable(context):
        return ranked
    article, reading = _reading(context, reader, clause)
    likely = {start: value for (start, _), value in zip(article.spans, reading.sentences, strict=True)}
    best = max(sentence.score for sentence in ranked) or 1.0
    return [
        replace(s, score=(1 - _BY_READING) * s.score / best + _BY_READING * likely.get(s.start, 0.0))
        for s in ranked
    ]


def _odds(likely: float) -> float:
    """Log odds, -5 to 5."""
    return max(-5.0, min(5.0, math.log((likely + 1e-6) / (1 - likely + 1e-6))))


def _readable(context: Context) -> bool:
    return context.language != "en" and not context.question.foreign


def _likely(context: Context, reader: Reader, clause: StoredClause) -> float | None:
    """How likely an article answers, less for those of its clauses that hold other sentences than the one that does."""
    if clause.questions:
        return None
    article, reading = _reading(context, reader, clause)
    own = [
        likely
        for (start, _), likely in zip(article.spans, reading.sentences, strict=True)
        if clause.clause.start <= start < clause.clause.end
    ]
    best = max(reading.sentences, default=0.0)
    share = max(own, default=0.0) / best if best else 1.0
    return reading.answers * (0.5 + 0.5 * share)


def _reading(context: Context, reader: Reader, clause: StoredClause) -> tuple[_Article, Reading]:
    article = _article(context.snapshot, reader, clause)
    asked = context.question.text
    if context.continued and context.focus.text:
        asked = f"{context.focus.text}{asked}"
    key = (asked, article.spans)
    if key not in context.readings:
        read = reader.read(asked, article.parts)
        context.readings[key] = Reading(
            answers=max((part.answers for part in read), default=0.0),
            sentences=tuple(likely for part in read for likely in part.sentences),
        )
    return article, context.readings[key]


def _article(snapshot: Snapshot, reader: Reader, clause: StoredClause) -> _Article:
    memory = snapshot.generation.memory
    whole = parts(snapshot, clause)
    key = f"read:{whole[0].key}"
    held = memory.get(key)
    if not isinstance(held, _Article):
        text = snapshot.documents[clause.document_id].document.text
        spans = [span for part in whole for span in sentences(text, part.clause.start, part.clause.end)]
        spans = list(dict.fromkeys(spans))
        told = [text[start:end] for start, end in spans]
        held = _Article(
            spans=tuple(spans),
            parts=tuple(
                reader.tokens(Passage(heading=whole[0].clause.heading, sentences=tuple(some)))
                for some in reader.parts(told)
            ),
        )
        if len(memory) < _MEMORY:
            memory[key] = held
    return held
