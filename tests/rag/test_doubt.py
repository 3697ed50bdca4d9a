"""An article that was found is doubted by how it was read and how close it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from rag.build import Assistant
from rag.types import Answer, Status

TEXT = """云岭市支持露营产业若干措施
云政发〔2025〕9号
为支持露营产业，制定以下措施。
（一）放宽用地。使用未利用地建设露营营地的，可以不办理转用手续。（市自然资源和规划局牵头，市林业局配合）
（二）简化备案。营地开业前应当向文化和旅游部门备案，材料齐全的，三个工作日内办结。（市文化和旅游局牵头）
（三）支持建设。对新建投资五百万元以上的露营营地，按实际投资的百分之十给予补助，最高八十万元。（市财政局牵头）
（四）支持赛事。举办全国性户外赛事的，每场补助三十万元。（市体育局牵头，市财政局配合）
（五）落实防火责任。防火期内营地应当配备不少于四名专职防火员，禁止野外用火。（市林业局牵头，市应急管理局配合）
（六）加强食品安全。营地提供餐饮的，由市市场监管局每季度抽查一次。
云岭市人民政府
2025年4月2日
"""
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Ask]:
    with with_document("yunling-camping-2025", TEXT) as opened:
        yield lambda question: opened.ask([question])


@pytest.mark.parametrize(
    "question",
    [
        "云岭营地的厕所归哪个部门建？",
        "云岭营地旁边的树上有个马蜂窝，找谁来摘？",
        "云岭的娃娃打疫苗归哪个单位管？",
        "云岭全市现在一共有多少家营地？",
    ],
)
def test_what_the_document_never_mentions_is_refused(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NOT_IN_CORPUS, answer.text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("云岭放宽用地由哪个部门牵头？", "市自然资源和规划局"),
        ("云岭的营地防火归谁管？", "市林业局"),
        ("云岭营地里卖的吃食谁来抽查？", "市市场监管局"),
        ("云岭办全国性的户外比赛一场补多少？", "三十万元"),
    ],
)
def test_what_it_says_is_told(ask: Ask, question: str, told: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED, answer.text
    assert told in answer.text
