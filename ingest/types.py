"""The values that ingestion makes and everything else reads: documents, clauses, responsibilities.

Offsets are character positions in `Document.text`, the text as published, so that
`document.text[clause.start:clause.end] == clause.text` always holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["original", "digest"]
DutySource = Literal["bracket", "label", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a document says about itself: 甘肃省人民政府办公厅…实施意见, 2015-01-27."""

    title: str
    number: str | None = None
    issuer: str | None = None
    issued_on: str | None = None
    posted_on: str | None = None
    addressees: tuple[str, ...] = ()
    source: str = ""
    kind: Kind = "original"
    note: str = ""
    # 2021-08-01 or 印发之日; 5年; the documents it ends.
    effective_from: str | None = None
    valid_for: str | None = None
    repeals: tuple[str, ...] = ()
    # Of a digest: how it stands to the shipped policy (parent), its official page, what is known of its validity,
    # other names that people give it (国办54号文), the labels of clauses that nobody has checked.
    relation: str = ""
    address: str = ""
    validity: str = ""
    # Replaced by a later document, or over: 商资函〔2016〕192号.
    ended: bool = False
    also_called: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One policy document as published: its id, its text and what it says about itself."""

    id: str
    text: str
    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """Who does what a clause orders: (省财政厅牵头,省发展改革委、省商务厅等部门配合).

    Names stand as the document prints them, save for slips that the document's
    metadata file lists (省发展改革 for 省发展改革委).
    """

    lead: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    # 商务部指导: neither leads nor answers for the work.
    guiding: tuple[str, ...] = ()
    open_ended: bool = False
    # 6月底前; 适用范围:所有自贸试验区.
    until: str | None = None
    scope: str | None = None
    raw: str
    start: int
    end: int
    source: DutySource = "bracket"

    @property
    def names(self) -> tuple[str, ...]:
        """All bodies named, lead first."""
        return self.lead + self.responsible + self.cooperating + self.guiding


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A numbered unit with a text of its own, such as (十四)加强财政支持力度。

    `path` is the way to it with normalised labels, ("四", "(十四)"); `article` its number
    where the document numbers its articles in one running series; `start`/`end` its span.
    `section` is the printed heading of the part it stands in, 四、加快产业转型升级.
    """

    path: tuple[str, ...]
    article: int | None
    label: str
    heading: str
    section: str
    text: str
    start: int
    end: int
    responsibilities: tuple[Responsibility, ...] = ()
    # Duties told in a sentence of the clause: 省科技厅要会同省财政厅….
    in_text: tuple[Responsibility, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A mention of another document: 《…若干意见》(国办发〔2014〕54号)."""

    raw: str
    title: str | None
    number: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleReference:
    """A mention of a clause: 第十二条第二款, and the clause it means where only one can be meant."""

    raw: str
    start: int
    end: int
    article: int | None = None
    paragraph: int | None = None
    item: int | None = None
    relative: str | None = None
    # The title or number of another document, where the article is one of its.
    document: str | None = None
    target: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultBody:
    """A body said once to carry out all that follows: 以下均需试点城市政府落实,不再列出."""

    name: str
    raw: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDocument:
    """A document with its clauses in reading order and the documents it mentions.

    `preamble` and `closing` are the spans of the unnumbered text before and after the clauses.
    """

    document: Document
    clauses: tuple[Clause, ...]
    references: tuple[Reference, ...] = ()
    article_references: tuple[ArticleReference, ...] = ()
    default_bodies: tuple[DefaultBody, ...] = ()
    preamble: tuple[int, int] = (0, 0)
    closing: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is indexed for one clause: the searchable text in fields, and its digest."""

    document_id: str
    position: int
    title: str
    section: str
    heading: str
    body: str
    digest: str
    # Expected questions in everyday words, searched with the clause.
    questions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Identity across the lexical and the dense index: gansu-etdz-2015#13."""
        return f"{self.document_id}#{self.position}"

    @property
    def text(self) -> str:
        """The text that is embedded: section and heading give short clauses a context."""
        return "\n".join(part for part in (self.section, self.heading, self.body) if part)
