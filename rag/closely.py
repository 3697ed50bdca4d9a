"""Reading the clauses found closely: which of them answers the question, and by which sentence (rag/reader.py).

An article is read whole, with its items and the bracket that names its bodies; its clauses share what it says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.stores.catalogue import StoredClause
from ingest.text import fold, sentences
from rag.articles import parts
from rag.context import Context
from rag.index import Snapshot
from rag.reader import Passage, Reader, Reading, Tokens
from rag.retrieve import Hit, Sentence

Span = tuple[int, int]
# So many hits are read; what the log odds of their answering add to the score by which they were found.
READ, TRUST, _MOST_ODDS = 8, 0.005, 5.0
# Among the clauses of one document it counts more: what they are about tells little there.
TRUST_WITHIN = 0.02
# What lies further behind the first can neither come first nor counts beside it, and is not read.
_BEHIND = 0.7
# What a sentence's reading counts beside its closeness.
_BY_READING = 0.35
# What the expected questions most like the one asked, where it is known which sentence answers them, count beside both: the
# more, the further the words of the question lie from all sentences; nothing where one comes so close.
_BY_QUESTIONS, _NEAR_WORDS = 1.0, 0.2
_MEMORY = 8000
# A sentence this likely answers a part of a question that asks several things.
_ANSWERS_PART = 0.35
# What is left of 《…》: where the name in it is taken out.
_EMPTY_NAME = re.compile(r"[《〈]\s*[》〉]\s*(?:里|中|规定)?[:：,，]?|^\s*[:：,，]")


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
    first = max((hit.score for hit in hits), default=0.0)
    least = min(_BEHIND * first, first - 2 * TRUST * _MOST_ODDS)
    near = [hit.clause for hit in hits[:READ] if hit.score >= least]
    _read_all(context, reader, [clause for clause in near if not clause.questions])
    read = [
        replace(
            hit, answers=likely[0], article_answers=likely[1], score=hit.score + TRUST * log_odds(likely[0])
        )
        if place < len(near) and (likely := _likely(context, reader, hit.clause)) is not None
        else hit
        for place, hit in enumerate(hits)
    ]
    return sorted(told_apart(read), key=lambda hit: -hit.score)


def told_apart(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that were read, those of each document in its own places by how they compare there."""
    places: dict[str, list[int]] = {}
    for place, hit in enumerate(hits):
        if hit.answers is not None:
            places.setdefault(hit.clause.document_id, []).append(place)
    arranged = list(hits)
    for own in places.values():
        scores = sorted((hits[place].score for place in own), reverse=True)
        best_first = sorted(own, key=lambda place: -_within(hits[place]))
        for source, score in zip(best_first, scores, strict=True):
            arranged[source] = replace(hits[source], score=score)
    return arranged


def _within(hit: Hit) -> float:
    return hit.score + hit.within + (TRUST_WITHIN - TRUST) * log_odds(hit.answers or 0.0)


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
    votes = context.knowledge.retriever.spoken_for(context.snapshot, clause, context.topic)
    spoken = {start: votes.get(number, 0.0) for number, (start, _) in enumerate(article.spans, start=1)}
    best = max(sentence.score for sentence in ranked) or 1.0
    far = _BY_QUESTIONS * max(0.0, 1 - best / _NEAR_WORDS)
    return [
        replace(
            s,
            score=(1 - _BY_READING) * s.score / best
            + _BY_READING * likely.get(s.start, 0.0)
            + far * spoken.get(s.start, 0.0),
        )
        for s in ranked
    ]


def log_odds(likely: float) -> float:
    """Log odds, held within bounds."""
    return max(-_MOST_ODDS, min(_MOST_ODDS, math.log((likely + 1e-6) / (1 - likely + 1e-6))))


def _readable(context: Context) -> bool:
    """Not in English, of which it knows little; nor among digests, which are weighed by closeness."""
    return not context.among and context.language != "en" and not context.question.foreign


def _likely(context: Context, reader: Reader, clause: StoredClause) -> tuple[float, float] | None:
    """How likely a clause answers, and its article: less for a clause that holds other sentences than the one that does."""
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
    return reading.answers * (0.5 + 0.5 * share), reading.answers


def how_likely(context: Context, clause: StoredClause) -> float | None:
    """How likely a clause's article answers, also one with expected questions; None where it cannot be read."""
    reader = context.knowledge.close_reader
    if reader is None or not _readable(context):
        return None
    return _reading(context, reader, clause)[1].answers


def answering(context: Context, clause: StoredClause, asked: str) -> Span | None:
    """The sentence of a clause that was read as answering one part of a question (几天能批下来); None where none was."""
    reader = context.knowledge.close_reader
    if reader is None or not _readable(context):
        return None
    article, reading = _reading(context, reader, clause, asked)
    own = [
        (likely, span)
        for span, likely in zip(article.spans, reading.sentences, strict=True)
        if clause.clause.start <= span[0] < clause.clause.end
    ]
    likely, span = max(own, default=(0.0, (0, 0)))
    return span if likely >= _ANSWERS_PART else None


def _reading(
    context: Context, reader: Reader, clause: StoredClause, asked: str = ""
) -> tuple[_Article, Reading]:
    asked = asked or _asked(context)
    _read_all(context, reader, [clause], asked)
    article = _article(context.snapshot, reader, clause)
    return article, context.readings[asked, article.spans]


def _read_all(context: Context, reader: Reader, clauses: Sequence[StoredClause], asked: str = "") -> None:
    """Read the clauses' articles, all at once, as far as that was not done for this question."""
    asked = asked or _asked(context)
    articles = {(asked, a.spans): a for a in (_article(context.snapshot, reader, c) for c in clauses)}
    new = {key: article for key, article in articles.items() if key not in context.readings}
    read = iter(reader.read(asked, [part for article in new.values() for part in article.parts]))
    for key, article in new.items():
        own = [next(read) for _ in article.parts]
        context.readings[key] = Reading(
            answers=max((part.answers for part in own), default=0.0),
            sentences=tuple(likely for part in own for likely in part.sentences),
        )


def _asked(context: Context) -> str:
    """The question without the names of documents, which say where to look, after the one that it goes on from."""
    asked = context.question.text
    for name in sorted(context.named.words, key=len, reverse=True):
        asked = asked.replace(name, "").replace(fold(name), "")
    asked = _EMPTY_NAME.sub("", asked)
    before = context.focus.text if context.continued else ""
    return f"{before}{asked}"


def _article(snapshot: Snapshot, reader: Reader, clause: StoredClause) -> _Article:
    held = snapshot.generation.memory.setdefault("articles as read", {})
    assert isinstance(held, dict)
    article = held.get(clause.key)
    if article is None:
        article = _read_article(snapshot, reader, clause)
        if len(held) < _MEMORY:
            held[clause.key] = article
    assert isinstance(article, _Article)
    return article


def _read_article(snapshot: Snapshot, reader: Reader, clause: StoredClause) -> _Article:
    whole = parts(snapshot, clause)
    text = snapshot.documents[clause.document_id].document.text
    found = [span for part in whole for span in sentences(text, part.clause.start, part.clause.end)]
    spans = tuple(dict.fromkeys(found))
    told = reader.parts([text[start:end] for start, end in spans])
    heading = whole[0].clause.heading
    passages = (Passage(heading=heading, sentences=tuple(some)) for some in told)
    return _Article(spans=spans, parts=tuple(map(reader.tokens, passages)))
