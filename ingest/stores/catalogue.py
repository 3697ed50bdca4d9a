"""The catalogue: documents, clauses, responsibilities in SQL. It is the truth; indexes follow it.

Which generation of the lexical and dense indexes serves is a row here too, so documents and
indexes change in one commit, and a reader inside one transaction sees one state of both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.exc import DatabaseError, OperationalError

from ingest.corrections import Correction
from ingest.errors import NoIndex, UnknownDocument
from ingest.text import compact
from ingest.types import (
    ArticleReference,
    Clause,
    DefaultBody,
    Document,
    Metadata,
    ParsedDocument,
    Passage,
    Reference,
    Responsibility,
)

SCHEMA_VERSION = "1"
# Fields of a document's metadata that JSON holds as lists.
_TUPLES = ("addressees", "repeals", "also_called", "unverified")

_meta = sa.MetaData()
_state = sa.Table(
    "state",
    _meta,
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
_documents = sa.Table(
    "documents",
    _meta,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("spans", sa.JSON, nullable=False),
    sa.Column("references", sa.JSON, nullable=False),
    sa.Column("corrections", sa.JSON, nullable=False),
)
_clauses = sa.Table(
    "clauses",
    _meta,
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("path", sa.JSON, nullable=False),
    sa.Column("article", sa.Integer, index=True),
    sa.Column("label", sa.String(60), nullable=False),
    sa.Column("heading", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("duties", sa.JSON, nullable=False),
    sa.Column("passage", sa.JSON, nullable=False),
)
_bodies = sa.Table(
    "duty_bodies",
    _meta,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), index=True, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("printed", sa.String(200), index=True, nullable=False),
    sa.Column("department_id", sa.String(80), index=True),
)
_vectors = sa.Table(
    "vectors",
    _meta,
    sa.Column("embedder", sa.String(200), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

# Expected questions of every origin. They hold for a clause as long as its text is the same.
_questions = sa.Table(
    "expected_questions",
    _meta,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.String(200), index=True, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseQuestions:
    """The expected questions of one clause from one origin: shipped, sheet or model."""

    place: tuple[str, ...]
    digest: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document as the catalogue holds it, with where it came from and its unnumbered spans."""

    document: Document
    origin: str
    fingerprint: str
    preamble: tuple[int, int]
    closing: tuple[int, int]
    references: tuple[Reference, ...]
    article_references: tuple[ArticleReference, ...]
    default_bodies: tuple[DefaultBody, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClause:
    """A clause with the document it belongs to and its place in it."""

    document_id: str
    position: int
    clause: Clause
    questions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same key as its passage: gansu-etdz-2015#13."""
        return f"{self.document_id}#{self.position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A body's part in one clause: 省统计局 is cooperating in (三)."""

    clause: StoredClause
    role: str
    printed: str
    department_id: str | None


class CatalogueReader:
    """Queries over one consistent state of the catalogue."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def state(self, key: str) -> str | None:
        """A value of the index's own bookkeeping, such as the serving generation."""
        return self._connection.scalar(sa.select(_state.c.value).where(_state.c.key == key))

    def documents(self) -> tuple[StoredDocument, ...]:
        """All documents, shipped ones first."""
        rows = self._connection.execute(
            sa.select(_documents).order_by(_documents.c.position, _documents.c.id)
        )
        return tuple(_read_document(row._mapping) for row in rows)

    def document(self, document_id: str) -> StoredDocument:
        """One document; raises UnknownDocument."""
        row = self._connection.execute(sa.select(_documents).where(_documents.c.id == document_id)).first()
        if row is None:
            raise UnknownDocument(f"索引里没有编号为 {document_id} 的文件")
        return _read_document(row._mapping)

    def links(self) -> dict[str, tuple[str, ...]]:
        """Document id → the documents of the library that it mentions, by number or by full title.

        Looked up when asked for, so that adding or removing a document leaves no link behind.
        """
        documents = self.documents()
        by_number = {
            d.document.metadata.number: d.document.id for d in documents if d.document.metadata.number
        }
        by_title = {compact(d.document.metadata.title): d.document.id for d in documents}
        links: dict[str, tuple[str, ...]] = {}
        for stored in documents:
            found = [
                by_number.get(r.number or "") or by_title.get(compact(r.title or ""))
                for r in stored.references
            ]
            links[stored.document.id] = tuple(
                dict.fromkeys(other for other in found if other and other != stored.document.id)
            )
        return links

    def clauses(self, document_id: str | None = None) -> tuple[StoredClause, ...]:
        """The clauses of one or of all documents in reading order."""
        query = (
            sa.select(_clauses)
            .join(_documents, _documents.c.id == _clauses.c.document_id)
            .order_by(_documents.c.position, _documents.c.id, _clauses.c.position)
        )
        if document_id is not None:
            query = query.where(_clauses.c.document_id == document_id)
        return tuple(_read_clause(row._mapping) for row in self._connection.execute(query))

    def clauses_by_key(self, keys: Sequence[str]) -> dict[str, StoredClause]:
        """The clauses with these keys; unknown keys are left out."""
        wanted = []
        for key in keys:
            document_id, _, position = key.rpartition("#")
            if position.isdigit():
                wanted.append((document_id, int(position)))
        if not wanted:
            return {}
        query = sa.select(_clauses).where(
            sa.or_(*((_clauses.c.document_id == d) & (_clauses.c.position == p) for d, p in wanted))
        )
        found = (_read_clause(row._mapping) for row in self._connection.execute(query))
        return {clause.key: clause for clause in found}

    def articles(self, number: int, document_ids: Sequence[str] | None = None) -> tuple[StoredClause, ...]:
        """The clauses that carry an article number, over the given documents or all."""
        query = sa.select(_clauses).where(_clauses.c.article == number)
        if document_ids is not None:
            query = query.where(_clauses.c.document_id.in_(document_ids))
        rows = self._connection.execute(query.order_by(_clauses.c.document_id, _clauses.c.position))
        return tuple(_read_clause(row._mapping) for row in rows)

    def duties(
        self,
        department_ids: Sequence[str] = (),
        printed: Sequence[str] = (),
        document_ids: Sequence[str] | None = None,
    ) -> tuple[Duty, ...]:
        """Every clause in which one of these bodies has a part, in reading order: complete."""
        query = (
            sa.select(_bodies, _clauses)
            .join(
                _clauses,
                (_clauses.c.document_id == _bodies.c.document_id)
                & (_clauses.c.position == _bodies.c.position),
            )
            .where(sa.or_(_bodies.c.department_id.in_(department_ids), _bodies.c.printed.in_(printed)))
            .order_by(_bodies.c.document_id, _bodies.c.position, _bodies.c.id)
        )
        if document_ids is not None:
            query = query.where(_bodies.c.document_id.in_(document_ids))
        return tuple(
            Duty(
                clause=_read_clause({column.name: row._mapping[column] for column in _clauses.c}),
                role=row._mapping[_bodies.c.role],
                printed=row._mapping[_bodies.c.printed],
                department_id=row._mapping[_bodies.c.department_id],
            )
            for row in self._connection.execute(query)
        )

    def bodies(self) -> tuple[tuple[str, str, str, str | None], ...]:
        """(document, role, printed name, department id) of every body in every clause."""
        columns = (_bodies.c.document_id, _bodies.c.role, _bodies.c.printed, _bodies.c.department_id)
        return tuple(tuple(row) for row in self._connection.execute(sa.select(*columns)))

    def passages(self, document_id: str | None = None) -> tuple[Passage, ...]:
        """What the indexes hold, one passage a clause, of one document or of all."""
        query = sa.select(_clauses.c.passage).order_by(_clauses.c.document_id, _clauses.c.position)
        if document_id is not None:
            query = query.where(_clauses.c.document_id == document_id)
        rows = self._connection.execute(query)
        return tuple(_read_passage(row.passage) for row in rows)

    def vectors(self, embedder: str) -> dict[str, NDArray[np.float32]]:
        """Known vectors of one embedder by passage digest."""
        rows = self._connection.execute(
            sa.select(_vectors.c.digest, _vectors.c.vector).where(_vectors.c.embedder == embedder)
        )
        return {row.digest: np.frombuffer(row.vector, dtype=np.float32) for row in rows}


class CatalogueWriter(CatalogueReader):
    """Changes inside one transaction; nothing shows before it commits."""

    def put_document(
        self,
        parsed: ParsedDocument,
        passages: Sequence[Passage],
        department_ids: dict[str, str | None],
        *,
        origin: str,
        position: int,
        fingerprint: str,
        corrections: Sequence[Correction] = (),
    ) -> None:
        """Store a document with its clauses in place of any earlier version."""
        document = parsed.document
        self.delete_document(document.id, missing_ok=True)
        self._connection.execute(
            _documents.insert().values(
                id=document.id,
                position=position,
                origin=origin,
                fingerprint=fingerprint,
                text=document.text,
                metadata=_fields(document.metadata),
                spans={
                    "preamble": parsed.preamble,
                    "closing": parsed.closing,
                    "article_references": [_fields(reference) for reference in parsed.article_references],
                    "default_bodies": [_fields(body) for body in parsed.default_bodies],
                },
                references=[_fields(reference) for reference in parsed.references],
                corrections=[_fields(correction) for correction in corrections],
            )
        )
        clause_rows, body_rows = [], []
        for index, (clause, passage) in enumerate(zip(parsed.clauses, passages, strict=True)):
            clause_rows.append(
                {
                    "document_id": document.id,
                    "position": index,
                    "path": list(clause.path),
                    "article": clause.article,
                    "label": clause.label,
                    "heading": clause.heading,
                    "section": clause.section,
                    "text": clause.text,
                    "start": clause.start,
                    "end": clause.end,
                    "duties": [_fields(duty) for duty in clause.responsibilities],
                    "passage": _fields(passage),
                }
            )
            for duty in clause.responsibilities:
                for role in ("lead", "responsible", "cooperating"):
                    body_rows += [
                        {
                            "document_id": document.id,
                            "position": index,
                            "role": role,
                            "printed": name,
                            "department_id": department_ids.get(name),
                        }
                        for name in getattr(duty, role)
                    ]
        if clause_rows:
            self._connection.execute(_clauses.insert(), clause_rows)
        if body_rows:
            self._connection.execute(_bodies.insert(), body_rows)

    def delete_document(self, document_id: str, *, missing_ok: bool = False) -> None:
        """Remove a document and all its clauses; raises UnknownDocument."""
        for table in (_bodies, _clauses):
            self._connection.execute(table.delete().where(table.c.document_id == document_id))
        result = self._connection.execute(_documents.delete().where(_documents.c.id == document_id))
        if result.rowcount == 0 and not missing_ok:
            raise UnknownDocument(f"索引里没有编号为 {document_id} 的文件")

    def put_questions(
        self, document_id: str, origin: str, rows: Sequence[ClauseQuestions], *, keep_others: bool = False
    ) -> None:
        """Replace the expected questions of one origin; with `keep_others`, only those of the clauses named.

        They are searched after `search_questions`.
        """
        gone = (_questions.c.document_id == document_id) & (_questions.c.origin == origin)
        if keep_others:
            gone &= _questions.c.place.in_([_place(row.place) for row in rows])
        self._connection.execute(_questions.delete().where(gone))
        values = [
            {
                "document_id": document_id,
                "place": _place(row.place),
                "digest": row.digest,
                "origin": origin,
                "question": question,
            }
            for row in rows
            for question in row.questions
        ]
        if values:
            self._connection.execute(_questions.insert(), values)

    def questions(self, document_id: str, *, besides: str) -> dict[tuple[str, ...], frozenset[str]]:
        """The expected questions of a document by clause, without those of one origin."""
        query = sa.select(_questions.c.place, _questions.c.question).where(
            (_questions.c.document_id == document_id) & (_questions.c.origin != besides)
        )
        found: dict[tuple[str, ...], set[str]] = {}
        for row in self._connection.execute(query):
            found.setdefault(tuple(json.loads(row.place)), set()).add(row.question)
        return {place: frozenset(questions) for place, questions in found.items()}

    def asked(self, document_id: str, origin: str) -> frozenset[tuple[tuple[str, ...], str]]:
        """(place, digest) of the clauses that have questions of one origin."""
        query = sa.select(_questions.c.place, _questions.c.digest).where(
            (_questions.c.document_id == document_id) & (_questions.c.origin == origin)
        )
        return frozenset(
            (tuple(json.loads(row.place)), row.digest) for row in self._connection.execute(query)
        )

    def delete_questions(self, document_id: str) -> None:
        """Forget the expected questions of a document that is taken out."""
        self._connection.execute(_questions.delete().where(_questions.c.document_id == document_id))

    def search_questions(self, document_id: str) -> tuple[int, ...]:
        """Bring the passages of a document in line with its questions; the positions that changed."""
        query = sa.select(_questions).where(_questions.c.document_id == document_id).order_by(_questions.c.id)
        found: dict[tuple[str, str], list[str]] = {}
        for row in self._connection.execute(query):
            found.setdefault((row.place, row.digest), []).append(row.question)
        changed = []
        clauses = self._connection.execute(
            sa.select(_clauses.c.position, _clauses.c.path, _clauses.c.label, _clauses.c.passage).where(
                _clauses.c.document_id == document_id
            )
        ).all()
        for row in clauses:
            place = _place(tuple(row.path) or (row.label,))
            questions = list(dict.fromkeys(found.get((place, row.passage["digest"]), ())))
            if questions != list(row.passage.get("questions", ())):
                changed.append(row.position)
                self._connection.execute(
                    _clauses.update()
                    .where((_clauses.c.document_id == document_id) & (_clauses.c.position == row.position))
                    .values(passage={**row.passage, "questions": questions})
                )
        return tuple(changed)

    def put_vectors(self, embedder: str, vectors: Iterable[tuple[str, NDArray[np.float32]]]) -> None:
        """Remember vectors by passage digest, so that unchanged text is embedded once."""
        rows = [
            {"embedder": embedder, "digest": d, "vector": v.astype(np.float32).tobytes()} for d, v in vectors
        ]
        if rows:
            self._connection.execute(_vectors.insert(), rows)

    def prune_vectors(self, embedder: str, digests: Iterable[str]) -> None:
        """Forget vectors of other embedders and of text that is gone."""
        keep = set(digests)
        self._connection.execute(_vectors.delete().where(_vectors.c.embedder != embedder))
        gone = set(self.vectors(embedder)) - keep
        for digest in gone:
            self._connection.execute(_vectors.delete().where(_vectors.c.digest == digest))

    def set_state(self, key: str, value: str) -> None:
        """Set a value of the index's own bookkeeping."""
        self._connection.execute(_state.delete().where(_state.c.key == key))
        self._connection.execute(_state.insert().values(key=key, value=value))


class Catalogue:
    """The catalogue's database: SQLite beside the indexes, or PostgreSQL by URL."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Iterator[CatalogueReader]:
        """One consistent state, for as long as the block lasts; raises NoIndex if unusable."""
        with _usable(), self._engine.connect() as connection:
            reader = CatalogueReader(connection)
            version = reader.state("schema")
            if version != SCHEMA_VERSION:
                raise NoIndex("索引的版本不对，请运行 python -m ingest build 重建")
            yield reader

    @contextmanager
    def writing(self) -> Iterator[CatalogueWriter]:
        """One transaction: all of the block's changes or none. The caller holds the writer lock."""
        with _usable():
            _meta.create_all(self._engine)
            with (
                self._engine.connect().execution_options(policyqa_write=True) as connection,
                connection.begin(),
            ):
                writer = CatalogueWriter(connection)
                if writer.state("schema") is None:
                    writer.set_state("schema", SCHEMA_VERSION)
                yield writer

    def readable(self) -> bool:
        """Whether the database is whole and of this version; an empty one is."""
        try:
            with self._engine.connect() as connection:
                sqlite = self._engine.dialect.name == "sqlite"
                if sqlite and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                    return False
                if not sa.inspect(connection).has_table(_state.name):
                    return True
                return CatalogueReader(connection).state("schema") in (None, SCHEMA_VERSION)
        except DatabaseError:
            return False

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, DatabaseError) as error:
        raise NoIndex("索引还没有建立或已损坏，请运行 python -m ingest build") from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy begins transactions itself (below); the driver must not do so in its own way.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("policyqa_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _place(place: Sequence[str]) -> str:
    return json.dumps(list(place), ensure_ascii=False)


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _read_document(row: Any) -> StoredDocument:
    metadata = dict(row["metadata"])
    metadata |= {name: tuple(metadata.get(name, ())) for name in _TUPLES}
    spans = row["spans"]
    return StoredDocument(
        document=Document(id=row["id"], text=row["text"], metadata=Metadata(**metadata)),
        origin=row["origin"],
        fingerprint=row["fingerprint"],
        preamble=tuple(spans["preamble"]),
        closing=tuple(spans["closing"]),
        references=tuple(Reference(**reference) for reference in row["references"]),
        article_references=tuple(
            ArticleReference(**{**r, "target": tuple(r["target"]) if r["target"] else None})
            for r in spans.get("article_references", ())
        ),
        default_bodies=tuple(DefaultBody(**body) for body in spans.get("default_bodies", ())),
        corrections=tuple(Correction(**correction) for correction in row["corrections"]),
    )


def _read_duty(row: dict[str, Any]) -> Responsibility:
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    return Responsibility(**fields)


def _read_passage(row: dict[str, Any]) -> Passage:
    return Passage(**{**row, "questions": tuple(row.get("questions", ()))})


def _read_clause(row: Any) -> StoredClause:
    return StoredClause(
        document_id=row["document_id"],
        position=row["position"],
        questions=tuple(row["passage"].get("questions", ())),
        clause=Clause(
            path=tuple(row["path"]),
            article=row["article"],
            label=row["label"],
            heading=row["heading"],
            section=row["section"],
            text=row["text"],
            start=row["start"],
            end=row["end"],
            responsibilities=tuple(map(_read_duty, row["duties"])),
        ),
    )
