"""The values a question turns into: understanding, evidence, citations and the answer.

`Answer.to_json` is the answer object that other programs rely on (docs/architecture.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from ingest.types import Kind

Mode = Literal["extractive", "llm"]


class Status(StrEnum):
    """How a question ended; every status but ANSWERED and CLARIFY is a refusal."""

    ANSWERED = "answered"
    NOT_IN_CORPUS = "not_in_corpus"
    OUT_OF_SCOPE = "out_of_scope"
    NO_SUCH_ARTICLE = "no_such_article"
    NO_SUCH_ROLE = "no_such_role"
    UNSAFE = "unsafe"
    CLARIFY = "clarify"
    ERROR = "error"

    @property
    def refused(self) -> bool:
        """Whether the documents gave no answer."""
        return self not in (Status.ANSWERED, Status.CLARIFY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One quoted span of one clause, with everything a reader needs to check it."""

    document_id: str
    document_title: str
    document_number: str | None
    section: str | None
    path: tuple[str, ...]
    article: int | None
    label: str
    heading: str
    quote: str
    start: int
    end: int
    lead: tuple[str, ...]
    cooperating: tuple[str, ...]
    kind: Kind
    source: str
    # For display beside the answer; not part of the fixed JSON form.
    clause_text: str = ""
    clause_start: int = 0
    responsible: tuple[str, ...] = ()
    open_ended: bool = False
    # Of a digest: whether nobody has checked it, and where the original is.
    unverified: bool = False
    address: str = ""

    def to_json(self) -> dict[str, Any]:
        """The citation in the fixed JSON form."""
        return {
            "document_id": self.document_id,
            "document_title": self.document_title,
            "document_number": self.document_number,
            "section": self.section,
            "path": list(self.path),
            "article": self.article,
            "label": self.label,
            "heading": self.heading,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "lead": list(self.lead),
            "cooperating": list(self.cooperating),
            "kind": self.kind,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Departments:
    """The bodies an answer gives, as printed, and the present names of those renamed since."""

    lead: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    current: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The departments in the fixed JSON form."""
        return {"lead": list(self.lead), "cooperating": list(self.cooperating), "current": dict(self.current)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the user sees: text in Markdown, its status, and the citations that carry it."""

    question: str
    text: str
    status: Status
    citations: tuple[Citation, ...] = ()
    departments: Departments = field(default_factory=Departments)
    mode: Mode = "extractive"
    elapsed_ms: float = 0.0
    # How the answer came about (route, scores, what was dropped), for whoever asks.
    trace: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The answer object in the fixed JSON form."""
        return {
            "question": self.question,
            "answer": self.text,
            "refused": self.status.refused,
            "status": str(self.status),
            "citations": [citation.to_json() for citation in self.citations],
            "departments": self.departments.to_json(),
            "mode": self.mode,
            "elapsed_ms": round(self.elapsed_ms, 2),
        }
