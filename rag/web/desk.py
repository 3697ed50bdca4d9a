"""What the page's events do: questions asked, answers as they grow, conversations kept, exported and judged."""

from __future__ import annotations

import copy
import gc
import logging
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from ingest.errors import PolicyQAError
from ingest.settings import Settings
from ingest.stores.catalogue import StoredDocument
from rag.build import Assistant, Observer, open_assistant
from rag.cited import cards_of
from rag.context import Focus
from rag.messages import say
from rag.pipeline import Turn
from rag.types import Answer, Status
from rag.web.beside import Beside, Surroundings
from rag.web.cards import empty_evidence_html, evidence_html, growing, of_answer_html
from rag.web.conversation import Conversation, Message
from rag.web.export import Format, transcript_of, write_transcript
from rag.web.feedback import keep_feedback
from rag.web.history import Exchange, Kept, linked_questions, read_history, remembered
from rag.web.limits import RateLimit
from rag.web.suggestions import MOST, follow_ups
from rag.web.words import CHINESE, Words
from rag.write import Listener

log = logging.getLogger(__name__)

WAITING = "提问以后，这里显示答案引用的条文：出自哪份文件、第几条、谁牵头、谁配合。"
_SEARCHING = "正在查找条文……"
_STOPPED = "已停止。"
_TOO_FAST = "问得太快了，请过 {seconds} 秒再问。您的问题还在输入框里。"
_JUDGED_TOO_FAST = "点得太快了，请过 {seconds} 秒再试。"
_TOO_MANY = "现在问的人太多，请过几秒再问。您的问题还在输入框里。"
_STEPS = 6
_EXPORT_S = 600
_STREAMING_S = 0.2
# So many questions are taken at once (a language model may keep each for half a minute); rag/web/page.py runs some more events.
_PLACES = 32
# More answers than these at once are shown whole: each step is a message to a browser.
_GROWING_AT_ONCE = 4
# More threads at work at once only take turns with each other, and with the one that talks to the browsers.
_WORKING_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows next; None leaves a part as it is."""

    conversation: Conversation
    evidence: str | None = None
    held: str | None = None
    box: str | None = None
    # Whether it can be stopped; once more can be asked, `remember` says that it cannot.
    busy: bool | None = True
    # What might be asked next; none while an answer is on its way.
    suggested: tuple[str, ...] | None = ()
    words: Words = CHINESE

    def outputs(self) -> tuple[Any, ...]:
        """In the order of the page's outputs: conversation, chat, evidence, documents, stop, suggestions."""
        parts = (self.evidence, self.held)
        # Gradio makes every part anew that is updated, so that steps of an answer only change the chat.
        stop = gr.skip() if self.busy is None else gr.update(interactive=self.busy)
        buttons = [gr.skip()] * MOST if self.suggested is None else _suggestion_updates(self.suggested)
        return (
            self.conversation,
            self.conversation.shown(self.words),
            *(gr.skip() if part is None else part for part in parts),
            stop,
            *buttons,
        )


class SharedAssistant:
    """The one assistant of a program, opened at the first question and again while the index is missing."""

    def __init__(self, settings: Settings, observer: Observer | None) -> None:
        self._settings = settings
        self._observer = observer
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None

    def __call__(self) -> Assistant:
        """The assistant, opened once; raises NoIndex until there is an index."""
        with self._lock:
            if self._assistant is None:
                self._assistant = open_assistant(self._settings)
                self._assistant.observer = self._observer
            return self._assistant


