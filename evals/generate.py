"""Answer the questions of a set in one process and record what came back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from evals.questions import Question
from evals.recorded import Recorded
from rag.types import Answer, Status


class Assistant(Protocol):
    """What answers: the turns of a conversation in, the answer to the last one out."""

    def ask(self, turns: Sequence[str]) -> Answer: ...


def answer_set(assistant: Assistant, set_name: str, questions: Sequence[Question]) -> Iterator[Recorded]:
    """The recorded answers in the order of the set, each as soon as it is there."""
    for question in questions:
        started = time.perf_counter()
        error, closeness = None, None
        try:
            given = assistant.ask(question.turns)
            answer, closeness = given.to_json(), given.trace.get("closeness")
        except Exception as failure:  # One question that crashes must not cost the run its other answers.
            error = f"{type(failure).__name__}: {failure}"
            answer = _failed(question)
        wall_ms = (time.perf_counter() - started) * 1000
        yield Recorded(
            set_name=set_name,
            question=question,
            answer=answer,
            wall_ms=wall_ms,
            error=error,
            closeness=tuple(closeness) if closeness else None,
        )


def _failed(question: Question) -> dict[str, Any]:
    return Answer(question=question.turns[-1], text="", status=Status.ERROR).to_json()
