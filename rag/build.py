"""The composition root: every part is made here and handed to the pipeline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar

from ingest.alignment import ALIGNMENT, Alignment, load_alignment
from ingest.chat import open_chat
from ingest.currency import CURRENCY, Currency, load_currency
from ingest.errors import BrokenKnowledge
from ingest.prompts import load_prompt
from ingest.resources import Resources
from ingest.settings import Settings
from ingest.stores.catalogue import StoredClause, StoredDocument
from ingest.token_count import open_counter
from ingest.unanswered import note_unanswered
from rag.around import Around
from rag.asked_sentences import AskedSentences, load_asked_sentences
from rag.context import Focus, Knowledge, Thresholds
from rag.cross_encoder import open_reranker
from rag.dialect import Dialect, load_dialect
from rag.document_names import documents_named
from rag.forms import load_forms
from rag.glossary import Glossary, Translator, load_glossary
from rag.index import IndexReader
from rag.intents import load_intents, load_things
from rag.named_matters import NamedMatters, load_named_matters
from rag.pipeline import Pipeline, Turn
from rag.question import QuestionReader
from rag.ranker import load_ranker
from rag.reader import open_reader
from rag.retrieve import Hit, Retriever
from rag.spelling import lazy_pinyin
from rag.thesaurus import Thesaurus, load_thesaurus
from rag.types import Answer, Mode, Status
from rag.who_is_who import Profile, profiles
from rag.write import Listener, Writer

T = TypeVar("T")
# Any question on a matter will do: it goes through understanding, both searches and their sentences.
_WARMING = "由哪个部门牵头？"
log = logging.getLogger(__name__)


class Observer(Protocol):
    """Hears of every question how it ended and how long it took, and nothing of what was asked."""

    def __call__(self, status: Status, mode: Mode, seconds: float) -> None:
        """Called in the asking thread; Status.ERROR for a question that raised."""


class Assistant:
    """Answers conversations from the index; safe to use from several threads."""

    def __init__(
        self, index: IndexReader, pipeline: Pipeline, note: Callable[[str], None] | None = None
    ) -> None:
        self._index = index
        self._pipeline = pipeline
        self._note = note
        # Whoever counts questions sets it.
        self.observer: Observer | None = None

    def ask(self, turns: Sequence[str]) -> Answer:
        """The answer to the last turn, the earlier ones being the conversation so far."""
        if not turns:
            return self.turn("", Focus()).answer
        focus = Focus()
        turn: Turn | None = None
        for text in turns:
            turn = self.turn(text, focus)
            focus = turn.focus
        assert turn is not None
        return turn.answer

    def turn(self, text: str, focus: Focus, listener: Listener | None = None) -> Turn:
        """One question after what the conversation is about; raises NoIndex without an index.

        `listener` hears a language model's checked sentences while it writes, and may stop it.
        """
        began = time.perf_counter()
        status: Status = Status.ERROR
        mode: Mode = "extractive"
        try:
            with self._index.snapshot() as snapshot:
                turn = self._pipeline.run(snapshot, text, focus, listener)
            status, mode = turn.answer.status, turn.answer.mode
        finally:
            if self.observer is not None:
                self.observer(status, mode, time.perf_counter() - began)
        if self._note is not None and turn.answer.status is Status.NOT_IN_CORPUS:
            self._note(text)
        return turn

    def warm(self) -> None:
        """Read what the first questions would have to wait for."""
        with self._index.snapshot() as snapshot:
            self._pipeline.run(snapshot, _WARMING, Focus())
        lazy_pinyin(_WARMING)

    def retrace(self, turns: Sequence[str]) -> tuple[Turn, ...]:
        """A conversation answered anew, to be taken up again; a language model is not asked for it."""
        pipeline = replace(self._pipeline, writer=None)
        found: list[Turn] = []
        with self._index.snapshot() as snapshot:
            for text in turns:
                found.append(pipeline.run(snapshot, text, found[-1].focus if found else Focus()))
        return tuple(found)

    def search(self, query: str, limit: int) -> list[Hit]:
        """Retrieval alone: ranked clauses for a query."""
        with self._index.snapshot() as snapshot:
            question, retriever = self.knowledge.reader.read(query), self.knowledge.retriever
            named = documents_named(question, snapshot).ids
            hits: list[Hit] = []
            # The shipped policy and what users added come before the documents around them.
            for ids in (named,) if named else (snapshot.primary, snapshot.companions):
                if ids and len(hits) < limit:
                    topic = question.topic or query
                    hits += retriever.search(snapshot, topic, limit, ids, question.foreign)
            return hits[:limit]

    def profiles(self, name: str = "") -> tuple[Profile, ...]:
        """Who leads and who cooperates where, of all bodies or of one. Raises BadInput."""
        with self._index.snapshot() as snapshot:
            return profiles(snapshot, self._pipeline.known(snapshot).directory, name)

    def documents(self) -> tuple[StoredDocument, ...]:
        """What is indexed."""
        with self._index.snapshot() as snapshot:
            return tuple(snapshot.documents.values())

    @property
    def generation(self) -> str:
        """The name of the index's serving generation: 20261126-193700-a1b2c3."""
        with self._index.snapshot() as snapshot:
            return snapshot.generation.name

    def clauses(self, document_id: str | None = None) -> tuple[StoredClause, ...]:
        """The clauses of one document or of all."""
        with self._index.snapshot() as snapshot:
            return snapshot.all_clauses if document_id is None else snapshot.clauses_of(document_id)

    @property
    def knowledge(self) -> Knowledge:
        """The long-lived parts, for the evaluation and the page."""
        return self._pipeline.knowledge

    def close(self) -> None:
        """Release files and connections."""
        self._index.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _or_without(load: Callable[[Path], T], path: Path, without: T) -> T:
    """What only helps finding; broken, it is said where the program logs, and answers go on without it."""
    try:
        return load(path)
    except BrokenKnowledge as error:
        log.warning("%s（先不用这份对照表，改好后重新启动）", error)
        return without


