"""Which opening words are a heading, in whole small documents: (unit, heading) for each."""

from __future__ import annotations

import pytest
from ingest_samples import parse_text

HEADINGS = [
    # Several limbs head a unit where every neighbour is headed.
    (
        "(一)坚持改革，简政放权。完善监管。\n(二)坚持对标国际，开放引领。放宽准入。",
        ["坚持改革，简政放权", "坚持对标国际，开放引领"],
    ),
    # A sentence with a subject heads nothing.
    ("(一)各级政府要重视，加强领导。每年报告。\n(二)严格考核，落实责任。结果公开。", ["", ""]),
    # On lines of their own over their text.
    (
        "(一)强化顶层设计，发挥引导作用。\n建立指标。\n(二)推行绿色生产，减少废物产生。\n开展评估。",
        ["强化顶层设计，发挥引导作用", "推行绿色生产，减少废物产生"],
    ),
    # One alone on its line among sentences is a sentence.
    ("(一)下放审批权限至乡镇。\n结果抄送县里。\n(二)减少申报材料，由窗口代办，不再收费。", ["", ""]),
    # What a name means heads nothing.
    ("(一)国家级(Ⅰ级)：两个以上省份断水。\n(二)省级(Ⅱ级)：一个省份断水。", ["", ""]),
    # A heading over a bracket of bodies alone is the clause itself.
    ("(一)推行容缺受理。(责任单位:市税务局)\n(二)开展评价，每季度通报。(责任单位:市商务局)", ["", ""]),
]  # fmt: skip

_MEASURES = (
    "一、支持生产\n第一条 支持建棚。每亩补助八百元。\n第二条 保障用水。水价减半。\n二、支持销售\n"
    "第三条 培育品牌。奖励三万元。\n第四条 发展电商。每单补一元。\n第五条 加强保险。保费补八成。"
)
_RULES = (
    "第一条 为了保护水源，制定本办法。\n第二条 本办法适用于全市。违者依法处理。\n第三条 市水务局负责本办法。每年检查。\n"
    "第四条 禁止倾倒垃圾。拒不改正的，罚款。\n第五条 本办法自公布之日起施行。"
)


@pytest.mark.parametrize(
    ("body", "headings"),
    [
        (_MEASURES, ["支持建棚", "保障用水", "培育品牌", "发展电商", "加强保险"]),
        (_RULES, [""] * 5),
    ],
)
def test_articles_are_headed_where_nearly_all_are(body: str, headings: list[str]) -> None:
    assert [clause.heading for clause in parse_text(f"某县措施\n{body}\n").clauses] == headings


def test_numerals_over_running_articles_stand_above_them() -> None:
    paths = [clause.path for clause in parse_text(f"某县措施\n{_MEASURES}\n").clauses]
    assert paths == [("一", "第一条"), ("一", "第二条"), ("二", "第三条"), ("二", "第四条"), ("二", "第五条")]


def test_numerals_inside_an_article_are_its_items() -> None:
    body = "第一条 分为三类：\n一、甲类；\n二、乙类。\n第二条 甲类免费。"
    assert ("第一条", "一") in [clause.path for clause in parse_text(f"某县办法\n{body}\n").clauses]


@pytest.mark.parametrize(("body", "headings"), HEADINGS)
def test_headings(body: str, headings: list[str]) -> None:
    parsed = parse_text(f"关于某事的意见\n各市人民政府:\n{body}\n")
    assert [clause.heading for clause in parsed.clauses] == headings


def test_a_colon_after_a_decimal_heading_leads_to_its_items() -> None:
    parsed = parse_text(
        "应急预案\n1 总则\n1.1 目的\n为了应急。\n1.2 原则\n分级负责。\n2 职责\n2.1 机构\n2.1.1 指挥部职责：\n（1）启动响应；\n（2）调配物资。\n"
    )
    assert ("2", "2.1", "2.1.1") not in [clause.path for clause in parsed.clauses]
    assert ("2", "2.1", "2.1.1", "(1)") in [clause.path for clause in parsed.clauses]
