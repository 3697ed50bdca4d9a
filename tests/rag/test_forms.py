"""Every row of corpus/question_forms.yaml recognises its examples and leaves its counter-examples alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.errors import BrokenKnowledge
from ingest.settings import ROOT
from ingest.text import fold
from rag.forms import QuestionForms, load_forms
from rag.glossary import Translator, load_glossary

FILE = ROOT / "corpus" / "question_forms.yaml"
DATA: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


def rows(part: str) -> list[dict[str, Any]]:
    found = DATA[part]
    return [found] if isinstance(found, dict) else list(found)


def whole(match: str | list[str]) -> str:
    return "|".join(match) if isinstance(match, list) else match


def cases(part: str, key: str) -> list[Any]:
    return [
        pytest.param(whole(row["match"]), text, id=f"{part}-{row.get('id', number)}-{text}")
        for number, row in enumerate(rows(part))
        for text in row.get(key, [])
    ]


PARTS = ("asks", "figures", "units", "small_talk", "injections", "off_topic", "elsewhere")


@pytest.mark.parametrize(("pattern", "text"), [case for part in PARTS for case in cases(part, "examples")])
def test_examples_are_recognised(pattern: str, text: str) -> None:
    assert re.search(pattern, fold(text))


@pytest.mark.parametrize(("pattern", "text"), [case for part in PARTS for case in cases(part, "not")])
def test_counter_examples_are_left_alone(pattern: str, text: str) -> None:
    assert not re.search(pattern, fold(text))


@pytest.mark.parametrize("part", PARTS)
def test_every_row_has_an_example(part: str) -> None:
    assert all(row.get("examples") for row in rows(part))


def test_ids_of_asks_are_unique() -> None:
    ids = [row["id"] for row in rows("asks")]
    assert len(ids) == len(set(ids))


def test_asks_that_need_something_say_what_is_missing_and_who_knows() -> None:
    for ask in load_forms(FILE).asks:
        assert ask.needs is None or (ask.what and ask.who_knows), ask.id


def test_the_file_is_read_whole() -> None:
    forms: QuestionForms = load_forms(FILE)
    assert len(forms.asks) == len(rows("asks"))
    assert len(forms.injections) == len(rows("injections"))
    assert len(forms.off_topic) == len(rows("off_topic"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"asks": [{"id": "lead", "match": "("}]}, "lead"),
        ({"asks": [{"match": "x"}]}, "id"),
        ({"asks": None}, "asks"),
        ({"injections": [{"match": 3}]}, "match"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    file = tmp_path / "question_forms.yaml"
    file.write_text(yaml.safe_dump(DATA | change, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=named) as caught:
        load_forms(file)
    assert "question_forms.yaml" in str(caught.value)


def test_questions_in_traditional_characters_meet_the_same_forms() -> None:
    translator = Translator(load_glossary(ROOT / "corpus" / "glossary.yaml"))
    forms = {ask.id: ask for ask in load_forms(FILE).asks}
    assert forms["lead"].match.search(fold(translator.read("這件事由哪個部門牽頭?").text))
    assert forms["original"].match.search(fold(translator.read("第三條的原文").text))
