"""Better prose from a language model over the same checked clauses.

The model sees the draft's clauses under handles S1, S2 and returns sentences with handles and a
quote each. A sentence stays only if all it says is held by the clauses it names; where none stays,
the extractive answer stands as it was.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ingest.chat import Chat, ChatFailed
from ingest.chinese_numbers import to_int
from ingest.prompts import Prompt
from ingest.text import compact, fold
from rag.context import Context
from rag.draft import Draft, Point
from rag.types import Status
from rag.wording import bodies_sentence

_HANDLE = re.compile(r"\bS(\d{1,2})\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LABEL = re.compile(r"第\s*([〇零一二三四五六七八九十百\d]+)\s*条|[(（]([一二三四五六七八九十百]+)[)）]")
_ROLE_WORDS = re.compile(r"牵头|配合|负责|主管|leads?|cooperat|responsible", re.IGNORECASE)
_LANGUAGES = {"zh": "Simplified Chinese", "zh-Hant": "Traditional Chinese", "en": "English"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the model's prose: the draft to go on with, and what was dropped and why."""

    draft: Draft
    used: bool
    dropped: tuple[str, ...] = ()


def write(context: Context, draft: Draft, chat: Chat, prompt: Prompt) -> Written:
    """Put the model's verified sentences in front of the draft's quotes; else leave the draft."""
    points = [point for point in draft.points if not point.listed]
    if draft.status is not Status.ANSWERED or not points:
        return Written(draft=draft, used=False)
    try:
        reply = chat.complete(_prompt(context, points, prompt))
        sentences = _sentences(reply)
    except ChatFailed as error:
        return Written(draft=draft, used=False, dropped=(str(error),))
    kept, dropped = [], []
    for sentence in sentences:
        fault = fault_in(context, sentence, points)
        if fault:
            dropped.append(f"{sentence.text[:60]}: {fault}")
        else:
            kept.append(sentence.text.strip())
    if not kept:
        return Written(draft=draft, used=False, dropped=(*dropped, "no sentence was left"))
    prose = (" " if context.language == "en" else "").join(kept)
    opening = f"{prose}\n\n{draft.opening}" if draft.opening else prose
    written = Draft(
        status=draft.status,
        opening=opening,
        points=draft.points,
        notes=draft.notes,
        lead=draft.lead,
        cooperating=draft.cooperating,
        responsible=draft.responsible,
    )
    return Written(draft=written, used=True, dropped=tuple(dropped))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSentence:
    """One sentence as the model returned it."""

    text: str
    handles: tuple[str, ...]
    quote: str


def _prompt(context: Context, points: list[Point], prompt: Prompt) -> str:
    passages = []
    for number, point in enumerate(points, start=1):
        bodies = bodies_sentence(point.responsibilities, context.knowledge.directory, "zh").replace("*", "")
        passages.append(f"[S{number}] {point.clause.clause.text}\n责任:{bodies}")
    return prompt.fill(
        question=context.question.original,
        passages="\n\n".join(passages),
        language=_LANGUAGES[context.language],
    )


def _sentences(reply: str) -> list[ModelSentence]:
    """The sentences in a reply; raises ChatFailed where it is not the JSON that was asked for."""
    match = re.search(r"\{.*\}", reply, re.DOTALL)
    try:
        data = json.loads(match.group() if match else reply)
        rows = data["sentences"]
        return [
            ModelSentence(
                text=" ".join(str(row["text"]).split()),
                handles=tuple(str(handle) for handle in row["handles"]),
                quote=str(row["quote"]),
            )
            for row in rows
        ]
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError) as error:
        raise ChatFailed(f"语言模型的答复不是约定的格式({type(error).__name__})") from None


def fault_in(context: Context, sentence: ModelSentence, points: list[Point]) -> str:
    """Why a sentence may not be shown; empty where everything in it is held by its clauses."""
    cited = []
    for handle in sentence.handles:
        match = _HANDLE.fullmatch(handle.strip("[] "))
        if not match or not 1 <= int(match.group(1)) <= len(points):
            return f"unknown handle {handle}"
        cited.append(points[int(match.group(1)) - 1])
    if not cited:
        return "no handle"
    if not sentence.text or re.search(r"https?://|[<>]|\]\(", sentence.text):
        return "empty or with markup"
    if len(compact(sentence.quote)) < 4 or not any(
        compact(sentence.quote) in compact(point.clause.clause.text) for point in cited
    ):
        return "quote not in the clause"
    return _unheld(context, _HANDLE.sub("", sentence.text), cited)


def _unheld(context: Context, text: str, cited: list[Point]) -> str:
    held = fold(" ".join(f"{point.clause.clause.label} {point.clause.clause.text}" for point in cited))
    labels = {point.clause.clause.label for point in cited}
    articles = {point.clause.clause.article for point in cited}
    for match in _LABEL.finditer(text):
        if to_int(match.group(1) or match.group(2)) not in articles and fold(match.group()) not in labels:
            return f"clause {match.group()} not cited"
    unlabelled = _LABEL.sub(" ", fold(text))
    for number in _NUMBER.findall(unlabelled):
        if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", held):
            return f"number {number} not in the clause"
    return _wrong_body(context, unlabelled, cited)


def _wrong_body(context: Context, text: str, cited: list[Point]) -> str:
    """A body the clauses do not name, or one put in another role than theirs."""
    duties = [duty for point in cited for duty in point.responsibilities]
    resolve = context.knowledge.directory.resolve
    roles = {
        role: {d.id for duty in duties for name in getattr(duty, role) if (d := resolve(name))}
        for role in ("lead", "cooperating", "responsible")
    }
    in_text = compact(" ".join(point.clause.clause.text for point in cited))
    for mention in context.knowledge.directory.mentions(text):
        ids = {department.id for department in mention.departments}
        if not any(ids & held for held in roles.values()) and compact(mention.text) not in in_text:
            return f"{mention.text} not in the clause"
    for piece in re.split(r"[,，;；。]", text):
        said = _ROLE_WORDS.findall(piece)
        for mention in context.knowledge.directory.mentions(piece):
            ids = {department.id for department in mention.departments}
            wrong_lead = any("牵头" in w or "lead" in w for w in said) and not ids & roles["lead"]
            wrong_support = (
                any("配合" in w or "cooperat" in w for w in said) and not ids & roles["cooperating"]
            )
            if wrong_lead or wrong_support:
                return f"{mention.text} in another role"
    return ""
