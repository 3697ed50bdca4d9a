"""Documents as units in reading order: nothing is lost, numbers and words are found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_desk import HOSTILE, PARENT, POLICY, harmless, shipped

from ingest.text import fold
from rag.web.browse_html import found_html, outline_html, unit_html
from rag.web.outline import Book, Unit, book_of
from rag.web.words import english


@cache
def book(document_id: str) -> Book:
    stored = next(d for d in shipped().documents() if d.document.id == document_id)
    return book_of(stored, shipped().clauses(document_id))


@cache
def text_of(document_id: str) -> str:
    return next(d.document.text for d in shipped().documents() if d.document.id == document_id)


def test_every_clause_of_every_document_is_in_exactly_one_unit() -> None:
    documents = shipped().documents()
    assert len(documents) >= 40
    for stored in documents:
        own = book(stored.document.id)
        blocks = [block for unit in own.units for block in unit.blocks]
        shown = [block.clause.key for block in blocks if block.clause is not None]
        assert shown == [clause.key for clause in shipped().clauses(stored.document.id)]
        # In reading order, each saying what the document says there.
        starts = [block.start for block in blocks]
        assert starts == sorted(set(starts))
        assert all(stored.document.text.startswith(block.text, block.start) for block in blocks)


def test_every_sentence_of_the_text_can_be_read() -> None:
    blocks = [block for unit in book(POLICY).units for block in unit.blocks]
    left = text_of(POLICY)
    for block in reversed(blocks):
        left = left[: block.start] + "\n" + left[block.start + len(block.text) :]
    # What stands outside: title, addressees, the parts' headings (shown as such), who signed and when.
    lines = {line.strip() for line in left.splitlines() if line.strip()}
    assert lines > {unit.section for unit in book(POLICY).units if unit.section}
    assert not [line for line in lines if "。" in line]


def test_the_outline_names_the_articles_between_opening_and_closing() -> None:
    names = [unit.name for unit in book(POLICY).units]
    assert (names[0], names[1], names[-1], len(names)) == ("文件开头", "(一)明确发展定位", "文件结尾", 26)
    stored = next(d for d in shipped().documents() if d.document.id == POLICY)
    in_english = book_of(stored, shipped().clauses(POLICY), english())
    assert in_english.units[0].name == "Opening of the document"
    assert in_english.units[1].name == "(一)明确发展定位"


@pytest.mark.parametrize(
    ("told", "label"),
    [
        (14, "(十四)"),
        ("14", "(十四)"),
        ("１４", "(十四)"),
        ("十四", "(十四)"),
        (" 第十四条 ", "(十四)"),
        ("(十四)", "(十四)"),
        ("（十四）", "(十四)"),
        ("Article 14", "(十四)"),
        ("24", "(二十四)"),
        ("25", None),
        ("0", None),
        ("-1", None),
        ("", None),
        ("财政", None),
        ("9" * 40, None),
        (HOSTILE, None),
    ],
)
def test_an_article_is_found_by_its_number(told: int | str, label: str | None) -> None:
    unit = book(POLICY).numbered(told)
    assert (unit.label if unit else None) == label


def test_the_points_of_a_digest_are_found_by_number_too() -> None:
    named = book("gansu-zones").numbered
    assert [unit.label if unit else "" for unit in (named("要点3"), named("3"), named("12"))] == [
        "要点3",
        "要点3",
        "",
    ]


@given(st.integers(-5, 20_000))
def test_every_place_belongs_to_the_unit_that_began_last(start: int) -> None:
    units = book(POLICY).units
    begun = [unit for unit in units if unit.start <= start]
    assert book(POLICY).at(start) == (begun[-1] if begun else units[0])


def test_one_goes_from_unit_to_unit_and_stops_at_either_end() -> None:
    own = book(PARENT)
    unit: Unit | None = own.units[0]
    seen = []
    while unit is not None:
        seen.append(unit)
        unit = own.beside(unit, 1)
    assert tuple(seen) == own.units
    assert own.beside(own.units[0], -1) is None


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("贷款贴息", ["(十四)"]),
        ("贴息 财政", ["(十四)"]),
        ("３亿美元", ["(五)"]),
        ("管委会", ["(三)", "(四)", "(二十)", "(二十一)"]),
        ("没有这样的话", []),
        ("贷款贴息 没有这样的话", []),
        ("", []),
        (" \u3000", []),
        # Characters like others.
        (".*", []),
        ("(十四)", ["(十四)"]),
        (HOSTILE, []),
    ],
)
def test_words_are_found(query: str, labels: list[str]) -> None:
    assert [each.unit.label for each in book(POLICY).find(query)] == labels


@given(st.data())
def test_what_is_found_really_stands_there(data: st.DataObject) -> None:
    text = text_of(POLICY)
    start = data.draw(st.integers(0, len(text) - 4))
    query = text[start : start + data.draw(st.integers(1, 4))]
    wanted = fold(query).split()
    for each in book(POLICY).find(query):
        assert {fold(text[s:e]) for s, e in each.spans} == set(wanted)
        assert all(
            any(b.start <= s and e <= b.start + len(b.text) for b in each.unit.blocks) for s, e in each.spans
        )


def test_a_documents_text_and_what_is_typed_are_escaped() -> None:
    own = book(POLICY)
    block = replace(own.units[0].blocks[0], text=HOSTILE)
    unit = replace(own.units[0], name=HOSTILE, section=HOSTILE, blocks=(block,))
    hostile = replace(
        own, metadata=replace(own.metadata, title=HOSTILE, number=HOSTILE, source=HOSTILE), units=(unit,)
    )
    spans = ((block.start, block.start + 3),)
    for html in (
        outline_html(hostile),
        unit_html(hostile, unit, {}, notes=[HOSTILE], spans=spans),
        found_html(hostile, HOSTILE, ()),
        found_html(hostile, HOSTILE, hostile.find("onerror")),
    ):
        assert harmless(html.replace("<mark>", "").replace("</mark>", ""))


def test_the_page_says_what_is_original_and_links_only_to_addresses_on_the_web() -> None:
    own = book(PARENT)
    html = unit_html(own, own.units[0], {}, words=english())
    assert "Digest, not the original" in html and "Article 1" in html
    bad = replace(own, metadata=replace(own.metadata, address="javascript:alert(1)"))
    assert "<a " not in unit_html(bad, bad.units[0], {})
    assert "没有可以读的条文" in outline_html(replace(own, units=()))
