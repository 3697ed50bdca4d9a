"""Conversations as the reader's own browser keeps them, and as a link carries them.

Nothing is stored on the server. What comes back from a browser or a link may be anything, so it is read piece by piece and
what does not fit is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from rag.web.words import CHINESE, Words

# So many conversations, turns of one and characters of an answer are kept; a browser gives a page about 5 MB.
MOST_KEPT, MOST_TURNS, LONGEST_TEXT = 20, 40, 8000
# A link of more questions, or of longer ones, is cut off by servers and messengers.
MOST_LINKED, LONGEST_LINKED = 10, 200
_TITLE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and the answer to it as it was shown, in Markdown."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One conversation in the browser, called after its first question."""

    id: str
    exchanges: tuple[Exchange, ...]

    def title(self, words: Words = CHINESE) -> str:
        """The first question, shortened: 园区项目贷款想申请贴息,该找哪个部门…(3 问)"""
        first = " ".join(self.exchanges[0].question.split())
        short = first if len(first) <= _TITLE else f"{first[:_TITLE]}…"
        return (
            short
            if len(self.exchanges) == 1
            else words("{title}（{n} 问）", title=short, n=len(self.exchanges))
        )

    def to_json(self) -> dict[str, Any]:
        """As the browser stores it."""
        return {"id": self.id, "turns": [[e.question, e.answer[:LONGEST_TEXT]] for e in self.exchanges]}


def read_history(stored: Any) -> tuple[Kept, ...]:
    """The conversations in what a browser stored, latest first; what is none is left out."""
    rows = stored if isinstance(stored, list) else []
    found: dict[str, Kept] = {}
    for row in rows:
        kept = _kept(row)
        if kept is not None:
            found.setdefault(kept.id, kept)
    return tuple(found.values())[:MOST_KEPT]


def _kept(row: Any) -> Kept | None:
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("id"), str)
        or not isinstance(row.get("turns"), list)
    ):
        return None
    exchanges = tuple(
        Exchange(question=turn[0], answer=turn[1][:LONGEST_TEXT])
        for turn in row["turns"][:MOST_TURNS]
        if isinstance(turn, list)
        and len(turn) == 2
        and all(isinstance(text, str) for text in turn)
        and turn[0].strip()
    )
    return Kept(id=row["id"][:64], exchanges=exchanges) if exchanges else None


def remembered(stored: Any, kept: Kept) -> list[dict[str, Any]]:
    """What the browser stores next: this conversation first, the others behind it."""
    others = [each for each in read_history(stored) if each.id != kept.id]
    return [each.to_json() for each in (kept, *others)][:MOST_KEPT]


def link_query(questions: Sequence[str]) -> str:
    """The questions as a link asks them again: ?q=第十四条谁牵头&q=那配合的呢; empty where there is none."""
    asked = [question.strip()[:LONGEST_LINKED] for question in questions if question.strip()]
    return "?" + urlencode([("q", question) for question in asked[:MOST_LINKED]]) if asked else ""


def linked_questions(values: Sequence[str]) -> tuple[str, ...]:
    """The questions that a link asks, as far as they are any."""
    return tuple(value.strip()[:LONGEST_LINKED] for value in values[:MOST_LINKED] if value.strip())
