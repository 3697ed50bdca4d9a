"""Follow-ups that turn to another document, and a conversation ten turns deep."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rag_samples import SEED

from rag.build import Assistant
from rag.context import Focus
from rag.types import Answer, Status

PARENT = "guobanfa-2014-54"
# Earlier turns and the last one → the (document, article) pairs that the last answer cites first.
TURNS = [
    (("人才引进有什么政策?", "那国务院那份怎么说?"), [(SEED, 13), (PARENT, 12)]),
    (("第十三条写什么", "那54号文呢"), [(SEED, 13), (PARENT, 12)]),
    (("第十四条", "上位文件怎么写的?"), [(SEED, 14), (PARENT, 9)]),
    (("国发11号对用地怎么说?", "54号文呢?"), [(PARENT, 17)]),
    (("绿色园区54号文怎么说", "国发11号呢"), [("guofa-2019-11", 14)]),
    (("54号文对土地怎么规定", "甘肃呢?"), [(PARENT, 17), (SEED, 19)]),
    (("国发〔2017〕39号讲开发区的是哪几条", "第九条呢", "甘肃第九条呢"), [(SEED, 9)]),
    (("第十四条对应54号文哪条?", "那第五条呢"), [(SEED, 5), (PARENT, 7)]),
    (("兰州经开区是国家级吗?", "贷款贴息找谁?"), [(SEED, 14)]),
]


def cited(answer: Answer) -> list[tuple[str, int | None]]:
    """The (document, article) pairs of an answer, each once, best first."""
    return list(dict.fromkeys((c.document_id, c.article) for c in answer.citations))


@pytest.mark.parametrize(("turns", "expected"), TURNS)
def test_a_follow_up_is_asked_of_the_document_it_names(
    ask: Callable[..., Answer], turns: tuple[str, ...], expected: list[tuple[str, int]]
) -> None:
    assert cited(ask(*turns))[: len(expected)] == expected


def test_who_leads_after_both_documents_is_the_policys_body(ask: Callable[..., Answer]) -> None:
    answer = ask("54号文对土地怎么规定", "甘肃呢?", "谁牵头?")
    assert answer.departments.lead == ("省国土资源厅",)


def test_the_next_body_is_asked_what_it_is_called_too(ask: Callable[..., Answer]) -> None:
    assert "甘肃省生态环境厅" in ask("省国土厅现在叫什么", "省环保厅呢").text


TEN = [
    ("修路借的钱利息能补吗,找谁?", "省财政厅", 14),
    ("配合的呢?", "省发展改革委", 14),
    ("原文给我看看", "省级财政安排专项资金", 14),
    ("它上面对应国办哪一条?", "(九)", 14),
    ("这个现在还管用吗?", "财建〔2012〕94号", 14),
    ("下一条呢", "创新投融资体制", 15),
    ("谁牵头?", "省政府金融办", 15),
    ("那国务院那份怎么说?", "(十三)", 15),
    ("换个问题,招商的接待团组谁来管?", "省商务厅", 23),
    ("回到贷款贴息,第几条?", "(十四)", 14),
]


def test_a_conversation_ten_turns_deep_keeps_what_each_turn_is_about(assistant: Assistant) -> None:
    focus = Focus()
    for text, words, article in TEN:
        turn = assistant.turn(text, focus)
        assert turn.answer.status is Status.ANSWERED, text
        assert words in turn.answer.text, (text, turn.answer.text)
        assert (SEED, article) in cited(turn.answer), (text, cited(turn.answer))
        focus = turn.focus
