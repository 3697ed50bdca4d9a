"""Uploaded files: read without touching the index, shown first, then taken in or dropped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.chat import open_chat
from ingest.errors import BadInput, NoIndex, PolicyQAError, UnreadableDocument
from ingest.library import Change, Library
from ingest.loaders import LOADERS
from ingest.loaders.office import OFFICE_SUFFIXES, find_office
from ingest.settings import Settings
from ingest.sources import SHIPPED, Source, file_source
from ingest.stores.catalogue import CatalogueWriter, StoredDocument
from ingest.text import compact, fold, han_share
from ingest.types import Clause, Document, ParsedDocument, Responsibility

# Told while the index changes: what is being done, and how much of all is done, 0 to 1.
Tell = Callable[[str, float], None]
_SHOWN_NAME = 120
_LONGEST_ID = 100
# Fewer characters than any document of articles has.
_LITTLE_TEXT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file as it was read, not yet in the index, with what a person should know before it is.

    `unknown` are the bodies that corpus/departments.yaml lacks; `replaces` is the title of the
    document that it will take the place of.
    """

    name: str
    source: Source
    parsed: ParsedDocument
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    replaces: str = ""
    # Whether the place is given: a replacement, or the original of a digest.
    placed: bool = False


class Intake(Library):
    """A library that takes in what was read before, and tells how far it is."""

    def __init__(self, settings: Settings, tell: Tell | None = None) -> None:
        super().__init__(settings)
        self._tell = tell or _silent
        self._documents = 0
        self._done = 0

    def read(
        self, path: Path, name: str, replacing: str | None = None, beside: Sequence[Draft] = ()
    ) -> Draft:
        """Read the file at `path`, which its owner calls `name`; the index stays as it is.

        `replacing` is the id of a document whose place it shall take, `beside` what else waits to be taken in.
        Raises BadInput in one line that names the file.
        """
        shown = shown_name(name)
        held = self._held()
        try:
            source = file_source(path, _free_id(shown, held))
        except PolicyQAError as error:
            # The line begins with the place where the file lies for now.
            raise UnreadableDocument(str(error).replace(str(path), shown, 1)) from None
        title = source.document.metadata.title
        named = title != source.document.id
        metadata = replace(
            source.document.metadata,
            title=title if named else Path(shown).stem,
            source=source.document.metadata.source.replace(path.name, shown, 1),
        )
        source = replace(source, document=replace(source.document, metadata=metadata))
        # What the file's reader found; a digest's place brings a note of its own.
        found = (metadata.note,) if metadata.note else ()
        source = self._replacing(source, held, replacing) if replacing else self._placed(source, chosen=None)
        parsed = self.parse(source)
        if not parsed.clauses:
            raise UnreadableDocument(f"{shown}：没有可以引用的正文")
        before = held.get(source.document.id)
        if before and any(d.placed and d.source.document.id == source.document.id for d in beside):
            raise BadInput(f"{shown}：另一份待收录的文件已经要替换《{before.document.metadata.title}》")
        others = [("已收录的", stored.document) for stored in held.values()]
        others += [("待收录的", draft.parsed.document) for draft in beside]
        return Draft(
            name=shown,
            source=source,
            parsed=parsed,
            unknown=self._unknown(parsed),
            warnings=(*found, *_warnings(parsed, others, named=named, pdf=path.suffix == ".pdf")),
            replaces=before.document.metadata.title if before else "",
            placed=before is not None,
        )

    def take(self, drafts: Sequence[Draft]) -> Change:
        """Put drafts into the index; all of them or none. Raises IndexBusy, BadInput."""
        self._documents = len(drafts)
        self._tell("正在等候写入索引", 0.0)
        held: dict[str, object] = dict(self._held())
        sources = []
        for draft in drafts:
            source = draft.source
            # What was added since the file was read must not be overwritten by a file of the same name.
            if not draft.placed:
                chosen = _free_id(source.document.id, held, suffix=False)
                source = replace(source, document=replace(source.document, id=chosen))
            elif source.document.id not in held:
                raise BadInput(f"{draft.name}：要替换的文件已经不在了，请重新上传")
            held[source.document.id] = source
            sources.append(source)
        return self._take(sources)

    def ask_model(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Let the configured language model, if any, write everyday questions for documents; what went wrong."""
        chat = open_chat(self.settings)
        if chat is None:
            return ()
        faults = []
        for document_id in document_ids:
            result = self.generate_questions(document_id, chat, self._tell_questions)
            if result.fault:
                faults.append(
                    f"{document_id}：语言模型只写了 {result.done}/{result.total} 条的问法，{result.fault}"
                )
        return tuple(faults)

    def take_out(self, document_id: str) -> Change:
        """Remove a document that was added; shipped ones belong to corpus/. Raises UnknownDocument, BadInput."""
        stored = self._held().get(document_id)
        if stored is not None and stored.origin in SHIPPED:
            raise BadInput(f"《{stored.document.metadata.title}》是自带的，不能在这里移除或替换")
        self._tell("正在移除", 0.0)
        return self.remove([document_id])

    def refresh(self) -> Change:
        """Read anew what has changed since, check every index and rebuild what does not agree."""
        self._tell("正在核对文件和索引", 0.0)
        return self.build()

    def _replacing(self, source: Source, held: Mapping[str, StoredDocument], document_id: str) -> Source:
        stored = held.get(document_id)
        if stored is None:
            raise BadInput("要替换的文件已经不在了，请刷新页面再选")
        if stored.origin in SHIPPED:
            raise BadInput(f"《{stored.document.metadata.title}》是自带的，不能在这里移除或替换")
        document = replace(source.document, id=document_id)
        # Under the id of a digest stands its original, and nothing else.
        if any(digest.document.id == document_id for digest in self.digests):
            placed = self._placed(source, chosen=None)
            if placed.document.id != document_id:
                raise BadInput(f"文号和标题都与《{stored.document.metadata.title}》不同，不能替换它")
            return placed
        return replace(source, document=document)

    def _held(self) -> dict[str, StoredDocument]:
        try:
            with self.catalogue.reading() as reader:
                return {stored.document.id: stored for stored in reader.documents()}
        except NoIndex:
            return {}

    def _unknown(self, parsed: ParsedDocument) -> tuple[str, ...]:
        """As `status` lists them once the document is in."""
        issuer = parsed.document.metadata.issuer or ""
        central = issuer.startswith(("国务院", "中共中央", "国家")) or issuer.endswith("部")
        names = {name for clause in parsed.clauses for duty in duties_of(clause) for name in _listed(duty)}
        return tuple(sorted(n for n in names if self.directory.resolve(n, central=central) is None))

    def _tell_questions(self, done: int, total: int) -> None:
        self._tell(f"语言模型正在写问法 {done}/{total}", done / max(total, 1))

    def _put(self, writer: CatalogueWriter, source: Source) -> None:
        self._done += 1
        of_all = f"{self._done}/{self._documents}" if self._documents else f"第 {self._done} 份"
        share = (self._done - 1) / (self._documents + 1) if self._documents else 0.1
        self._tell(f"正在编入 {of_all}：《{source.document.metadata.title}》", share)
        super()._put(writer, source)

    def _reindex(self, writer: CatalogueWriter, *, force: bool) -> bool:
        self._tell("正在建立索引", max(0.6, self._documents / (self._documents + 1)))
        return super()._reindex(writer, force=force)


def _silent(_line: str, _share: float) -> None:
    pass


@contextmanager
def opened(settings: Settings, tell: Tell | None = None) -> Iterator[Intake]:
    """An intake for one piece of work; nothing of it stays in memory."""
    intake = Intake(settings, tell)
    try:
        yield intake
    finally:
        intake.close()


def suffixes() -> tuple[str, ...]:
    """The file name endings that can be read here: .docx, .html, .pdf, …."""
    office = find_office() is not None
    return tuple(sorted(s for s in LOADERS if office or s not in OFFICE_SUFFIXES))


def duties_of(clause: Clause) -> tuple[Responsibility, ...]:
    """The duties that the index will hold of a clause."""
    return clause.responsibilities or clause.in_text


def _listed(duty: Responsibility) -> tuple[str, ...]:
    return duty.lead + duty.responsible + duty.cooperating


def shown_name(name: str) -> str:
    """A file's name as it is shown: no folder, nothing invisible, not too long."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(c for c in last if not unicodedata.category(c).startswith("C"))
    stem, dot, ending = " ".join(visible.split()).rpartition(".")
    return f"{(stem or ending)[:_SHOWN_NAME]}{f'.{ending[:10]}' if dot and stem else ''}" or "未命名文件"


def _free_id(name: str, held: Mapping[str, object], *, suffix: bool = True) -> str:
    """An id made of a name that nothing has yet: 通知, 通知-2."""
    stem = Path(name).stem if suffix else name
    base = re.sub(r"[^\w.()()〔〕-]+", "-", stem).strip("-.")[:_LONGEST_ID] or "文件"
    chosen, number = base, 1
    while chosen in held:
        number += 1
        chosen = f"{base}-{number}"
    return chosen


def _warnings(
    parsed: ParsedDocument, others: Iterable[tuple[str, Document]], *, named: bool, pdf: bool
) -> Iterator[str]:
    """What looks odd about a document, a line each."""
    metadata, text = parsed.document.metadata, compact(parsed.document.text)
    if len(text) < _LITTLE_TEXT:
        yield f"只读到 {len(text)} 个字" + ("，可能是扫描件" if pdf else "")
    elif han_share(text) < 0.3:
        yield "汉字很少，可能不是中文文件，或者文字没有读对"
    if not any(clause.path for clause in parsed.clauses):
        yield f"没有认出条文编号，按自然段收录，共 {len(parsed.clauses)} 段"
    if not any(_listed(duty) for clause in parsed.clauses for duty in duties_of(clause)):
        yield "没有认出牵头、负责、配合的单位"
    if not named:
        yield "没有认出标题，用文件名代替"
    for where, other in others:
        theirs = other.metadata
        if other.id == parsed.document.id and where == "已收录的":
            if theirs.kind == "digest":
                yield f"按文号或标题，这是提要《{theirs.title}》的原文，收录后换下提要"
                if compact(metadata.title) != compact(theirs.title):
                    yield "标题与这份提要的不一样，请核对文号"
        elif compact(other.text) == text:
            yield f"内容与{where}《{theirs.title}》完全一样"
        elif metadata.number and theirs.number and fold(metadata.number) == fold(theirs.number):
            yield f"文号与{where}《{theirs.title}》相同"
        elif compact(metadata.title) == compact(theirs.title):
            yield f"标题与{where}一份文件相同"
