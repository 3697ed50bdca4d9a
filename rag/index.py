"""The index as questions see it: one consistent state of catalogue, lexical and dense index."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from ingest.embedder import Embedder
from ingest.errors import NoIndex
from ingest.settings import Settings
from ingest.stores.asked import AskedIndex
from ingest.stores.catalogue import Catalogue, CatalogueReader, StoredClause, StoredDocument
from ingest.stores.dense import DenseIndex
from ingest.stores.generations import generation_folder
from ingest.stores.lexical import AROUND, LexicalIndex, Scored
from ingest.tokens import Tokenizer

# So many clauses are kept as read; what is asked about stands among them.
_MOST_READ = 4096


@dataclass(frozen=True)
class Generation:
    """The indexes of one generation, held open, with the documents they were built from."""

    name: str
    lexical: LexicalIndex
    # Of the documents around the shipped policy: words are rare or common among clauses that are asked together.
    lexical_around: LexicalIndex
    dense: DenseIndex
    asked: AskedIndex
    documents: dict[str, StoredDocument]
    # The bodies that the documents name, as printed.
    bodies: frozenset[str]
    # Work that depends on nothing but the generation (sentence vectors) is kept here.
    memory: dict[str, object] = field(default_factory=dict)
    # Clauses read before; they change only with the generation.
    read: dict[str, StoredClause] = field(default_factory=dict)
    read_whole: dict[str, tuple[StoredClause, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """What one question reads from: a catalogue transaction and the generation it names."""

    catalogue: CatalogueReader
    generation: Generation

    @property
    def documents(self) -> dict[str, StoredDocument]:
        """All documents by id, shipped ones first."""
        return self.generation.documents

    @cached_property
    def companions(self) -> tuple[str, ...]:
        """The ids of the documents around the shipped policy, held as digests or as fetched originals."""
        return tuple(i for i, stored in self.documents.items() if stored.document.metadata.relation)

    @cached_property
    def primary(self) -> tuple[str, ...]:
        """The ids of the shipped policy and of what users added: the documents asked first."""
        return tuple(i for i in self.documents if i not in self.companions)

    @cached_property
    def national(self) -> bool:
        """Whether a document of the national level is among those asked first: then 国家层面 is asked of it too."""
        issuers = (self.documents[i].document.metadata.issuer or "" for i in self.primary)
        return any(issuer.startswith(("国务院", "中共中央")) for issuer in issuers)

    def lexical(self, document_ids: Sequence[str] | None) -> LexicalIndex:
        """The index whose words count for a search among these documents."""
        around = document_ids and set(document_ids) <= set(self.companions)
        return self.generation.lexical_around if around else self.generation.lexical

    def search_words(self, text: str, limit: int, document_ids: Sequence[str] | None) -> dict[str, float]:
        """Clause keys with their share of the best lexical score, 0 to 1, over the documents given or the primary ones."""
        ids = self.primary if document_ids is None else tuple(document_ids)
        shares: dict[str, float] = {}
        for index, held in (
            (self.generation.lexical, self.primary),
            (self.generation.lexical_around, self.companions),
        ):
            among = [document_id for document_id in ids if document_id in held]
            # Naming every document of an index is no restriction, and costs time where there are many.
            found = index.search(text, limit, None if len(among) == len(held) else among) if among else []
            shares |= _shares(found)
        return shares

    @cached_property
    def all_clauses(self) -> tuple[StoredClause, ...]:
        """Every clause; read only by questions that must be answered completely."""
        return tuple(clause for document_id in self.documents for clause in self.clauses_of(document_id))

    def clauses_of(self, document_id: str) -> tuple[StoredClause, ...]:
        """The clauses of one document in reading order; none where it is not held."""
        read = self.generation.read_whole
        found = read.get(document_id)
        if found is None:
            found = self.catalogue.clauses(document_id)
            if len(found) + sum(map(len, tuple(read.values()))) > _MOST_READ:
                read.clear()
            read[document_id] = found
        return found

    def clause(self, key: str) -> StoredClause | None:
        """One clause by its key."""
        return self.clauses([key]).get(key)

    def clauses(self, keys: Sequence[str]) -> dict[str, StoredClause]:
        """Clauses by their keys; unknown keys are left out."""
        read = self.generation.read
        missing = [key for key in keys if key not in read]
        if missing:
            found = self.catalogue.clauses_by_key(missing)
            if len(read) + len(found) > _MOST_READ:
                read.clear()
                found = self.catalogue.clauses_by_key(keys)
            read.update(found)
        return {key: read[key] for key in keys if key in read}


def _shares(found: Sequence[Scored]) -> dict[str, float]:
    best = max((scored.score for scored in found), default=0.0) or 1.0
    return {scored.key: scored.score / best for scored in found}


class IndexReader:
    """Opens the serving generation and follows the catalogue when it switches to a new one."""

    def __init__(self, settings: Settings, tokenizer: Tokenizer, embedder: Embedder) -> None:
        self._settings = settings
        self._tokenizer = tokenizer
        self._embedder = embedder
        self._catalogue = Catalogue(settings.database_url)
        self._lock = threading.Lock()
        self._generation: Generation | None = None

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One state for the length of a question; raises NoIndex where there is none."""
        if self._settings.catalogue_url is None and not (self._settings.data / "catalogue.sqlite3").is_file():
            raise NoIndex("还没有索引，请先运行 python -m ingest build")
        with self._catalogue.reading() as reader:
            yield Snapshot(catalogue=reader, generation=self._current(reader))

    def close(self) -> None:
        """Release files and connections."""
        with self._lock:
            if self._generation is not None:
                self._generation.dense.close()
                self._generation = None
        self._catalogue.close()

    def _current(self, reader: CatalogueReader) -> Generation:
        name = reader.state("generation")
        if name is None:
            raise NoIndex("索引没有建完，请运行 python -m ingest build")
        with self._lock:
            if self._generation is None or self._generation.name != name:
                recipe = reader.state("recipe") or ""
                if not recipe.startswith(f"{self._embedder.name}|"):
                    raise NoIndex("索引是用另一个向量模型建立的，请运行 python -m ingest build")
                folder = generation_folder(self._settings.data, name)
                self._generation = Generation(
                    name=name,
                    lexical=LexicalIndex(folder / "lexical", self._tokenizer),
                    lexical_around=LexicalIndex(folder / AROUND, self._tokenizer),
                    dense=DenseIndex(folder / "dense"),
                    asked=AskedIndex(folder / "asked"),
                    documents={stored.document.id: stored for stored in reader.documents()},
                    bodies=frozenset(printed for _, _, printed, _ in reader.bodies()),
                )
            return self._generation
