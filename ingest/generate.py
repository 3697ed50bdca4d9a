"""Expected questions written by the language model: clause by clause, kept as they come, resumable."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingest.chat import Chat, ChatFailed
from ingest.prompts import Prompt
from ingest.types import Passage

COUNT = 20
_SHORTEST, _LONGEST = 4, 120

# Called after each clause with how many are done and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run achieved; `fault` says why it stopped early."""

    done: int
    total: int
    fault: str = ""


def generate_questions(
    passages: Iterable[Passage],
    chat: Chat,
    prompt: Prompt,
    keep: Callable[[Passage, tuple[str, ...]], None],
    progress: Progress,
) -> Generated:
    """Ask for the questions of each passage and hand them to `keep` at once.

    A model that fails stops the run; what was kept stays, and the next run asks for the rest.
    """
    wanted = list(passages)
    for done, passage in enumerate(wanted):
        try:
            reply = chat.complete(
                prompt.fill(
                    title=passage.title,
                    section=passage.section,
                    heading=passage.heading,
                    text=passage.body,
                    count=str(COUNT),
                )
            )
            questions = read_reply(reply)
        except ChatFailed as error:
            return Generated(done=done, total=len(wanted), fault=str(error))
        keep(passage, questions)
        progress(done + 1, len(wanted))
    return Generated(done=len(wanted), total=len(wanted))


def read_reply(reply: str) -> tuple[str, ...]:
    """The questions in a model's reply, also inside ```json; raises ChatFailed where there is none."""
    match = re.search(r"\{.*\}", reply, re.DOTALL)
    try:
        data = json.loads(match.group()) if match else None
    except json.JSONDecodeError:
        data = None
    listed = data.get("questions") if isinstance(data, dict) else None
    questions = (
        [" ".join(q.split()) for q in listed if isinstance(q, str)] if isinstance(listed, list) else []
    )
    fitting = [q for q in questions if _SHORTEST <= len(q) <= _LONGEST and re.search(r"[一-鿿]", q)]
    if not fitting:
        raise ChatFailed("语言模型的回复里没有问句")
    return tuple(dict.fromkeys(fitting))[: 2 * COUNT]
