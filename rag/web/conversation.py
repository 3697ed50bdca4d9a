"""One visitor's conversation: what was asked and read, and what the next question may point back to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from rag.context import Focus
from rag.types import Answer
from rag.web.cards import answer_html, question_html
from rag.web.history import Exchange
from rag.web.words import CHINESE, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing said: a question as typed, or an answer's Markdown as far as it was shown."""

    by_user: bool
    text: str
    # Which answer of the record this is, or grows to be; its numbers lead to that one's cards.
    answer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What one visitor has asked and read so far, and what the next question may point back to."""

    messages: tuple[Message, ...] = ()
    focus: Focus = field(default_factory=Focus)
    # What the last question could point back to, for asking it again.
    before: Focus = field(default_factory=Focus)
    # Under which the browser keeps it.
    id: str = ""
    # Questions with their answers as given, for exporting them and for saying what one thinks of one.
    record: tuple[tuple[str, Answer], ...] = ()
    # The earlier answer whose cards the reader went back to.
    looked_back: int | None = None

    def asked(self, text: str) -> Conversation:
        """With a question; one without a visible character is answered but not shown."""
        question = (Message(by_user=True, text=text),) if text.strip() else ()
        named = self.id or uuid.uuid4().hex
        messages = (*self.settled().messages, *question)
        return replace(self, messages=messages, before=self.focus, id=named, looked_back=None)

    def settled(self) -> Conversation:
        """With what was shown of an answer that was stopped: it is not in the record, so its numbers lead nowhere."""
        messages = tuple(
            replace(m, answer=None) if m.answer is not None and m.answer >= len(self.record) else m
            for m in self.messages
        )
        return replace(self, messages=messages)

    @property
    def questions(self) -> tuple[str, ...]:
        """What was asked, in order."""
        return tuple(message.text for message in self.messages if message.by_user)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Questions with the answers that followed them."""
        pairs = zip(self.messages, self.messages[1:], strict=False)
        return tuple(
            Exchange(question=asked.text, answer=said.text)
            for asked, said in pairs
            if asked.by_user and not said.by_user
        )

    def without_last(self) -> Conversation:
        """As it was before the last question."""
        last = max((n for n, message in enumerate(self.messages) if message.by_user), default=0)
        answered = bool(self.record) and self.messages[last:][:1] == (
            Message(by_user=True, text=self.record[-1][0]),
        )
        record = self.record[:-1] if answered else self.record
        return replace(
            self, messages=self.messages[:last], focus=self.before, record=record, looked_back=None
        )

    def answered(self, text: str, focus: Focus | None = None) -> Conversation:
        """With a line, or with an answer (a first part of one) that leaves this focus, to the last question."""
        message = Message(by_user=False, text=text, answer=None if focus is None else len(self.record))
        return replace(self, messages=(*self.messages, message), focus=focus or self.focus)

    @property
    def in_view(self) -> int | None:
        """The answer that is beside the conversation: the last one, or the one gone back to; None before the first."""
        last = len(self.record) - 1
        if self.looked_back is not None and 0 <= self.looked_back < last:
            return self.looked_back
        return last if last >= 0 else None

    def shown(self, words: Words = CHINESE) -> list[dict[str, str]]:
        """The messages for the chatbot."""
        return [
            {"role": "user", "content": question_html(message.text, words)}
            if message.by_user
            else {"role": "assistant", "content": answer_html(message.text, words, position=message.answer)}
            for message in self.messages
        ]
