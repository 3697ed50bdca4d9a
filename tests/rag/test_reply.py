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
