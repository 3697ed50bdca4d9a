"""Numbers at the start of a paragraph, and references that only look like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chinese_numbers import to_chinese
from ingest.numbering import FORMS, match_marker

# paragraph → form, number, label, the words after the number
MARKERS = [
    ("第一编 总则", "volume", 1, "第一编", " 总则"),
    ("第二章 促进措施", "chapter", 2, "第二章", " 促进措施"),
    ("第 十 章　附　则", "chapter", 10, "第十章", "　附　则"),
    ("第3章 附则", "chapter", 3, "第3章", " 附则"),
    ("第三部分 重点任务", "part", 3, "第三部分", " 重点任务"),
    ("第一节 目标", "division", 1, "第一节", " 目标"),
    ("第十四条 市人民政府应当", "article", 14, "第十四条", " 市人民政府应当"),
    ("第十四条　市人民政府应当", "article", 14, "第十四条", "　市人民政府应当"),
    ("第一百零二条 本办法", "article", 102, "第一百零二条", " 本办法"),
    ("第12条 本办法", "article", 12, "第12条", " 本办法"),
    ("第１２条 本办法", "article", 12, "第12条", " 本办法"),
    ("第五条 项目单位应当", "article", 5, "第五条", " 项目单位应当"),
    ("第五条　目标责任由", "article", 5, "第五条", "　目标责任由"),
    ("第六条 规定期限内未办理的", "article", 6, "第六条", " 规定期限内未办理的"),
    ("一、总体要求", "numeral", 1, "一", "总体要求"),
    ("二十一、附则", "numeral", 21, "二十一", "附则"),
    ("十 、附则", "numeral", 10, "十", "附则"),
    ("(一)明确目标。", "bracketed", 1, "(一)", "明确目标。"),
    ("（二十四）营造环境。", "bracketed", 24, "(二十四)", "营造环境。"),
    ("（ 三 ） 加强", "bracketed", 3, "(三)", " 加强"),
    ("（四)半全混用", "bracketed", 4, "(四)", "半全混用"),
    ("(五)目标任务。", "bracketed", 5, "(五)", "目标任务。"),
    ("(六)项目管理。", "bracketed", 6, "(六)", "项目管理。"),
    ("(七)款项拨付。", "bracketed", 7, "(七)", "款项拨付。"),
    ("1.拓展市场。", "digit", 1, "1", "拓展市场。"),
    ("1. 拓展市场。", "digit", 1, "1", " 拓展市场。"),
    ("21．强化保障", "digit", 21, "21", "强化保障"),
    ("3、优化服务", "digit", 3, "3", "优化服务"),
    ("４．强化", "digit", 4, "4", "强化"),
    ("(1)申请表", "bracketed digit", 1, "(1)", "申请表"),
    ("（12）承诺书", "bracketed digit", 12, "(12)", "承诺书"),
    ("③ 审核", "circled", 3, "③", " 审核"),
    ("⑳审核", "circled", 20, "⑳", "审核"),
    ("## 一、总体要求", "numeral", 1, "一", "总体要求"),
    ("### （一）目标", "bracketed", 1, "(一)", "目标"),
    ("**第三条** 本办法", "article", 3, "第三条", "** 本办法"),
]  # fmt: skip

# Not numbers of units: references, quantities, list words, years, decimals.
PLAIN = [
    "第十条规定的条件,由市住房城乡建设局认定。",
    "第十条第二款规定的情形除外。",
    "第十条 第二款规定的情形除外。",
    "第十条、第十一条所列材料",
    "第十条和第十一条所列材料",
    "第三条至第五条适用于",
    "第九条的规定",
    "第七条所称小微企业",
    "第七条款规定",
    "(三)项要求提交的材料",
    "（三）项所列情形",
    "(一)的规定不适用",
    "第一,提高认识",
    "一是加强领导。",
    "一方面",
    "十三五时期",
    "2015年1月27日",
    "1.5亿元资金",
    "3个月内",
    "12345热线",
    "——坚持创新",
    "(以下简称经开区)",
    "（此件公开发布）",
    "(省财政厅牵头)",
    "附件1:任务表",
    "",
    "一",
    "(一",
    "第条",
    "#标签",
]


@pytest.mark.parametrize(("paragraph", "form", "number", "label", "rest"), MARKERS)
def test_markers(paragraph: str, form: str, number: int, label: str, rest: str) -> None:
    marker = match_marker(paragraph)
    assert marker is not None
    assert (marker.form.name, marker.number, marker.label) == (form, number, label)
    assert paragraph[marker.length :] == rest
    assert marker.printed in paragraph[: marker.length]


@pytest.mark.parametrize("paragraph", PLAIN)
def test_no_marker(paragraph: str) -> None:
    assert match_marker(paragraph) is None


def test_every_form_is_tested() -> None:
    assert {form.name for form in FORMS} == {form for _, form, *_ in MARKERS}


@pytest.mark.parametrize(
    ("template", "label"),
    [
        ("第{n}条 甲", "第{n}条"),
        ("{n}、甲", "{n}"),
        ("({n})甲", "({n})"),
        ("（{n}）甲", "({n})"),
        ("第{n}章 甲", "第{n}章"),
    ],
)
def test_every_number_up_to_a_thousand(template: str, label: str) -> None:
    for number in range(1, 1000):
        numeral = to_chinese(number)
        marker = match_marker(template.format(n=numeral))
        assert marker is not None
        assert (marker.number, marker.label) == (number, label.format(n=numeral))


@given(st.text())
def test_any_text_has_a_marker_inside_it_or_none(text: str) -> None:
    marker = match_marker(text)
    if marker:
        assert 0 < marker.length <= len(text)
        assert marker.printed in text


@given(st.sampled_from(["第{n}条", "第{n}章", "{n}、", "({n})", "{n}."]), st.integers(1, 6000), st.booleans())
def test_numbers_of_any_length_do_no_harm(template: str, length: int, chinese: bool) -> None:
    match_marker(template.format(n=("一" if chinese else "1") * length))
