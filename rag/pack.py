"""The clauses of an answer as a language model is given them, within its budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.prompts import Prompt
from ingest.token_count import Counter
from rag.context import Context
from rag.draft import Point
from rag.wording import bodies_sentence

_LANGUAGES = {"zh": "Simplified Chinese", "zh-Hant": "Traditional Chinese", "en": "English"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A prompt, the points whose clauses it holds (under S1, S2, …), and its tokens."""

    text: str
    points: tuple[Point, ...]
    tokens: int


def pack(context: Context, points: Sequence[Point], prompt: Prompt, counter: Counter, budget: int) -> Packed:
    """The prompt with as many clauses as fit, best first: whole, else their quoted sentences, else not at all."""
    passages: list[str] = []
    kept: list[Point] = []
    text = _fill(context, prompt, passages)
    tokens = counter.count(text)
    for point in points:
        for words in (point.clause.clause.text, _quoted(context, point)):
            more = [*passages, _passage(context, point, words, len(kept) + 1)]
            longer = _fill(context, prompt, more)
            count = counter.count(longer)
            if count <= budget:
                text, tokens, passages = longer, count, more
                kept.append(point)
                break
    return Packed(text=text, points=tuple(kept), tokens=tokens)


def _quoted(context: Context, point: Point) -> str:
    text = context.snapshot.documents[point.clause.document_id].document.text
    quoted = "".join(text[start:end] for start, end in point.quotes)
    return f"{point.clause.clause.label}{point.clause.clause.heading}。{quoted}"


def _passage(context: Context, point: Point, words: str, number: int) -> str:
    bodies = bodies_sentence(point.responsibilities, context.knowledge.directory, "zh").replace("*", "")
    return f"[S{number}] {words}\n责任：{bodies}"


def _fill(context: Context, prompt: Prompt, passages: Sequence[str]) -> str:
    return prompt.fill(
        question=context.question.original,
        passages="\n\n".join(passages),
        language=_LANGUAGES[context.language],
    )
