"""The question sets on documents that users add: their gold holds against the documents, and they can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.added import ADDED, Added, measure_added, read_added, summary
from evals.score import squeeze
from ingest.library import Library
from ingest.settings import load_settings
from ingest.sources import file_source

OWN = read_added(Path("/nowhere"))
HERE = read_added()


def test_without_the_data_folder_the_invented_policies_are_left() -> None:
    assert {each.name for each in OWN} == {file.stem for file in ADDED.glob("*.txt")} and len(OWN) == 26


@pytest.mark.parametrize("added", HERE, ids=lambda added: added.name)
def test_the_gold_stands_in_the_document(added: Added, tmp_path: Path) -> None:
    file = tmp_path / f"{added.name}.txt"
    file.write_text(added.text, encoding="utf-8")
    parsed = Library(load_settings(data=tmp_path / "data")).parse(file_source(file))
    articles = {clause.article for clause in parsed.clauses}
    text = squeeze(added.text)
    for question in added.questions:
        gold = question.gold
        assert {*gold.articles, *gold.acceptable} <= articles, question.id
        assert bool(gold.articles) is not gold.refuse, question.id
        if question.kind != "other_language":
            for group in gold.must_contain:
                assert any(squeeze(words) in text for words in group), (question.id, group)
        for name in (*gold.lead, *gold.cooperating):
            assert squeeze(name) in text, (question.id, name)


@pytest.mark.slow
def test_a_document_is_added_and_asked(tmp_path: Path) -> None:
    few = Added(name=OWN[0].name, text=OWN[0].text, questions=OWN[0].questions[:6])
    outcomes = list(measure_added(load_settings(data=tmp_path), [few]))
    assert [o.recorded.question for o in outcomes] == list(few.questions)
    assert sum(o.verdict.passed for o in outcomes) >= 4
    assert summary(outcomes)[-1].startswith("合计:严格通过 ")
    assert not any(tmp_path.iterdir())
