"""A language model's reply, read while it comes."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_chat import sentences

from rag.reply import LONGEST, ModelSentence, ReplyReader

TWO = sentences(
    ("贴息由省财政厅牵头。", ["S1"], "予以贴息"), ("人才由省人社厅牵头。", ["S2", "S3"], "引进“人才”")
)
READ = [
    ModelSentence(text="贴息由省财政厅牵头。", handles=("S1",), quote="予以贴息"),
    ModelSentence(text="人才由省人社厅牵头。", handles=("S2", "S3"), quote="引进“人才”"),
]


@given(cuts=st.lists(st.integers(0, len(TWO)), max_size=12))
def test_the_same_is_read_however_the_reply_is_cut(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(TWO)]
    reader = ReplyReader()
    read = [s for a, b in itertools.pairwise(bounds) for s in reader.feed(TWO[a:b])]
    assert read == READ


def test_a_sentence_is_given_as_soon_as_it_is_whole() -> None:
    reader = ReplyReader()
    first_end = TWO.index("}") + 1
    assert reader.feed(TWO[: first_end - 1]) == []
    assert reader.feed(TWO[first_end - 1 : first_end]) == READ[:1]
    assert reader.feed(TWO[first_end:]) == READ[1:]


@pytest.mark.parametrize(
    "reply",
    [f"```json\n{TWO}\n```", f'<think>{{"text": "想一想"}}</think>{TWO}', f"好的。{TWO}以上。"],
)
def test_what_stands_around_the_form_is_passed_over(reply: str) -> None:
    assert ReplyReader().feed(reply) == READ


@pytest.mark.parametrize(
    "row",
    [
        1,
        None,
        "省财政厅",
        {"text": "贴息"},
        {"text": 1, "handles": [], "quote": ""},
        {"text": "贴息", "handles": "S1", "quote": ""},
        {"text": "贴息", "handles": [], "quote": None},
    ],
)
def test_a_row_of_another_form_is_left_out_and_the_next_is_read(row: object) -> None:
    good = {"text": "贴息由省财政厅牵头。", "handles": ["S1"], "quote": "予以贴息"}
    assert ReplyReader().feed(json.dumps({"sentences": [row, good]}, ensure_ascii=False)) == READ[:1]


def test_white_space_in_a_sentence_is_one_blank() -> None:
    (read,) = ReplyReader().feed(sentences(("贴息\n\n由 省财政厅\t牵头。", ["S1"], "贴 息")))
    assert (read.text, read.quote) == ("贴息 由 省财政厅 牵头。", "贴 息")


def test_a_reply_without_end_is_not_listened_to() -> None:
    reader = ReplyReader()
    assert reader.feed('{"sentences": [' + " " * LONGEST) == []
    assert reader.feed(TWO) == []


def test_a_reply_too_long_keeps_what_came_before() -> None:
    reader = ReplyReader()
    first_end = TWO.index("}") + 1
    assert reader.feed(TWO[:first_end]) == READ[:1]
    assert reader.feed(" " * LONGEST) == []
    assert reader.feed(TWO[first_end:]) == []


ROW = st.tuples(
    st.text(min_size=1, max_size=12), st.lists(st.text(max_size=4), max_size=3), st.text(max_size=12)
)


@given(
    rows=st.lists(ROW, max_size=4),
    escaped=st.booleans(),
    cuts=st.lists(st.floats(0, 1), max_size=8),
)
def test_whatever_stands_in_a_sentence_is_read_as_it_was_said(
    rows: list[tuple[str, list[str], str]], escaped: bool, cuts: list[float]
) -> None:
    shown = [{"text": text, "handles": handles, "quote": quote} for text, handles, quote in rows]
    # Escaped, a cut may fall into \\u8d34 or between the two halves of one sign.
    reply = json.dumps({"sentences": shown}, ensure_ascii=escaped, indent=1)
    bounds = [0, *sorted(int(cut * len(reply)) for cut in cuts), len(reply)]
    reader = ReplyReader()
    read = [s for a, b in itertools.pairwise(bounds) for s in reader.feed(reply[a:b])]
    assert [(s.handles, s.quote) for s in read] == [(tuple(handles), quote) for _, handles, quote in rows]
    assert [s.text for s in read] == [" ".join(text.split()) for text, _, _ in rows]


@given(at=st.integers(0, len(TWO)))
def test_a_reply_that_breaks_off_gives_the_sentences_that_are_whole(at: int) -> None:
    assert ReplyReader().feed(TWO[:at]) == READ[: TWO[:at].count("}")]


@given(st.text(alphabet='{}[]":,\\ sentencetxhandlquo1贴', max_size=80))
def test_no_reply_of_any_form_stops_the_reader(rest: str) -> None:
    for begin in ("", '{"sentences": [', TWO[:60]):
        for sentence in ReplyReader().feed(begin + rest):
            assert sentence.text == " ".join(sentence.text.split())


@pytest.mark.parametrize(
    ("handles", "read"),
    [(["S1"], ("S1",)), ([1, None], ("1", "None")), ([["S1"]], ("['S1']",)), ([], ())],
)
def test_handles_are_read_as_text(handles: list[object], read: tuple[str, ...]) -> None:
    reply = json.dumps({"sentences": [{"text": "贴息", "handles": handles, "quote": "予以贴息"}]})
    assert [sentence.handles for sentence in ReplyReader().feed(reply)] == [read]


def test_what_nests_too_deep_is_no_sentence() -> None:
    assert ReplyReader().feed('{"sentences": [' + '{"a":' * 3000) == []


def test_an_empty_list_thought_aloud_does_not_hide_the_reply() -> None:
    reader = ReplyReader()
    assert reader.feed('<think>{"sentences": []}</think>') == []
    assert reader.feed(TWO) == READ


def test_what_stands_behind_the_list_is_no_sentence_of_it() -> None:
    behind = {"text": "另有一句。", "handles": ["S1"], "quote": "予以贴息"}
    assert ReplyReader().feed(TWO + json.dumps(behind, ensure_ascii=False)) == READ
