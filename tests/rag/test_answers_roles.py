"""Lists by role with a negation or an exception, and yes-or-no questions about one article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.types import Answer, Status

Ask = Callable[..., Answer]
ALL = set(range(1, 25))
LED_BY_REFORM = {1, 2, 3, 4, 5, 6, 17, 18, 20, 21, 22}
LED_BY_COMMERCE = {7, 8, 9, 23, 24}


def articles(answer: Answer) -> set[int | None]:
    return {citation.article for citation in answer.citations}


@pytest.mark.parametrize(
    ("question", "expected", "words"),
    [
        ("不是省发展改革委牵头的有哪些?", ALL - LED_BY_REFORM, "不由省发展改革委牵头的有 13 条"),
        (
            "省发展改革委不牵头但配合的有哪些条",
            ALL - LED_BY_REFORM - {9},
            "省发展改革委配合、但不牵头的有 12 条",
        ),
        ("省发展改革委配合但不牵头的条款", ALL - LED_BY_REFORM - {9}, "配合、但不牵头的有 12 条"),
        ("哪些没有省商务厅配合?", LED_BY_COMMERCE | {17, 20}, "没有把省商务厅列为配合单位的有 7 条"),
        ("哪几条没有省发展改革委参与", {9}, "没有省发展改革委参与的有 1 条"),
        ("除了省商务厅,还有谁牵头", ALL - LED_BY_COMMERCE, "牵头的单位共 7 个"),
        ("哪个部门牵头最多?", LED_BY_REFORM, "牵头最多的是省发展改革委 11 条"),
        ("配合最多的部门是谁?", ALL - LED_BY_COMMERCE - {17, 20}, "配合最多的是省商务厅 17 条"),
    ],
)
def test_lists_by_role_are_complete_and_say_what_they_list(
    ask: Ask, question: str, expected: set[int], words: str
) -> None:
    answer = ask(question)
    assert articles(answer) == expected and words in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("只有省商务厅一家配合的条有哪些", "没有只由省商务厅一家配合的条"),
        ("哪些条没有写配合部门", "每一条都写明了配合单位"),
    ],
)
def test_an_empty_list_is_said_to_be_empty(ask: Ask, question: str, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NO_SUCH_ROLE and words in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("第十四条是省商务厅牵头的，对吧？", "不是这样：在(十四)“加强财政支持力度”里，省商务厅是配合单位"),
        ("省商务厅参与第十七条吗？", "省商务厅不在(十七)“鼓励绿色低碳循环发展”的责任单位里"),
        ("省财政厅牵头第十四条吗", "**省财政厅是牵头单位**"),
        ("第十条写到知识产权吗？", "(十)“增强产业实力”里没有写到“知识产权”"),
        ("第十二条写到知识产权吗？", "(十二)“增强科技创新驱动能力”写到了“知识产权”"),
        ("第十四条有没有写到发债？", "里没有写到“发债”"),
        ("第5条说的是5亿美元以下吗？", "原文写的是“3亿美元、5000万美元”，不是“5亿美元”"),
    ],
)
def test_yes_or_no_about_one_article(ask: Ask, question: str, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert words in answer.text


@pytest.mark.parametrize("question", ["第1、3、5条谁牵头", "第一、三、五条原文", "articles 1, 3 and 5"])
def test_a_row_of_numbers_names_each_article(ask: Ask, question: str) -> None:
    assert articles(ask(question)) == {1, 3, 5}


@pytest.mark.parametrize(
    "question", ["我们公司可以申请贷款贴息吗", "我能不能申请贷款贴息？我是兰州市区的小饭馆"]
)
def test_whether_one_qualifies_is_left_to_the_lead(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert articles(answer) == {14}
    assert "不代为判断够不够格；请向省财政厅确认" in answer.text


def test_an_insult_keeps_the_topic(ask: Ask) -> None:
    assert ask("你真是个垃圾").status is Status.OUT_OF_SCOPE
    answer = ask("第十四条原文", "你真是个垃圾", "它的配合单位?")
    assert articles(answer) == {14} and set(answer.departments.cooperating) == {"省发展改革委", "省商务厅"}


@pytest.mark.parametrize(
    "turn", ["谢谢,再见", "明白了,谢谢您", "没事了,谢谢", "ok", "thank you, bye", "不用了"]
)
def test_thanks_are_no_question(ask: Ask, turn: str) -> None:
    assert ask("第十四条原文", turn).status is Status.CLARIFY


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("省工信委现在叫什么名字?", "省工信委自 2018 年起为甘肃省工业和信息化厅"),
        ("省质监局改成什么了", "省质监局自 2018 年起为甘肃省市场监督管理局"),
    ],
)
def test_a_bodys_present_name_is_told_with_its_articles(ask: Ask, question: str, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED and answer.text.startswith(words)


@pytest.mark.parametrize(
    "question", ["这个文件讲了什么?", "概括一下全文", "文件有几个部分?", "这份意见的主要内容"]
)
def test_a_document_as_a_whole_is_its_parts_and_headings(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert articles(answer) == ALL
    assert "四、加快产业转型升级" in answer.text and "(十四)“加强财政支持力度”" in answer.text


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("贷款贴息谁牵头", "人才引进谁牵头", "刚才那个贴息的原文"), {14}),
        (("贷款贴息谁牵头", "人才引进谁牵头", "回到贴息,配合单位?"), {14}),
        (("第十四条和第十五条", "它们牵头单位一样吗?"), {14, 15}),
        (("第十八条和第十九条有什么区别?", "两条的共同配合部门有哪些?"), {18, 19}),
    ],
)
def test_what_was_talked_about_is_gone_back_to(ask: Ask, turns: tuple[str, ...], expected: set[int]) -> None:
    assert articles(ask(*turns)) == expected


@pytest.mark.parametrize(
    "question",
    ["信息化是省财政厅牵头吗?谁来配合?", "省商务厅在信息化那条是牵头还是配合?配合单位都有哪些?"],
)
def test_who_cooperates_is_told_beside_the_role_asked_about(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert articles(answer) == {16}
    assert set(answer.departments.cooperating) == {"省发展改革委", "省商务厅"}
