"""Search words: terms stay whole, shorter words inside long ones are found too."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_samples import CORPUS, directory

from ingest.text import fold
from ingest.tokens import STOP_WORDS, Tokenizer, read_terms

TERMS = read_terms(CORPUS / "terms.txt")

WORDS = [
    ("争取中央财政贴息资金支持", {"中央", "财政", "贴息", "资金", "支持"}),
    ("发展飞地经济,共办“区中园”", {"发展", "飞地经济", "区中园"}),
    ("对基础设施项目贷款予以贴息", {"基础设施", "项目", "贷款", "贴息"}),
    ("控制性详细规划实现全覆盖", {"控制性详细规划", "规划"}),
    ("总投资额5000万美元以下", {"投资额", "5000", "美元"}),
    ("ＧＤＰ增长8.5%", {"gdp", "增长", "8.5"}),
    ("省财政厅牵头", {"省财政厅", "牵头"}),
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """The tokenizer as the library makes it."""
    return Tokenizer([*(name for d in directory().departments for name in d.written), *TERMS])


@pytest.mark.parametrize("term", TERMS)
def test_policy_terms_stay_whole(tokenizer: Tokenizer, term: str) -> None:
    assert term in tokenizer.words(f"要{term}。")


def test_departments_stay_whole(tokenizer: Tokenizer) -> None:
    names = ["省发展改革委", "省国土资源厅", "省政府金融办", "甘肃出入境检验检疫局", "国家级经开区管委会"]
    for name in names:
        assert name in tokenizer.words(f"由{name}牵头")


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_words_of_a_clause(tokenizer: Tokenizer, text: str, words: set[str]) -> None:
    assert words <= set(tokenizer.words(text))


def test_stop_words_and_marks_are_left_out(tokenizer: Tokenizer) -> None:
    assert tokenizer.words("的、是什么?") == []
    assert not STOP_WORDS & set(tokenizer.words("请问哪些部门可以对国家级经开区进行管理呢"))


def test_both_widths_give_the_same_words(tokenizer: Tokenizer) -> None:
    assert tokenizer.words("ＧＤＰ（２０１５年）") == tokenizer.words("gdp(2015年)")


@given(st.text(max_size=60))
def test_words_are_in_the_text(tokenizer: Tokenizer, text: str) -> None:
    folded = fold(text)
    assert all(word in folded and " " not in word for word in tokenizer.words(text))
    assert all(pair in folded and len(pair) == 2 for pair in tokenizer.pairs(text))


def test_terms_are_read_without_comments(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("# 注释\n飞地经济  # 后注\n\n 区中园 \n", encoding="utf-8")
    assert read_terms(file) == ("飞地经济", "区中园")
    assert read_terms(tmp_path / "none.txt") == ()


def test_one_tokenizer_does_not_change_another() -> None:
    assert "甲乙丙丁戊" in Tokenizer(["甲乙丙丁戊"]).words("甲乙丙丁戊")
    assert "甲乙丙丁戊" not in Tokenizer().words("甲乙丙丁戊")
