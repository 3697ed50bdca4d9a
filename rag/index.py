"""The index as questions see it: one consistent state of catalogue, lexical and dense index."""

from __future__ import annotations

import threading
from collections.abc import Iterator
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
from ingest.stores.lexical import LexicalIndex
from ingest.tokens import Tokenizer


@dataclass(frozen=True)
class Generation:
    """The indexes of one generation, held open, with the documents they were built from."""

    name: str
    lexical: LexicalIndex
    dense: DenseIndex
    asked: AskedIndex
    documents: dict[str, StoredDocument]
    # The bodies that the documents name, as printed.
    bodies: frozenset[str]
    # Work that depends on nothing but the generation (sentence vectors) is kept here.
    memory: dict[str, object] = field(default_factory=dict)


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
    def all_clauses(self) -> tuple[StoredClause, ...]:
        """Every clause; read only by questions that must be answered completely."""
        return self.catalogue.clauses()

    def clause(self, key: str) -> StoredClause | None:
        """One clause by its key."""
        return self.catalogue.clauses_by_key([key]).get(key)


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
            raise NoIndex("还没有索引,请先运行 python -m ingest build")
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
            raise NoIndex("索引没有建完,请运行 python -m ingest build")
        with self._lock:
            if self._generation is None or self._generation.name != name:
                recipe = reader.state("recipe") or ""
                if not recipe.startswith(f"{self._embedder.name}|"):
                    raise NoIndex("索引是用另一个向量模型建立的,请运行 python -m ingest build")
                folder = generation_folder(self._settings.data, name)
                self._generation = Generation(
                    name=name,
                    lexical=LexicalIndex(folder / "lexical", self._tokenizer),
                    dense=DenseIndex(folder / "dense"),
                    asked=AskedIndex(folder / "asked"),
                    documents={stored.document.id: stored for stored in reader.documents()},
                    bodies=frozenset(printed for _, _, printed, _ in reader.bodies()),
                )
            return self._generation
