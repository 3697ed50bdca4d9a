"""The index as a whole: build it, add to it, remove from it, check it.

Every change runs the same way: under the writer lock, in one catalogue transaction, with new
index folders built from what the transaction holds; the commit switches all of it at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.alignment import ALIGNMENT, check_alignment, load_alignment
from ingest.chat import Chat
from ingest.currency import CURRENCY, check_currency, load_currency
from ingest.duties import DutyGrammar, load_grammar
from ingest.errors import BadInput, NoIndex, UnknownDocument, UnreadableDocument
from ingest.generate import Generated, generate_questions
from ingest.loaders import LOADERS
from ingest.loaders.office import OFFICE_SUFFIXES, find_office
from ingest.parse import parse
from ingest.passages import PASSAGE_VERSION, make_passages
from ingest.prompts import load_prompt
from ingest.question_sheets import read_sheet, write_sheet
from ingest.questions import ClauseKey, check_places, place_of, questions_for
from ingest.resources import Resources
from ingest.settings import Settings
from ingest.sources import (
    SHIPPED,
    Origin,
    Source,
    added_source,
    corpus_sources,
    digest_sources,
    file_source,
    in_place_of,
    original_of,
    questions_file,
)
from ingest.stores.asked import AskedIndex, build_asked, embedded_questions
from ingest.stores.catalogue import (
    Catalogue,
    CatalogueReader,
    CatalogueWriter,
    ClauseQuestions,
    StoredDocument,
)
from ingest.stores.dense import DenseIndex, build_dense
from ingest.stores.generations import (
    damaged,
    generation_folder,
    new_generation,
    remove_stray_generations,
    seal,
    writer_lock,
)
from ingest.stores.lexical import AROUND, LexicalIndex, build_lexical
from ingest.text import compact
from ingest.types import ParsedDocument, Passage

# Changes whenever the parser would read the same text differently.
PARSER_VERSION = "8"
# Changes whenever the index folders are laid out differently.
INDEX_VERSION = "6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a command did: documents put in, removed, left as they were."""

    put: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    reindexed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatus:
    """One line of `ingest status`."""

    id: str
    title: str
    number: str | None
    origin: str
    clauses: int
    unknown_bodies: tuple[str, ...]
    # Ids of the documents of this library that it mentions.
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsTaken:
    """What an import of a sheet changed."""

    document_id: str
    questions: int
    changed: int


