"""Documents that a text mentions, in the forms seen in real ones."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.references import find_number, find_references, normalise_number, resolve_short_titles

# What is printed → the number as it is kept.
NUMBERS = [
    ("国办发〔2014〕54号", "国办发〔2014〕54号"),
    ("国办发[2014]54号", "国办发〔2014〕54号"),
    ("国办发［2014］54号", "国办发〔2014〕54号"),
    ("国办发【2014】54号", "国办发〔2014〕54号"),
    ("国办发(2014)54号", "国办发〔2014〕54号"),
    ("国办发（2014）54号", "国办发〔2014〕54号"),
    ("国办发 〔 2017〕41号", "国办发〔2017〕41号"),
    ("菏政办字 〔2023〕1号", "菏政办字〔2023〕1号"),
    ("国发〔2022〕 18 号", "国发〔2022〕18号"),
    ("国发〔 2022 〕18号", "国发〔2022〕18号"),
    ("甘政发〔2012〕第53号", "甘政发〔2012〕53号"),
    ("国办发明电〔2018〕15号", "国办发明电〔2018〕15号"),
    ("国办函[2013]46号", "国办函〔2013〕46号"),
    ("川办函〔2017〕113号", "川办函〔2017〕113号"),
    ("鞍立政发〔2023〕2号", "鞍立政发〔2023〕2号"),
    ("中办发〔1998〕3号", "中办发〔1998〕3号"),
]

# Words before a number that are no part of it.
LED_IN = [
    "根据{}精神", "按照{}要求", "贯彻落实{}", "我省认真贯彻落实{}部署", "按照国务院办公厅{}文件",
    "甘肃省人民政府印发{},各地执行", "和{}", "以{}为准", "(见{})", "一、执行{}",
]  # fmt: skip

NONE = [
    "54号文", "国令第707号", "HHCR-2023-01005", "000014349/2016-00052", "甘区政办发201756号", "2018年第4号",
    "12345号", "《》", "《甲", "第54号公告", "国办发〔14〕54号",
]  # fmt: skip

TITLES = [
    (
        "为贯彻落实《国务院办公厅关于促进发展的若干意见》(国办发〔2014〕54号),提出",
        [("《国务院办公厅关于促进发展的若干意见》(国办发〔2014〕54号)", "国务院办公厅关于促进发展的若干意见", "国办发〔2014〕54号")],
    ),
    (
        "《意见》（国发 〔2022〕 18号）和《办法》",
        [("《意见》（国发 〔2022〕 18号）", "意见", "国发〔2022〕18号"), ("《办法》", "办法", None)],
    ),
    (
        "关于印发《印发〈方案〉的通知》的函",
        [("《印发〈方案〉的通知》", "印发〈方案〉的通知", None)],
    ),
    (
        "依据《城乡规划法》和甘政发[2010]12号办理",
        [("《城乡规划法》", "城乡规划法", None), ("甘政发[2010]12号", None, "甘政发〔2010〕12号")],
    ),
    ("《规划》(2016年版)", [("《规划》", "规划", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "number"), NUMBERS)
def test_numbers_are_found_and_normalised(printed: str, number: str) -> None:
    text = f"现予废止。{printed}同时停止执行。"
    (found,) = find_references(text)
    assert (found.raw, found.number, found.title) == (printed, number, None)
    assert text[found.start : found.end] == printed
    assert normalise_number(printed) == number


@pytest.mark.parametrize("frame", LED_IN)
@pytest.mark.parametrize("number", ["国办发〔2014〕54号", "甘政办发〔2021〕93号"])
def test_words_before_a_number_are_left_out(frame: str, number: str) -> None:
    assert [reference.number for reference in find_references(frame.format(number))] == [number]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number(text: str) -> None:
    assert find_references(text) == ()


@pytest.mark.parametrize(("text", "expected"), TITLES)
def test_titles(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    found = find_references(text)
    assert [(r.raw, r.title, r.number) for r in found] == expected
    assert all(text[r.start : r.end] == r.raw for r in found)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("甘政发〔2012〕53号", "甘政发〔2012〕53号"),
        ("  （云政发 [2022] 8 号）  ", "云政发〔2022〕8号"),
        ("根据甘政发〔2012〕53号的要求", None),
        ("关于甘政发〔2012〕53号的说明", None),
        ("", None),
    ],
)
def test_a_line_that_is_a_number(line: str, number: str | None) -> None:
    assert find_number(line) == number


@given(st.text(st.sampled_from("《》〈〉〔〕()（）[]国发办号第2014 年\n甲"), max_size=80))
def test_references_are_spans_in_order_that_do_not_overlap(text: str) -> None:
    found = find_references(text)
    assert all(text[r.start : r.end] == r.raw and r.raw for r in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


SHORT_TITLES = [
    # (text, what each mention means)
    (
        "根据《国务院关于加快冷链发展的指导意见》(国发〔2016〕8号,以下简称《意见》)精神,落实《意见》要求",
        ["国发〔2016〕8号", "国发〔2016〕8号"],
    ),
    (
        "根据《国务院关于加快冷链发展的指导意见》(国发〔2016〕8号)(以下简称《若干意见》)和《财政票据办法》,按《若干意见》办",
        ["国发〔2016〕8号", "国发〔2016〕8号", None, "国发〔2016〕8号"],
    ),
    ("贯彻《国务院关于冷链的意见》(国发〔2016〕8号),《意见》提出了任务", ["国发〔2016〕8号", "国发〔2016〕8号"]),
    # Two opinions were named: which is meant stays open.
    ("《甲意见》(国发〔2016〕8号)和《乙意见》(国发〔2016〕9号)之后,《意见》", ["国发〔2016〕8号", "国发〔2016〕9号", None]),
    ("《规划》提出,《意见》要求", [None, None]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "numbers"), SHORT_TITLES)
def test_short_titles(text: str, numbers: list[str | None]) -> None:
    assert [r.number for r in resolve_short_titles(text, find_references(text))] == numbers
