"""Text handling keeps offsets: one character in, one character out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.text import bigrams, compact, fold, han_share, paragraphs, sentences

FOLDED = [
    ("（Ａ）", "(a)"), ("，：；！？", ",:;!?"), ("２０１５年１月", "2015年1月"), ("全　角", "全 角"),
    ("国办发〔2014〕54号", "国办发[2014]54号"), ("【字体】", "[字体]"), ("“高”、‘新’", "\"高\"、'新'"),
    ("二○一五", "二〇一五"), ("GDP", "gdp"), ("。、《》", "。、《》"), ("İ", "İ"), ("省——市", "省--市"),
]  # fmt: skip

SENTENCES = [
    ("明确定位。加强考核。", ["明确定位。", "加强考核。"]),
    ("支持甲;支持乙;支持丙。", ["支持甲;", "支持乙;", "支持丙。"]),
    ("没有句号", ["没有句号"]),
    ("为何?为此!", ["为何?", "为此!"]),
    ("他说“好。”然后走了。", ["他说“好。”", "然后走了。"]),
    ("办理。(甲局负责。列第一位者为牵头单位,下同)支持乙。", ["办理。", "(甲局负责。列第一位者为牵头单位,下同)支持乙。"]),
    ("加强〔甲局负责。乙局配合。〕管理。", ["加强〔甲局负责。乙局配合。〕管理。"]),
    ("括号(没有收。下一句。", ["括号(没有收。下一句。"]),
    ("括号(没有收。\n下一句。再一句。", ["括号(没有收。", "下一句。", "再一句。"]),
    ("多余的)右括号。下一句。", ["多余的)右括号。", "下一句。"]),
    ("  前后有空白。 \r\n  第二行 ", ["前后有空白。", "第二行"]),
    ("", []), (" \n\n ", []),
]  # fmt: skip

_MARKS = st.text(st.sampled_from("甲乙 \n\r。;；!?()（）〔〕[]“”'，、1a"), max_size=60)


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("İıſßŉǰΐ")
@example("ΑΣ")
def test_folding_keeps_every_offset(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    # Each character folds by itself, so that a match in the folded text is a span of the text.
    for position, char in enumerate(text):
        assert fold(char) == folded[position] or char in "ΣΣς"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_compact_leaves_what_two_writings_share() -> None:
    assert compact("（一） 明确　定位\n") == compact("(一)明确定位") == "(一)明确定位"


def test_paragraphs_are_the_lines_that_say_something() -> None:
    text = "标题\r\n\r\n　　正文一。 \n\t\n正文二"
    assert [text[a:b] for a, b in paragraphs(text)] == ["标题", "正文一。", "正文二"]


@given(st.text(st.sampled_from("甲 \n\r\t　\u2028\x0b乙")))
def test_paragraphs_lose_nothing_but_white_space(text: str) -> None:
    spans = list(paragraphs(text))
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(first[1] < second[0] for first, second in itertools.pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


@given(st.one_of(st.text(), _MARKS), st.integers(0, 70), st.integers(0, 70))
def test_sentences_are_ordered_disjoint_and_inside(text: str, first: int, second: int) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    spans = sentences(text, start, end)
    assert all(start <= a < b <= end for a, b in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    covered = "".join(text[a:b] for a, b in spans)
    assert "".join(covered.split()) == "".join(text[start:end].split())


@given(st.lists(st.text(st.sampled_from("甲乙。;!"), max_size=8), max_size=4))
def test_no_sentence_ends_inside_a_bracket(parts: list[str]) -> None:
    text = "。".join(f"开头({part})结尾" for part in parts)
    for a, b in sentences(text):
        assert text[a:b].count("(") == text[a:b].count(")")


def test_bigrams_are_of_chinese_characters_only() -> None:
    assert bigrams("贷款a贴息") == ["贷款", "贴息"]
    assert bigrams("贷") == bigrams("") == []


@pytest.mark.parametrize(
    ("text", "share"), [("", 0.0), ("123,。", 0.0), ("政策", 1.0), ("policy", 0.0), ("政a策b", 0.5)]
)
def test_share_of_chinese(text: str, share: float) -> None:
    assert han_share(text) == share