class Desk:
    """Answers the page's events, in the words of one language."""

    def __init__(self, settings: Settings, observer: Observer | None = None) -> None:
        self._settings = settings
        self.words = CHINESE
        self.assistant = SharedAssistant(settings, observer)
        # Files on their way to a reader; gone with the program, and the older ones at the next export.
        self._exports = tempfile.TemporaryDirectory(prefix="policyqa-")
        # Shared by the page and by programs: a visitor has one allowance.
        self.limit = RateLimit(settings.questions_per_minute)
        self._places = threading.BoundedSemaphore(_PLACES)
        # A language model is waited for, which costs nothing.
        waits = settings.model is not None and settings.profile != "extractive"
        self._working = nullcontext() if waits else threading.BoundedSemaphore(_WORKING_AT_ONCE)
        self._growing = threading.BoundedSemaphore(_GROWING_AT_ONCE)

    def speaking(self, words: Words) -> Desk:
        """The same desk with its words in another language."""
        other = copy.copy(self)
        other.words = words
        return other

    def warm(self) -> None:
        """Open the index ahead of the first question; a failure is told when somebody asks."""
        try:
            self.assistant().warm()
            # What is held now stays; looking through it for garbage again and again stops everybody for half a second.
            gc.collect()
            gc.freeze()
        except Exception as error:
            log.info("index not opened yet: %s", error)

    def send(self, text: str, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """A typed question; the box is emptied, and filled again with what could not be answered."""
        for view in self._admitted(text or "", conversation, request):
            yield (gr.skip() if view.box is None else view.box, *view.outputs())

    def pick(self, text: str, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """An example question; what is being typed stays."""
        for view in self._admitted(text, conversation, request):
            yield view.outputs()

    def _admitted(self, text: str, conversation: Conversation, request: gr.Request) -> Iterator[View]:
        """The reply, or how long somebody who asks too fast has to wait; their question stays in the box."""
        waiting = self._seconds_to_wait(request)
        if waiting:
            told = conversation.asked(text).answered(self.words(_TOO_FAST, seconds=waiting))
            yield self._view(conversation=told, box=text, busy=False)
            return
        if not self._places.acquire(blocking=False):
            told = conversation.asked(text).answered(self.words(_TOO_MANY))
            yield self._view(conversation=told, box=text, busy=False)
            return
        try:
            yield from self.reply(text, conversation)
        finally:
            self._places.release()

    def _seconds_to_wait(self, request: gr.Request | None) -> int:
        """Whoever asks or judges too fast waits: both count against one allowance."""
        client = request.client if request else None
        return self.limit.seconds_to_wait(client.host if client else "")

    def reply(self, text: str, conversation: Conversation) -> Iterator[View]:
        """The question at once, then the answer as it grows, with its evidence from the first step."""
        asked = conversation.asked(text)
        yield self._view(conversation=asked.answered(self.words(_SEARCHING)), box="")
        answer, focus = yield from self._listened(text, asked)
        evidence = self._evidence(answer, len(asked.record))
        held = self.held()
        for position, part in enumerate(self._steps(answer)):
            shown = asked.answered(part, focus)
            first = {"evidence": evidence, "held": held} if position == 0 else {}
            yield self._view(conversation=shown, busy=None, suggested=None, **first)
        box = text if answer.status is Status.ERROR else None
        told = asked.answered(answer.text, focus)
        yield View(
            conversation=replace(told, record=(*told.record, (text, answer))),
            box=box,
            busy=None,
            suggested=self._suggested(answer),
        )

    def _steps(self, answer: Answer) -> Iterator[str]:
        """The answer as it grows, within a moment; whole where a model wrote it or many are reading."""
        # What a language model wrote has been read while it came.
        if answer.mode == "llm" or not self._growing.acquire(blocking=False):
            yield answer.text
            return
        try:
            began = time.monotonic()
            steps = list(growing(answer.text, _STEPS))
            for position, part in enumerate(steps, start=1):
                yield part
                pause = began + _STREAMING_S * position / len(steps) - time.monotonic()
                time.sleep(max(0.0, pause))
        finally:
            self._growing.release()

    def _view(self, **parts: Any) -> View:
        return View(words=self.words, **parts)

    def _listened(self, text: str, asked: Conversation) -> Generator[View, None, tuple[Answer, Focus]]:
        """The answer; until it is there, a language model's checked sentences as they come."""
        heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        gone = threading.Event()
        told: list[tuple[Answer, Focus]] = []

        def listen(prose: str) -> bool:
            heard.put(prose)
            return not gone.is_set()

        def work() -> None:
            try:
                told.append(self._answer(text, asked.focus, listen))
            finally:
                heard.put(None)

        threading.Thread(target=work, daemon=True).start()
        shown = ""
        try:
            while (prose := heard.get()) is not None:
                if prose and prose != shown:
                    shown = prose
                    yield self._view(conversation=asked.answered(prose), busy=None, suggested=None)
        finally:
            # The reader stopped or left: the model is not listened to any longer.
            gone.set()
        return told[0]

    def again(self, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """The last question once more."""
        if not conversation.questions:
            yield self._view(conversation=conversation, busy=False).outputs()
            return
        for view in self._admitted(conversation.questions[-1], conversation.without_last(), request):
            yield view.outputs()

    def edited(self, conversation: Conversation) -> tuple[Any, ...]:
        """The last question back in the box, and the conversation as it was before it."""
        question = conversation.questions[-1] if conversation.questions else ""
        shorter = conversation.without_last() if question else conversation
        return (question or gr.skip(), *self._view(conversation=shorter, busy=False).outputs())

    def remember(self, conversation: Conversation, stored: Any) -> tuple[Any, Any, Any]:
        """The conversation among those that the browser keeps, their list, and nothing more to stop.

        Gradio drops what is sent before an answer's event has ended, so only now may the page look ready.
        """
        ended = gr.update(interactive=False)
        if not conversation.exchanges:
            return gr.skip(), gr.skip(), ended
        rows = remembered(stored, Kept(id=conversation.id, exchanges=conversation.exchanges))
        return rows, self.picker(rows, conversation.id), ended

    def picker(self, rows: Any, chosen: str | None = None) -> Any:
        """The list of the conversations that a browser kept."""
        choices = [(kept.title(self.words), kept.id) for kept in read_history(rows)]
        return gr.update(choices=choices, value=chosen if choices else None)

    def reopen(self, chosen: str | None, stored: Any) -> tuple[Any, ...]:
        """A conversation that the browser kept, with what its next question may point back to."""
        kept = next((each for each in read_history(stored) if each.id == chosen), None)
        if kept is None:
            return self._view(conversation=Conversation(), busy=False).outputs()
        turns = self._retraced([exchange.question for exchange in kept.exchanges])
        messages = [
            message
            for position, exchange in enumerate(kept.exchanges)
            for message in (
                Message(by_user=True, text=exchange.question),
                Message(by_user=False, text=exchange.answer, answer=_same_answer(exchange, turns, position)),
            )
        ]
        focus = turns[-1].focus if turns else Focus()
        before = turns[-2].focus if len(turns) > 1 else Focus()
        record = tuple((turn.answer.question, turn.answer) for turn in turns)
        opened = Conversation(messages=tuple(messages), focus=focus, before=before, id=kept.id, record=record)
        shown = self._evidence(turns[-1].answer, len(turns) - 1) if turns else None
        evidence = shown or empty_evidence_html(self.words(WAITING))
        return self._view(conversation=opened, evidence=evidence, busy=False).outputs()

    def look_back(self, conversation: Conversation, position: Any) -> tuple[Any, Any]:
        """The cards of an earlier answer, which is then the one to be judged; the last one's again for its number."""
        if not isinstance(position, int) or not 0 <= position < len(conversation.record):
            return gr.skip(), gr.skip()
        back = replace(conversation, looked_back=position)
        question, answer = conversation.record[position]
        earlier = question if position < len(conversation.record) - 1 else None
        return back, self._evidence(answer, position, earlier) or gr.skip()

    def exported(self, conversation: Conversation, alone: bool, suffix: Format) -> Any:
        """The conversation, or `alone` the answer in view, as a file to keep; or one line on why there is none."""
        position = conversation.in_view
        record = conversation.record
        if alone and position is not None:
            record = record[position : position + 1]
        try:
            assistant = self.assistant()
            directory, now = assistant.knowledge.directory, datetime.now().astimezone()
            transcript = transcript_of(record, assistant.documents(), directory, now)
            path = write_transcript(transcript, self._export_folder(), suffix)
        except PolicyQAError as error:
            gr.Warning(self.words.of_error(error))
            return gr.skip()
        return gr.update(value=str(path), visible=True)

    def _export_folder(self) -> Path:
        """An empty folder for one file; those whose file was handed over long ago are removed."""
        root = Path(self._exports.name)
        for folder in root.iterdir():
            if time.time() - folder.stat().st_mtime > _EXPORT_S:
                shutil.rmtree(folder, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=root))

    def judged(
        self,
        conversation: Conversation,
        verdict: str,
        reason: str | None,
        text: str,
        request: gr.Request | None = None,
    ) -> str:
        """What a reader thinks of the answer in view, kept where the settings allow it; the line they are shown."""
        position = conversation.in_view
        if position is None:
            return self.words("还没有回答可以评价。")
        waiting = self._seconds_to_wait(request)
        if waiting:
            return self.words(_JUDGED_TOO_FAST, seconds=waiting)
        answer = conversation.record[position][1]
        outcome = keep_feedback(self._settings, answer, verdict, reason or "", text or "")
        line = self.words(outcome.line)
        if position < len(conversation.record) - 1:
            return self.words("第 {n} 问：{line}", n=position + 1, line=line)
        return line

    def forget(self) -> tuple[Any, Any]:
        """Nothing kept in the browser any longer."""
        return [], self.picker([], None)

    def arrive(
        self, conversation: Conversation, opened: str | None, stored: Any, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """The documents held, and the questions of a shared link one after the other.

        A tab that is loaded again goes on with the conversation it had (`opened`), as far as the browser kept it.
        """
        if opened and any(kept.id == opened for kept in read_history(stored)):
            yield self._view(conversation=conversation, held=self.held(), busy=False).outputs()
            yield self.reopen(opened, stored)
            return
        asked = linked_questions(request.query_params.getlist("q")) if request else ()
        if not asked:
            yield self._view(conversation=conversation, held=self.held(), busy=False).outputs()
        for question in asked:
            for view in self._admitted(question, conversation, request):
                conversation = view.conversation
                yield view.outputs()

    def _suggested(self, answer: Answer) -> tuple[str, ...]:
        """Suggestions never cost an answer."""
        if answer.status is not Status.ANSWERED or not answer.citations:
            return ()
        try:
            assistant = self.assistant()
            lead = answer.departments.lead
            profiles = assistant.profiles(lead[0]) if len(lead) == 1 else ()
            return follow_ups(answer, assistant.knowledge.around, profiles, self.words)
        except PolicyQAError:
            return ()

    def _retraced(self, questions: list[str]) -> tuple[Turn, ...]:
        try:
            return self.assistant().retrace(questions)
        except Exception:
            log.exception("the conversation could not be taken up again")
            return ()

    def stopped(self, conversation: Conversation) -> tuple[Any, ...]:
        """What was shown stays; an answer that had not begun says that it was stopped."""
        messages = conversation.messages
        if messages and messages[-1].text == self.words(_SEARCHING):
            conversation = replace(conversation, messages=messages[:-1]).answered(self.words(_STOPPED))
        return self._view(conversation=conversation.settled(), busy=False).outputs()

    def cleared(self) -> tuple[Any, ...]:
        """A new conversation; the next question stands alone."""
        return self._view(
            conversation=Conversation(), evidence=empty_evidence_html(self.words(WAITING)), busy=False
        ).outputs()

    def held(self) -> str:
        """The documents that answers come from, or what to do where there are none."""
        try:
            documents = self.assistant().documents()
        except PolicyQAError as error:
            return f'<p class="pq-held">{escape(self.words.of_error(error))}</p>'
        except Exception:
            log.exception("listing the documents failed")
            return f'<p class="pq-held">{escape(say("error", self.words.language))}</p>'
        return _held_html(documents, self.words)

    def _answer(self, text: str, focus: Focus, listener: Listener) -> tuple[Answer, Focus]:
        try:
            with self._working:
                turn = self.assistant().turn(text, focus, listener)
        except PolicyQAError as error:
            return Answer(question=text, text=self.words.of_error(error), status=Status.ERROR), focus
        except Exception:
            log.exception("answering failed")
            return Answer(question=text, text=say("error", self.words.language), status=Status.ERROR), focus
        return turn.answer, turn.focus

    def _evidence(self, answer: Answer, position: int, earlier: str | None = None) -> str | None:
        """The cards of an answer, an `earlier` one told by its question; what was no question leaves the last ones in place."""
        if answer.status in (Status.CLARIFY, Status.ERROR) and not answer.citations:
            return None
        shown = evidence_html(answer, self._beside(answer), self.words)
        return of_answer_html(shown, position, earlier, self.words)

    def _beside(self, answer: Answer) -> list[Beside]:
        """What is known around each card's clause; cards never cost an answer."""
        try:
            around = Surroundings(self.assistant())
            return [
                around.of(card.citation, card.words_quoted, self.words.language)
                for card in cards_of(answer.citations)
            ]
        except Exception:
            log.exception("what stands around the clauses could not be told")
            return []


def _same_answer(exchange: Exchange, turns: tuple[Turn, ...], position: int) -> int | None:
    """The position, where the question is answered today as the browser kept it; else its numbers may mean other clauses."""
    same = position < len(turns) and turns[position].answer.text.startswith(exchange.answer)
    return position if same else None


def _held_html(documents: tuple[StoredDocument, ...], words: Words) -> str:
    """The documents held: those with their text, and those of which there is only a digest."""
    names: dict[str, list[str]] = {"original": [], "digest": []}
    for stored in documents:
        metadata = stored.document.metadata
        names[metadata.kind].append(escape(f"《{metadata.title}》{metadata.number or ''}"))
    originals, digests = names["original"], names["digest"]
    if len(originals) == 1:
        shown = f"<p>{words('已收录：{name}', name=originals[0])}</p>"
    else:
        shown = _folded(words("已收录 {n} 份文件", n=len(originals)), originals)
    if digests:
        shown += _folded(words("另有 {n} 份相关文件的提要（不是原文）", n=len(digests)), digests)
    return f'<div class="pq-held">{shown}</div>'


def _folded(summary: str, names: list[str]) -> str:
    items = "".join(f"<li>{name}</li>" for name in names)
    return f"<details><summary>{summary}</summary><ul>{items}</ul></details>"


def _suggestion_updates(questions: tuple[str, ...]) -> list[Any]:
    """One update for each suggestion button; those without a question are not there."""
    shown = [*questions[:MOST], *[""] * (MOST - len(questions))]
    return [gr.update(value=question, visible=bool(question)) for question in shown]
