"""Questions in dialect are understood by their standard words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml
from ingest.settings import ROOT
from rag.dialect import load_dialect

FILE = ROOT / "corpus" / "dialect.yaml"
DIALECT = load_dialect(FILE)
ROWS = read_yaml(FILE)["words"]


@pytest.mark.parametrize("example", [example for row in ROWS for example in row["examples"]])
def test_it_is_put_into_standard_words(example: str) -> None:
    spoken, _, said = example.partition("|")
    assert DIALECT.standard(spoken) == said
    assert DIALECT.standard(said) == said


@pytest.mark.parametrize("words", [words for row in ROWS for words in row.get("not", ())])
def test_other_words_stay_as_they_are(words: str) -> None:
    assert DIALECT.standard(words) == words


def test_a_row_that_is_no_pattern_is_named(tmp_path: Path) -> None:
    file = tmp_path / "dialect.yaml"
    file.write_text("words:\n  - spoken: '几多('\n    said: 多少\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match="第 2 行"):
        load_dialect(file)