class Library(Resources):
    """The index in one data folder, with the knowledge that reading documents needs."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.catalogue = Catalogue(settings.database_url)

    @cached_property
    def grammar(self) -> DutyGrammar:
        """The wordings of responsibility."""
        return load_grammar(self.settings.corpus / "duty_patterns.yaml")

    def parse(self, source: Source) -> ParsedDocument:
        """A source's clauses; nothing is stored."""
        return source.parsed or parse(source.document, self.grammar, source.corrections)

    @cached_property
    def digests(self) -> tuple[Source, ...]:
        """The shipped digests; each gives way to the original of its document."""
        return tuple(digest_sources(self.settings.corpus))

    def build(self) -> Change:
        """Bring the index in line with corpus/; documents that users added stay.

        A second run with nothing changed does no work.
        """
        sources = corpus_sources(self.settings.corpus)
        fixed = {source.document.id for source in sources}
        self._check_knowledge(sources)
        with writer_lock(self.settings.data), self._writing(replace_broken=True) as writer:
            stored = {document.document.id: document for document in writer.documents()}
            # A user's own document with an id of corpus/ is replaced; an original stays in its digest's place.
            added = [
                _stored_source(s) for d, s in stored.items() if s.origin not in SHIPPED and d not in fixed
            ]
            held = fixed | {source.document.id for source in added}
            sources += [digest for digest in self.digests if digest.document.id not in held]
            shipped = {source.document.id for source in sources}
            gone = [d for d, s in stored.items() if s.origin in SHIPPED and d not in shipped]
            changed = [s for s in (*sources, *added) if not self._is_stored(s, stored)]
            for document_id in gone:
                writer.delete_document(document_id)
                writer.delete_questions(document_id)
            for source in changed:
                self._put(writer, source)
            unchanged = tuple(s.document.id for s in (*sources, *added) if s not in changed)
            reindexed = self._reindex(writer, force=bool(changed or gone))
            return Change(
                put=tuple(source.document.id for source in changed),
                removed=tuple(gone),
                unchanged=unchanged,
                reindexed=reindexed,
            )

    def _check_knowledge(self, sources: Sequence[Source]) -> None:
        """Raise BrokenKnowledge where a table names a clause that no shipped document has; the index stays."""
        parsed = [self.parse(source) for source in (*sources, *self.digests)]
        labels = {p.document.id: frozenset(clause.label for clause in p.clauses) for p in parsed}
        corpus = self.settings.corpus
        check_alignment(corpus / ALIGNMENT, load_alignment(corpus / ALIGNMENT), labels)
        check_currency(corpus / CURRENCY, load_currency(corpus / CURRENCY), labels)

    def add(self, paths: Sequence[Path], document_id: str | None = None) -> Change:
        """Put files into the index; all of them or none. Raises UnreadableDocument, BadInput."""
        files = _files(paths)
        if document_id is not None and len(files) > 1:
            raise BadInput("--id 只能用于一个文件")
        sources = [self._placed(file_source(path, document_id), chosen=document_id) for path in files]
        return self._take(sources)

    def put_original(self, path: Path, document_id: str, address: str) -> Change:
        """Put the official page of a document in its digest's place. Raises UnreadableDocument, BadInput."""
        digest = next((d for d in self.digests if d.document.id == document_id), None)
        source = file_source(path, document_id)
        metadata = replace(source.document.metadata, source=f"官方网页 {address}")
        document = replace(source.document, metadata=metadata)
        fetched = added_source(document, "fetched", path)
        return self._take([in_place_of(fetched, digest) if digest else fetched])

    def _placed(self, source: Source, chosen: str | None) -> Source:
        """A user's file in its digest's place where it is the original of one."""
        digest = original_of(source, self.digests)
        return in_place_of(source, digest) if digest and chosen in (None, digest.document.id) else source

    def _take(self, sources: Sequence[Source]) -> Change:
        ids = [source.document.id for source in sources]
        twice = {i for i in ids if ids.count(i) > 1}
        if twice:
            raise BadInput(f"这些文件会得到同一个编号：{'、'.join(sorted(twice))}，请分别添加并用 --id 指定")
        with writer_lock(self.settings.data), self._writing() as writer:
            stored = {document.document.id: document for document in writer.documents()}
            for source in sources:
                held = stored.get(source.document.id)
                if held is not None and held.origin == "corpus":
                    raise BadInput(f"编号 {source.document.id} 是自带文件的，请用 --id 换一个")
            changed = [source for source in sources if not self._is_stored(source, stored)]
            for source in changed:
                self._put(writer, source)
            reindexed = self._reindex(writer, force=bool(changed))
            return Change(
                put=tuple(s.document.id for s in changed),
                unchanged=tuple(s.document.id for s in sources if s not in changed),
                reindexed=reindexed,
            )

    def remove(self, document_ids: Sequence[str]) -> Change:
        """Take documents out of the index; all of them or none; a digest comes back. Raises UnknownDocument."""
        with self.catalogue.reading() as reader:
            _require_known(reader, document_ids)
        with writer_lock(self.settings.data), self._writing() as writer:
            _require_known(writer, document_ids)
            stored = {document.document.id: document for document in writer.documents()}
            for document_id in dict.fromkeys(document_ids):
                writer.delete_document(document_id)
                writer.delete_questions(document_id)
                if stored[document_id].origin not in SHIPPED:
                    for digest in self.digests:
                        if digest.document.id == document_id:
                            self._put(writer, digest)
            self._reindex(writer, force=True)
            return Change(removed=tuple(dict.fromkeys(document_ids)), reindexed=True)

    def status(self) -> tuple[DocumentStatus, ...]:
        """What is indexed, which bodies in it corpus/departments.yaml lacks, which other documents it mentions."""
        with self.catalogue.reading() as reader:
            unknown: dict[str, set[str]] = {}
            for document_id, _role, printed, department_id in reader.bodies():
                if department_id is None:
                    unknown.setdefault(document_id, set()).add(printed)
            links = reader.links()
            return tuple(
                DocumentStatus(
                    id=stored.document.id,
                    title=stored.document.metadata.title,
                    number=stored.document.metadata.number,
                    origin=stored.origin,
                    clauses=len(reader.clauses(stored.document.id)),
                    unknown_bodies=tuple(sorted(unknown.get(stored.document.id, ()))),
                    mentions=links[stored.document.id],
                )
                for stored in reader.documents()
            )

    def export_questions(self, document_id: str, path: Path, unanswered: Sequence[str] = ()) -> int:
        """Write a document's clauses to a sheet with room for questions; how many. Raises UnknownDocument."""
        with self.catalogue.reading() as reader:
            stored = reader.document(document_id)
            digests = {passage.position: passage.digest for passage in reader.passages(document_id)}
            clauses = [(c, digests[c.position], c.questions) for c in reader.clauses(document_id)]
        write_sheet(path, document_id, stored.document.metadata, clauses, unanswered)
        return len(clauses)

    def import_questions(self, path: Path) -> QuestionsTaken:
        """Take in a sheet of questions; only the clauses that changed are touched. Raises BadInput."""
        document_id, rows = read_sheet(path)
        with self.catalogue.reading() as reader:
            _require_known(reader, [document_id])
        with writer_lock(self.settings.data), self._writing() as writer:
            known = {
                place_of(stored.clause): passage.digest
                for stored, passage in zip(
                    writer.clauses(document_id), writer.passages(document_id), strict=True
                )
            }
            others = writer.questions(document_id, besides="sheet")
            taken = []
            for row in rows:
                if row.place not in known:
                    raise BadInput(f"{path} 第 {row.row} 行：文件 {document_id} 里没有这一条，请重新导出")
                if row.digest != known[row.place]:
                    raise BadInput(f"{path} 第 {row.row} 行：这一条的条文已经变化，请重新导出")
                new = tuple(q for q in row.questions if q not in others.get(row.place, ()))
                taken.append(ClauseQuestions(place=row.place, digest=row.digest, questions=new))
            writer.put_questions(document_id, "sheet", taken, keep_others=True)
            changed = writer.search_questions(document_id)
            if changed:
                self._reindex(writer, force=True)
            return QuestionsTaken(
                document_id=document_id,
                questions=sum(len(row.questions) for row in taken),
                changed=len(changed),
            )

    def generate_questions(
        self, document_id: str, chat: Chat, progress: Callable[[int, int], None]
    ) -> Generated:
        """Let the language model write questions for the clauses that have none of its; kept as they come."""
        prompt = load_prompt(self.settings.prompts, "expected_questions")
        with self.catalogue.reading() as reader:
            _require_known(reader, [document_id])
        with self.catalogue.writing() as writer:
            pairs = list(zip(writer.clauses(document_id), writer.passages(document_id), strict=True))
            done = writer.asked(document_id, "model")
        places = {passage.key: place_of(stored.clause) for stored, passage in pairs}
        missing = [passage for _, passage in pairs if (places[passage.key], passage.digest) not in done]

        def keep(passage: Passage, questions: tuple[str, ...]) -> None:
            row = ClauseQuestions(place=places[passage.key], digest=passage.digest, questions=questions)
            with writer_lock(self.settings.data), self._writing() as writer:
                writer.put_questions(document_id, "model", [row], keep_others=True)

        result = generate_questions(missing, chat, prompt, keep, progress)
        with writer_lock(self.settings.data), self._writing() as writer:
            # Also what an earlier run kept before it was stopped.
            if writer.search_questions(document_id):
                self._reindex(writer, force=True)
        return result

    def verify(self, *, repair: bool = True) -> tuple[str, ...]:
        """Faults found when comparing each index with the catalogue; repaired by rebuilding them."""
        with self.catalogue.reading() as reader:
            faults = self._faults(reader)
        if faults and repair:
            with writer_lock(self.settings.data), self._writing() as writer:
                self._reindex(writer, force=True)
        return faults

    def close(self) -> None:
        """Close the catalogue's connections."""
        self.catalogue.close()

    def _set_broken_aside(self) -> None:
        """Rename a SQLite catalogue that nothing can read any more, so that a new one can be built."""
        file = self.settings.data / "catalogue.sqlite3"
        if self.settings.catalogue_url is None and file.exists() and not self.catalogue.readable():
            self.catalogue.close()
            for suffix in ("", "-wal", "-shm"):
                part = file.with_name(file.name + suffix)
                if part.exists():
                    part.replace(part.with_name(f"broken-{int(time.time())}-{part.name}"))

    @contextmanager
    def _writing(self, *, replace_broken: bool = False) -> Iterator[CatalogueWriter]:
        """A transaction whose new index folders are removed again if it does not commit.

        The caller holds the writer lock: no catalogue is set aside while another process makes it.
        """
        if replace_broken:
            self._set_broken_aside()
        with contextlib.ExitStack() as undo:
            self._undo = undo
            with self.catalogue.writing() as writer:
                serving = writer.state("generation")
                yield writer
                now = writer.state("generation")
            undo.pop_all()
        remove_stray_generations(self.settings.data, keep={name for name in (serving, now) if name})

    def _is_stored(self, source: Source, stored: dict[str, StoredDocument]) -> bool:
        held = stored.get(source.document.id)
        return held is not None and held.fingerprint == self._fingerprint(source)

    def _fingerprint(self, source: Source) -> str:
        parts = (PARSER_VERSION, PASSAGE_VERSION, self._knowledge_digest, source.digest)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    @cached_property
    def _knowledge_digest(self) -> str:
        files = ("departments.yaml", "duty_patterns.yaml")
        return hashlib.sha256(
            b"".join((self.settings.corpus / name).read_bytes() for name in files)
        ).hexdigest()

    @cached_property
    def _index_recipe(self) -> str:
        """Everything but the passages that decides what the indexes hold."""
        terms = self.settings.corpus / "terms.txt"
        digest = hashlib.sha256(terms.read_bytes() if terms.is_file() else b"").hexdigest()[:16]
        return f"{self.embedder.name}|{INDEX_VERSION}|{digest}|{self._knowledge_digest[:16]}"

    def _put(self, writer: CatalogueWriter, source: Source) -> None:
        parsed = _with_told_duties(self.parse(source))
        if not parsed.clauses:
            raise UnreadableDocument(f"{source.path}：没有可以引用的正文")
        check_places(
            questions_file(self.settings.corpus, source.document.id), source.questions, parsed.clauses
        )
        asked = source.questions or self._questions_of_digest(source, parsed)
        names = {name for c in parsed.clauses for duty in c.responsibilities for name in duty.names}
        issuer = parsed.document.metadata.issuer or ""
        central = issuer.startswith(("国务院", "中共中央", "国家")) or issuer.endswith("部")
        resolved = {name: self.directory.resolve(name, central=central) for name in names}
        passages = make_passages(parsed, source.corrections)
        writer.put_document(
            parsed,
            passages,
            {name: department.id if department else None for name, department in resolved.items()},
            origin=source.origin,
            position=source.position,
            fingerprint=self._fingerprint(source),
            corrections=source.corrections,
        )
        shipped = [
            ClauseQuestions(place=place_of(clause), digest=passage.digest, questions=questions)
            for clause, passage in zip(parsed.clauses, passages, strict=True)
            if (questions := questions_for(clause, asked))
        ]
        writer.put_questions(source.document.id, "shipped", shipped)
        writer.search_questions(source.document.id)

    def _questions_of_digest(
        self, source: Source, parsed: ParsedDocument
    ) -> dict[ClauseKey, tuple[str, ...]]:
        """What people ask of a digest's articles, for the same articles of its original: number and heading agree."""
        digest = next((d for d in self.digests if d.document.id == source.document.id), None)
        if digest is None or digest.parsed is None:
            return {}
        headings = {(c.article, compact(c.heading)) for c in digest.parsed.clauses if c.article is not None}
        alike = {c.article for c in parsed.clauses if (c.article, compact(c.heading)) in headings}
        return {key: asked for key, asked in digest.questions.items() if key in alike}

    def _reindex(self, writer: CatalogueWriter, *, force: bool) -> bool:
        """Build both indexes beside the serving ones and let the transaction point to them."""
        if not force and writer.state("recipe") == self._index_recipe and not self._faults(writer):
            return False
        passages = writer.passages()
        name, folder = new_generation(self.settings.data)
        self._undo.callback(shutil.rmtree, folder, ignore_errors=True)
        around = {d.document.id for d in writer.documents() if d.document.metadata.relation}
        for place, inside in (("lexical", False), (AROUND, True)):
            chosen = [passage for passage in passages if (passage.document_id in around) is inside]
            build_lexical(folder / place, chosen, self.tokenizer)
        vectors = self._embed(writer, passages)
        build_dense(folder / "dense", passages, _stacked(vectors, passages, self.embedder.dimensions))
        build_asked(folder / "asked", passages, vectors, self.embedder.dimensions, self.tokenizer)
        seal(folder)
        writer.set_state("generation", name)
        writer.set_state("recipe", self._index_recipe)
        return True

    def _embed(self, writer: CatalogueWriter, passages: Sequence[Passage]) -> dict[str, NDArray[np.float32]]:
        """The vectors of passages and of their questions by digest; what is known is not embedded again."""
        known = writer.vectors(self.embedder.name)
        texts = {passage.digest: passage.text for passage in passages} | embedded_questions(passages)
        missing = [digest for digest in texts if digest not in known]
        if missing:
            fresh = self.embedder.embed_documents([texts[digest] for digest in missing])
            new = dict(zip(missing, fresh, strict=True))
            writer.put_vectors(self.embedder.name, new.items())
            known |= new
        writer.prune_vectors(self.embedder.name, texts)
        return known

    def _faults(self, reader: CatalogueReader) -> tuple[str, ...]:
        generation = reader.state("generation")
        expected = {passage.key: passage.digest for passage in reader.passages()}
        if generation is None:
            return ("还没有索引",)
        folder = generation_folder(self.settings.data, generation)
        faults = []
        try:
            held = [LexicalIndex(folder / place, self.tokenizer).keys() for place in ("lexical", AROUND)]
            if set().union(*held) != set(expected):
                faults.append("词汇索引与目录不一致")
        except NoIndex as error:
            faults.append(re.split(r"[(,]", str(error))[0])
        try:
            with contextlib.closing(DenseIndex(folder / "dense")) as dense:
                if dense.digests() != expected:
                    faults.append("向量索引与目录不一致")
        except NoIndex as error:
            faults.append(re.split(r"[(,]", str(error))[0])
        try:
            if AskedIndex(folder / "asked").keys() != {p.key for p in reader.passages() if p.questions}:
                faults.append("预设问法与目录不一致")
        except NoIndex as error:
            faults.append(re.split(r"[(,]", str(error))[0])
        if not faults and (harmed := damaged(folder)):
            faults.append(f"索引文件有损坏：{'、'.join(harmed)}")
        if reader.state("recipe") != self._index_recipe:
            faults.append("词典或向量模型已经更换")
        return tuple(faults)


