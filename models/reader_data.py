"""What the reader is trained on: questions that a clause answers, questions that it nearly answers, and what would answer those.

pairs/reader.jsonl holds them (pairs/GUIDE.md); the clauses are articles of the data folder, named by row, or clauses of
the policy files, named by id. Sentences are counted from 0, as ingest.text.sentences splits them. pairs/documents.jsonl
holds questions put to whole documents, half of which the document does not answer, with the articles that the product
found first for them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from training_pairs import PAIRS, article_text, policy_rows, read_lines, read_rows

from ingest.chinese_numbers import to_int
from ingest.duties import load_grammar
from ingest.embedder import StaticEmbedder
from ingest.parse import parse
from ingest.sources import file_source
from ingest.text import sentences
from rag.reader import Passage

# How a drafted document names the bodies at the end of a clause; the first is the one that leads.
_BRACKETS = (
    "（{lead}牵头，{others}配合）",
    "（牵头单位：{lead}；配合单位：{others}）",
    "（责任单位：{lead}、{others}）",
    "（{lead}、{others}按职责分工负责）",
)
_ALONE = ("（责任单位：{lead}）", "（{lead}负责）", "（牵头单位：{lead}）")
# So many of the nearest other articles of a regulation may stand for the wrong one.
_NEAREST = 6
# … and of the policy pairs' clauses.
_NEIGHBOURS = 30
# Of the articles that the product found first for a question but that do not answer it, so many a round: the first one
# always where none does.
_FOUND_WRONGLY, _FOUND_FIRST = 2, 4
# So often the sentences that answer a question to a document are taken out of its article.
_TAKEN_OUT = 0.5
# So often a passage loses sentences that change nothing, each by the second chance: else what is short would be what was cut.
SHORTENED, _LOST = 0.4, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question, a passage, whether it answers, and by which sentences (None: not known by which)."""

    question: str
    passage: Passage
    answers: bool
    by: tuple[int, ...] | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause with its questions, and the other articles of its document (of a policy file, its other clauses)."""

    id: str
    passage: Passage
    row: dict[str, Any]
    others: tuple[Passage, ...] = ()
    # Of a policy: who would be responsible for it.
    bodies: tuple[str, ...] = ()

    def drafted(self, luck: random.Random) -> Passage:
        """A policy's clause, half the time with the bracket that names its bodies."""
        if not self.bodies or luck.random() < 0.5:
            return self.passage
        told = (*self.passage.sentences, bracket(self.bodies, luck))
        return Passage(heading=self.passage.heading, sentences=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question put to a whole document: 想在河滩上弄个露营地,让不让搞 of measures on tourism that never speak of it."""

    question: str
    # The articles that answer it: none where the document does not.
    right: tuple[Passage, ...]
    # Words of the answer: the sentences that hold one of them answer it.
    by: tuple[str, ...]
    # What the product found first that does not answer it, the likest first.
    wrong: tuple[Passage, ...]


def split(text: str) -> tuple[str, ...]:
    """The sentences of a clause."""
    return tuple(text[start:end] for start, end in sentences(text, 0, len(text)))


def read_clauses(data: Path, name: str = "reader") -> list[Clause]:
    """The clauses of reader.jsonl, or of another file of articles, with their questions.

    SystemExit where the data folder holds other regulations.
    """
    regulations = read_rows(data, "regulations")
    places: dict[str, list[int]] = {}
    for number, article in enumerate(regulations):
        places.setdefault(article["title"], []).append(number)
    policies = {row["id"]: row for row in policy_rows()}
    luck = random.Random(0)
    # The other clauses of a policy file stand for those of its document; half of them end in their bodies, as its own do.
    drafted: dict[str, list[tuple[str, Passage]]] = {}
    for policy in policies.values():
        other = _with_bodies(policy, luck) if luck.random() < 0.5 else _as_drafted(policy)
        drafted.setdefault(policy["id"].partition("-")[0], []).append((policy["id"], other))
    found = []
    for row in read_lines(PAIRS / f"{name}.jsonl"):
        if "regulation" in row:
            others = (place for place in places[row["title"]] if place != row["regulation"])
            found.append(
                Clause(
                    id=row["id"],
                    passage=Passage(heading="", sentences=split(article_text(row, regulations))),
                    row=row,
                    others=tuple(
                        Passage(heading="", sentences=split(regulations[p]["text"])) for p in others
                    ),
                )
            )
            continue
        policy = policies[row["of"]]
        passage = _as_drafted(policy)
        file = row["of"].partition("-")[0]
        found.append(
            Clause(
                id=row["id"],
                passage=passage,
                row=row,
                others=tuple(each for of, each in drafted[file] if of != row["of"]),
                bodies=tuple(policy["bodies"]),
            )
        )
    return found


def lay_clauses(data: Path) -> list[Clause]:
    """The statute articles of lay.jsonl with their questions, and the other articles of their laws."""
    statutes = read_rows(data, "statutes")
    laws: dict[str, list[int]] = {}
    for number, article in enumerate(statutes):
        laws.setdefault(article["law"], []).append(number)
    places = {article["id"]: number for number, article in enumerate(statutes)}
    split_once = [Passage(heading="", sentences=split(article["text"])) for article in statutes]
    found = []
    for row in read_lines(PAIRS / "lay.jsonl"):
        place = places[row["statute"]]
        others = (other for other in laws[statutes[place]["law"]] if other != place)
        found.append(
            Clause(
                id=row["statute"],
                passage=split_once[place],
                row=row,
                others=tuple(split_once[other] for other in others),
            )
        )
    return [clause for clause in found if clause.others]


def paired_examples(
    clauses: Sequence[Clause], count: int, embedder: StaticEmbedder, luck: random.Random
) -> Iterator[Example]:
    """So many questions, each with its article and with another of the same regulation or law."""
    for clause in luck.choices(clauses, k=count):
        question = luck.choice(clause.row["questions"])
        wrong = _near(question, clause.others, embedder, luck)
        yield Example(question=question, passage=clause.passage, answers=True, by=None, source="pair")
        yield Example(question=question, passage=wrong, answers=False, by=None, source="other pair")


def examples_of(
    clause: Clause,
    far: Sequence[Clause],
    embedder: StaticEmbedder,
    luck: random.Random,
    *,
    shortened: float = SHORTENED,
) -> Iterator[Example]:
    """Each question with its clause, with the clause changed so that the answer turns, and with other clauses.

    A question that is answered is asked of the clause without the sentences that answer it; one that is not, of the
    clause with the sentence that would. So neither the question alone nor the clause alone tells which it is. Of `far`,
    any clause does not answer.
    """
    for asked in clause.row["answered"]:
        passage = clause.drafted(luck)
        question, by = asked["question"], tuple(asked["by"])
        yield _shortened(
            Example(question=question, passage=passage, answers=True, by=by, source="answered"),
            luck,
            shortened,
        )
        rest = tuple(s for place, s in enumerate(passage.sentences) if place not in by)
        if rest:
            without = Passage(heading=passage.heading, sentences=rest)
            yield Example(question=question, passage=without, answers=False, by=(), source="taken out")
        if clause.others:
            wrong = _near(question, clause.others, embedder, luck)
            yield Example(question=question, passage=wrong, answers=False, by=(), source="elsewhere")
        other = luck.choice(far)
        if other.id != clause.id:
            yield Example(question=question, passage=other.drafted(luck), answers=False, by=(), source="far")
    for asked in clause.row["near"]:
        question = asked["question"]
        passage = clause.passage if asked["lacks"] == "who" else clause.drafted(luck)
        yield _shortened(
            Example(question=question, passage=passage, answers=False, by=(), source="near"), luck, shortened
        )
        if "would" in asked:
            at = min(asked["would"]["after"], len(passage.sentences))
            told = (*passage.sentences[:at], asked["would"]["text"], *passage.sentences[at:])
            put_in = Passage(heading=passage.heading, sentences=told)
            yield _shortened(
                Example(question=question, passage=put_in, answers=True, by=(at,), source="put in"),
                luck,
                shortened,
            )


def read_asked(data: Path) -> list[Asked]:
    """The questions of documents.jsonl with the articles of their documents.

    Those to two articles at once are left out, and those kept out for judging.
    """
    regulations: dict[str, dict[int, Passage]] = {}
    for row in read_rows(data, "regulations"):
        held = regulations.setdefault(row["title"], {})
        text = f"{row['article_no']}\u3000{row['text']}"
        number = to_int(re.sub(r"第|条.*", "", row["article_no"]))
        if number is not None:
            held.setdefault(number, Passage(heading="", sentences=split(text)))
    found = []
    for row in read_lines(PAIRS / "documents.jsonl"):
        articles = _policy(row["policy"]) if "policy" in row else regulations[row["title"]]
        right, fitting = row["articles"], {*row["articles"], *row.get("acceptable", ())}
        if len(right) > 1 or row.get("kept_out"):
            continue
        found.append(
            Asked(
                question=row["question"],
                right=tuple(articles[number] for number in right if number in articles),
                by=tuple(re.sub(r"\s", "", words) for words in row.get("by", ())),
                wrong=tuple(articles[n] for n in row["near"] if n not in fitting and n in articles),
            )
        )
    return found


@cache
def _policy(name: str) -> dict[int, Passage]:
    """The articles of an invented policy, each with its items and the bracket that names its bodies."""
    document = file_source(PAIRS / "documents" / f"{name}.txt").document
    parsed = parse(document, load_grammar(PAIRS.parents[1] / "corpus" / "duty_patterns.yaml"))
    articles: dict[int, list[str]] = {}
    headings: dict[int, str] = {}
    for clause in parsed.clauses:
        if clause.article is not None:
            headings.setdefault(clause.article, clause.heading)
            articles.setdefault(clause.article, []).extend(split(clause.text))
    return {
        number: Passage(heading=headings[number], sentences=tuple(dict.fromkeys(told)))
        for number, told in articles.items()
    }


def asked_examples(questions: Sequence[Asked], luck: random.Random) -> Iterator[Example]:
    """Each question with its article, at times without the sentence that answers, and with articles that were found wrongly."""
    for asked in questions:
        near = asked.wrong[:_FOUND_FIRST]
        if asked.right:
            wrong = luck.sample(near, min(_FOUND_WRONGLY, len(near)))
        else:
            wrong = [*near[:1], *luck.sample(near[1:], min(_FOUND_WRONGLY, len(near[1:])))]
        for passage in wrong:
            yield Example(question=asked.question, passage=passage, answers=False, by=(), source="found")
        for passage in asked.right:
            told = [re.sub(r"\s", "", sentence) for sentence in passage.sentences]
            by = tuple(n for n, sentence in enumerate(told) if any(words in sentence for words in asked.by))
            yield Example(
                question=asked.question, passage=passage, answers=True, by=by or None, source="asked"
            )
            rest = tuple(s for n, s in enumerate(passage.sentences) if n not in by)
            if len(by) == 1 and rest and luck.random() < _TAKEN_OUT:
                without = replace(passage, sentences=rest)
                yield Example(
                    question=asked.question, passage=without, answers=False, by=(), source="taken out"
                )


def _shortened(example: Example, luck: random.Random, often: float) -> Example:
    """The example, at times with fewer sentences: what answers stays, and at least one does."""
    by = example.by or ()
    told = example.passage.sentences
    if luck.random() >= often:
        return example
    stay = [place for place in range(len(told)) if place in by or luck.random() >= _LOST]
    stay = stay or [luck.randrange(len(told))]
    passage = Passage(heading=example.passage.heading, sentences=tuple(told[place] for place in stay))
    return replace(example, passage=passage, by=tuple(stay.index(place) for place in by if place in stay))


def _near(
    question: str, others: tuple[Passage, ...], embedder: StaticEmbedder, luck: random.Random
) -> Passage:
    return luck.choice(_nearest(question, others, embedder))


@cache
def _nearest(question: str, others: tuple[Passage, ...], embedder: StaticEmbedder) -> tuple[Passage, ...]:
    vectors = np.stack([_vector(each, embedder) for each in others])
    order = np.argsort(-(vectors @ embedder.embed_query(question)))[:_NEAREST]
    return tuple(others[place] for place in order)


@cache
def _vector(passage: Passage, embedder: StaticEmbedder) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = embedder.embed_documents(["".join(passage.sentences)])[0]
    return vector


@dataclass(frozen=True, slots=True)
class Pairs:
    """The policy files' clauses, their questions, and which clauses lie near which."""

    passages: tuple[Passage, ...]
    asked: tuple[tuple[int, str], ...]
    near: NDArray[np.int64]

    def some(self, luck: random.Random, count: int) -> Iterator[Example]:
        """Questions with their clause and with one near it."""
        for place, question in luck.sample(self.asked, count):
            wrong = int(luck.choice(self.near[place]))
            right, other = self.passages[place], self.passages[wrong]
            yield Example(question=question, passage=right, answers=True, by=None, source="pair")
            yield Example(question=question, passage=other, answers=False, by=None, source="other pair")


def read_policy_pairs(embedder: StaticEmbedder, luck: random.Random) -> Pairs:
    """The policy pairs, the bodies in brackets below each clause as drafted."""
    rows = policy_rows()
    vectors = embedder.embed_documents([f"{row['heading']}。{row['clause']}" for row in rows])
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1)
    return Pairs(
        passages=tuple(_with_bodies(row, luck) for row in rows),
        asked=tuple((place, question) for place, row in enumerate(rows) for question in row["questions"]),
        near=np.argsort(-alike, axis=1)[:, :_NEIGHBOURS],
    )


def _as_drafted(row: dict[str, Any]) -> Passage:
    return Passage(heading=row["heading"], sentences=split(row["clause"]))


def _with_bodies(row: dict[str, Any], luck: random.Random) -> Passage:
    told = (*split(row["clause"]), bracket(row["bodies"], luck))
    return Passage(heading=row["heading"], sentences=told)


def bracket(bodies: Sequence[str], luck: random.Random) -> str:
    """How a document names the bodies at the end of a clause, the first one leading."""
    lead, *others = bodies
    form = luck.choice(_BRACKETS if others else _ALONE)
    return form.format(lead=lead, others="、".join(others))
