"""What is asked for by a name that no document holds is not answered from one on something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml
from ingest.settings import ROOT
from ingest.text import fold
from rag.named_matters import load_named_matters

FILE = ROOT / "corpus" / "named_matters.yaml"
MATTERS = load_named_matters(FILE)
ROWS = read_yaml(FILE)["matters"]


@pytest.mark.parametrize(
    ("who", "question"), [(row["who"], question) for row in ROWS for question in row["examples"]]
)
def test_it_is_asked_about(who: str, question: str) -> None:
    assert who in [row.who for row in MATTERS.asked(fold(question))]


@pytest.mark.parametrize("question", [question for row in ROWS for question in row.get("not", ())])
def test_it_is_told_in_passing(question: str) -> None:
    assert not MATTERS.asked(fold(question))


def test_a_text_that_names_it_may_answer() -> None:
    question = "公积金怎么提取"
    assert MATTERS.unspoken(question, ["职工提取住房公积金的,…"]) == ""
    assert MATTERS.unspoken(question, ["失业人员领取失业保险金…"]) == "住房公积金管理中心"


def test_another_of_its_names_does() -> None:
    assert MATTERS.unspoken("失业金能领几个月", ["失业人员领取失业保险金…"]) == ""


def test_a_row_without_names_is_named(tmp_path: Path) -> None:
    file = tmp_path / "named_matters.yaml"
    file.write_text("matters:\n  - who: 某局\n    words: [证]\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match="第 2 行"):
        load_named_matters(file)
