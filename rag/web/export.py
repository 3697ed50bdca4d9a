"""An answer or a conversation as a file to keep: Markdown or DOCX, with its evidence and the versions cited.

One list of blocks says what the file holds; rag/web/export_formats.py writes it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from ingest.departments import Directory
from ingest.errors import BadInput
from ingest.stores.catalogue import StoredDocument
from rag.cited import Card, cards_of
from rag.types import Answer, Citation
from rag.web.citing import formal_citation
from rag.web.export_formats import Block, Span, docx, markdown, one_line, visible
from rag.wording import present_names

Format = Literal["md", "docx"]

NAME = "政策问答"
DISCLAIMER = "仅供查阅，不是政府部门的正式答复。"
_LONGEST_HEADING = 60
_LONGEST_IN_NAME = 24
_DIGEST_SHOWN = 12

# The little Markdown that answers are written in (rag/render.py), as the page reads it (rag/web/cards.py).
_INLINE = re.compile(r"\\([\\`*_\[\]<>#|~])|\*\*(?=\S)(.+?)\*\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which text of a document was cited: its title, number, date and the digest of the text as stored."""

    title: str
    number: str
    issued_on: str
    kind: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Questions and answers in order, with what a reader needs to check them later."""

    exchanges: tuple[tuple[str, Answer], ...]
    versions: tuple[Version, ...]
    directory: Directory
    exported_at: datetime


def transcript_of(
    exported: Answer | Sequence[tuple[str, Answer]],
    documents: Iterable[StoredDocument],
    directory: Directory,
    exported_at: datetime,
) -> Transcript:
    """One answer or a whole conversation, with the versions of what it cites. Raises BadInput without any."""
    exchanges = ((exported.question, exported),) if isinstance(exported, Answer) else tuple(exported)
    if not exchanges:
        raise BadInput("还没有可以导出的问答")
    held = {stored.document.id: stored for stored in documents}
    cited: dict[str, Citation] = {}
    for _, answer in exchanges:
        for citation in answer.citations:
            cited.setdefault(citation.document_id, citation)
    versions = tuple(_version(citation, held.get(document_id)) for document_id, citation in cited.items())
    return Transcript(exchanges=exchanges, versions=versions, directory=directory, exported_at=exported_at)


def _version(citation: Citation, stored: StoredDocument | None) -> Version:
    """A document taken out since is named as the answer named it; its text cannot be digested any longer."""
    metadata = stored.document.metadata if stored else None
    text = stored.document.text.encode(errors="surrogatepass") if stored else b""
    return Version(
        title=citation.document_title,
        number=citation.document_number or "",
        issued_on=(metadata.issued_on or "") if metadata else "",
        kind=_kind(citation.kind),
        digest=hashlib.sha256(text).hexdigest()[:_DIGEST_SHOWN] if stored else "",
    )


def file_name(transcript: Transcript, suffix: Format) -> str:
    """政策问答-2026-11-26-园区项目贷款想申请贴息.docx: letters, digits and hyphens, short enough for every system."""
    question = unicodedata.normalize("NFC", transcript.exchanges[0][0])
    words = re.sub(r"[\W_]+", "-", question).strip("-")[:_LONGEST_IN_NAME].strip("-")
    return (
        "-".join(part for part in (NAME, f"{transcript.exported_at:%Y-%m-%d}", words) if part) + f".{suffix}"
    )


def write_transcript(transcript: Transcript, folder: Path, suffix: Format) -> Path:
    """Write the file under its name into a folder that exists. Raises BadInput."""
    content = to_docx(transcript) if suffix == "docx" else to_markdown(transcript).encode()
    path = folder / file_name(transcript, suffix)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"导出的文件没有写成（{error.strerror or '磁盘出错'}）") from None
    return path


def to_markdown(transcript: Transcript) -> str:
    """The transcript as Markdown."""
    return markdown(_blocks(transcript))


def to_docx(transcript: Transcript) -> bytes:
    """The transcript as a DOCX file."""
    return docx(
        _blocks(transcript), title=f"{NAME}记录", author=NAME, note=DISCLAIMER, at=transcript.exported_at
    )


def _blocks(transcript: Transcript) -> Iterator[Block]:
    """What a file holds, in order."""
    at = transcript.exported_at.isoformat(sep=" ", timespec="minutes")
    yield _heading(1, f"{NAME}记录")
    yield _text(f"导出时间：{at}")
    yield Block(kind="text", lines=((Span(DISCLAIMER, bold=True),),))
    for number, (question, answer) in enumerate(transcript.exchanges, start=1):
        yield from _exchange_blocks(number, question, answer, transcript.directory)
    if transcript.versions:
        yield _heading(2, "引用文件的版本")
        yield from map(_version_block, transcript.versions)


def _exchange_blocks(number: int, question: str, answer: Answer, directory: Directory) -> Iterator[Block]:
    asked = visible(question).strip()
    line = one_line(question)
    short = line if len(line) <= _LONGEST_HEADING else f"{line[:_LONGEST_HEADING]}……"
    yield _heading(2, f"问题 {number}：{short or '（空白）'}")
    if short != asked:
        yield from _filled(_text(asked))
    yield _heading(3, "回答")
    yield from _answer_blocks(answer.text)
    if answer.mode == "llm":
        yield _text("以上文字由语言模型根据下面的条文写成。")
    yield _heading(3, "依据")
    cards = cards_of(answer.citations)
    if not cards:
        yield _text("这个回答没有引用条文。")
    for card in cards:
        yield from _card_blocks(card, answer.citations, directory)


def _answer_blocks(text: str) -> Iterator[Block]:
    """An answer's paragraphs, quotations and list items; other Markdown in it is words like any other."""
    gathered: list[tuple[Span, ...]] = []
    before: Literal["text", "quote", "item"] = "text"
    for line in (*visible(text).split("\n"), ""):
        kind: Literal["text", "quote", "item"] = (
            "quote" if line.startswith(">") else "item" if line.startswith("- ") else "text"
        )
        bare = line[1:].strip() if kind != "text" else line.strip()
        if gathered and (not line.strip() or kind != before or kind == "item"):
            yield Block(kind=before, lines=tuple(gathered))
            gathered = []
        if bare:
            gathered.append(tuple(_spans(bare)))
        before = kind


