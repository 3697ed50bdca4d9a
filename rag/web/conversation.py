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


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What one visitor has asked and read so far, and what the next question may point back to."""

    messages: tuple[Message, ...] = ()
    focus: Focus = field(default_factory=Focus)
    # What the last question could point back to, for asking it again.
    before: Focus = field(default_factory=Focus)
    # Under which the browser keeps it.
    id: str = ""
    # Questions with their answers as given, for exporting them and for saying what one thinks of the last.
    record: tuple[tuple[str, Answer], ...] = ()

    def asked(self, text: str) -> Conversation:
        """With a question; one without a visible character is answered but not shown."""
        question = (Message(by_user=True, text=text),) if text.strip() else ()
        named = self.id or uuid.uuid4().hex
        return replace(self, messages=(*self.messages, *question), before=self.focus, id=named)

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
        return replace(self, messages=self.messages[:last], focus=self.before, record=record)

    def answered(self, text: str, focus: Focus | None = None) -> Conversation:
        """With an answer, or a first part of one, to the last question."""
        answer = Message(by_user=False, text=text)
        return replace(self, messages=(*self.messages, answer), focus=focus or self.focus)

    def shown(self, words: Words = CHINESE) -> list[dict[str, str]]:
        """The messages for the chatbot; only the last answer's numbers lead to cards."""
        last = len(self.messages) - 1
        return [
            {"role": "user", "content": question_html(message.text, words)}
            if message.by_user
            else {"role": "assistant", "content": answer_html(message.text, words, linked=position == last)}
            for position, message in enumerate(self.messages)
        ]
