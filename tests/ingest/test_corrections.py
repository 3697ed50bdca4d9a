"""Slips of the print: kept in quotes, corrected for departments and search."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_samples import CORPUS, POLICY_FILE, parse_text

from ingest.corrections import Correction, correct_duties, correct_text, notes_for, read_corrections
from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml
from ingest.sources import corpus_sources

SLIP = Correction(clause="(二)", printed="省发展改革", reads="省发展改革委", note="漏字")
TEXT = (
    "意见\n\n一、总则\n\n(一)甲。正文。(省发展改革牵头,省商务厅配合)\n\n"
    "(二)乙。正文。(省发展改革牵头,省商务厅、省发展改革委配合)\n"
)


def test_only_the_named_clause_is_corrected() -> None:
    first, second = parse_text(TEXT).clauses[-2:]
    assert correct_duties(first, (SLIP,)) == first.responsibilities
    (duty,) = correct_duties(second, (SLIP,))
    assert duty.lead == ("省发展改革委",)
    assert duty.cooperating == ("省商务厅", "省发展改革委")
    assert duty.raw == second.responsibilities[0].raw  # the quote stays as printed


def test_search_finds_both_writings() -> None:
    first, second = parse_text(TEXT).clauses[-2:]
    assert correct_text(second, (SLIP,)).endswith(" 省发展改革委")
    assert correct_text(second, (SLIP,)).startswith(second.text)
    assert correct_text(first, (SLIP,)) == first.text
    gone = Correction(clause="(二)", printed="不在文中", reads="别的", note="")
    assert correct_text(second, (gone,)) == second.text


def test_notes_belong_to_their_clause() -> None:
    assert notes_for("(二)", (SLIP,)) == ("漏字",)
    assert notes_for("(一)", (SLIP,)) == ()


def test_every_shipped_slip_is_in_the_text_where_it_says() -> None:
    (source,) = [s for s in corpus_sources(CORPUS) if s.path == POLICY_FILE]
    clauses = {clause.label: clause for clause in parse_text(source.document.text).clauses}
    assert source.corrections
    for slip in source.corrections:
        assert slip.printed in clauses[slip.clause].text
        assert (
            slip.reads not in clauses[slip.clause].text.replace(slip.printed, "", 1)
            or slip.printed in slip.reads
        )


@pytest.mark.parametrize("missing", ["clause", "printed", "reads", "note"])
def test_a_broken_row_is_named(missing: str, tmp_path: Path) -> None:
    row = {"clause": "(一)", "printed": "甲", "reads": "乙", "note": "丙"}
    del row[missing]
    with pytest.raises(BrokenKnowledge, match=f"缺少 {missing}"):
        read_corrections({"corrections": [row]}, tmp_path / "x.yaml")


def test_no_corrections_is_no_fault() -> None:
    data = read_yaml(POLICY_FILE.with_suffix(".yaml"))
    assert read_corrections({**data, "corrections": None}, POLICY_FILE) == ()
