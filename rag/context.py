"""What every step of answering works with: the index state, the knowledge, the conversation's focus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ingest.departments import Directory
from ingest.stores.catalogue import StoredClause, StoredDocument
from rag.around import Around
from rag.document_names import Named
from rag.forms import QuestionForms
from rag.index import Snapshot
from rag.named_matters import NamedMatters
from rag.question import Question, QuestionReader
from rag.reader import Reader, Reading
from rag.retrieve import Retriever
from rag.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Below what a question is refused (the settings say why and how much; docs/adr/0010)."""

    # Least probability that the first clause answers, where nobody wrote questions for it; for whom-questions.
    plain: float = 0.1
    bodies: float = 0.04
    # The same where it has expected questions.
    asked: float = 0.2
    # Least closeness to a document around the policy that the question does not point to.
    around: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The parts that live as long as the program."""

    directory: Directory
    forms: QuestionForms
    reader: QuestionReader
    retriever: Retriever
    thresholds: Thresholds = Thresholds()
    # None where another embedder is configured than the one it was made for.
    close_reader: Reader | None = None
    around: Around = field(default_factory=Around)
    named_matters: NamedMatters = field(default_factory=NamedMatters)

    def with_bodies(self, printed: Iterable[str], issuers: Iterable[str]) -> Knowledge:
        """The same with bodies known that only the indexed documents name."""
        directory = self.directory.with_printed(printed, issuers)
        return replace(self, directory=directory, reader=self.reader.with_directory(directory))


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What the conversation is about: the clauses last answered from, and the topic asked."""

    keys: tuple[str, ...] = ()
    topic: str = ""
    kind: str = ""
    text: str = ""
    # The body last asked about, as it was written: 质监局.
    body: str = ""
    # The words with which the last question named documents: 国发11号.
    named: tuple[str, ...] = ()
    # The one body that the last answer gave as lead, where the question named none.
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One question with everything that answering it may look at."""

    question: Question
    topic: str
    snapshot: Snapshot
    knowledge: Knowledge
    focus: Focus = Focus()
    # The documents that the question names.
    named: Named = field(default_factory=Named)
    # Where it names none: the documents around the shipped policy, when that does not answer or they are asked for.
    among: tuple[str, ...] = ()
    # Whether several documents are asked at once: 国家层面对人才怎么要求.
    broad: bool = False
    # Clauses that a follow-up is about without naming them: 那配合的呢?
    pinned: tuple[StoredClause, ...] = ()
    # Whether the topic was carried over from an earlier turn.
    continued: bool = False
    trace: Trace = field(default_factory=Trace)
    # What was read closely for this question, so that it is read once (rag/closely.py).
    readings: dict[object, Reading] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language our own words are in."""
        return self.question.language

    @property
    def document_ids(self) -> tuple[str, ...]:
        """The documents that may answer: those that the question names, else the shipped policy and what users added."""
        return self.named.ids or self.among or self.snapshot.primary

    @property
    def documents(self) -> dict[str, StoredDocument]:
        """The documents that may answer, by id."""
        return {document_id: self.snapshot.documents[document_id] for document_id in self.document_ids}

    @property
    def scope(self) -> list[StoredClause]:
        """The clauses of the documents that may answer, in reading order."""
        among = self.document_ids
        ids = (document_id for document_id in self.snapshot.documents if document_id in among)
        return [clause for document_id in ids for clause in self.snapshot.clauses_of(document_id)]