def _writer(settings: Settings) -> Writer | None:
    """The language model that the settings name, with its prompt and budget."""
    chat = open_chat(settings)
    if chat is None:
        return None
    return Writer(
        chat=chat,
        prompt=load_prompt(settings.prompts, "answer"),
        counter=open_counter(settings.model),
        budget=settings.model_context_tokens,
    )


def open_assistant(settings: Settings) -> Assistant:
    """Build the assistant that the settings describe; raises NoIndex, ModelMissing, BrokenKnowledge."""
    resources = Resources(settings)
    directory = resources.directory
    forms = load_forms(settings.corpus / "question_forms.yaml")
    glossary = _or_without(load_glossary, settings.corpus / "glossary.yaml", Glossary({}))
    dialect = _or_without(load_dialect, settings.corpus / "dialect.yaml", Dialect())
    translator = Translator(glossary, dialect)
    tokenizer = resources.tokenizer
    index = IndexReader(settings, tokenizer, resources.embedder)
    with index.snapshot():
        pass
    retriever = Retriever(
        tokenizer,
        resources.embedder,
        load_ranker(),
        _or_without(load_thesaurus, settings.corpus / "thesaurus.yaml", Thesaurus(entries=())),
        open_reranker(settings.reranker, allow_download=settings.allow_download),
        asked_sentences=_or_without(load_asked_sentences, settings.corpus / "questions", AskedSentences()),
    )
    knowledge = Knowledge(
        directory=directory,
        forms=forms,
        reader=QuestionReader(forms, directory, translator, load_intents(), load_things()),
        retriever=retriever,
        thresholds=Thresholds(
            plain=settings.refuse_below,
            bodies=settings.refuse_below_bodies,
            asked=settings.refuse_below_asked,
        ),
        close_reader=open_reader(resources.embedder),
        named_matters=_or_without(load_named_matters, settings.corpus / "named_matters.yaml", NamedMatters()),
        around=Around(
            alignment=_or_without(load_alignment, settings.corpus / ALIGNMENT, Alignment()),
            currency=_or_without(load_currency, settings.corpus / CURRENCY, Currency()),
            today=settings.today,
        ),
    )
    pipeline = Pipeline(
        knowledge=knowledge,
        tokenizer=tokenizer,
        max_chars=settings.max_question_chars,
        writer=_writer(settings),
    )
    note = partial(note_unanswered, settings.data) if settings.keep_unanswered else None
    return Assistant(index, pipeline, note)
