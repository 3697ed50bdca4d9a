"""Better prose from a language model over the same checked clauses.

The model sees the draft's clauses under handles S1, S2 and returns sentences with handles and a
quote each. A sentence stays only if all it says is held by the clauses it names; where none stays,
the extractive answer stands as it was. Sentences that hold are shown while the model still writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ingest.chat import Chat, ChatFailed
from ingest.prompts import Prompt
from ingest.token_count import Counter
from rag.claims import fault_in
from rag.context import Context
from rag.draft import Draft
from rag.pack import Packed, pack
from rag.reply import FORM, ReplyReader
from rag.types import Status

# More than these are no short answer; the model is not listened to any longer.
_MOST_SENTENCES = 8

# Takes the prose as far as it is written and checked; what it returns says whether to go on.
Listener = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A language model with what it is asked by."""

    chat: Chat
    prompt: Prompt
    counter: Counter
    budget: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the model's prose: the draft to go on with, and what was dropped and why."""

    draft: Draft
    used: bool
    dropped: tuple[str, ...] = ()
    # What broke the reply off, also after sentences that stay.
    fault: str = ""
    tokens: int = 0


def write(context: Context, draft: Draft, writer: Writer, listener: Listener | None = None) -> Written:
    """Put the model's verified sentences in front of the draft's quotes; else leave the draft."""
    points = [point for point in draft.points if not point.listed]
    if draft.status is not Status.ANSWERED or not points:
        return Written(draft=draft, used=False)
    packed = pack(context, points, writer.prompt, writer.counter, writer.budget)
    if not packed.points:
        fault = "no clause fits into the model's context"
        return Written(draft=draft, used=False, dropped=(fault,), fault=fault, tokens=packed.tokens)
    kept: list[str] = []
    dropped: list[str] = []
    fault = ""
    try:
        _listen(context, packed, writer.chat, listener, kept, dropped)
    except ChatFailed as error:
        fault = str(error)
        dropped.append(fault)
    if not kept:
        dropped.append("no sentence was left")
        return Written(draft=draft, used=False, dropped=tuple(dropped), fault=fault, tokens=packed.tokens)
    prose = joined(kept, context.language)
    opening = f"{prose}\n\n{draft.opening}" if draft.opening else prose
    return Written(
        draft=replace(draft, opening=opening),
        used=True,
        dropped=tuple(dropped),
        fault=fault,
        tokens=packed.tokens,
    )


def _listen(
    context: Context,
    packed: Packed,
    chat: Chat,
    listener: Listener | None,
    kept: list[str],
    dropped: list[str],
) -> None:
    """Read the reply to its end, its eighth sentence, or until the listener has heard enough."""
    reader = ReplyReader()
    parts = chat.stream(packed.text, FORM)
    for part in parts:
        for sentence in reader.feed(part):
            fault = fault_in(context, sentence, packed.points)
            if fault:
                dropped.append(f"{sentence.text[:60]}: {fault}")
            elif sentence.text not in kept:
                kept.append(sentence.text)
        # Asked at every part, so that a reader who leaves stops the model soon.
        if listener is not None and not listener(joined(kept, context.language)):
            return
        if len(kept) >= _MOST_SENTENCES:
            return


def joined(sentences: list[str], language: str) -> str:
    """Sentences as one paragraph."""
    return (" " if language == "en" else "").join(sentences)
