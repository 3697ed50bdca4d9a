"""Documents into clauses: the shipped policy word for word, golden parses, and any text at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_samples import CORPUS, POLICY, POLICY_FILE, grammar, notice, parse_text

from ingest.cli import main
from ingest.parse import parse
from ingest.sources import corpus_sources
from ingest.types import ParsedDocument

DOCS = Path(__file__).parents[1] / "golden" / "docs"

SECTIONS = {
    1: "一、明确新形势下的发展方向",
    4: "二、加快体制机制创新",
    7: "三、大力发展开放型经济",
    10: "四、加快产业转型升级",
    17: "五、坚持绿色集约发展",
    20: "六、强化工作责任",
}

# Typed from the document: article, label, heading, lead, cooperating, whether the list stays open.
POLICY_CLAUSES = [
    (1, "(一)", "明确发展定位", "省发展改革委", "省商务厅 省国土资源厅 省建设厅", True),
    (2, "(二)", "转变发展方式", "省发展改革委", "省商务厅 省国土资源厅 省建设厅", True),
    (3, "(三)", "健全考核体系", "省发展改革委", "省商务厅 省国土资源厅 省建设厅 省统计局", True),
    (4, "(四)", "创新体制机制", "省发展改革委", "省商务厅 省国土资源厅 省建设厅 省政府金融办", True),
    (
        5, "(五)", "改革行政审批制度", "省发展改革委",
        "省商务厅 省国土资源厅 省建设厅 省环保厅 省财政厅 省公安厅 省工商局 省质监局 省国税局 省地税局", True,
    ),
    (6, "(六)", "创新建设运营模式", "省发展改革委", "省商务厅 省国土资源厅 省建设厅", True),
    (7, "(七)", "提高招商引资质量和水平", "省商务厅", "省发展改革委 省工信委", True),
    (8, "(八)", "深化区域合作", "省商务厅", "省发展改革委 省国土资源厅 省建设厅 省人社厅 省政府金融办", True),
    (9, "(九)", "积极扩大向西开放", "省商务厅", "兰州海关 甘肃出入境检验检疫局", True),
    (10, "(十)", "增强产业实力", "省工信委", "省发展改革委 省商务厅", True),
    (11, "(十一)", "大力发展生产性服务业", "省工信委", "省发展改革委 省商务厅 省质监局", True),
    (12, "(十二)", "增强科技创新驱动能力", "省科技厅", "省发展改革委 省教育厅 省商务厅", True),
    (13, "(十三)", "完善人才培养引进机制", "省人社厅", "省发展改革委 省教育厅 省商务厅", True),
    (14, "(十四)", "加强财政支持力度", "省财政厅", "省发展改革委 省商务厅", True),
    (15, "(十五)", "创新投融资体制", "省政府金融办", "省发展改革委 省商务厅", True),
    (16, "(十六)", "提高信息化水平", "省工信委", "省发展改革委 省商务厅", True),
    (17, "(十七)", "鼓励绿色低碳循环发展", "省发展改革委", "省工信委 省国土资源厅 省环保厅", True),
    (18, "(十八)", "以规划引领建设发展", "省发展改革委", "省国土资源厅 省建设厅 省环保厅 省商务厅", True),
    (19, "(十九)", "加强土地节约集约利用", "省国土资源厅", "省发展改革委 省商务厅 省建设厅", True),
    (20, "(二十)", "严格实行市州政府主要领导负责制", "省发展改革委", "相关市州政府 国家级经开区管委会", False),
    (
        21, "(二十一)", "实行动态管理", "省发展改革委",
        "省商务厅 省国土资源厅 省环保厅 省建设厅 相关市州政府 国家级经开区管委会", True,
    ),
    (22, "(二十二)", "完善基础设施建设", "省发展改革委", "省国土资源厅 省建设厅 省商务厅", True),
    (23, "(二十三)", "优化投资环境", "省商务厅", "省发展改革委 省财政厅 省国土资源厅", True),
    (24, "(二十四)", "营造良好政务环境", "省商务厅", "省发展改革委 省国土资源厅 省建设厅", True),
]  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> ParsedDocument:
    """The shipped policy with its metadata and known slips, as the index holds it."""
    (source,) = [s for s in corpus_sources(CORPUS) if s.path == POLICY_FILE]
    return parse(source.document, grammar(), source.corrections)


def check_offsets(parsed: ParsedDocument) -> None:
    text = parsed.document.text
    end = 0
    for clause in parsed.clauses:
        assert text[clause.start : clause.end] == clause.text
        assert clause.text == clause.text.strip() != ""
        assert clause.start >= end  # in reading order, nothing twice
        end = clause.end
        for duty in clause.responsibilities:
            assert text[duty.start : duty.end] == duty.raw
            assert clause.start <= duty.start < duty.end <= clause.end
    for reference in parsed.references:
        assert text[reference.start : reference.end] == reference.raw
    for start, stop in (parsed.preamble, parsed.closing):
        assert 0 <= start <= stop <= len(text)


def test_the_policy_has_24_articles_in_six_parts(policy: ParsedDocument) -> None:
    assert policy.document.id == POLICY
    assert [clause.article for clause in policy.clauses] == list(range(1, 25))
    assert [clause.label for clause in policy.clauses] == [label for _, label, *_ in POLICY_CLAUSES]
    expected, section = [], ""
    for article in range(1, 25):
        section = SECTIONS.get(article, section)
        expected.append(section)
    assert [clause.section for clause in policy.clauses] == expected
    assert [clause.path for clause in policy.clauses] == [
        (section[0], clause.label) for section, clause in zip(expected, policy.clauses, strict=True)
    ]


@pytest.mark.parametrize(("article", "label", "heading", "lead", "cooperating", "open_ended"), POLICY_CLAUSES)
def test_each_article_of_the_policy(
    policy: ParsedDocument,
    article: int,
    label: str,
    heading: str,
    lead: str,
    cooperating: str,
    open_ended: bool,
) -> None:
    clause = policy.clauses[article - 1]
    assert (clause.label, clause.heading) == (label, heading)
    assert clause.text.startswith(f"{label}{heading}。")
    assert clause.text.endswith("配合)")
    (duty,) = clause.responsibilities
    assert duty.lead == (lead,)
    assert duty.cooperating == tuple(cooperating.split())
    assert duty.responsible == ()
    assert duty.open_ended is open_ended
    assert f"({duty.raw})" == clause.text[-len(duty.raw) - 2 :]


def test_the_slip_in_article_18_is_corrected_beside_the_text_not_in_it(policy: ParsedDocument) -> None:
    clause = policy.clauses[17]
    assert "(省发展改革牵头," in clause.text
    assert clause.responsibilities[0].raw.startswith("省发展改革牵头,")
    assert clause.responsibilities[0].lead == ("省发展改革委",)


def test_the_policys_offsets_hold(policy: ParsedDocument) -> None:
    check_offsets(policy)
    assert policy.document.text == POLICY_FILE.read_bytes().decode("utf-8")


def test_opening_and_closing_stand_outside_the_articles(policy: ParsedDocument) -> None:
    text = policy.document.text
    preamble, closing = text[slice(*policy.preamble)], text[slice(*policy.closing)]
    assert preamble.startswith("为贯彻落实《国务院办公厅")
    assert preamble.endswith("现提出如下实施意见。")
    assert closing.startswith("各地、各有关部门要充分认识")
    assert closing.endswith("经济转型升级的强劲支撑。")
    for clause in policy.clauses:
        assert policy.preamble[1] < clause.start
        assert clause.end < policy.closing[0]


def test_documents_the_policy_mentions(policy: ParsedDocument) -> None:
    assert [(r.title, r.number) for r in policy.references] == [
        ("国务院办公厅关于促进国家级经济技术开发区转型升级创新发展的若干意见", "国办发〔2014〕54号"),
        ("国家级经济技术开发区、国家级边境经济合作区等基础设施项目贷款中央财政贴息资金管理办法", None),
        ("城乡规划法", None),
    ]


@pytest.mark.parametrize(
    "file",
    [POLICY_FILE, *sorted(DOCS.iterdir())],
    ids=lambda file: file.stem if isinstance(file, Path) else "",
)
def test_golden_parses(
    file: Path,
    check_golden: Callable[[str, str], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["parse", str(file), "--json"]) == 0
    printed = capsys.readouterr().out
    check_golden(f"parsed/{file.stem}.json", printed)
    parsed, text = json.loads(printed), file.read_bytes().decode("utf-8-sig")
    assert all(text[c["start"] : c["end"]] == c["text"] for c in parsed["clauses"])


def test_golden_files_are_not_being_written(regenerating: bool) -> None:
    assert not regenerating, "golden files were written anew: read the difference, then run without the flag"


def test_every_golden_parse_belongs_to_a_document() -> None:
    documents = {file.stem for file in DOCS.iterdir()} | {POLICY}
    assert {file.stem for file in (DOCS.parent / "parsed").iterdir()} == documents


# Forms that were once read wrongly


def labels(parsed: ParsedDocument) -> list[str]:
    return [clause.label for clause in parsed.clauses]


def test_a_paragraph_for_everyone_in_mid_document_stays_with_its_clause() -> None:
    text = (
        "管理办法\n\n第一条 甲。乙。\n\n各级人民政府应当加强监督。\n\n各部门应当配合。\n\n第二条 丙。丁。\n"
    )
    first, second = parse_text(text).clauses
    assert first.text.endswith("各部门应当配合。")
    assert second.text == "第二条 丙。丁。"


def test_a_heading_alone_is_followed_by_its_text_whatever_it_says() -> None:
    text = "意见\n\n一、工作任务\n\n(一)甲。办理甲事。\n\n二、组织实施\n\n各地、各部门要高度重视。\n"
    parsed = parse_text(text)
    assert labels(parsed) == ["(一)", "二"]
    assert parsed.clauses[1].text.endswith("各地、各部门要高度重视。")
    assert parsed.clauses[1].heading == "组织实施"


def test_the_last_clause_keeps_a_day_of_effect() -> None:
    parsed = parse_text("管理办法\n\n第一条 甲。乙。\n\n第二条 本办法自2020年1月1日起施行。\n")
    assert parsed.clauses[-1].text == "第二条 本办法自2020年1月1日起施行。"


def test_a_year_after_a_number_is_no_decimal() -> None:
    parsed = parse_text(
        "分工方案\n各市:\n1.2019年底前公布清单。\n2.2020年6月前完成评估。\n3.5亿元资金另行安排。\n"
    )
    assert [clause.path for clause in parsed.clauses] == [("1",), ("2",)]


def test_after_the_rule_of_the_first_a_list_alone_is_a_duty() -> None:
    parsed = parse_text(
        "意见\n各市:\n(一)完善体系。加快创新。（工业部、农业部等负责。列第一位者为牵头单位，下同）\n"
        "(二)协同发展。支持上下游（农机合作社）。（农业部、科技部等）\n"
    )
    assert [(d.lead, d.cooperating, d.open_ended) for c in parsed.clauses for d in c.responsibilities] == [
        (("工业部",), ("农业部",), True),
        (("农业部",), ("科技部",), True),
    ]
    parsed = parse_text("意见\n各市:\n(一)协同发展。支持上下游。（农业部、科技部等）\n(二)考核。通报。\n")
    assert [c.responsibilities for c in parsed.clauses] == [(), ()]


def test_what_is_asked_of_all_closes_the_document() -> None:
    parsed = parse_text(
        "通知\n各市:\n(一)加强领导\n压实责任。\n(二)严格考核\n通报结果。\n国务院有关部门要认真贯彻本决定。\n请各省于年底前报送。\n"
    )
    assert parsed.clauses[-1].text.endswith("通报结果。")
    text = parsed.document.text
    assert text[slice(*parsed.closing)].startswith("国务院有关部门")


def test_headings_that_begin_like_references() -> None:
    text = "意见\n\n一、总则\n\n(一)目标任务。达到目标。\n\n(二)项目管理。加强管理。\n\n(三)款项拨付。按时拨付。\n"
    assert [clause.heading for clause in parse_text(text).clauses] == ["目标任务", "项目管理", "款项拨付"]


def test_references_at_the_start_of_a_line_begin_no_clause() -> None:
    text = (
        "管理办法\n\n第一条 甲。有下列情形之一:\n\n(一)子;\n\n(二)丑。\n\n第十条规定的情形除外。\n\n"
        "(二)项要求由主管部门核定。\n\n第二条 乙。丙。\n"
    )
    assert labels(parse_text(text)) == ["第一条", "(一)", "(二)", "第二条"]


def test_numbers_that_start_again_are_no_articles_and_running_ones_are() -> None:
    section = "{s}、部分\n\n({a})甲。正文。\n\n({b})乙。正文。\n\n"
    again = "意见\n\n" + section.format(s="一", a="一", b="二") + section.format(s="二", a="一", b="二")
    running = "意见\n\n" + section.format(s="一", a="一", b="二") + section.format(s="二", a="三", b="四")
    assert [clause.article for clause in parse_text(again).clauses] == [None] * 4
    assert [clause.article for clause in parse_text(running).clauses] == [1, 2, 3, 4]


def test_items_belong_to_their_article() -> None:
    parsed = parse_text("办法\n\n第十四条 提交下列材料:\n\n(一)申请表;\n\n(二)承诺书。\n")
    assert [(clause.path, clause.article) for clause in parsed.clauses] == [
        (("第十四条",), 14),
        (("第十四条", "(一)"), 14),
        (("第十四条", "(二)"), 14),
    ]


def test_a_reference_to_an_article_means_the_article_not_its_item_of_the_same_number() -> None:
    text = (
        "办法\n\n第二条 有下列情形之一:\n\n(一)甲;\n\n(二)乙。\n\n第三条 违反本办法第二条规定的,处以罚款。\n"
    )
    (reference,) = [r for r in parse_text(text).article_references if r.article == 2]
    assert reference.target == ("第二条",)


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n\n\n", "\n　　\n"])
def test_line_ends_change_offsets_only(newline: str) -> None:
    text = notice("云岭市通知", "甲事。办理甲事。(市教育局牵头,市财政局配合)", "乙事。办理乙事。")
    plain, other = parse_text(text), parse_text(text.replace("\n", newline))
    check_offsets(other)
    assert [(c.path, c.text, c.heading) for c in other.clauses] == [
        (c.path, c.text, c.heading) for c in plain.clauses
    ]


def test_both_widths_of_brackets_read_alike() -> None:
    narrow = "意见\n\n一、总则\n\n(一)甲。正文。(省教育厅牵头,省财政厅配合)\n"
    wide = narrow.translate(str.maketrans("(),", "（），"))
    (one,), (two,) = parse_text(narrow).clauses, parse_text(wide).clauses
    assert (one.path, one.heading) == (two.path, two.heading)
    assert one.responsibilities[0].names == two.responsibilities[0].names


# Any text


@given(st.text())
def test_any_text_can_be_parsed(text: str) -> None:
    check_offsets(parse_text(text))


_LINES = st.lists(
    st.sampled_from([
        "关于发展的意见", "云政发〔2022〕8号", "各县区人民政府:", "一、总则", "（二）甲。正文。", "第三条 乙。", "3.丙。丁。",
        "各地要落实。", "附件:名单", "牵头单位:市教育局", "(市教育局负责)", "2022年2月18日", "云岭市人民政府", "分享到: 收藏本文",
        "###", "# 标题", "①戊。", "——己。", "第十条规定的", "(", "）", ":", "",
    ]),
    max_size=14,
)  # fmt: skip


@given(_LINES, st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_of_documents_in_any_order_can_be_parsed(lines: list[str], newline: str) -> None:
    check_offsets(parse_text(newline.join(lines)))


@pytest.mark.parametrize(
    "text",
    ["第" + "9" * 5000 + "章 甲", "一" * 5000 + "、甲", "(" * 3000, "《" * 3000, "#" * 3000, "标题\n###"],
)
def test_texts_that_once_raised_or_took_long(text: str) -> None:
    check_offsets(parse_text(text))


def _calls(text: str) -> int:
    """How many functions run while a text is parsed: work, whatever the machine."""
    count = 0

    def step(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(step)
    try:
        parse_text(text)
    finally:
        sys.setprofile(None)
    return count


def _long(clauses: int) -> Iterator[str]:
    yield "云岭市人民政府关于发展的意见\n"
    for n in range(clauses):
        if n % 10 == 0:
            yield f"{'一二三四五六七八九十'[n // 10 % 10]}、部分\n"
        yield f"{n + 1}.事项。办理第{n}项事项。依据《办法》。(市教育局牵头,市财政局等部门配合)\n各地要落实。\n"


def test_the_work_grows_with_the_length_and_no_faster() -> None:
    small, large = "".join(_long(50)), "".join(_long(400))
    _calls(small)  # what is made once is made here
    assert _calls(large) < 2 * 8 * _calls(small)
