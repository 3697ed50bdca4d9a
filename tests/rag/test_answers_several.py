"""Several documents side by side: which one is meant, and whose body is whose."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rag_samples import ADVERTISING, MEASURES, SEED, articles, check_answer, documents, given

from rag.build import Assistant
from rag.types import Answer, Status


@pytest.mark.parametrize(
    ("question", "document", "article"),
    [
        ("云政发〔2022〕8号第二条讲什么", MEASURES, 2),
        ("云政发[2022]8号第2条", MEASURES, 2),
        ("《云岭市人民政府关于支持小微企业发展的若干措施》第四条", MEASURES, 4),
        ("支持小微企业发展的若干措施第四条谁牵头", MEASURES, 4),
        ("《云岭市户外广告设施管理办法》第五条", ADVERTISING, 5),
        ("云岭市户外广告设施管理办法第五条", ADVERTISING, 5),
        ("户外广告设施管理办法第七条的原文", ADVERTISING, 7),
        ("《户外广告设施管理办法》最后一条", ADVERTISING, 8),
        ("云政办发〔2023〕5号第一条", ADVERTISING, 1),
        (f"{MEASURES} 第三条", MEASURES, 3),
        ("第十四条", SEED, 14),
    ],
)
def test_a_document_is_named_by_number_title_or_id(
    ask_several: Callable[..., Answer], several: Assistant, question: str, document: str, article: int
) -> None:
    answer = ask_several(question)
    check_answer(several, answer)
    assert documents(answer) == {document} and articles(answer) == [article]


def test_an_article_that_several_documents_have_is_quoted_from_each(
    ask_several: Callable[..., Answer],
) -> None:
    answer = ask_several("第二条讲什么")
    assert {(c.document_id, c.article) for c in answer.citations} == {
        (SEED, 2),
        (MEASURES, 2),
        (ADVERTISING, 2),
    }
    assert documents(ask_several("第十四条讲什么")) == {SEED}


def test_who_leads_an_article_is_said_of_one_document_and_names_the_others(
    ask_several: Callable[..., Answer],
) -> None:
    answer = ask_several("第二条谁牵头")
    assert documents(answer) == {SEED}
    assert "其他收录的文件也有这一条" in answer.text
    assert "《云岭市户外广告设施管理办法》" in answer.text
    assert "其他收录的文件" not in ask_several("第十四条谁牵头").text


def test_no_such_article_in_the_document_named(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("云政发〔2022〕8号第14条")
    assert answer.status is Status.NO_SUCH_ARTICLE
    assert "从1到5，共 5 条" in answer.text


@pytest.mark.parametrize(
    ("question", "document", "expected"),
    [
        ("云政发〔2022〕8号第二部分有哪几条", MEASURES, [4, 5]),
        ("户外广告设施管理办法第二章有哪些条", ADVERTISING, [4, 5, 6]),
        ("第四部分有哪几条", SEED, [10, 11, 12, 13, 14, 15, 16]),
        ("云政发〔2022〕8号一共几条", MEASURES, [1, 2, 3, 4, 5]),
    ],
)
def test_parts_and_counts_of_one_document(
    ask_several: Callable[..., Answer], question: str, document: str, expected: list[int]
) -> None:
    answer = ask_several(question)
    assert documents(answer) == {document} and articles(answer) == expected


@pytest.mark.parametrize(
    ("question", "document", "lead", "cooperating"),
    [
        ("小微企业首贷贴息由谁牵头?", MEASURES, {"市财政局"}, {"市金融办", "市工信局"}),
        ("承租市属国有房屋免收租金找哪个部门?", MEASURES, {"市国资委"}, {"市财政局", "市商务局"}),
        ("发放稳岗补贴由谁牵头?", MEASURES, {"市人社局"}, {"市财政局", "市民政局"}),
        ("国家级经开区基础设施贷款贴息由谁牵头?", SEED, {"省财政厅"}, {"省发展改革委", "省商务厅"}),
    ],
)
def test_a_topic_finds_its_document(
    ask_several: Callable[..., Answer], question: str, document: str, lead: set[str], cooperating: set[str]
) -> None:
    answer = ask_several(question)
    assert documents(answer) == {document}
    assert given(answer) == (lead, cooperating)


def test_bodies_without_a_lead_are_given_as_responsible(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("下调用水价格由谁负责?")
    assert "**市水务局负责**（没有写明谁牵头）" in answer.text
    assert given(answer) == (set(), set())
    listed = ask_several("市水务局负责哪几条?")
    assert articles(listed) == [3] and "市水务局负责 1 条" in listed.text


@pytest.mark.parametrize(
    ("question", "document", "expected", "body"),
    [
        ("市财政局牵头哪几条？", MEASURES, [2], "市财政局"),
        ("省财政厅牵头哪几条？", SEED, [14], "省财政厅"),
        ("财政厅牵头哪几条？", SEED, [14], "省财政厅"),
        ("云岭市财政局参与哪几条?", MEASURES, [1, 2, 4], "市财政局"),
        ("市商务局配合哪几条?", MEASURES, [1], "市商务局"),
        ("省商务厅牵头哪几条？", SEED, [7, 8, 9, 23, 24], "省商务厅"),
        ("市民政局配合哪几条?", MEASURES, [4], "市民政局"),
    ],
)
def test_city_and_provincial_bodies_are_kept_apart(
    ask_several: Callable[..., Answer], question: str, document: str, expected: list[int], body: str
) -> None:
    answer = ask_several(question)
    assert documents(answer) == {document} and articles(answer) == expected
    lead, cooperating = given(answer)
    assert lead | cooperating == {body}


@pytest.mark.parametrize("name", ["省民政厅", "临海市财政局", "浙江省财政厅", "省审计厅"])
def test_a_body_of_another_level_or_place_has_no_part(ask_several: Callable[..., Answer], name: str) -> None:
    assert ask_several(f"{name}牵头哪几条？").status is Status.NO_SUCH_ROLE


def test_a_provincial_body_is_not_confirmed_in_the_citys_clause(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("小微企业首贷贴息是省财政厅牵头吧?")
    assert documents(answer) == {MEASURES}
    assert "省财政厅不在" in answer.text and given(answer)[0] == {"市财政局"}


@pytest.mark.parametrize(
    ("question", "document", "quote"),
    [
        ("若干措施有效期到什么时候?", MEASURES, "有效期至2024年2月29日"),
        ("云政发〔2022〕8号什么时候印发的?", MEASURES, "2022年2月18日"),
        ("云政发〔2022〕8号主送哪些单位?", MEASURES, "各县区人民政府,市政府各部门"),
        ("户外广告设施管理办法的文号是什么?", ADVERTISING, "云政办发〔2023〕5号"),
        ("户外广告设施管理办法什么时候施行?", ADVERTISING, "自2023年7月1日起施行"),
        ("云政办发〔2023〕5号是哪个单位印发的?", ADVERTISING, "云岭市人民政府办公室"),
    ],
)
def test_facts_of_each_document(
    ask_several: Callable[..., Answer], several: Assistant, question: str, document: str, quote: str
) -> None:
    answer = ask_several(question)
    check_answer(several, answer)
    assert answer.status is Status.ANSWERED and documents(answer) == {document}
    assert any(quote in citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    ("question", "document", "article", "words"),
    [
        ("设置大型户外广告需要提交什么材料?", ADVERTISING, 4, "申请表"),
        ("擅自设置大型户外广告罚多少钱?", ADVERTISING, 7, "1万元以上3万元以下"),
        ("户外广告设施的设置期限是几年?", ADVERTISING, 6, "5年"),
        ("首贷贴息比例是百分之多少?", MEASURES, 2, "30%"),
        ("稳岗补贴每人多少钱?", MEASURES, 4, "1000元"),
    ],
)
def test_amounts_and_terms_that_a_document_states_are_given(
    ask_several: Callable[..., Answer], question: str, document: str, article: int, words: str
) -> None:
    answer = ask_several(question)
    assert answer.status is Status.ANSWERED
    assert documents(answer) == {document} and articles(answer) == [article]
    assert words in "".join(citation.quote for citation in answer.citations)


def test_all_clauses_with_a_word_over_all_documents(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("哪些条款提到贴息?")
    found = {(citation.document_id, citation.article) for citation in answer.citations}
    assert found == {(SEED, 13), (SEED, 14), (MEASURES, 2)}


def test_leading_bodies_of_one_document(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("云政发〔2022〕8号哪些部门牵头?")
    assert given(answer)[0] == {"市国资委", "市财政局", "市人社局", "市交通运输局"}
    assert "市国资委:1.“减免房屋租金”" in answer.text


def test_follow_ups_stay_in_the_document(ask_several: Callable[..., Answer]) -> None:
    answer = ask_several("送工返岗由谁牵头?", "上一条呢?")
    assert documents(answer) == {MEASURES} and articles(answer) == [4]
    answer = ask_several("云政发〔2022〕8号第五条", "下一条")
    assert answer.status is Status.NO_SUCH_ARTICLE and "没有第六条" in answer.text
    answer = ask_several("云政发〔2022〕8号第五条谁牵头", "第二条呢")
    assert documents(answer) == {MEASURES} and articles(answer) == [2]


def test_the_days_of_a_decision(ask_several: Callable[..., Answer]) -> None:
    assert articles(ask_several("户外广告申请几个工作日内决定?")) == [5]


def test_a_body_named_in_the_sentence(ask_several: Callable[..., Answer]) -> None:
    assert articles(ask_several("户外广告设施由谁主管?")) == [3]


def test_a_percentage_answers_how_much(ask_several: Callable[..., Answer]) -> None:
    assert ask_several("用水价格下调多少?").status is Status.ANSWERED