def _spans(line: str, *, bold: bool = False) -> Iterator[Span]:
    done = 0
    for match in _INLINE.finditer(line):
        literal, strong = match.groups()
        if plain := line[done : match.start()]:
            yield Span(plain, bold)
        if strong is None:
            yield Span(literal, bold)
        else:
            yield from _spans(strong, bold=True)
        done = match.end()
    if plain := line[done:]:
        yield Span(plain, bold)


def _card_blocks(card: Card, citations: Sequence[Citation], directory: Directory) -> Iterator[Block]:
    """One cited clause: what it is, who is in charge and what they are called now, the words quoted."""
    citation = card.citation
    article = f"（第 {citation.article} 条）" if citation.article else ""
    name = one_line(f"{citation.label}{citation.heading}") or "文件开头或落款"
    yield _heading(4, f"[{card.number}] {name}{article}")
    original = f"；原文见 {citation.address}" if citation.kind == "digest" and citation.address else ""
    bodies = (*citation.lead, *citation.responsible, *citation.cooperating)
    facts = (
        ("文件", f"《{citation.document_title}》"),
        ("文号", citation.document_number or "收录的文本没有载明"),
        ("所在部分", citation.section or ""),
        *_roles(citation),
        ("部门现名", "；".join(present_names(bodies, directory))),
        ("性质", _kind(citation.kind) + ("，未核对" if citation.unverified else "")),
        ("来源", f"{citation.source}{original}"),
        ("规范引用", formal_citation(citation)),
    )
    for label, value in facts:
        if value:
            yield _item(f"{label}：{one_line(value)}")
    same = (citation.document_id, citation.path, citation.clause_start)
    quotes = [c.quote for c in citations if (c.document_id, c.path, c.clause_start) == same]
    for quote in dict.fromkeys(quotes):
        yield from _filled(_quote(quote))


def _roles(citation: Citation) -> list[tuple[str, str]]:
    given = [
        ("牵头", citation.lead),
        ("负责", citation.responsible),
        ("配合", citation.cooperating),
    ]
    named = [(role, "、".join(names)) for role, names in given if names]
    if named and citation.open_ended:
        role, names = named[-1]
        named[-1] = (role, f"{names}等部门")
    return named


def _version_block(version: Version) -> Block:
    number = version.number or "文号没有载明"
    issued = f"{version.issued_on} 成文或印发" if version.issued_on else "成文日期没有载明"
    digest = (
        f"收录文本的 SHA-256 前 {_DIGEST_SHOWN} 位 {version.digest}" if version.digest else "导出时已不在库中"
    )
    return _item(one_line(f"《{version.title}》,{number},{issued},{version.kind},{digest}"))


def _kind(kind: str) -> str:
    return "提要，非原文" if kind == "digest" else "原文"


def _plain(kind: Literal["text", "quote", "item"], text: str) -> Block:
    return Block(kind=kind, lines=tuple((Span(line),) for line in visible(text).split("\n")))


def _heading(level: int, text: str) -> Block:
    return Block(kind="heading", lines=((Span(one_line(text)),),), level=level)


_text, _quote, _item = partial(_plain, "text"), partial(_plain, "quote"), partial(_plain, "item")


def _filled(block: Block) -> Iterator[Block]:
    """The block, where it holds any words."""
    if any(span.text.strip() for line in block.lines for span in line):
        yield block
