"""What a question takes for granted and the text says otherwise is said, with the sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from rag.build import Assistant
from rag.types import Answer, Status

TEXT = """云岭市停车场管理办法
云政发〔2024〕19号
第一条 为规范停车场管理，制定本办法。
第二条 鼓励停车场经营者投保停车场公众责任保险。
第三条 停车场经营者应当每年检验地锁，检验记录必须保存二年。
第四条 未按规定检验地锁的，由市交通运输主管部门处一千元罚款。
第五条 禁止组织未成年人参加停车场夜间值守。
第六条 禁止向车主收取车位预约费。
第七条 停车场设置充电桩的，由市发展改革部门备案。
第八条 停车场应当公示收费标准。
第九条 本办法自2024年6月1日起施行。
云岭市人民政府
2024年4月30日
"""
Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def ask(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Ask]:
    with with_document("yunling-parking-2024", TEXT) as opened:
        yield lambda question: opened.ask([question])


@pytest.mark.parametrize(
    ("question", "opening", "words"),
    [
        ("云岭停车场公众责任保险是强制必须买的，没买罚多少？", "没有这样要求", "鼓励"),
        ("云岭的停车场既然允许向车主收取车位预约费，最多收多少钱？", "没有允许", "禁止"),
    ],
)
def test_the_sentence_that_says_otherwise_is_told(ask: Ask, question: str, opening: str, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED
    assert opening in answer.text and words in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "云岭停车场地锁的检验记录必须保存，要保存几年？",
        "云岭停车场必须检验地锁，没检验罚多少？",
        "云岭停车场夜间值守的补贴，每晚最少多少钱？",
        "云岭停车场的公众责任保险都得准备哪些材料，发票要不要？",
    ],
)
def test_other_questions_are_not_told_so(ask: Ask, question: str) -> None:
    text = ask(question).text
    assert "没有这样要求" not in text and "没有允许" not in text
