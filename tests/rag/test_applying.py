"""When a subsidy is applied for is told from the article that says it for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from rag.build import Assistant
from rag.types import Answer, Status

TEXT = """云岭市人民政府关于扶持茶产业的若干措施
云政发〔2024〕21号
为扶持茶产业，制定以下措施。
（一）改造老茶园。对改造老茶园的茶农，每亩补助八百元，2026年底前改造两万亩。（市农业农村局牵头，市财政局配合）
（二）购置机械。对购置采茶机的合作社，每台补助三千元。（市农业农村局牵头）
（三）建设茶市。支持建设茶叶交易市场，优先安排用地。（市商务局牵头）
（四）举办茶会。每年举办一次茶叶博览会，给予三十万元补助。（市商务局牵头）
（五）培育品牌。对获评名茶的企业，奖励十万元，企业应当于每年9月30日前申请认定。（市市场监管局牵头）
（六）规范兑现。申报主体应当于每年3月31日前提出上一年度补助申请，6月30日前拨付资金。（市财政局牵头）
云岭市人民政府
2024年4月30日
"""
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Ask]:
    with with_document("yunling-tea-2024", TEXT) as opened:
        yield lambda question: opened.ask([question])


@pytest.mark.parametrize(
    ("question", "path"),
    [("云岭买采茶机的补助什么时候申报？", "(二)"), ("云岭改造老茶园，一亩补多少，哪天之前申请？", "(一)")],
)
def test_the_day_is_told_from_the_article_that_says_it_for_all(ask: Ask, question: str, path: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert [citation.path[-1] for citation in answer.citations][-1] == "(六)", answer.text
    assert path in {citation.path[-1] for citation in answer.citations}
    assert "3月31日前" in answer.text


@pytest.mark.parametrize(
    "question",
    ["云岭的企业评上名茶，什么时候之前申请认定？", "云岭买采茶机一台补多少？", "云岭建茶叶交易市场谁牵头？"],
)
def test_an_article_that_says_it_itself_and_other_questions_are_left_alone(ask: Ask, question: str) -> None:
    assert "3月31日前" not in ask(question).text
