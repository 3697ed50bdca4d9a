"""Prompt texts and their variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import BrokenKnowledge
from ingest.prompts import load_prompt
from ingest.settings import ROOT

FOLDER = ROOT / "prompts"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md")))
def test_every_prompt_can_be_read_and_filled(name: str) -> None:
    prompt = load_prompt(FOLDER, name)
    assert prompt.version >= 1 and prompt.name == name
    filled = prompt.fill(**{variable: f"<{variable}>" for variable in prompt.variables})
    assert all(f"<{variable}>" in filled for variable in prompt.variables)


def test_the_answer_prompt_shows_the_form_of_the_reply() -> None:
    prompt = load_prompt(FOLDER, "answer")
    assert set(prompt.variables) == {"question", "passages", "language"}
    filled = prompt.fill(question="谁牵头?", passages="[S1] …", language="English")
    assert '{"sentences": [{"text": "…", "handles": ["S1"], "quote": "…"}]}' in filled


def test_braces_in_what_is_filled_in_are_left_alone() -> None:
    filled = load_prompt(FOLDER, "answer").fill(question="{passages} {0}", passages="{x}", language="{}")
    assert "{passages} {0}" in filled and "{x}" in filled


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(BrokenKnowledge, match="passages、language"):
        load_prompt(FOLDER, "answer").fill(question="谁牵头?")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("---\nversion: 1\nvariables: [a]\n---\n{a} {b}", "b"),
        ("---\nversion: 1\nvariables: [a, c]\n---\n{a}", "c"),
        ("no head at all", "broken.md"),
        ("---\nversion: [\n---\nx", "broken.md"),
        ("---\nversion: 1\nvariables: []\n---\n{", "broken.md"),
    ],
)
def test_head_and_text_that_disagree_are_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "broken.md").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=named):
        load_prompt(tmp_path, "broken")


def test_a_prompt_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenKnowledge, match=r"absent\.md"):
        load_prompt(tmp_path, "absent")
