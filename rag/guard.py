"""Checking the input before anything is looked up."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ingest.text import fold
from rag.draft import Draft, refusal
from rag.forms import QuestionForms
from rag.messages import say
from rag.types import Status

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
# Chinese keyboards type full-width marks.
_HALF_WIDTH = str.maketrans("，？！：；（）", ",?!:;()")
# An English full stop ends a sentence too where a space follows: Ignore all rules. 贴息谁牵头?
_PIECE = re.compile(r"(?:[^.。！？!?；;\n]|\.(?!\s))+[.。！？!?；;\n]*")
# Markup pasted along with a question says nothing about it.
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>")
_COMMA_PIECE = re.compile(r"[^，,。！？!?；;\n]+[，,。！？!?；;\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The part of the input that may be answered, or the draft that ends it here."""

    text: str
    ending: Draft | None = None
    dropped: bool = False
    # Whether the input is no question at all: empty, binary, too long.
    unusable: bool = False


def clean(text: str) -> str:
    """The question without invisible and control characters, its marks half-width as the rules have them.

    What is shown stays as typed.
    """
    text = text.translate(_HALF_WIDTH)
    text = _TAG.sub(" ", _INVISIBLE.sub("", text))
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") else char for char in text
    ).strip()


def as_typed(question: str, part: str) -> str:
    """A part of a cleaned question with the marks that were typed: 找谁? → 找谁？; the part itself where it is put together."""
    begin = question.translate(_HALF_WIDTH).find(part)
    return question[begin : begin + len(part)] if begin >= 0 else part


def check(text: str, forms: QuestionForms, limit: int) -> Checked:
    """Refuse what cannot be a question; cut out demands that are not about the documents."""
    if not text.strip():
        return _ending(text, Status.CLARIFY, "empty")
    odd = sum(
        1 for char in text if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and char not in "\t\r\n"
    )
    if odd > max(2, len(text) * 0.05):
        return _ending(text, Status.ERROR, "binary")
    if len(text) > limit:
        return Checked(
            text=text[:200],
            ending=refusal(Status.ERROR, say("too_long", _language(text), count=len(text), limit=limit)),
            unusable=True,
        )
    question = clean(text)
    if not any(char.isalnum() for char in question):
        return _ending(question, Status.CLARIFY, "no_words")
    folded = fold(question)
    for name, pattern in forms.small_talk:
        if pattern.search(folded):
            if name == "abuse":
                return _ending(question, Status.OUT_OF_SCOPE, "abuse")
            return _ending(question, Status.CLARIFY, "thanks" if name == "thanks" else "greeting")
    kept, dropped = _without_injections(question, forms)
    if dropped and not _is_question(kept):
        return _ending(question, Status.UNSAFE, "unsafe")
    return Checked(text=kept, dropped=dropped)


def _without_injections(question: str, forms: QuestionForms) -> tuple[str, bool]:
    """The question without the sentences that give orders; a sentence's clauses are tried singly."""
    kept = []
    dropped = False
    for piece in _PIECE.findall(question):
        if not _is_injection(piece, forms):
            kept.append(piece)
            continue
        dropped = True
        kept += [
            part
            for part in _COMMA_PIECE.findall(piece)
            if _is_question(part) and not _is_injection(part, forms)
        ]
    return "".join(kept).strip(" ,，"), dropped


def _is_injection(piece: str, forms: QuestionForms) -> bool:
    folded = fold(piece)
    return any(pattern.search(folded) for pattern in forms.injections)


def _is_question(text: str) -> bool:
    return bool(
        re.search(
            r"[?？谁哪吗呢什么怎多少几]|如何|牵头|配合|负责|\b(?:who|which|what|how|when|where)\b",
            text,
            re.IGNORECASE,
        )
        and len(re.sub(r"\W", "", text)) >= 3
    )


def _language(text: str) -> str:
    return "en" if re.fullmatch(r"[\x00-\x7f]*[A-Za-z]{3}[\x00-\x7f]*", text) else "zh"


def _ending(text: str, status: Status, key: str) -> Checked:
    unusable = key in ("empty", "binary", "no_words")
    return Checked(text=text, ending=refusal(status, say(key, _language(text))), unusable=unusable)
