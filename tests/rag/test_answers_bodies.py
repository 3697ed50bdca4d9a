"""Who leads and who cooperates, over all parts of the policy; claims about roles and figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rag_samples import articles, check_answer, given

from rag.build import Assistant
from rag.types import Answer, Status

WHO = [
    ("申报基础设施项目贷款贴息由哪个部门牵头？", 14),
    ("修订国家级经开区发展规划由谁牵头?", 18),
    ("多规合一示范试点由哪个部门牵头？", 18),
    ("保税仓库、保税物流中心的申报设立由谁牵头?", 9),
    ("急需人才引进绿色通道由谁牵头?", 13),
    ("组织认定高新技术企业由哪个部门负责?", 12),
    ("发展生产性服务业由谁牵头?", 11),
    ("运用云计算、物联网由谁牵头?", 16),
    ("设立投融资公司由哪个部门牵头？", 15),
    ("三证合一模式的试行由谁牵头?", 5),
    ("闲置、低效用地的处置由谁牵头?", 19),
    ("循环化改造示范试点园区由谁牵头?", 17),
    ("出国(境)招商引资团组管理由谁牵头?", 23),
    ("定期考核、限期整改、申报退出由谁牵头?", 21),
    ("发展飞地经济由谁牵头?", 6),
    ("政企沟通和举报处理机制由谁牵头?", 24),
    ("道路、电力、通讯基础设施建设由谁牵头?", 22),
    ("百亿企业和千亿产业的培育由谁牵头?", 10),
    ("对新增债务、安全生产的考核评价由谁牵头?", 3),
    ("审批权限下放不到位的通报批评由谁牵头?", 20),
    ("人民币资本项目可兑换试点由谁牵头?", 4),
    ("以商招商、上门招商由谁牵头?", 7),
    ("与东部省市园区建立战略合作由谁牵头?", 8),
]


@pytest.mark.parametrize(("question", "article"), WHO, ids=[str(article) for _, article in WHO])
def test_a_topic_gets_its_clause_with_exactly_its_bodies(
    ask: Callable[..., Answer], assistant: Assistant, question: str, article: int
) -> None:
    answer = ask(question)
    clause = next(stored.clause for stored in assistant.clauses() if stored.clause.article == article)
    (duty,) = clause.responsibilities
    assert answer.status is Status.ANSWERED
    assert articles(answer) == [article]
    assert (answer.departments.lead, answer.departments.cooperating) == (duty.lead, duty.cooperating)
    assert f"**{duty.lead[0]}牵头**" in answer.text
    assert all(name in answer.text for name in duty.cooperating)
    check_answer(assistant, answer)


def test_asked_for_one_role_both_are_given_with_the_asked_one_first(ask: Callable[..., Answer]) -> None:
    answer = ask("面向中西亚的出口加工区,谁配合?")
    assert articles(answer) == [9]
    assert given(answer) == ({"省商务厅"}, {"兰州海关", "甘肃出入境检验检疫局"})
    assert answer.text.startswith("**兰州海关、甘肃出入境检验检疫局等部门配合**，省商务厅牵头")


def test_the_misprinted_lead_is_read_as_meant_and_said(ask: Callable[..., Answer]) -> None:
    answer = ask("第十八条由谁牵头?")
    assert given(answer)[0] == {"省发展改革委"}
    assert "(省发展改革牵头," in answer.citations[0].quote
    assert "漏一“委”字" in answer.text


def test_several_topics_are_answered_one_after_another(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息、云计算、闲置土地分别由谁牵头?")
    assert articles(answer) == [14, 16, 19]
    assert given(answer)[0] == {"省财政厅", "省工信委", "省国土资源厅"}
    for topic in ("贷款贴息", "云计算", "闲置土地"):
        assert f"**{topic}**：" in answer.text


@pytest.mark.parametrize(
    ("question", "article", "lead", "said"),
    [
        ("贷款贴息是省商务厅牵头吧?", 14, "省财政厅", "省商务厅是配合单位，牵头的是省财政厅"),
        (
            "听说闲置土地由省建设厅牵头处置,是吗?",
            19,
            "省国土资源厅",
            "省建设厅是配合单位，牵头的是省国土资源厅",
        ),
        ("人才引进绿色通道是省教育厅牵头吧?", 13, "省人社厅", "省教育厅是配合单位，牵头的是省人社厅"),
        (
            "发展生产性服务业由省发展改革委牵头,对吗?",
            11,
            "省工信委",
            "省发展改革委是配合单位，牵头的是省工信委",
        ),
        ("贷款贴息由省审计厅牵头,对吧?", 14, "省财政厅", "省审计厅不在"),
    ],
)
def test_a_wrong_lead_in_the_question_is_corrected(
    ask: Callable[..., Answer], question: str, article: int, lead: str, said: str
) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert articles(answer) == [article]
    assert given(answer)[0] == {lead}
    assert said in answer.text


def test_a_right_claim_is_confirmed(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息是省财政厅牵头吧?")
    assert "省财政厅是牵头单位" in answer.text and "不是这样" not in answer.text
    assert given(answer)[0] == {"省财政厅"}


def test_a_cooperating_body_claimed_to_lead_nothing_is_confirmed(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息里省商务厅只是配合吧?")
    assert "省商务厅是配合单位" in answer.text and "不是这样" not in answer.text


def test_a_renamed_body_is_recognised_in_its_clause(ask: Callable[..., Answer]) -> None:
    answer = ask("闲置土地是省自然资源厅牵头吗?")
    assert articles(answer) == [19] and given(answer)[0] == {"省国土资源厅"}
    assert "不是这样" not in answer.text
    assert answer.departments.current["省国土资源厅"] == "甘肃省自然资源厅"


@pytest.mark.parametrize(
    ("question", "article", "printed", "asked"),
    [
        ("文件规定总投资额5亿美元以下的鼓励类外资审批下放,对吗?", 5, "3亿美元", "5亿美元"),
        ("限制类外商投资企业的审批是8000万美元以下下放,对不对?", 5, "5000万美元", "8000万美元"),
        ("多规合一示范试点是从2018年开始的,对吧?", 18, "2016年", "2018年"),
    ],
)
def test_a_wrong_figure_in_the_question_is_corrected(
    ask: Callable[..., Answer], question: str, article: int, printed: str, asked: str
) -> None:
    answer = ask(question)
    assert articles(answer) == [article]
    assert f"不是“{asked}”" in answer.text
    assert printed in answer.text.split("不是“")[0]


@pytest.mark.parametrize(
    "question",
    [
        "总投资额3亿美元以下的鼓励类外资审批下放,对吗?",
        "多规合一示范试点从2016年开始,对吧?",
        "总投资额300000000美元以下的审批下放,对吗?",
    ],
)
def test_a_right_figure_is_not_corrected(ask: Callable[..., Answer], question: str) -> None:
    assert "与原文不符" not in ask(question).text


def test_a_false_premise_never_says_that_a_body_leads_nothing_when_it_leads_other_clauses(
    ask: Callable[..., Answer],
) -> None:
    answer = ask("省商务厅牵头哪几条关于贴息的条款?")
    assert "在写到“贴息”的条文里，省商务厅不牵头" in answer.text
    assert given(answer) == (set(), {"省商务厅"})
