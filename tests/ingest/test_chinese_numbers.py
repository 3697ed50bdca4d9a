"""Numerals as clauses print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chinese_numbers import to_chinese, to_int

READ = [
    ("一", 1), ("十", 10), ("十一", 11), ("二十", 20), ("二十四", 24), ("九十九", 99), ("一百", 100),
    ("一百零一", 101), ("一百一十", 110), ("一百二十三", 123), ("二百〇五", 205), ("一千零一十", 1010),
    ("一千二百", 1200), ("两千", 2000), ("廿四", 24), ("卅", 30), ("二〇一五", 2015), ("零", 0),
    ("24", 24), ("２４", 24), (" 七 ", 7), ("007", 7),
]  # fmt: skip

NO_NUMBER = ["", " ", "甲", "第一", "一二三条", "-1", "1.5", "Ⅳ", "①", "٣", "1" * 5000, "一" * 5000]

WRITTEN = [
    (1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (24, "二十四"), (99, "九十九"),
    (100, "一百"), (101, "一百零一"), (110, "一百一十"), (111, "一百一十一"), (205, "二百零五"),
    (1001, "一千零一"), (1010, "一千零一十"), (1100, "一千一百"), (9999, "九千九百九十九"),
]  # fmt: skip


@pytest.mark.parametrize(("numeral", "number"), READ)
def test_numerals_are_read(numeral: str, number: int) -> None:
    assert to_int(numeral) == number


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number_gives_none(text: str) -> None:
    assert to_int(text) is None


@pytest.mark.parametrize(("number", "numeral"), WRITTEN)
def test_numbers_are_written(number: int, numeral: str) -> None:
    assert to_chinese(number) == numeral


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_no_clause_has_such_a_number(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        to_chinese(number)


def test_every_number_reads_as_it_was_written() -> None:
    written = [to_chinese(number) for number in range(1, 10_000)]
    assert [to_int(numeral) for numeral in written] == list(range(1, 10_000))
    assert len(set(written)) == len(written)


@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    number = to_int(text)
    assert number is None or number >= 0
