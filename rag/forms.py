"""The ways people put questions, read from corpus/question_forms.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing that a question may ask for: 贴息比例是百分之几 asks for a rate.

    `needs` is what a clause must hold before it can answer; `what` and `who_knows` are the
    words for saying that the documents do not hold it.
    """

    id: str
    match: re.Pattern[str]
    needs: re.Pattern[str] | None = None
    what: str = ""
    who_knows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionForms:
    """All rows of the file."""

    asks: tuple[Ask, ...]
    # Figures with a name of their own (有效期, 利率), which another figure of the clause is not.
    figures: tuple[Ask, ...]
    # Units that a time is asked in (几年, 几分钟), which a time in another unit does not answer.
    units: tuple[Ask, ...]
    # Things of one kind of which one is not another: 团体标准 and 国家标准.
    siblings: tuple[tuple[str, ...], ...]
    small_talk: tuple[tuple[str, re.Pattern[str]], ...]
    injections: tuple[re.Pattern[str], ...]
    off_topic: tuple[re.Pattern[str], ...]
    elsewhere: re.Pattern[str]
    # Who comes from elsewhere and asks about here: 我是江苏一个园区的,想到你们开发区….
    unless_here: re.Pattern[str]


def load_forms(path: Path) -> QuestionForms:
    """Read the question forms; raises BrokenKnowledge naming the row at fault."""
    data = read_yaml(path)
    asks, figures, units = (
        tuple(_ask(row, path) for row in require(data, part, list, path))
        for part in ("asks", "figures", "units")
    )
    siblings = tuple(
        tuple(require(row, "members", list, path)) for row in require(data, "siblings", list, path)
    )
    small_talk = tuple(
        (require(row, "id", str, path), _pattern(row, "match", path))
        for row in require(data, "small_talk", list, path)
    )
    injections = tuple(_pattern(row, "match", path) for row in require(data, "injections", list, path))
    off_topic = tuple(_pattern(row, "match", path) for row in require(data, "off_topic", list, path))
    elsewhere = require(data, "elsewhere", dict, path)
    return QuestionForms(
        asks=asks,
        figures=figures,
        units=units,
        siblings=siblings,
        small_talk=small_talk,
        injections=injections,
        off_topic=off_topic,
        elsewhere=_pattern(elsewhere, "match", path),
        unless_here=_pattern(elsewhere, "unless", path),
    )


def _ask(row: Any, path: Path) -> Ask:
    return Ask(
        id=require(row, "id", str, path),
        match=_pattern(row, "match", path),
        needs=_pattern(row, "needs", path) if "needs" in row else None,
        what=str(row.get("what", "")),
        who_knows=str(row.get("who_knows", "")),
    )


def _pattern(row: Any, key: str, path: Path) -> re.Pattern[str]:
    """One regular expression, or several one below the other of which any may match."""
    several = isinstance(row, dict) and isinstance(row.get(key), list)
    source = "|".join(map(str, row[key])) if several else require(row, key, str, path)
    try:
        return re.compile(source)
    except re.error as error:
        raise BrokenKnowledge(
            f"{path}：{row.get('id', source)} 的 {key} 不是可用的正则表达式（{error}）"
        ) from None
