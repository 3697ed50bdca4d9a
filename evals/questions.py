"""Question sets: one JSON object a line, with the answer that is right (evals/questions/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ingest.errors import BadInput

# About the documents around the policy and what has changed since: companions.jsonl.
COMPANION_KINDS = ("alignment", "currency", "companion", "zones")
KINDS = (
    "department",
    "clause",
    "fact",
    "list",
    "article_no",
    "renamed",
    "multi_turn",
    "multi_article",
    "keyword",
    "unanswerable",
    "false_premise",
    "injection",
    "other_language",
    *COMPANION_KINDS,
)
ASKERS = ("investor", "civil_servant")
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """The right answer to 贴息归谁管: cite article 14, lead 省财政厅, cooperating 省发展改革委、省商务厅.

    `articles` must all be cited, `acceptable` may be; `must_contain` is a list of groups, of each of
    which one string must stand in the answer; `refuse` says that the corpus gives no support.
    `elsewhere` holds what must be cited of other documents: (guobanfa-2014-54, (9,)); no numbers, any clause of it.
    """

    refuse: bool = False
    articles: tuple[int, ...] = ()
    acceptable: tuple[int, ...] = ()
    lead: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    must_contain: tuple[tuple[str, ...], ...] = ()
    must_not_contain: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One conversation whose last turn is asked and scored; one turn unless kind is multi_turn."""

    id: str
    kind: str
    asker: str
    turns: tuple[str, ...]
    gold: Gold
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The question as its line in a set, so that recorded answers can be scored alone."""
        gold = {name: _plain(getattr(self.gold, name)) for name in Gold.__dataclass_fields__}
        gold["elsewhere"] = {document: list(numbers) for document, numbers in self.gold.elsewhere}
        return {
            "id": self.id,
            "kind": self.kind,
            "asker": self.asker,
            "turns": list(self.turns),
            "gold": gold,
            "note": self.note,
        }


class _FaultError(Exception):
    """What is wrong with one line, in words for the person who wrote it."""


def read_questions(path: Path) -> tuple[Question, ...]:
    """All questions of a set; raises BadInput naming file, line and fault."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise BadInput(f"找不到题集文件 {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"题集文件 {path} 读不了({type(error).__name__})") from None
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = parse_question(json.loads(line))
            if question.id in questions:
                raise _FaultError(f"编号 {question.id} 重复")
        except json.JSONDecodeError as error:
            raise BadInput(f"{path} 第 {number} 行:不是合法的 JSON({error.msg})") from None
        except (_FaultError, BadInput) as fault:
            raise BadInput(f"{path} 第 {number} 行:{fault}") from None
        questions[question.id] = question
    if not questions:
        raise BadInput(f"题集文件 {path} 里没有题目")
    return tuple(questions.values())


def parse_question(raw: Any) -> Question:
    """One question from its JSON object; raises BadInput saying which field is wrong."""
    try:
        fields = _object(raw, "这一行")
        kind, asker = _text(fields, "kind"), _text(fields, "asker")
        _among(kind, KINDS, "kind")
        _among(asker, ASKERS, "asker")
        turns = _list(fields, "turns", _words)
        if not turns:
            raise _FaultError("turns 不能为空")
        gold = _gold(_object(fields.get("gold"), "gold"))
        note = fields.get("note", "")
        if not isinstance(note, str):
            raise _FaultError("note 应为文字")
        return Question(id=_text(fields, "id"), kind=kind, asker=asker, turns=turns, gold=gold, note=note)
    except _FaultError as fault:
        raise BadInput(str(fault)) from None


def _gold(raw: dict[str, Any]) -> Gold:
    unknown = sorted(set(raw) - set(Gold.__dataclass_fields__))
    if unknown:
        raise _FaultError(f"gold 里有不认识的字段 {unknown[0]}")
    if not isinstance(raw.get("refuse"), bool):
        raise _FaultError("gold.refuse 应为 true 或 false")
    gold = Gold(
        refuse=raw["refuse"],
        articles=_list(raw, "articles", _article),
        acceptable=_list(raw, "acceptable", _article),
        lead=_list(raw, "lead", _words),
        cooperating=_list(raw, "cooperating", _words),
        must_contain=_list(raw, "must_contain", _group),
        must_not_contain=_list(raw, "must_not_contain", _words),
        elsewhere=tuple(
            (document, _list({document: numbers}, document, _article))
            for document, numbers in _object(raw.get("elsewhere", {}), "gold.elsewhere").items()
        ),
    )
    if gold.refuse and (gold.articles or gold.lead or gold.cooperating or gold.must_contain):
        raise _FaultError("gold.refuse 为 true 时不能再要求条款、部门或内容")
    return gold


def _object(raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _FaultError(f"{name} 应为 JSON 对象")
    return raw


def _text(fields: dict[str, Any], name: str) -> str:
    return _words(fields.get(name), name)


def _among(value: str, allowed: tuple[str, ...], name: str) -> None:
    if value not in allowed:
        raise _FaultError(f"{name} 不能是 {value!r},应为 {'、'.join(allowed)} 之一")


def _list(fields: dict[str, Any], name: str, item: Callable[[Any, str], _Item]) -> tuple[_Item, ...]:
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise _FaultError(f"{name} 应为数组")
    return tuple(item(part, name) for part in value)


def _words(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _FaultError(f"{name} 应为非空文字")
    return value


def _article(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _FaultError(f"{name} 应为正整数的条号")
    return value


def _group(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _FaultError(f"{name} 的每一组应为非空数组")
    return tuple(_words(part, name) for part in value)


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