def _with_told_duties(parsed: ParsedDocument) -> ParsedDocument:
    """Where no bracket or line names bodies, the duties told in the clause's sentences are its duties."""
    clauses = tuple(replace(c, responsibilities=c.responsibilities or c.in_text) for c in parsed.clauses)
    return replace(parsed, clauses=clauses)


def _stacked(
    vectors: dict[str, NDArray[np.float32]], passages: Sequence[Passage], dimensions: int
) -> NDArray[np.float32]:
    rows = [vectors[passage.digest] for passage in passages]
    return np.stack(rows) if rows else np.zeros((0, dimensions), dtype=np.float32)


def _require_known(reader: CatalogueReader, document_ids: Sequence[str]) -> None:
    known = {stored.document.id for stored in reader.documents()}
    missing = [document_id for document_id in document_ids if document_id not in known]
    if missing:
        held = "、".join(sorted(known)) or "（空）"
        raise UnknownDocument(f"索引里没有编号为 {'、'.join(missing)} 的文件；现有：{held}")


def _stored_source(stored: StoredDocument) -> Source:
    origin: Origin = "fetched" if stored.origin == "fetched" else "added"
    return added_source(stored.document, origin, Path(stored.document.id), stored.corrections)


def _files(paths: Sequence[Path]) -> list[Path]:
    # In a folder, what needs a program that is not here is passed over; named singly it is an error.
    readable = {suffix for suffix in LOADERS if suffix not in OFFICE_SUFFIXES or find_office()}
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in readable)
            if not inside:
                raise BadInput(f"{path}：文件夹里没有可以添加的文件")
            files += inside
        else:
            files.append(path)
    return list(dict.fromkeys(files))
