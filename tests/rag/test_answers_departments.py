"""Everything that a body has to do: complete, against a scan of all clauses."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rag_samples import SEED, articles, check_answer, given

from ingest.library import Library
from ingest.settings import Settings
from rag.build import Assistant, open_assistant
from rag.types import Answer, Status

PRINTED = [
    "省发展改革委", "省商务厅", "省工信委", "省财政厅", "省人社厅", "省科技厅", "省政府金融办", "省国土资源厅",
    "省建设厅", "省环保厅", "省教育厅", "省统计局", "省公安厅", "省工商局", "省质监局", "省国税局", "省地税局",
    "国家级经开区管委会", "相关市州政府",
]  # fmt: skip


def held_by(assistant: Assistant, role: str, *names: str) -> list[int | None]:
    """The articles in which one of the bodies has the role, by reading every clause."""
    return [
        stored.clause.article
        for stored in assistant.clauses()
        if any(set(names) & set(getattr(duty, role)) for duty in stored.clause.responsibilities)
    ]


@pytest.mark.parametrize("name", PRINTED)
def test_what_a_body_leads_is_complete(assistant: Assistant, name: str) -> None:
    answer = assistant.ask([f"{name}牵头哪几条？"])
    check_answer(assistant, answer)
    leads, cooperates = held_by(assistant, "lead", name), held_by(assistant, "cooperating", name)
    if leads:
        assert articles(answer) == leads and given(answer) == ({name}, set())
        assert f"牵头 {len(leads)} 条" in answer.text
    else:
        assert articles(answer) == cooperates and given(answer) == (set(), {name})
        assert f"不牵头任何条款，它配合 {len(cooperates)} 条" in answer.text


@pytest.mark.parametrize("name", PRINTED)
def test_what_a_body_cooperates_in_is_complete(assistant: Assistant, name: str) -> None:
    answer = assistant.ask([f"{name}配合哪些条款?"])
    check_answer(assistant, answer)
    cooperates = held_by(assistant, "cooperating", name)
    if cooperates:
        assert articles(answer) == cooperates and given(answer) == (set(), {name})
    else:
        assert articles(answer) == held_by(assistant, "lead", name) and given(answer) == ({name}, set())
        assert "不在任何条款里担任配合" in answer.text


@pytest.mark.parametrize("name", ["省商务厅", "省财政厅", "省国土资源厅", "省工信委"])
def test_taking_part_covers_both_roles(assistant: Assistant, name: str) -> None:
    answer = assistant.ask([f"{name}参与哪几条?"])
    both = {*held_by(assistant, "lead", name), *held_by(assistant, "cooperating", name)}
    assert set(articles(answer)) == both
    assert given(answer) == ({name}, {name})


def test_the_printed_names_are_all_of_the_policy(assistant: Assistant) -> None:
    named = {name for s in assistant.clauses() for d in s.clause.responsibilities for name in d.names}
    assert named - set(PRINTED) == {"兰州海关", "甘肃出入境检验检疫局"}


@pytest.mark.parametrize(
    ("asked", "printed", "role"),
    [
        ("省自然资源厅牵头哪几条？", {"省国土资源厅"}, "lead"),
        ("省自然资源厅配合哪几条?", {"省国土资源厅"}, "cooperating"),
        ("省生态环境厅配合哪几条?", {"省环保厅"}, "cooperating"),
        ("省市场监管局配合哪几条?", {"省工商局", "省质监局"}, "cooperating"),
        ("省税务局配合哪几条?", {"省国税局", "省地税局"}, "cooperating"),
        ("工信厅牵头哪几条？", {"省工信委"}, "lead"),
        ("省地方金融监管局牵头哪几条？", {"省政府金融办"}, "lead"),
    ],
)
def test_a_renamed_body_is_found_under_its_printed_names(
    assistant: Assistant, asked: str, printed: set[str], role: str
) -> None:
    answer = assistant.ask([asked])
    assert articles(answer) == held_by(assistant, role, *printed)
    assert set(getattr(answer.departments, role)) == printed
    assert set(answer.departments.current) == printed
    assert all(name in answer.text for name in printed)


def test_a_body_asked_for_by_its_old_name_stands_for_itself_alone(ask: Callable[..., Answer]) -> None:
    answer = ask("省质监局配合哪几条?")
    assert articles(answer) == [5, 11] and given(answer) == (set(), {"省质监局"})


@pytest.mark.parametrize("nickname", ["发改委", "发改部门", "省发改委", "甘肃省发展和改革委员会"])
def test_other_names_of_a_body(assistant: Assistant, nickname: str) -> None:
    answer = assistant.ask([f"{nickname}牵头哪几条？"])
    assert articles(answer) == held_by(assistant, "lead", "省发展改革委")


@pytest.mark.parametrize(
    "name", ["省审计厅", "省水利厅", "市民政局", "浙江省商务厅", "财政部", "中国人民银行"]
)
def test_a_body_without_any_part_is_said_to_have_none(ask: Callable[..., Answer], name: str) -> None:
    answer = ask(f"{name}牵头哪几条？")
    assert answer.status is Status.NO_SUCH_ROLE
    assert not answer.citations and given(answer) == (set(), set())


def test_several_bodies_are_listed_one_after_another_with_their_clauses(ask: Callable[..., Answer]) -> None:
    answer = ask("省财政厅和省科技厅分别牵头哪几条？")
    assert articles(answer) == [14, 12]
    assert given(answer)[0] == {"省财政厅", "省科技厅"}
    lines = [line for line in answer.text.split("\n") if line]
    assert lines[:4] == [
        "省财政厅牵头 1 条：",
        "- (十四)“加强财政支持力度” [1]",
        "省科技厅牵头 1 条：",
        "- (十二)“增强科技创新驱动能力” [2]",
    ]


def test_the_one_article_without_a_body(ask: Callable[..., Answer], assistant: Assistant) -> None:
    answer = ask("哪一条没有省发展改革委参与?")
    every = {stored.clause.article for stored in assistant.clauses(SEED)}
    taken = {*held_by(assistant, "lead", "省发展改革委"), *held_by(assistant, "cooperating", "省发展改革委")}
    assert set(articles(answer)) == every - taken == {9}


def test_a_clause_named_by_its_body(ask: Callable[..., Answer]) -> None:
    answer = ask("省人社厅牵头的那条,配合的是谁?")
    assert articles(answer) == [13]
    assert given(answer) == ({"省人社厅"}, {"省发展改革委", "省教育厅", "省商务厅"})


def test_a_body_and_a_topic_narrow_the_list(ask: Callable[..., Answer]) -> None:
    answer = ask("省国土资源厅配合哪几条与规划有关的?")
    assert set(articles(answer)) < {1, 2, 3, 4, 5, 6, 8, 17, 18, 21, 22, 23, 24}
    assert 18 in articles(answer)
    assert answer.text.startswith("在写到“规划”的条文里，")


@pytest.mark.parametrize("name", ["兰州海关", "甘肃出入境检验检疫局"])
def test_a_merged_body_is_kept_apart_from_the_one_it_was_merged_into(
    ask: Callable[..., Answer], name: str
) -> None:
    assert given(ask(f"{name}配合哪几条?"))[1] == {name}


@pytest.mark.parametrize("name", ["省财政厅", "财政厅", "省财政厅。", "甘肃省财政厅", "財政廳"])
def test_a_name_alone_asks_for_all_that_the_body_does(ask: Callable[..., Answer], name: str) -> None:
    answer = ask(name)
    assert answer.status is Status.ANSWERED
    assert {citation.article for citation in answer.citations} == {5, 14, 23}


def test_a_name_alone_within_a_conversation_asks_the_same(ask: Callable[..., Answer]) -> None:
    assert {c.article for c in ask("贷款贴息由谁牵头？", "省财政厅").citations} == {5, 14, 23}


@pytest.mark.slow
def test_responsible_without_a_lead_is_not_counted_as_leading(
    policy_data: Path, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    data = Path(shutil.copytree(policy_data, tmp_path / "data"))
    file = tmp_path / "养老.txt"
    file.write_text(
        "云岭市人民政府关于发展养老服务的意见\n"
        "（一）适老化改造。给予补助。（市民政局牵头，市财政局配合）\n"
        "（二）老年助餐。给予补贴。（市民政局牵头，市财政局配合）\n"
        "（三）预付费监管。设专用账户。（市民政局、市金融办按职责分工负责）\n"
        "（四）防范诈骗。依法打击。（市公安局牵头，市民政局配合）\n",
        encoding="utf-8",
    )
    library = Library(make_settings(data))
    library.add([file])
    library.close()
    with open_assistant(make_settings(data)) as opened:
        leads, everything = opened.ask(["市民政局牵头哪几条？"]), opened.ask(["市民政局"])
    assert "牵头 2 条，另有 1 条写明由其负责、没有写明谁牵头" in leads.text
    assert {citation.article for citation in leads.citations} == {1, 2, 3}
    assert "牵头 2 条、配合 1 条，另有 1 条" in everything.text
    assert {citation.article for citation in everything.citations} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("question", "today"),
    [
        ("当年那个省国土资源厅,2018年变成了什么,后来又变了没有?", "甘肃省自然资源厅"),
        ("省环保厅换牌子了没有?", "甘肃省生态环境厅"),
        ("省工信委的职能后来由谁接手?", "甘肃省工业和信息化厅"),
        ("省金融办划到哪里去了?", "甘肃省地方金融监督管理局"),
    ],
)
def test_what_became_of_a_body_is_told_first(ask: Callable[..., Answer], question: str, today: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert today in answer.text.split("。")[0]
    assert "没有省国土资源厅参与" not in answer.text


def test_a_body_by_two_names_is_listed_once(ask: Callable[..., Answer]) -> None:
    answer = ask("人力资源社会保障部门(人社厅)在哪几条里有名字,其中哪条是它牵头?")
    assert set(articles(answer)) == {8, 13}
    assert answer.text.count("省人社厅牵头") == 1


def test_two_bodies_that_became_one_are_listed_apart(ask: Callable[..., Answer]) -> None:
    answer = ask("以前的省工商局、省质监局现在并成一家了吧?叫什么?")
    assert set(articles(answer)) == {5, 11}
    assert "甘肃省市场监督管理局" in answer.text


def test_a_role_asked_for_beside_the_name_is_kept(ask: Callable[..., Answer]) -> None:
    answer = ask("省自然资源厅牵头的是哪条?文件里当时叫什么名字?")
    assert articles(answer) == [19]
    assert "省国土资源厅" in answer.text


def test_a_body_taken_for_the_one_in_charge_is_said_not_to_be(ask: Callable[..., Answer]) -> None:
    answer = ask("外汇管理改革试点是外汇局在管吗?不是的话,谁牵头、谁配合?")
    assert articles(answer) == [4]
    assert answer.departments.lead == ("省发展改革委",)
    assert re.search(r"外汇局[^。]*(?:没有|不在|不是)", answer.text.split("\n")[0])


@pytest.mark.parametrize(
    ("turns", "lead", "cited"),
    [
        (("省人社厅牵头哪一条?", "那一条里谁配合它?"), {"省人社厅"}, {13}),
        (("省工信委牵头哪几条？", "不对,我问的是省科技厅,它牵头哪条,还有谁一起?"), {"省科技厅"}, {12}),
        (("省教育厅配合的那两条,各由谁牵头?",), {"省科技厅", "省人社厅"}, {12, 13}),
        (("省人社厅牵头的是哪条?哪些单位给它配合?",), {"省人社厅"}, {13}),
        (("贷款贴息找哪家?", "那要是想招技工、办培训,该问哪家?"), {"省人社厅"}, {13}),
    ],
)
def test_more_is_asked_of_the_clause_that_a_body_leads(
    ask: Callable[..., Answer], turns: tuple[str, ...], lead: set[str], cited: set[int]
) -> None:
    answer = ask(*turns)
    assert {c.article for c in answer.citations} == cited
    assert set(answer.departments.lead) == lead


@pytest.mark.parametrize(
    ("question", "cooperating"),
    [
        ("省国土资源厅牵头的是哪一项?跟谁一起干?", ("省发展改革委", "省商务厅", "省建设厅")),
        ("省国土资源厅牵头的是哪一项?", ()),
        ("现在的省自然资源厅牵头哪一件事?配合它的有谁?", ("省发展改革委", "省商务厅", "省建设厅")),
    ],
)
def test_the_bodies_beside_it_are_told_where_they_are_asked_for(
    ask: Callable[..., Answer], question: str, cooperating: tuple[str, ...]
) -> None:
    answer = ask(question)
    assert articles(answer) == [19] and answer.departments.cooperating == cooperating


@pytest.mark.parametrize(
    ("question", "role", "name"),
    [
        ("工信委管的条款列一下,牵头的那种,不要配合的", "lead", "省工信委"),
        ("把省科技厅作为牵头单位的条款逐条列出,配合的不要", "lead", "省科技厅"),
        ("人社厅当头的是哪几条?", "lead", "省人社厅"),
        ("统计局的同志问:我们不牵头,但有哪几条要我们配合?", "cooperating", "省统计局"),
    ],
)
def test_a_role_that_is_left_out_in_passing(
    ask: Callable[..., Answer], assistant: Assistant, question: str, role: str, name: str
) -> None:
    answer = ask(question)
    assert articles(answer) == held_by(assistant, role, name)
    check_answer(assistant, answer)


def test_which_role_after_a_body_was_talked_about(ask: Callable[..., Answer], assistant: Assistant) -> None:
    answer = ask("省公安厅在意见里有没有任务?", "是牵头还是配合?是哪几条?")
    assert articles(answer) == held_by(assistant, "cooperating", "省公安厅")


def test_the_part_of_a_body_in_the_clause_talked_about(ask: Callable[..., Answer]) -> None:
    answer = ask("园区里能不能建孵化器?", "那这一条是谁在负责,教育厅参加吗?")
    assert articles(answer) == [12] and given(answer)[0] == {"省科技厅"} and "省教育厅" in given(answer)[1]


def test_a_body_of_old_and_one_matter(ask: Callable[..., Answer]) -> None:
    """Of the clauses that speak of land only the closest, and no claim that it is all of them."""
    answer = ask("文件上写省国土资源厅管荒着的工业地那一块,现在没有这个厅了,如今对应的是哪个单位?")
    assert articles(answer) == [19] and "甘肃省自然资源厅" in answer.text
    assert "与所问的事最接近的条文里" in answer.text and "没有遗漏" not in answer.text


def test_one_article_and_whether_a_body_leads_it(ask: Callable[..., Answer]) -> None:
    answer = ask("管招商乱返土地出让金那一条,牵头是不是商务厅?配合单位逐一列出")
    assert articles(answer) == [23]
    assert given(answer) == ({"省商务厅"}, {"省发展改革委", "省财政厅", "省国土资源厅"})
