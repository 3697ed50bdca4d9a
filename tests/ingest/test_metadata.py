"""What a document says about itself before and after its clauses."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lines import is_page_noise, read_date
from ingest.metadata import read_frame, split_addressees

DATES = [
    ("2015年1月27日", "2015-01-27"),
    ("2019年02月15日", "2019-02-15"),
    ("２０１５年１月２７日", "2015-01-27"),
    (" 2015 年 1 月 27 日 ", "2015-01-27"),
    ("二〇〇九年八月十一日", "2009-08-11"),
    ("二○一○年二月二十二日", "2010-02-22"),
    ("二○一二年四月二十八日", "2012-04-28"),
    ("二O一一年三月十七日", "2011-03-17"),
    ("二o一一年三月十七日", "2011-03-17"),
    ("二Ｏ一一年三月十七日", "2011-03-17"),
    ("二0一一年三月十七日", "2011-03-17"),
    ("二零一一年三月十七日", "2011-03-17"),
    ("一九八一年十二月三十一日", "1981-12-31"),
    ("发布日期:2015-03-13    浏览次数:3", "2015-03-13"),
    ("2016/4/1", "2016-04-01"),
    ("2020.05.20", "2020-05-20"),
    ("(2025年1月15日第三次会议通过)", "2025-01-15"),
    ("2015年2月31日", None),
    ("2015年13月1日", None),
    ("2015年1月", None),
    ("15年1月27日", None),
    ("1015年1月27日", None),
    ("第2015号", None),
    ("", None),
]

NOISE = [
    ("发布日期:2015-03-13    浏览次数:3", True),
    ("发布时间：2015年3月13日", True),
    ("分享到: 收藏本文", True),
    ("【字体: 打印本页", True),
    ("[字体:大 中 小]", True),
    ("打印本页 关闭窗口", True),
    ("来源:省政府网站", True),
    ("责任编辑:张三", True),
    ("（此件公开发布）", True),
    ("(此件公开发布)", True),
    ("扫一扫在手机打开当前页", True),
    ("来源可查、去向可追、责任可究。", False),
    ("字体应当规范。", False),
    ("责任编辑制度由出版单位建立。", False),
    ("发布日期另行通知。", False),
    ("一、总体要求", False),
]

TITLE = "云岭市人民政府关于支持小微企业发展的若干措施"
BODY = "  一、降低成本。免收租金。\n\n  二、稳定就业。发放补贴。\n"


@pytest.mark.parametrize(("text", "expected"), DATES)
def test_dates(text: str, expected: str | None) -> None:
    assert read_date(text) == expected


@given(st.text(st.sampled_from("〇○Oo零一二三四五六七八九十年月日0123456789 -./"), max_size=20))
def test_a_date_is_a_real_day_or_none(text: str) -> None:
    found = read_date(text)
    assert found is None or date.fromisoformat(found).isoformat() == found


@given(st.dates(date(1949, 10, 1), date(2099, 12, 31)), st.sampled_from("〇○OＯ零0"))
def test_every_day_reads_the_same_in_both_scripts(day: date, zero: str) -> None:
    digits = dict(zip("0123456789", f"{zero}一二三四五六七八九", strict=True))
    spoken = ["", *"一二三四五六七八九十", *(f"十{n}" for n in "一二三四五六七八九"), "二十"]
    spoken += [*(f"二十{n}" for n in "一二三四五六七八九"), "三十", "三十一"]
    old = "".join(digits[c] for c in str(day.year)) + f"年{spoken[day.month]}月{spoken[day.day]}日"
    assert read_date(old) == read_date(f"{day.year}年{day.month}月{day.day}日") == day.isoformat()


@pytest.mark.parametrize(("line", "noise"), NOISE)
def test_page_noise(line: str, noise: bool) -> None:
    assert is_page_noise(line) is noise


def test_the_shipped_policy_before_and_after_its_clauses() -> None:
    text = (
        "甲省人民政府办公厅关于促进发展的实施意见\n\n发布日期:2015-03-13    浏览次数:3\n\n"
        "各市、自治州人民政府,甲新区管委会,省政府有关部门:\n\n  为贯彻落实,提出意见。\n\n"
        "  一、总则\n\n  (一)目标。正文。\n\n  各地要落实。\n\n  甲省人民政府办公厅\n\n  2015年1月27日\n\n分享到: 收藏本文"
    )
    frame = read_frame(text)
    found = frame.metadata
    assert found.title == "甲省人民政府办公厅关于促进发展的实施意见"
    assert (found.number, found.issuer, found.issued_on, found.posted_on) == (
        None, "甲省人民政府办公厅", "2015-01-27", "2015-03-13",
    )  # fmt: skip
    assert found.addressees == ("各市、自治州人民政府", "甲新区管委会", "省政府有关部门")
    body = text[frame.body_start : frame.body_end]
    assert body.startswith("为贯彻落实")
    assert body.endswith("各地要落实。")


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (TITLE, TITLE),
        (f"# {TITLE}", TITLE),
        (f"\ufeff\n\n   {TITLE}  ", TITLE),
        ("云岭市人民政府\n关于支持小微企业发展的\n若干措施", TITLE),
        ("云岭市人民政府办公室\r\n关于转发市发展改革委云岭市二〇二二年\r\n重点工作意见的通知",
         "云岭市人民政府办公室关于转发市发展改革委云岭市二〇二二年重点工作意见的通知"),
    ],
)  # fmt: skip
def test_titles_over_one_or_more_lines(head: str, title: str) -> None:
    found = read_frame(f"{head}\n\n云政发〔2022〕8号\n\n{BODY}").metadata
    assert found.title.lstrip("\ufeff").strip() == title
    assert found.number == "云政发〔2022〕8号"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("云政发〔2022〕8号", "云政发〔2022〕8号"),
        ("云政发[2022]8号", "云政发〔2022〕8号"),
        ("(云政发〔2022〕8号)", "云政发〔2022〕8号"),
        ("云政发 〔2022〕 8号", "云政发〔2022〕8号"),
        ("2022年2月18日", None),
        ("", None),
    ],
)
def test_number_line(line: str, number: str | None) -> None:
    found = read_frame(f"{TITLE}\n\n{line}\n\n各县区人民政府:\n\n{BODY}").metadata
    assert (found.title, found.number, found.addressees) == (TITLE, number, ("各县区人民政府",))


@pytest.mark.parametrize(
    ("line", "addressees"),
    [
        ("各县区人民政府,市政府各部门:", ("各县区人民政府", "市政府各部门")),
        ("各市、自治州人民政府，兰州新区管委会，中央在甘有关单位：", ("各市、自治州人民政府", "兰州新区管委会", "中央在甘有关单位")),
        ("各省、自治区、直辖市人民政府;国务院各部委、各直属机构:", ("各省、自治区、直辖市人民政府", "国务院各部委、各直属机构")),
        ("现将有关事项通知如下:", ()),
        ("为支持企业发展,经市政府同意,现就有关机关单位工作提出以下意见:", ()),
    ],
)  # fmt: skip
def test_addressees(line: str, addressees: tuple[str, ...]) -> None:
    assert read_frame(f"{TITLE}\n\n{line}\n\n{BODY}").metadata.addressees == addressees


def test_splitting_addressees() -> None:
    assert split_addressees("甲,乙；丙，:") == ("甲", "乙", "丙")


@pytest.mark.parametrize(
    ("tail", "issuer", "issued_on"),
    [
        ("云岭市人民政府办公室\n2022年2月18日", "云岭市人民政府办公室", "2022-02-18"),
        ("云岭市人民政府办公室\n\n二○二二年二月十八日\n\n(此件公开发布)", "云岭市人民政府办公室", "2022-02-18"),
        ("云岭市发展和改革委员会\n2022年2月18日\n分享到: 收藏本文\n责任编辑:李四", "云岭市发展和改革委员会", "2022-02-18"),
        ("2022年2月18日", "云岭市人民政府", "2022-02-18"),
        ("", "云岭市人民政府", None),
    ],
)  # fmt: skip
def test_signature_and_date(tail: str, issuer: str, issued_on: str | None) -> None:
    text = f"{TITLE}\n\n{BODY}\n{tail}\n"
    frame = read_frame(text)
    assert (frame.metadata.issuer, frame.metadata.issued_on) == (issuer, issued_on)
    assert text[frame.body_start : frame.body_end].endswith("发放补贴。")


@pytest.mark.parametrize(
    "last",
    [
        "第三条 本办法自2020年1月1日起施行。",
        "三、本措施自2022年3月1日起施行",
        "本措施自2022年3月1日起施行,有效期2年。",
    ],
)
def test_a_day_of_effect_is_no_date_of_issue(last: str) -> None:
    text = f"{TITLE}\n\n{BODY}\n  {last}\n"
    frame = read_frame(text)
    assert frame.metadata.issued_on is None
    assert text[frame.body_start : frame.body_end].endswith(last)


@pytest.mark.parametrize(
    "text", ["", "\n", "#", "标题\n###", "###\n##", ":", "标题\n:", "2015年1月27日", "云政发〔2022〕8号"]
)
def test_documents_of_nothing_have_an_empty_body(text: str) -> None:
    frame = read_frame(text)
    assert 0 <= frame.body_start <= frame.body_end <= len(text)
    assert re.sub(r"[#\s:]", "", text[frame.body_start : frame.body_end]) == ""


def test_a_lone_sentence_is_a_body_not_a_title() -> None:
    frame = read_frame("今天起免收小微企业租金。")
    assert frame.metadata.title == ""
    assert (frame.body_start, frame.body_end) == (0, 12)


@given(st.text(st.sampled_from("标题:：#。\n\r 一、(第条)各县部2015年1月日发布〔〕号"), max_size=80))
def test_the_body_lies_inside_the_text(text: str) -> None:
    frame = read_frame(text)
    assert 0 <= frame.body_start <= frame.body_end <= len(text)


@pytest.mark.parametrize(
    ("head", "title", "issuer", "number"),
    [
        (
            "海阳市冷库管理办法\n海阳市人民政府\n海政发〔2025〕4号\n",
            "海阳市冷库管理办法",
            "海阳市人民政府",
            "海政发〔2025〕4号",
        ),
        (
            "海阳市冷库管理办法(试行)\n海阳市人民政府令第41号\n",
            "海阳市冷库管理办法(试行)",
            "海阳市人民政府",
            "海阳市人民政府令第41号",
        ),
        (
            "海阳市人民政府办公室\n关于加快冷链发展的实施意见\n",
            "海阳市人民政府办公室关于加快冷链发展的实施意见",
            "海阳市人民政府办公室",
            None,
        ),
    ],
)
def test_an_issuers_line_below_the_title_is_no_title(
    head: str, title: str, issuer: str, number: str | None
) -> None:
    metadata = read_frame(f"{head}\n第一条 为了规范冷库管理,制定本办法。\n第二条 本市适用。\n").metadata
    assert (metadata.title, metadata.issuer, metadata.number) == (title, issuer, number)
