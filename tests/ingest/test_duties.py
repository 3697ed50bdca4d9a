"""Who leads, cooperates or is responsible: every example of the data file, and a table of our own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ingest_samples import CORPUS, grammar, parse_text

from ingest.duties import load_grammar, split_bodies
from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml

_DATA = read_yaml(CORPUS / "duty_patterns.yaml")
EXAMPLES = [
    (row.get("id", row.get("role")), example)
    for part in ("patterns", "labels")
    for row in _DATA[part]
    for example in row.get("examples", ())
]
IN_TEXT = [(row["id"], example) for row in _DATA["in_text"] for example in row["examples"]]

# bracket → lead, cooperating, responsible, open-ended; seen in real documents.
WORDINGS: list[tuple[str, str, str, str, bool]] = [
    ("(省发展改革委牵头,省商务厅、省国土资源厅、省建设厅等部门配合)", "省发展改革委", "省商务厅 省国土资源厅 省建设厅", "", True),
    ("（省发展改革委牵头，省商务厅、省国土资源厅、省建设厅等部门配合）", "省发展改革委", "省商务厅 省国土资源厅 省建设厅", "", True),
    ("( 省发展改革委 牵头 , 省商务厅、 省建设厅 配合 )", "省发展改革委", "省商务厅 省建设厅", "", False),
    ("(省商务厅牵头,省财政厅参与)", "省商务厅", "省财政厅", "", False),
    ("(省商务厅牵头负责,省财政厅、省审计厅协同)", "省商务厅", "省财政厅 省审计厅", "", False),
    ("(由省商务厅牵头,省财政厅参加)", "省商务厅", "省财政厅", "", False),
    ("(省商务厅、省财政厅牵头,各市州政府配合)", "省商务厅 省财政厅", "各市州政府", "", False),
    ("(省发展改革牵头,省国土资源厅配合)", "省发展改革", "省国土资源厅", "", False),
    ("（农业农村部、工业和信息化部牵头负责）", "农业农村部 工业和信息化部", "", "", False),
    ("(财政部牵头,国务院相关部门及各地区按职责分工负责)", "财政部", "国务院相关部门 各地区", "", False),
    ("(市政府办公室牵头,市级各有关部门及各县市区政府按职责分工负责)", "市政府办公室", "市级各有关部门 各县市区政府", "", False),
    ("（海关总署负责）", "", "", "海关总署", False),
    ("（人力资源社会保障部等有关部门和单位负责）", "", "", "人力资源社会保障部", True),
    ("（人力资源社会保障部、财政部，各省级人民政府按职责分工负责）", "", "", "人力资源社会保障部 财政部 各省级人民政府", False),
    ("（商务部、农业农村部等和各有关省级人民政府负责）", "", "", "商务部 农业农村部 各有关省级人民政府", True),
    ("(发展改革委、能源局等单位与地方各级人民政府按职责分工负责)", "", "", "发展改革委 能源局 地方各级人民政府", True),
    ("(省科技厅、省教育厅分别负责)", "", "", "省科技厅 省教育厅", False),
    ("（税务总局、财政部、海关总署负责，排在第一位的部门为牵头部门，下同）", "税务总局", "财政部 海关总署", "", False),
    ("（国家发展改革委、财政部会同有关部门负责）", "国家发展改革委 财政部", "", "", True),
    ("（牵头单位：市发展改革委，配合单位：市委组织部、市财政局，各区、县级市）", "市发展改革委", "市委组织部 市财政局 各区、县级市", "", False),
    ("〔牵头单位:区政府办公室,责任单位:区政府有关部门,各街道(功能区)〕", "区政府办公室", "区政府有关部门 各街道(功能区)", "", False),
    ("(牵头单位:市商务局;责任单位:市财政局,2022年6月底完成)", "市商务局", "市财政局", "", False),
    ("(牵头部门:市商务局;配合部门:市财政局。)", "市商务局", "市财政局", "", False),
    ("【责任单位：市水务局】", "", "", "市水务局", False),
    ("(责任单位:市水务局、市财政局)", "", "", "市水务局 市财政局", False),
    ("（负责部门：民航局；适用范围：所有自贸试验区，以下除标注外相同）", "", "", "民航局", False),
]  # fmt: skip

# Brackets that name no one's part.
FALSE_FRIENDS = [
    "(以下简称国家级经开区)",
    "（以下统称经开区）",
    "（此件公开发布）",
    "（技工院校内由人力资源社会保障行政部门负责）",
    "（含按化学药品新注册分类批准上市，简称一致性评价，下同）",
    "（含食用油，下同）",
    "出国(境)招商",
    "(票据)",
    "(国办发〔2014〕54号)",
    "()",
    "(2015年1月)",
    "（附件略）",
    "(详见附件)",
]

LABELLED = [
    ("牵头单位:区发改局", "区发改局", "", ""),
    ("责任单位:立山经济开发区,全区经济运行各专班", "", "", "立山经济开发区 全区经济运行各专班"),
    ("  责任部门：市财政局、市商务局。", "", "", "市财政局 市商务局"),
    ("牵头单位:市国资委\n责任单位:市财政局、市商务局", "市国资委", "市财政局 市商务局", ""),
    ("主办单位：市文旅局", "市文旅局", "", ""),
]


def names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def check_example(found: Any, example: dict[str, Any]) -> None:
    for role in ("lead", "cooperating", "responsible", "guiding"):
        assert getattr(found, role) == tuple(example.get(role, ())), role
    for field in ("open_ended", "until", "scope"):
        if field in example:
            assert getattr(found, field) == example[field], field


@pytest.mark.parametrize(("row", "example"), EXAMPLES, ids=[f"{row}-{e['text']}" for row, e in EXAMPLES])
def test_examples_of_the_data_file(row: str, example: dict[str, Any]) -> None:
    text = f"正文。{example['text']}"
    (found,) = grammar().find(text, 0, len(text))
    check_example(found, example)
    assert text[found.start : found.end] == found.raw == example["text"][1:-1]


@pytest.mark.parametrize(("row", "example"), IN_TEXT, ids=[f"{row}-{e['text']}" for row, e in IN_TEXT])
def test_examples_of_duties_in_a_sentence(row: str, example: dict[str, Any]) -> None:
    text = f"前一句。{example['text']}"
    (found,) = grammar().find_in_text(text, 0, len(text))
    check_example(found, example)
    assert text[found.start : found.end] == found.raw
    assert found.source == "text"


def test_every_row_has_examples() -> None:
    assert all(row["examples"] for row in (*_DATA["patterns"], *_DATA["in_text"]))
    assert all(row["text"] and row["why"] for row in _DATA["not_duties"])


@pytest.mark.parametrize(("bracket", "lead", "cooperating", "responsible", "open_ended"), WORDINGS)
def test_wordings(bracket: str, lead: str, cooperating: str, responsible: str, open_ended: bool) -> None:
    (found,) = grammar().find(bracket, 0, len(bracket))
    assert (found.lead, found.cooperating, found.responsible) == (
        names(lead),
        names(cooperating),
        names(responsible),
    )
    assert found.open_ended is open_ended
    assert found.names == names(lead) + names(responsible) + names(cooperating)


@pytest.mark.parametrize("text", [*FALSE_FRIENDS, *(row["text"] for row in _DATA["not_duties"])])
def test_false_friends(text: str) -> None:
    assert grammar().find(text, 0, len(text)) == ()


@pytest.mark.parametrize(("line", "lead", "cooperating", "responsible"), LABELLED)
def test_labelled_lines_without_a_bracket(line: str, lead: str, cooperating: str, responsible: str) -> None:
    (found,) = grammar().find(line, 0, len(line))
    assert (found.lead, found.cooperating, found.responsible) == (
        names(lead),
        names(cooperating),
        names(responsible),
    )
    assert line[found.start : found.end] == found.raw


@pytest.mark.parametrize(
    ("tail", "lead", "cooperating", "responsible"),
    [
        ("牵头单位：市数据局；配合单位：市财政局、市投资促进局。", "市数据局", "市财政局 市投资促进局", ""),
        ("牵头单位:市商务局。配合单位:市财政局", "市商务局", "市财政局", ""),
        ("责任单位：市司法局、海阳仲裁委员会。", "", "", "市司法局 海阳仲裁委员会"),
        ("责任部门:县水务局。", "", "", "县水务局"),
    ],
)
@pytest.mark.parametrize("after", ["", "\n二、下一条。", "各区参照执行。"])
def test_labels_behind_the_last_sentence(
    tail: str, lead: str, cooperating: str, responsible: str, after: str
) -> None:
    text = f"一、壮大企业队伍。对入驻企业给予补助(不超过3年)。{tail}{'' if tail[-1] in '。' or not after else '。'}{after}"
    (found,) = grammar().find(text, 0, len(text))
    assert (found.lead, found.cooperating, found.responsible) == (
        names(lead),
        names(cooperating),
        names(responsible),
    )
    assert text[found.start : found.end] == found.raw and found.source == "label"
    assert "参照" not in found.raw


@pytest.mark.parametrize("text", ["明确责任单位,落实牵头单位。", "各责任单位:要加强协作", "由牵头单位:汇总"])
def test_words_that_only_mention_a_label(text: str) -> None:
    assert grammar().find(text, 0, len(text)) == ()


def test_several_brackets_in_one_clause_keep_their_order_and_place() -> None:
    text = "降低关税。（财政部负责）拓展市场(境外)。（商务部、外交部负责）推进〔省商务厅牵头〕。"
    found = grammar().find(text, 0, len(text))
    assert [duty.names for duty in found] == [("财政部",), ("商务部", "外交部"), ("省商务厅",)]
    assert [text[duty.start - 1] for duty in found] == ["（", "（", "〔"]
    assert grammar().find(text, 13, len(text)) == found[1:]


def test_a_bracket_that_is_never_closed_hides_nothing_on_the_next_line() -> None:
    text = "第一段(没有收\n第二段(省商务厅牵头)"
    assert [duty.lead for duty in grammar().find(text, 0, len(text))] == [("省商务厅",)]


@pytest.mark.parametrize(
    ("names_", "bodies", "open_ended"),
    [
        ("省商务厅、省财政厅", ("省商务厅", "省财政厅"), False),
        ("省商务厅,省财政厅等", ("省商务厅", "省财政厅"), True),
        ("省商务厅等部门、市州政府", ("省商务厅", "市州政府"), True),
        ("省商务厅等有关单位", ("省商务厅",), True),
        ("省商务厅、省商务厅", ("省商务厅",), False),
        ("省商务厅、、省财政厅、", ("省商务厅", "省财政厅"), False),
        ("等部门", (), True),
        ("", (), False),
    ],
)
def test_lists_of_bodies(names_: str, bodies: tuple[str, ...], open_ended: bool) -> None:
    assert split_bodies(names_) == (bodies, open_ended)


_BODY = st.from_regex(r"省[甲乙丙丁戊己庚辛]{1,3}(?:厅|局|委)", fullmatch=True)


@given(
    _BODY,
    st.lists(_BODY, min_size=1, max_size=6, unique=True),
    st.booleans(),
    st.sampled_from(["()", "（）", "〔〕"]),
)
def test_any_bodies_come_back_in_order(lead: str, others: list[str], open_ended: bool, pair: str) -> None:
    comma = "," if pair == "()" else "，"
    text = f"正文。{pair[0]}{lead}牵头{comma}{'、'.join(others)}{'等部门' if open_ended else ''}配合{pair[1]}"
    (found,) = grammar().find(text, 0, len(text))
    assert (found.lead, found.cooperating) == ((lead,), tuple(others))
    assert found.open_ended is open_ended
    assert text[found.start - 1 : found.end + 1] == text[3:]


@given(st.text(st.sampled_from("()（）〔〕甲厅牵头配合负责,，、等部门。\n:：责任单位"), max_size=80))
def test_duties_are_spans_in_order(text: str) -> None:
    found = grammar().find(text, 0, len(text))
    assert all(text[duty.start : duty.end] == duty.raw for duty in found)
    assert all(a.start <= b.start for a, b in itertools.pairwise(found))
    assert all(
        name and name in "".join(text.split()) for duty in found for name in duty.names if "(" not in name
    )


def test_the_first_of_a_list_leads_where_the_document_says_so() -> None:
    text = (
        "关于促进进口的意见\n\n一、降低关税。落实政策。（财政部、海关总署负责。列第一位者为牵头单位，下同）\n\n"
        "二、拓展市场。扩大进口。（商务部、外交部等部门负责）\n\n三、优化服务。提高效率。（税务总局负责）\n"
    )
    duties = [clause.responsibilities[0] for clause in parse_text(text).clauses]
    assert [duty.lead for duty in duties] == [("财政部",), ("商务部",), ("税务总局",)]
    assert [duty.cooperating for duty in duties] == [("海关总署",), ("外交部",), ()]
    assert not any(duty.responsible for duty in duties)


def test_nobody_leads_where_the_document_does_not_say_so() -> None:
    (clause,) = parse_text("意见\n\n一、扩大进口。优化结构。（商务部、外交部负责）\n").clauses
    (duty,) = clause.responsibilities
    assert (duty.lead, duty.cooperating, duty.responsible) == ((), (), ("商务部", "外交部"))


@pytest.mark.parametrize(
    "unit", ["甲厅牵头,乙厅", "按职责分工负责,", "责任单位:甲局;", "甲厅、乙厅会同", "由甲厅乙部"]
)
def test_no_text_takes_long_to_read(unit: str) -> None:
    """Every one of these once took minutes; the bracket is text where it is as long as this."""
    text = unit * 3000
    assert grammar().find(f"({text})", 0, len(text) + 2) == ()
    grammar().find_in_text(text[:600], 0, 600)


def broken(change: Callable[[dict[str, Any]], Any]) -> str:
    data = read_yaml(CORPUS / "duty_patterns.yaml")
    change(data)
    return yaml.safe_dump(data, allow_unicode=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (broken(lambda d: d["patterns"][0].update(match="(")), r"'\(' 不是可用的正则表达式"),
        (broken(lambda d: d["patterns"][0].pop("match")), f"{_DATA['patterns'][0]['id']} 缺少 match"),
        (broken(lambda d: d["patterns"][0].pop("id")), "缺少 id"),
        (broken(lambda d: d.update(patterns=3)), "缺少 patterns"),
        (broken(lambda d: d["not_duties"][0].pop("match")), "缺少 match"),
        ("[]", "应是“名称: 内容”的形式"),
        ("patterns: [\n", "第 2 行不是有效的 YAML"),
    ],
)
def test_a_broken_data_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "duty_patterns.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=said) as caught:
        load_grammar(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
