"""A question file with a fault is refused with its line and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.config import DEVELOPMENT_SET
from evals.questions import Gold, read_questions
from ingest.errors import BadInput

_GOLD = {
    "refuse": False,
    "articles": [14],
    "acceptable": [],
    "lead": ["省财政厅"],
    "cooperating": [],
    "must_contain": [["贴息"]],
    "must_not_contain": [],
    "elsewhere": {"guobanfa-2014-54": [9]},
}
_GOOD: dict[str, Any] = {
    "id": "Q001",
    "kind": "department",
    "asker": "investor",
    "turns": ["补利息归谁管?"],
    "gold": _GOLD,
    "note": "",
}


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_good_line_is_read_and_written_back(tmp_path: Path) -> None:
    (question,) = read_questions(_file(tmp_path, json.dumps(_GOOD, ensure_ascii=False), ""))
    assert question.gold == Gold(
        articles=(14,),
        lead=("省财政厅",),
        must_contain=(("贴息",),),
        elsewhere=(("guobanfa-2014-54", (9,)),),
    )
    assert question.to_json() == _GOOD


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": ""}, "id"),
        ({"id": None}, "id"),
        ({"kind": "poem"}, "kind"),
        ({"asker": "tourist"}, "asker"),
        ({"turns": []}, "turns"),
        ({"turns": "补利息归谁管?"}, "turns"),
        ({"turns": [" "]}, "turns"),
        ({"gold": None}, "gold"),
        ({"gold": _GOLD | {"refuse": "no"}}, "refuse"),
        ({"gold": _GOLD | {"articles": ["14"]}}, "articles"),
        ({"gold": _GOLD | {"articles": [0]}}, "articles"),
        ({"gold": _GOLD | {"acceptable": [True]}}, "acceptable"),
        ({"gold": _GOLD | {"lead": "省财政厅"}}, "lead"),
        ({"gold": _GOLD | {"must_contain": ["贴息"]}}, "must_contain"),
        ({"gold": _GOLD | {"must_contain": [[]]}}, "must_contain"),
        ({"gold": _GOLD | {"leads": []}}, "leads"),
        ({"gold": _GOLD | {"refuse": True}}, "refuse"),
        ({"note": 3}, "note"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    path = _file(tmp_path, json.dumps(_GOOD), json.dumps(_GOOD | {"id": "Q002"} | change))
    with pytest.raises(BadInput, match=rf"set\.jsonl 第 2 行:.*{fault}") as caught:
        read_questions(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (("{",), "第 1 行:不是合法的 JSON"),
        (("[]",), "第 1 行:.*JSON 对象"),
        ((json.dumps(_GOOD), json.dumps(_GOOD)), "第 2 行:编号 Q001 重复"),
        ((), "没有题目"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, lines: tuple[str, ...], fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        read_questions(_file(tmp_path, *lines))


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="找不到"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="读不了"):
        read_questions(tmp_path)
    (tmp_path / "bad.jsonl").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadInput, match="读不了"):
        read_questions(tmp_path / "bad.jsonl")


@pytest.mark.skipif(not DEVELOPMENT_SET.is_file(), reason="the development questions are not here")
def test_the_development_set_is_readable() -> None:
    assert len(read_questions(DEVELOPMENT_SET)) > 0
