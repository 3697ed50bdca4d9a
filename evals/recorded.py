"""Recorded answers: what was asked, what is right, what the pipeline said. Scoring needs no more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.questions import Question, parse_question
from ingest.errors import BadInput

ANSWER_FIELDS = ("answer", "refused", "status", "citations", "departments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One question of one set with the answer object it got (docs/architecture.md).

    `wall_ms` is the time for the whole conversation as the caller saw it; `error` holds the
    exception where answering failed, which counts as a failed question, not as a failed run.
    """

    set_name: str
    question: Question
    answer: dict[str, Any]
    wall_ms: float
    error: str | None = None
    # How sure the best hit was and how sure it had to be; None where something else decided.
    closeness: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of answers.jsonl."""
        return {
            "set": self.set_name,
            "question": self.question.to_json(),
            "answer": self.answer,
            "wall_ms": round(self.wall_ms, 2),
            "error": self.error,
            "closeness": self.closeness,
        }

    @property
    def text(self) -> str:
        """What the user read."""
        return str(self.answer["answer"])

    @property
    def refused(self) -> bool:
        """Whether the program said that the documents do not answer this."""
        return bool(self.answer["refused"])

    @property
    def citations(self) -> tuple[Cited, ...]:
        """The citations, best first."""
        return tuple(
            Cited(
                document_id=str(raw.get("document_id", "")),
                path=tuple(str(label) for label in raw.get("path") or ()),
                article=raw.get("article"),
                quote=str(raw.get("quote", "")),
            )
            for raw in self.answer["citations"]
        )

    def departments(self, role: str) -> tuple[str, ...]:
        """The bodies that the answer gives in a role, "lead" or "cooperating"."""
        return tuple(self.answer["departments"].get(role) or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What a citation claims: these words stand in this clause of this document."""

    document_id: str
    path: tuple[str, ...] = ()
    article: int | None = None
    quote: str = field(default="")


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """One object a line, UTF-8."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read_recorded(path: Path) -> tuple[Recorded, ...]:
    """The answers that a run recorded; raises BadInput naming file, line and fault."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise BadInput(f"找不到答案记录 {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"答案记录 {path} 读不了({type(error).__name__})") from None
    recorded = []
    for number, line in enumerate(lines, 1):
        try:
            recorded.append(_parse(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, BadInput) as error:
            raise BadInput(f"{path} 第 {number} 行:{_fault(error)}") from None
    if not recorded:
        raise BadInput(f"答案记录 {path} 是空的")
    return tuple(recorded)


def _parse(raw: Any) -> Recorded:
    answer = raw["answer"]
    for name in ANSWER_FIELDS:
        answer[name]
    if not isinstance(answer["citations"], list) or not isinstance(answer["departments"], dict):
        raise BadInput("answer 的 citations 应为数组,departments 应为对象")
    return Recorded(
        set_name=str(raw["set"]),
        question=parse_question(raw["question"]),
        answer=answer,
        wall_ms=float(raw["wall_ms"]),
        error=raw.get("error"),
        closeness=_closeness(raw.get("closeness")),
    )


def _closeness(raw: Any) -> tuple[float, float] | None:
    return None if raw is None else (float(raw[0]), float(raw[1]))


def _fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"不是合法的 JSON({error.msg})"
    if isinstance(error, KeyError):
        return f"缺少字段 {error.args[0]}"
    if isinstance(error, BadInput):
        return str(error)
    return "不是答案记录"
