"""Slips of the keyboard: put right where a question found nothing, and never where it found something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.tokens import Tokenizer
from rag.spelling import Speller
from rag.types import Answer, Status

SPELLER = Speller(
    Tokenizer(),
    ["格局", "牵头", "上市", "引进", "人才", "财政", "支持", "负责", "贴息", "贷款", "部门", "招商", "引资"],
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("人才引近谁签头", "人才引进谁牵头"),
        ("想把公司弄上是，哪个部们管", "想把公司弄上市，哪个部门管"),
        ("贷宽贴西谁负则", "贷款贴息谁负责"),
        ("caizheng zhichi shui fuze", "财政支持谁负责"),
        ("企业shangshi找哪个部门", "企业上市找哪个部门"),
        ("Shang Shi zhao shei", "上市找谁"),
        ("rencai yinjin shei qiantou", "人才引进谁牵头"),
        ("人才yinjin 谁qiantou", "人才引进 谁牵头"),
    ],
)
def test_what_sounds_like_a_word_of_the_documents_becomes_it(typed: str, meant: str) -> None:
    assert SPELLER.suggest(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "招商站是哪个局管",
        "人才引进谁牵头",
        "谁管水",
        "找谁要钱",
        "apply for a loan",
        "WTO 是什么",
        "GDP",
        "",
        "，。",
        "a",
        "红烧肉怎么做",
    ],
)
def test_right_words_and_other_languages_stay(typed: str) -> None:
    assert SPELLER.suggest(typed) is None


@given(st.text(alphabet="人才引近签头上是部们管谁shangi qianto，。1第条龘", max_size=40))
def test_any_text_is_read_and_signs_stay(text: str) -> None:
    suggestion = SPELLER.suggest(text) or text
    assert [c for c in suggestion if c in "，。1"] == [c for c in text if c in "，。1"]


def test_a_number_is_no_slip() -> None:
    speller = Speller(Tokenizer(), ["一千", "三证", "合一", "经营权"])
    assert speller.suggest("经营权一签签几年") is None
    assert speller.suggest("三正和一") == "三证合一"


@pytest.mark.parametrize(
    ("typed", "article"),
    [
        ("财正知持谁负则", 14),
        ("闲志土地再开花谁管", 19),
        ("知时产全保护找谁", 12),
        ("caizheng zhichi shui fuze", 14),
    ],
)
def test_the_answer_says_how_the_question_was_read(
    ask: Callable[..., Answer], typed: str, article: int
) -> None:
    answer = ask(typed)
    assert answer.status is Status.ANSWERED
    assert answer.citations[0].article == article
    assert "错别字或拼音" in answer.text
    assert answer.question == typed


@pytest.mark.parametrize("typed", ["红烧肉怎么做", "zenme zuo hongshaorou", "who is the mayor of Beijing"])
def test_what_finds_nothing_either_way_is_refused_as_typed(ask: Callable[..., Answer], typed: str) -> None:
    answer = ask(typed)
    assert answer.status.refused
    assert "错别字" not in answer.text
