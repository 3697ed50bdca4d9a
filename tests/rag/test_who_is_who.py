"""Who leads and who cooperates, as a table: complete over all documents, exportable, safe in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rag_samples import SEED

from ingest.errors import BadInput
from rag.build import Assistant
from rag.cli import main
from rag.who_is_who import COLUMNS, Part, Profile, export, summary


def test_every_part_of_every_body_is_there(assistant: Assistant) -> None:
    expected = {
        (name, role, stored.clause.label)
        for stored in assistant.clauses(SEED)
        for duty in stored.clause.responsibilities
        for role, names in (("牵头", duty.lead), ("配合", duty.cooperating))
        for name in names
    }
    found = {(part.body, part.role, part.label) for p in assistant.profiles() for part in p.parts}
    assert found == expected


@pytest.mark.parametrize(
    ("name", "body", "leads", "cooperates"),
    [
        ("省财政厅", "省财政厅", 1, None),
        ("自然资源厅", "省国土资源厅", 1, 13),
        ("国土", "省国土资源厅", 1, 13),
        ("环保局", "省环保厅", 0, 4),
        ("住建厅", "省建设厅", 0, 12),
        ("省发改委", "省发展改革委", 11, 12),
    ],
)
def test_a_body_is_found_by_any_of_its_names(
    assistant: Assistant, name: str, body: str, leads: int, cooperates: int | None
) -> None:
    (profile,) = [p for p in assistant.profiles(name) if p.body == body]
    assert profile.count("牵头") == leads
    assert cooperates is None or profile.count("配合") == cooperates
    assert all(part.section for part in profile.parts)


def test_a_renamed_body_has_its_present_name_with_the_year(assistant: Assistant) -> None:
    (profile,) = assistant.profiles("省国土资源厅")
    assert "甘肃省自然资源厅" in profile.parts[0].present and "2018" in profile.parts[0].present


@pytest.mark.parametrize("name", ["火星局", "省水利厅", "牵头"])
def test_a_name_without_a_part_is_one_clear_line(assistant: Assistant, name: str) -> None:
    with pytest.raises(BadInput):
        assistant.profiles(name)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_table_comes_back_as_it_was_written(assistant: Assistant, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"部门{suffix}"
    found = assistant.profiles()
    count = export(found, path)
    if suffix == ".csv":
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    else:
        rows = [
            [cell or "" for cell in row] for row in load_workbook(path).active.iter_rows(values_only=True)
        ]
    assert rows[0] == list(COLUMNS)
    assert len(rows) == count + 1 == sum(len(p.parts) for p in found) + 1
    assert rows[1] == list(found[0].parts[0].cells)


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    part = Part(
        body="=HYPERLINK(1)", present="", role="牵头", title="@a", number="+1", section="-2", label="(一)",
        heading="", document_id="x",
    )  # fmt: skip
    path = tmp_path / "a.csv"
    export([Profile(body=part.body, parts=(part,))], path)
    cells = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))[1]
    assert cells[:6] == ["'=HYPERLINK(1)", "", "牵头", "'@a", "'+1", "'-2"]


def test_one_body_is_told_with_its_clauses(assistant: Assistant) -> None:
    text = summary(assistant.profiles("省统计局"))
    assert text.splitlines() == [
        "省统计局\t配合 1 条",
        "  配合 (三)健全考核体系（一、明确新形势下的发展方向）",
    ]


@pytest.mark.slow
def test_the_command_writes_the_table_and_refuses_other_forms(
    policy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ask: Callable[..., object]
) -> None:
    out = tmp_path / "a.xlsx"
    assert main(["departments", "--data", str(policy_data), "--out", str(out)]) == 0
    assert out.is_file() and "104 行" in capsys.readouterr().out
    assert main(["departments", "--data", str(policy_data), "--out", str(tmp_path / "a.pdf")]) == 2
    assert main(["departments", "火星局", "--data", str(policy_data)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2
