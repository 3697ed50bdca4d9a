"""Facts that the policy states, and things it does not: rates, amounts, telephones, other places."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rag_samples import articles, check_answer

from rag.build import Assistant
from rag.types import Answer, Status


@pytest.mark.parametrize(
    ("question", "article", "words"),
    [
        ("多规合一示范试点从哪一年开始?", 18, "2016年"),
        ("鼓励类外商投资企业审批下放的额度是多少?", 5, "3亿美元"),
        ("实施几年以上的规划要开展环境影响评价?", 18, "五年"),
        ("闲置、低效用地怎么处理?", 19, "处置力度"),
        ("考核不达标的国家级经开区会怎么样?", 21, "调整退出"),
        ("审批权限下放落实不到位的市州政府怎么处理?", 20, "通报批评"),
        ("企业能不能发行短期融资券?", 15, "短期融资券"),
        ("循环经济的目标是什么?", 17, "减量化、再利用、资源化"),
        ("设立境外生产基地有什么支持?", 9, "境外生产基地"),
    ],
)
def test_what_the_policy_states_is_quoted(
    ask: Callable[..., Answer], assistant: Assistant, question: str, article: int, words: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert answer.status is Status.ANSWERED
    assert articles(answer) == [article]
    assert words in "".join(citation.quote for citation in answer.citations)
    assert all(citation.quote in answer.text.replace("\\", "") for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "贷款贴息的比例是百分之几?",
        "贴息最高能给多少万元?",
        "高新技术企业的所得税税率是多少?",
        "引进人才的安家费有多少钱?",
        "省财政厅的电话是多少?",
        "省商务厅的办公地址在哪里?",
        "申报贴息需要提交哪些材料?",
        "贴息申请表在哪里下载?",
        "外资审批要几个工作日?",
        "申报贴息的截止日期是哪天?",
        "省财政厅厅长是谁?",
        "去年全省进出口额是多少?",
    ],
)
def test_what_the_policy_does_not_state_is_refused(
    ask: Callable[..., Answer], assistant: Assistant, question: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert answer.status is Status.NOT_IN_CORPUS
    assert "没有写明" in answer.text


def test_a_refusal_shows_the_nearest_clause_and_who_may_know(ask: Callable[..., Answer]) -> None:
    answer = ask("贷款贴息的比例是百分之几?")
    assert articles(answer) == [14]
    assert "最接近的条文是(十四)" in answer.text and "省财政厅牵头，可以向其了解" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "周末兰州会下雨吗?",
        "番茄炒蛋怎么炒?",
        "写一首关于黄河的诗",
        "给我讲个笑话",
        "买哪只股票好?",
        "世界杯谁赢了?",
        "发烧吃什么药?",
    ],
)
def test_other_talk_is_out_of_scope(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.OUT_OF_SCOPE and not answer.citations


@pytest.mark.parametrize(
    "question",
    ["浙江省的园区有什么政策?", "深圳高新区怎么招商?", "陕西西咸新区的优惠有哪些?", "成都经开区的土地政策"],
)
def test_other_places_are_not_covered(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NOT_IN_CORPUS and not answer.citations
    assert "外地" in answer.text


def test_a_partner_in_another_place_is_no_other_place(ask: Callable[..., Answer]) -> None:
    assert ask("想和江苏的园区合作开展产业转移,找谁?").status is Status.ANSWERED


@pytest.mark.parametrize("question", ["asdfgh qwerty zxcvb", "我想离婚"])
def test_what_has_nothing_to_do_with_the_policy_is_not_answered(
    ask: Callable[..., Answer], question: str
) -> None:
    answer = ask(question)
    assert answer.to_json()["refused"] and not answer.citations


@pytest.mark.parametrize(
    "question",
    [
        "红烧肉怎么做?",
        "养老保险怎么交?",
        "驾照怎么换?",
        "量子力学的基本原理",
        "吃葡萄不吐葡萄皮",
        "婚姻登记去哪里办?",
    ],
)
def test_matters_that_the_policy_does_not_touch_are_refused(
    ask: Callable[..., Answer], question: str
) -> None:
    assert ask(question).to_json()["refused"]


@pytest.mark.parametrize("question", ["那配合的呢?", "这一条的原文", "谁牵头?"])
def test_a_question_that_points_to_nothing_is_asked_back(ask: Callable[..., Answer], question: str) -> None:
    assert ask(question).status is Status.CLARIFY


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("考核里知识产权保护占几分?", "not_in_corpus"),
        ("单列的新增建设用地指标一年有多少亩?", "not_in_corpus"),
        ("认定高新技术企业,审计报告要近几年的?", "not_in_corpus"),
        ("“小循环、中循环、大循环”分别叫什么?", "answered"),
    ],
)
def test_scores_areas_and_papers_are_only_given_where_they_stand(
    ask: Callable[..., Answer], question: str, status: str
) -> None:
    assert ask(question).status == status


def test_a_sum_that_the_clause_does_not_state_is_said_not_to_be_there(ask: Callable[..., Answer]) -> None:
    text = ask("听说挂新三板省里给奖励一百万，是不是真的？").text
    assert text.startswith("(十五)“创新投融资体制”里没有写到“一百万”")
