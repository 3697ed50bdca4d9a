"""Finding clauses: lexical and dense candidates, fused, then reranked by their best sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.embedder import Embedder, StaticEmbedder
from ingest.stores.catalogue import StoredClause
from ingest.text import fold, sentences
from ingest.tokens import Tokenizer
from rag.asked_sentences import AskedSentences
from rag.cross_encoder import CrossEncoderReranker
from rag.index import Snapshot
from rag.matters import Matters, load_matters
from rag.ranker import Ranker, load_ranker, probability
from rag.thesaurus import Meaning, Thesaurus, expansion

# How many each index gives, and how many of them are read sentence by sentence.
CANDIDATES = 40
# Where many hits are wanted, so many times as many are looked at.
_DEEPER = 4
RERANKED = 32
# Of those, how many a cross-encoder reads where the settings name one, and what its word weighs.
READ_TOGETHER, TRUST = 16, 0.7
_MEMORY_CLAUSES = 4096
# About 0.1 MiB each; a library of some hundred clauses is kept whole.
_MEMORY_DIRECTIONS = 1200
# What a word index's share of its best score counts beside the cosine, chosen on lay questions to statutes (docs/adr/0013);
# so many of its first are read sentence by sentence in any case.
_BY_WORDS, _FIRST_BY_WORDS = 0.1, 8
# What the nearness of its document's best clause counts beside its own: other clauses of the right law are likelier too.
_BY_DOCUMENT = 0.2
# A word that the clauses of a document hold alike, to so much on the average, tells least of which one is meant; it is
# looked up in so many of them, and in a document of fewer than so many not at all.
_COMMON, _SPREAD, _LEAST_TOLD = 0.7, 0.4, 0.1
_SAMPLED, _FEW_CLAUSES = 48, 6
# A word that tells so much, and is no more like any word of a clause than this, is of another matter.
_TELLING, _UNLIKE, _UNLIKE_SHARE = 1.05, 0.25, 0.5
# A character that tells so much is enough to be alike: 厕所 of 户厕改造. 一户 and 两家 only count.
_TELLING_CHARACTER = 1.4
_COUNTING = "一二两三几半"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a clause, with its span in the document and its closeness to the question."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A clause found for a topic.

    `score` orders hits of one question (0 to 1); `coverage` is the share of the question's words
    (by rarity) that the clause holds, `similarity` the cosine of the vectors.
    """

    clause: StoredClause
    score: float
    coverage: float
    similarity: float
    lexical: float
    features: dict[str, float] = field(default_factory=dict)
    # Calibrated: how likely the first hit with expected questions answers, and the first without. None where not known.
    probability: float | None = None
    # How much the question is about matters of government, the same for all its hits (rag/business.py).
    business: float = 0.0
    # How likely the clause answers, read word by word (rag/closely.py). None where it was not read.
    answers: float | None = None
    # … and how likely its article does, with the clauses beside it.
    article_answers: float | None = None
    # How much more its score is among the clauses of its own document, by what tells those apart.
    within: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of a topic with their weights (rarity in this index)."""

    weights: dict[str, float]

    def coverage(self, held: Set[str], beside: Set[str] = frozenset()) -> float:
        """The weighted share of the words that `held` or `beside` contains, 0 to 1."""
        if not self.total:
            return 0.0
        found = [weight for word, weight in self.weights.items() if word in held or word in beside]
        return sum(found) / self.total

    def best_coverage(self, parts: Sequence[Set[str]], together: Set[str]) -> float:
        """The best coverage by one of some parts, whose words `together` holds; 0 without any."""
        # Most words of a question stand in none of them.
        some = [(word, weight) for word, weight in self.weights.items() if word in together]
        best = max((sum([w for word, w in some if word in part]) for part in parts), default=0.0)
        return best / self.total if self.total else 0.0

    @cached_property
    def total(self) -> float:
        """The weight of all words."""
        return sum(self.weights.values())


class Retriever:
    """Hybrid retrieval over a snapshot of the index."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        embedder: Embedder,
        ranker: Ranker | None = None,
        thesaurus: Thesaurus | None = None,
        reranker: CrossEncoderReranker | None = None,
        matters: Matters | None = None,
        asked_sentences: AskedSentences | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._embedder = embedder
        self._ranker = ranker or load_ranker()
        self._thesaurus = thesaurus or Thesaurus(entries=())
        self._reranker = reranker
        self._matters = matters or load_matters()
        self._asked_sentences = asked_sentences or AskedSentences()

    def search(
        self,
        snapshot: Snapshot,
        topic: str,
        limit: int = 10,
        document_ids: Sequence[str] | None = None,
        foreign: str = "",
    ) -> list[Hit]:
        """The best clauses for a topic, best first; empty where it has no searchable word.

        `foreign` is a question in English, whose topic is the Chinese of its known terms: the words of it that the
        index holds are searched for too, and it is embedded together with the topic.
        """
        generation = snapshot.generation
        depth = max(CANDIDATES, _DEEPER * limit)
        ids = snapshot.primary if document_ids is None else tuple(document_ids)
        searched = f"{topic} {self._held_words(snapshot, foreign, ids)}" if foreign else topic
        meant = as_embedded(topic, foreign)
        lexical = snapshot.search_words(searched, depth, ids)
        vector = self._embedder.embed_query(meant)
        everything = len(ids) == len(snapshot.documents)
        dense = {s.key: s.score for s in generation.dense.search(vector, depth, None if everything else ids)}
        found = dict.fromkeys([*lexical, *dense])
        ranked = self._ranked(list(found), lexical, dense)
        clauses = snapshot.clauses(ranked[: max(limit, RERANKED)])
        question = self._question(topic, meant, vector, self.words(snapshot, searched, ids))
        known = self._ranker.business.embedder == self._matters.embedder == self._embedder.name
        business = self._ranker.business(vector) if known else 0.0
        mixed = len({bool(clause.questions) for clause in clauses.values()}) > 1
        hits = []
        for rank, key in enumerate(key for key in ranked if key in clauses):
            features = {
                "lexical": lexical.get(key, 0.0),
                "cosine": self._closeness(dense.get(key, 0.0)),
            }
            if rank < RERANKED:
                features |= self._features(snapshot, clauses[key], question)
            hits.append(
                Hit(
                    clause=clauses[key],
                    score=self._ranker.score(features, asked=bool(clauses[key].questions), mixed=mixed),
                    coverage=features.get("coverage", 0.0),
                    similarity=max(features["cosine"], features.get("asked", 0.0)),
                    lexical=lexical.get(key, 0.0),
                    features=features,
                    business=business,
                )
            )
        # What was not read sentence by sentence stays behind what was.
        head = self._told_apart(snapshot, _in_order(hits[:RERANKED]), question)
        head = self._read_together(meant, head)
        if known:
            head = self._with_probabilities(head, {"business": business, **self._matters(vector)})
        floor = min((hit.score for hit in head), default=0.0)
        tail = _in_order([replace(hit, score=min(hit.score, floor)) for hit in hits[RERANKED:]])
        return [*head, *tail][:limit]

    def _with_probabilities(self, hits: list[Hit], told: dict[str, float]) -> list[Hit]:
        """How likely the first hit with expected questions answers, and the first without."""
        found = list(hits)
        for asked, calibration in ((True, self._ranker.calibration_asked), (False, self._ranker.calibration)):
            place = next((i for i, hit in enumerate(hits) if bool(hit.clause.questions) is asked), None)
            if place is not None:
                row = hits[place].features | told
                found[place] = replace(hits[place], probability=probability(calibration, row))
        return found

    def _told_apart(self, snapshot: Snapshot, hits: list[Hit], question: _Question) -> list[Hit]:
        """The hits of each document, in its own places, by the words that tell its clauses apart.

        奶山羊 stands in every clause of a document on 奶山羊, and there says nothing of which one is asked for.
        """
        places: dict[str, list[int]] = {}
        for place, hit in enumerate(hits):
            if "late" in hit.features and not hit.clause.questions:
                places.setdefault(hit.clause.document_id, []).append(place)
        arranged = list(hits)
        for document_id, own in places.items():
            if len(own) < 2:
                continue
            told = self._telling(snapshot, document_id, question)
            if told is None:
                continue
            scores = {place: self._own_score(snapshot, hits[place], question, told) for place in own}
            best_first = sorted(own, key=lambda place: (-scores[place], place))
            for place, source in zip(own, best_first, strict=True):
                score = hits[place].score
                arranged[place] = replace(hits[source], score=score, within=scores[source] - score)
        return arranged

    def _telling(
        self, snapshot: Snapshot, document_id: str, question: _Question
    ) -> NDArray[np.float32] | None:
        """How much each word of the question tells in a document: little where most of its clauses hold a like word."""
        clauses = snapshot.clauses_of(document_id)
        if len(clauses) < _FEW_CLAUSES:
            return None
        some = clauses[:: -(-len(clauses) // _SAMPLED)]
        held = [directions for each in some if len(directions := self._directions(snapshot, each))]
        common = np.mean([(question.directions @ words.T).max(axis=1).clip(0, 1) for words in held], axis=0)
        told: NDArray[np.float32] = ((_COMMON - common) / _SPREAD).clip(_LEAST_TOLD, 1).astype(np.float32)
        return told

    def _own_score(
        self, snapshot: Snapshot, hit: Hit, question: _Question, told: NDArray[np.float32]
    ) -> float:
        assert isinstance(self._embedder, StaticEmbedder)
        vector = self._embedder.vector_of(question.ids, told)
        held = self._sentences_of(snapshot, hit.clause)
        late = self._embedder.late_interaction(
            question.ids, question.directions, self._directions(snapshot, hit.clause), told
        )
        features = hit.features | {
            "cosine": self._closeness(float(held.vector @ vector)),
            "sentence_cosine": self._closeness(held.closest(vector)),
            "late": max(0.0, late),
        }
        return self._ranker.plain.score(features)

    def _read_together(self, topic: str, hits: list[Hit]) -> list[Hit]:
        """The first hits as a cross-encoder orders them, its word beside the learned score."""
        if self._reranker is None or not hits:
            return hits
        read, rest = hits[:READ_TOGETHER], hits[READ_TOGETHER:]
        judged = self._reranker.scores(
            topic, [f"{h.clause.clause.heading}。{h.clause.clause.text}" for h in read]
        )
        read = [
            replace(hit, score=TRUST * sure + (1 - TRUST) * hit.score, features=hit.features | {"read": sure})
            for hit, sure in zip(read, judged, strict=True)
        ]
        floor = min(hit.score for hit in read)
        return [*_in_order(read), *(replace(hit, score=min(hit.score, floor)) for hit in rest)]

    def _question(self, topic: str, meant: str, vector: NDArray[np.float32], words: Words) -> _Question:
        late = self._embedder if isinstance(self._embedder, StaticEmbedder) else None
        ids = late.word_ids(meant) if late else np.zeros(0, dtype=np.int64)
        return _Question(
            vector=vector,
            words=words,
            ids=ids,
            directions=late.directions(ids) if late else np.zeros((0, 0), dtype=np.float32),
            meanings=self._thesaurus.meanings(topic),
        )

    def _features(self, snapshot: Snapshot, clause: StoredClause, question: _Question) -> dict[str, float]:
        """What a closer look at a clause says, each 0 to 1 (docs/adr/0008-ranking.md)."""
        vector, words = question.vector, question.words
        held, asked = self._sentences_of(snapshot, clause), snapshot.generation.asked.of(clause.key)
        features = {
            "coverage": words.coverage(held.words, asked.words),
            "sentence_coverage": words.best_coverage([part.words for part in held.parts], held.words),
            "sentence_cosine": self._closeness(held.closest(vector)),
            "expansion": expansion(question.meanings, clause.clause),
            "asked": self._closeness(asked.likeness(vector)),
        }
        if isinstance(self._embedder, StaticEmbedder) and len(question.ids):
            features["late"] = max(
                0.0,
                self._embedder.late_interaction(
                    question.ids, question.directions, self._directions(snapshot, clause)
                ),
            )
        return features

    def _directions(self, snapshot: Snapshot, clause: StoredClause) -> NDArray[np.float32]:
        """The words of a clause as the embedder compares them, one by one."""
        assert isinstance(self._embedder, StaticEmbedder)
        memory, key = snapshot.generation.memory, f"directions:{clause.key}"
        held = memory.get(key)
        if not isinstance(held, np.ndarray):
            ids = self._embedder.word_ids(
                "。".join(p.text for p in self._sentences_of(snapshot, clause).parts)
            )
            held = self._embedder.directions(ids)
            if len(memory) < _MEMORY_DIRECTIONS:
                memory[key] = held
        return held

    def _closeness(self, cosine: float) -> float:
        """A cosine as 0 (what is unrelated, to this embedder) to 1."""
        unrelated = self._embedder.baseline
        return max(0.0, (cosine - unrelated) / (1 - unrelated))

    @staticmethod
    def _ranked(found: list[str], lexical: dict[str, float], dense: dict[str, float]) -> list[str]:
        """Candidates by meaning and a little by words, and by how near their document's best clause comes.

        The first by words alone are among those read more closely.
        """
        near = {key: _BY_WORDS * lexical.get(key, 0.0) + max(0.0, dense.get(key, 0.0)) for key in found}
        best: dict[str, float] = {}
        for key, value in near.items():
            document_id = key.rpartition("#")[0]
            best[document_id] = max(value, best.get(document_id, 0.0))
        ranked = sorted(found, key=lambda key: -(near[key] + _BY_DOCUMENT * best[key.rpartition("#")[0]]))
        kept = set(sorted(lexical, key=lambda key: -lexical[key])[:_FIRST_BY_WORDS])
        others = [key for key in ranked if key not in kept]
        place = max(0, RERANKED - len(kept))
        return [*others[:place], *(key for key in ranked if key in kept), *others[place:]]

    def rank_sentences(self, snapshot: Snapshot, clause: StoredClause, topic: str) -> list[Sentence]:
        """The sentences of a clause in reading order, each scored against the topic."""
        return self.sentences(
            snapshot,
            clause,
            self._embedder.embed_query(topic),
            self.words(snapshot, topic, [clause.document_id]),
        )

    def spoken_for(self, snapshot: Snapshot, clause: StoredClause, topic: str) -> dict[int, float]:
        """Sentence numbers of a clause's article, with how much the expected questions most like the topic speak for them."""
        if not clause.questions:
            return {}
        asked = snapshot.generation.asked.of(clause.key)
        return self._asked_sentences.votes(clause, asked, self._embedder.embed_query(topic))

    def sentences(
        self, snapshot: Snapshot, clause: StoredClause, vector: NDArray[np.float32], words: Words
    ) -> list[Sentence]:
        """As `rank_sentences`, for a topic already embedded."""
        held = self._sentences_of(snapshot, clause)
        # What the heading says holds for every sentence, so it tells none from another.
        in_heading = {
            *self._tokenizer.words(clause.clause.heading),
            *self._tokenizer.pairs(clause.clause.heading),
        }
        words = Words(weights={w: v * (0.3 if w in in_heading else 1.0) for w, v in words.weights.items()})
        return [
            Sentence(
                text=part.text,
                start=part.start,
                end=part.end,
                score=0.65 * words.coverage(part.words) + 0.35 * self._closeness(float(cosine)),
            )
            for part, cosine in zip(held.parts, held.vectors @ vector, strict=True)
        ]

    def words(self, snapshot: Snapshot, topic: str, document_ids: Sequence[str]) -> Words:
        """The topic's words, those rarer among such documents heavier; unknown words count as the rarest."""
        lexical = snapshot.lexical(document_ids)
        count = max(1, len(lexical))
        found = dict.fromkeys([*self._tokenizer.words(topic), *self._tokenizer.pairs(topic)])
        return Words(
            weights={word: math.log(1 + count / (1 + lexical.document_frequency(word))) for word in found}
        )

    def content_words(self, topic: str) -> set[str]:
        """The search words of a topic that are longer than one character."""
        return {word for word in self._tokenizer.words(topic) if len(word) > 1}

    def known_words(
        self, snapshot: Snapshot, topic: str, document_ids: Sequence[str] | None = None
    ) -> set[str]:
        """Those content words that at least one clause of such documents holds."""
        lexical = snapshot.lexical(document_ids)
        return {word for word in self.content_words(topic) if lexical.document_frequency(word)}

    def unlike_words(self, snapshot: Snapshot, clause: StoredClause, topic: str) -> list[str]:
        """The telling words of a topic that nothing in a clause, its article's questions included, is like: 机票 in one on 展位费.

        Empty where they are the lesser part of the topic's telling words, and where the embedder is not the shipped one, which alone knows how much a word tells.
        """
        embedder = self._embedder
        if not isinstance(embedder, StaticEmbedder):
            return []
        asked = snapshot.generation.asked.of(clause.key)
        text = clause.clause.text
        words = dict.fromkeys(self._tokenizer.words(topic))
        all_telling = [
            word
            for word in words
            if len(word) > 1 and embedder.weight(word) >= _TELLING and word[0] not in _COUNTING
        ]
        telling = [
            word
            for word in all_telling
            if word not in text
            and word not in asked.words
            and not any(c in text and embedder.weight(c) >= _TELLING_CHARACTER for c in word)
        ]
        if not telling:
            return []
        held = [word for word in dict.fromkeys([*self._tokenizer.words(text), *asked.words]) if len(word) > 1]
        closest = embedder.embed_documents(telling) @ embedder.embed_documents(held).T
        unlike = [word for word, row in zip(telling, closest, strict=True) if row.max() < _UNLIKE]
        # 每亩 is another figure than the share of a premium, however much else is alike.
        measured = any(word.startswith("每") for word in unlike)
        return unlike if measured or len(unlike) >= _UNLIKE_SHARE * len(all_telling) else []

    def _held_words(self, snapshot: Snapshot, text: str, document_ids: Sequence[str]) -> str:
        """The words of a text that some clause or expected question of these documents holds."""
        lexical, asked = snapshot.lexical(document_ids), snapshot.generation.asked.words(document_ids)
        found = dict.fromkeys(self._tokenizer.words(text))
        return " ".join(word for word in found if word in asked or lexical.document_frequency(word))

    def _sentences_of(self, snapshot: Snapshot, clause: StoredClause) -> _Sentences:
        memory = snapshot.generation.memory
        found = memory.get(clause.key)
        if not isinstance(found, _Sentences):
            found = self._split(snapshot, clause)
            if len(memory) < _MEMORY_CLAUSES:
                memory[clause.key] = found
        return found

    def _split(self, snapshot: Snapshot, stored: StoredClause) -> _Sentences:
        text = snapshot.documents[stored.document_id].document.text
        clause = stored.clause
        brackets = [(duty.start, duty.end) for duty in clause.responsibilities if duty.source == "bracket"]
        labels = [(duty.start, duty.end) for duty in clause.responsibilities if duty.source == "label"]
        spans = []
        for start, end in sentences(text, clause.start, clause.end):
            # What only names the bodies, a labelled list or a bracket, is no sentence of the clause.
            if any(begin <= start < finish for begin, finish in labels):
                continue
            inside = [s for s, e in brackets if start <= s and e <= end]
            if inside:
                end = min(inside) - 1
            if text[start:end].strip():
                spans.append((start, end))
        texts = [text[start:end] for start, end in spans]
        vectors = self._embedder.embed_documents(texts)
        slips = " ".join(
            c.reads
            for c in snapshot.documents[stored.document_id].corrections
            if c.clause == clause.label and c.printed in clause.text
        )
        parts = []
        for (start, end), part in zip(spans, texts, strict=True):
            searched = f"{part} {slips}"
            held = {*self._tokenizer.words(searched), *self._tokenizer.pairs(fold(searched))}
            parts.append(_Part(text=part, start=start, end=end, words=held))
        words = frozenset[str]().union(*(part.words for part in parts))
        vector = self._embedder.embed_documents(["。".join(texts)])[0]
        return _Sentences(parts=tuple(parts), vectors=vectors, vector=vector, words=words)


def as_embedded(topic: str, foreign: str = "") -> str:
    """What is embedded of a question: its topic, before the whole of it where that is in English."""
    return f"{topic} {foreign}" if foreign else topic


def _in_order(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.clause.document_id, hit.clause.position))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A topic as the closer look needs it: vector, words by rarity, words of the embedder, official terms."""

    vector: NDArray[np.float32]
    words: Words
    ids: NDArray[np.int64]
    directions: NDArray[np.float32]
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    text: str
    start: int
    end: int
    words: set[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentences:
    """The sentences of a clause with their vectors (n × d), that of them together, and the words of them all."""

    parts: tuple[_Part, ...]
    vectors: NDArray[np.float32]
    vector: NDArray[np.float32]
    words: frozenset[str]

    def closest(self, vector: NDArray[np.float32]) -> float:
        """The cosine of the sentence most like a vector; 0 without any."""
        return float((self.vectors @ vector).max(initial=0.0)) if len(self.parts) else 0.0
