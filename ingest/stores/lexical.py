"""The lexical index: BM25 over jieba words and character pairs, in tantivy. Nothing else knows tantivy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from ingest.errors import NoIndex
from ingest.tokens import Tokenizer
from ingest.types import Passage

# The folder of the index of documents around the shipped policy.
AROUND = "lexical-around"
# Field → weight of its words in the score; chosen on our own question set (docs/adr/0004).
_PAIR_FIELDS = ("pairs", "question_pairs")
FIELDS = {
    "title": 0.2,
    "section": 0.4,
    "heading": 1.6,
    "body": 1.0,
    "pairs": 0.5,
    "questions": 0.8,
    "question_pairs": 0.3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A passage found by one index, with that index's own score."""

    key: str
    score: float


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw")
    builder.add_text_field("document", stored=False, tokenizer_name="raw")
    for name in FIELDS:
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace")
    return builder.build()


def build_lexical(folder: Path, passages: Sequence[Passage], tokenizer: Tokenizer) -> None:
    """Write a new index of `passages` into an empty folder."""
    folder.mkdir(parents=True)
    schema = _schema()
    index = tantivy.Index(schema, path=str(folder))
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for passage in passages:
        document = tantivy.Document()
        document.add_text("key", passage.key)
        document.add_text("document", passage.document_id)
        for name in ("title", "section", "heading", "body"):
            document.add_text(name, " ".join(tokenizer.words(getattr(passage, name))))
        document.add_text("pairs", " ".join(tokenizer.pairs(f"{passage.heading}\n{passage.body}")))
        # One bag of all questions: matched one by one, each is too short to tell clauses apart.
        asked = "\n".join(passage.questions)
        document.add_text("questions", " ".join(tokenizer.words(asked)))
        document.add_text("question_pairs", " ".join(tokenizer.pairs(asked)))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


class LexicalIndex:
    """An open lexical index; cheap to query from several threads."""

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        """Raises NoIndex where the folder holds no readable index."""
        self._tokenizer = tokenizer
        self._schema = _schema()
        with _readable():
            self._index = tantivy.Index.open(str(folder))
            self._index.reload()
            self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, text: str, limit: int, document_ids: Sequence[str] | None = None) -> list[Scored]:
        """The best passages for the words of `text`, best first; empty where no word is known."""
        weighted: dict[str, float] = {}
        for word in self._tokenizer.words(text):
            weighted[word] = weighted.get(word, 0.0) + 1.0
        pairs = set(self._tokenizer.pairs(text))
        clauses = [
            (tantivy.Occur.Should, self._term(field, word, weight * min(count, 2.0)))
            for field, weight in FIELDS.items()
            if field not in _PAIR_FIELDS
            for word, count in weighted.items()
        ]
        clauses += [
            (tantivy.Occur.Should, self._term(field, pair, FIELDS[field]))
            for field in _PAIR_FIELDS
            for pair in sorted(pairs)
        ]
        if not clauses:
            return []
        query = tantivy.Query.boolean_query(clauses)
        if document_ids is not None:
            chosen = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "document", d))
                    for d in document_ids
                ]
            )
            restrict = tantivy.Query.const_score_query(chosen, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, restrict)])
        with _readable():
            found = self._searcher.search(query, limit=limit).hits
            return [
                Scored(key=self._searcher.doc(address)["key"][0], score=float(score))
                for score, address in found
            ]

    def document_frequency(self, word: str) -> int:
        """In how many clauses a word or character pair stands; expected questions do not count."""
        found = max(self._searcher.doc_freq(field, word) for field in ("body", "heading", "pairs"))
        return int(found)

    def keys(self) -> set[str]:
        """The keys of all passages held, for comparing with the catalogue."""
        if len(self) == 0:
            return set()
        with _readable():
            found = self._searcher.search(tantivy.Query.all_query(), limit=len(self)).hits
            return {self._searcher.doc(address)["key"][0] for _, address in found}

    def _term(self, field: str, word: str, weight: float) -> Any:
        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, word), weight)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:  # tantivy's own errors are ValueErrors
        raise NoIndex("词汇索引打不开，请运行 python -m ingest verify") from error
