"""Files into documents: the shipped ones with their metadata beside them, and a user's own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from ingest.corrections import Correction, read_corrections
from ingest.digests import read_digests
from ingest.errors import BadInput, BrokenKnowledge
from ingest.knowledge import read_yaml
from ingest.loaders import LOADERS, Loaded, load_file
from ingest.metadata import read_frame
from ingest.questions import ClauseKey, read_questions
from ingest.text import compact, fold
from ingest.types import Document, Metadata, ParsedDocument

# Where a document comes from: shipped as published, shipped as a digest, put in by a user, fetched from its official page.
Origin = Literal["corpus", "digest", "added", "fetched"]
SHIPPED: tuple[Origin, ...] = ("corpus", "digest")
# Documents are listed in this order.
_POSITIONS: dict[Origin, int] = {"added": 1000, "fetched": 2000, "digest": 3000}

_ID = re.compile(r"[^\s/\\#\x00-\x1f]{1,120}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document with where it came from and the slips known in it."""

    document: Document
    origin: Origin
    position: int
    corrections: tuple[Correction, ...]
    path: Path
    questions: dict[ClauseKey, tuple[str, ...]] = field(default_factory=dict)
    # A digest comes with its clauses; everything else is parsed.
    parsed: ParsedDocument | None = None

    @property
    def digest(self) -> str:
        """Changes when the text, its metadata or its corrections change."""
        facts = (
            self.document.text,
            asdict(self.document.metadata),
            [asdict(c) for c in self.corrections],
            self.questions,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def corpus_sources(corpus: Path) -> list[Source]:
    """The shipped documents: every text file in corpus/ that has a metadata file beside it."""
    files = sorted(corpus.iterdir()) if corpus.is_dir() else []
    texts = [p for p in files if p.suffix.lower() in LOADERS and p.with_suffix(".yaml").is_file()]
    if not texts:
        raise BadInput(f"{corpus}：没有找到自带文件")
    return [_shipped_source(path, position) for position, path in enumerate(texts)]


def file_source(path: Path, document_id: str | None = None) -> Source:
    """A user's file; its id is the file's stem unless given. Raises UnreadableDocument, BadInput."""
    # A file name may hold blanks, an id may not.
    chosen = document_id if document_id is not None else re.sub(r"[\s/\\#]+", "-", path.stem.strip())[:120]
    if not _ID.fullmatch(chosen):
        raise BadInput(f"编号 {chosen!r} 不可用：不能为空，不能含空格、斜线或 #，最长 120 字")
    loaded = load_file(path)
    address = loaded.facts.get("source_url")
    metadata = replace(
        _stated(loaded),
        source=f"用户添加的文件 {path.name}" + (f"({address})" if address else ""),
        note=loaded.facts.get("note", ""),
    )
    document = Document(
        id=chosen, text=loaded.text, metadata=replace(metadata, title=metadata.title or chosen)
    )
    return added_source(document, "added", path)


def added_source(
    document: Document, origin: Origin, path: Path, corrections: tuple[Correction, ...] = ()
) -> Source:
    """A document that is not shipped as it stands in corpus/."""
    return Source(
        document=document, origin=origin, position=_POSITIONS[origin], corrections=corrections, path=path
    )


def digest_sources(corpus: Path) -> list[Source]:
    """The shipped digests, which stand for documents that are not held. Raises BrokenKnowledge."""
    return [
        replace(
            added_source(digest.parsed.document, "digest", digest.path),
            questions=read_questions(questions_file(corpus, digest.id)),
            parsed=digest.parsed,
        )
        for digest in read_digests(corpus / "digests")
    ]


def original_of(source: Source, digests: Sequence[Source]) -> Source | None:
    """The digest that a file is the original of: the same document number, or the same title where it has none."""
    metadata = source.document.metadata
    for digest in digests:
        known = digest.document.metadata
        if metadata.number and known.number:
            if metadata.number == known.number:
                return digest
        elif compact(fold(metadata.title)) == compact(fold(known.title)):
            return digest
    return None


def in_place_of(source: Source, digest: Source) -> Source:
    """An original under its digest's id, with what is known of the document around its text."""
    known = digest.document.metadata
    metadata = replace(
        source.document.metadata,
        relation=known.relation,
        address=known.address,
        validity=known.validity,
        ended=known.ended,
        also_called=known.also_called,
        note=source.document.metadata.note or known.note,
    )
    return replace(source, document=replace(source.document, id=digest.document.id, metadata=metadata))


def _shipped_source(path: Path, position: int) -> Source:
    facts_file = path.with_suffix(".yaml")
    data = read_yaml(facts_file)
    loaded = load_file(path)
    found = _stated(loaded)
    known: dict[str, Any] = {
        key: _as_text(data[key])
        for key in ("title", "number", "issuer", "issued_on", "posted_on", "source", "kind", "note")
        if key in data and (data[key] is not None or key == "number")
    }
    if known.get("kind", "original") not in ("original", "digest"):
        raise BrokenKnowledge(f"{facts_file}：kind 应是 original 或 digest")
    metadata = replace(found, **known)
    document = Document(id=str(data.get("id") or path.stem), text=loaded.text, metadata=metadata)
    return Source(
        document=document,
        origin="corpus",
        position=position,
        corrections=read_corrections(data, facts_file),
        questions=read_questions(questions_file(path.parent, document.id)),
        path=path,
    )


def questions_file(corpus: Path, document_id: str) -> Path:
    """Where a shipped document's expected questions are: corpus/questions/gansu-etdz-2015.jsonl."""
    return corpus / "questions" / f"{document_id}.jsonl"


def _stated(loaded: Loaded) -> Metadata:
    """What the text says of itself; a field that the page's own record states (发文字号) goes first."""
    found = read_frame(loaded.text).metadata
    stated: dict[str, Any] = {
        key: loaded.facts[key] for key in ("title", "number", "issued_on", "posted_on") if key in loaded.facts
    }
    return replace(found, **stated, issuer=found.issuer or loaded.facts.get("issuer"))


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
