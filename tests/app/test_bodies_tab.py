"""The tab 部门职责: bodies by any of their names, complete; the same rows as files; what cannot be shown in one line."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from reading_desk import (
    HOSTILE,
    NO_INDEX,
    POLICY,
    FakeDesk,
    harmless,
    line_in,
    shipped,
    updated,
    without_index,
)

from ingest.errors import BadInput
from rag.messages import say
from rag.web.bodies_html import Together, bars, places_of, profiles_html, together, together_html
from rag.web.bodies_tab import BodiesDesk, Suffix, Wanted, file_of
from rag.web.words import english
from rag.who_is_who import COLUMNS, Profile

LAND = "省国土资源厅"


def found(name: str = "", document_id: str = "", role: str = "") -> tuple[Profile, ...]:
    return BodiesDesk(FakeDesk()).found(Wanted(typed=name, document_id=document_id, role=role))


def rows_of(file: dict[str, str] | None) -> list[list[Any]]:
    assert file is not None
    data = base64.b64decode(file["data"])
    if file["name"].endswith(".csv"):
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize(
    ("name", "body", "parts"),
    [
        # Old, new, nick-name, with white space and what nobody sees.
        ("省国土资源厅", LAND, 14),
        ("省自然资源厅", LAND, 14),
        ("国土局", LAND, 14),
        (" 国土厅\u200b ", LAND, 14),
        ("省财政厅", "省财政厅", 3),
        ("财政厅", "省财政厅", 3),
    ],
)
def test_a_body_is_found_by_any_of_its_names(name: str, body: str, parts: int) -> None:
    listed = BodiesDesk(FakeDesk()).shown(name, "", "", "全部")[2]
    assert f"<strong>{body}</strong>" in listed
    assert listed.count('<span class="pq-tag') == parts
    assert listed.count('<details class="pq-profile" open>') == listed.count("<details") == 1


def test_a_renamed_body_says_what_it_is_called_now() -> None:
    own, other = FakeDesk(), FakeDesk(words=english())
    assert "省国土资源厅自 2018 年起为甘肃省自然资源厅。" in BodiesDesk(own).shown(LAND, "", "", "")[2]
    html = BodiesDesk(other).shown(LAND, "", "", "")[2]
    assert "省国土资源厅 is 甘肃省自然资源厅 since 2018." in html
    assert "Lead: 1, Cooperating: 13" in html


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("没有这个厅", "没有认出“没有这个厅”是哪个单位"),
        ("财" * 41, "部门名称太长，请不要超过 40 个字"),
        ("<b>\u202e", "没有认出“&lt;b&gt;”是哪个单位"),
        ("%_'; DROP TABLE", "没有认出“%_&#x27;; DROP TABLE”是哪个单位"),
        ("{name}", "没有认出“{name}”是哪个单位"),
    ],
)
def test_a_name_that_is_none_gets_one_line_and_the_rest_stays(typed: str, line: str) -> None:
    bodies, documents, listed, chart, matrix = BodiesDesk(FakeDesk()).shown(typed, "", "", "")
    assert line_in(listed) == line
    assert len(updated(bodies)["choices"]) > 20 and updated(documents)["choices"]
    assert chart is not None and "<table" in matrix
    file, told = BodiesDesk(FakeDesk()).saved("csv", typed, "", "", "")
    assert file is None and line_in(told) == line


def test_a_body_that_no_document_names_is_told_from_none() -> None:
    directory = shipped().knowledge.directory
    named = {profile.body for profile in shipped().profiles()}
    for name in ("省教育厅", "省水利厅", "省林业厅", "省文化厅", "省民政厅", "省司法厅"):
        if name in named or not directory.mentions(name):
            continue
        with pytest.raises(BadInput, match=f"已收录的文件里，{name}没有牵头或配合任何条款"):
            found(name)
        return
    pytest.fail("no body that no document names")


def test_a_list_is_filtered_by_document_and_role_and_choices_that_are_none_count_for_nothing() -> None:
    led = found(role="牵头")
    assert {part.role for profile in led for part in profile.parts} == {"牵头"}
    assert sum(len(p.parts) for p in led) == sum(p.count("牵头") for p in shipped().profiles())
    assert [p.body for p in found(LAND, POLICY, "牵头")] == [LAND]
    assert found(LAND, "no-such-document") == ()
    bodies, documents, listed, chart, matrix = BodiesDesk(FakeDesk()).shown("", "没有的", "没有的", "没有的")
    assert updated(bodies)["value"] == updated(documents)["value"] == ""
    assert "没有符合这些条件的条款" in listed and chart["value"].empty
    assert "没有写明" in matrix
    assert BodiesDesk(FakeDesk()).shown(None, None, None, None)[2].count("<details") == len(
        shipped().profiles()
    )


def test_of_two_ways_to_name_a_body_the_typed_one_counts() -> None:
    assert [p.body for p in BodiesDesk(FakeDesk()).found(Wanted(typed="国土局", chosen="省财政厅"))] == [LAND]
    assert [p.body for p in BodiesDesk(FakeDesk()).found(Wanted(chosen="省财政厅"))] == ["省财政厅"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("name", "document_id", "role"),
    [("", "", ""), ("国土局", "", ""), ("国土局", POLICY, "牵头"), ("", "", "配合")],
)
def test_a_file_holds_exactly_what_is_listed(suffix: Suffix, name: str, document_id: str, role: str) -> None:
    file, told = BodiesDesk(FakeDesk()).saved(suffix, name, "", document_id, role)
    listed = [list(part.cells) for profile in found(name, document_id, role) for part in profile.parts]
    assert told == "" and rows_of(file) == [list(COLUMNS), *listed]
    assert file is not None and file["name"] == f"部门职责{'-' if name else ''}{name}.{suffix}"
    html = BodiesDesk(FakeDesk()).shown(name, "", document_id, role)[2]
    assert html.count('<span class="pq-tag') == len(listed)


def test_a_file_is_safe_to_open_and_to_save() -> None:
    profile = found("国土局")[0]
    part = replace(profile.parts[0], heading="=HYPERLINK(1)")
    file = file_of([replace(profile, parts=(part,))], "csv", '../a b/:*?"<>|\u202e..')
    assert rows_of(file)[1][COLUMNS.index("条名")] == "'=HYPERLINK(1)"
    assert file["name"] == "部门职责-ab.csv"
    assert file_of([profile], "xlsx", "", english())["name"] == "Who does what.xlsx"
    assert line_in(BodiesDesk(FakeDesk()).saved("csv", "", "", "没有的", "")[1]).startswith(
        "没有可以导出的条款"
    )


def test_a_clause_is_opened_where_it_begins() -> None:
    places = places_of(shipped().clauses())
    html = profiles_html(found("省财政厅", POLICY, "牵头"), places, {})
    clause = next(c for c in shipped().clauses(POLICY) if c.clause.label == "(十四)")
    assert f'data-document="{POLICY}" data-start="{clause.clause.start}">(十四)加强财政支持力度<' in html
    assert "data-start" not in profiles_html(found("省财政厅", POLICY, "牵头"), {}, {})


def test_the_chart_counts_what_the_list_counts() -> None:
    every = shipped().profiles()
    drawn = bars(every)
    assert sum(count for _, _, count in drawn) == sum(len(profile.parts) for profile in every[:30])
    table = updated(BodiesDesk(FakeDesk(words=english())).shown("", "", "", "")[3])["value"]
    assert "Cooperating" in str(table) and "配合" not in str(table)


def test_who_works_with_whom_is_counted_by_clause() -> None:
    pairs = together(shipped().clauses(POLICY))
    pair = next(p for p in pairs if (p.lead, p.cooperating) == ("省财政厅", "省商务厅"))
    assert pair.labels == ("(十四)",)
    expected: dict[tuple[str, str], set[str]] = {}
    for stored in shipped().clauses(POLICY):
        for duty in stored.clause.responsibilities:
            for lead in duty.lead:
                for other in duty.cooperating:
                    expected.setdefault((lead, other), set()).add(stored.clause.label)
    assert {(p.lead, p.cooperating): set(p.labels) for p in pairs} == expected
    html = together_html(pairs)
    cells = [int(count) for count in re.findall(r'<td class="pq-shade-\d">(\d+)</td>', html)]
    assert sum(cells) == sum(len(labels) for labels in expected.values())
    assert "省财政厅 leads, 省商务厅 cooperates, 1: (十四)" in together_html(pairs, english())


def test_names_from_documents_are_escaped() -> None:
    profile = found("省财政厅")[0]
    part = replace(profile.parts[0], title=HOSTILE, number=HOSTILE, section=HOSTILE, heading=HOSTILE)
    hostile = replace(profile, body=HOSTILE, parts=(part,))
    assert harmless(profiles_html([hostile], {}, {HOSTILE: HOSTILE}))
    assert harmless(together_html([Together(lead=HOSTILE, cooperating=HOSTILE, labels=(HOSTILE,))]))


@pytest.mark.parametrize(
    ("desk", "line"),
    [
        (without_index(), NO_INDEX),
        (without_index(english()), "There is no index yet; please run python -m ingest build first"),
        (FakeDesk(error=ValueError("secret")), say("error")),
    ],
)
def test_without_an_index_there_is_one_line(desk: FakeDesk, line: str) -> None:
    assert line_in(BodiesDesk(desk).shown("国土局", "", "", "")[2]) == line
    file, told = BodiesDesk(desk).saved("csv", "", "", "", "")
    assert file is None and line_in(told) == line
