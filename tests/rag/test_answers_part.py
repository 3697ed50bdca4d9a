"""The part of one named body in one matter: told where it has one, denied with the clause where it has none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.types import Answer, Status

Ask = Callable[..., Answer]


@pytest.mark.parametrize(
    ("question", "article", "words"),
    [
        ("省财政厅在贷款贴息中负责什么", 14, "**省财政厅是牵头单位**"),
        (
            "在土地节约集约利用工作中，省建设厅承担什么职责？",
            19,
            "**省建设厅是配合单位**，牵头的是省国土资源厅",
        ),
        ("兰州海关在对外开放方面起什么作用", 9, "是配合单位**，牵头的是省商务厅"),
    ],
)
def test_a_part_that_a_body_has(ask: Ask, question: str, article: int, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.ANSWERED and answer.citations[0].article == article
    assert words in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "省民政厅在招商引资中承担什么职责？",
            "省民政厅不在(七)“提高招商引资质量和水平”的责任单位里，牵头的是省商务厅",
        ),
        ("在贷款贴息这项工作里省体育局具体负责哪些环节", "省体育局不在(十四)"),
        ("闲置土地处置的时候，省公安厅负责核查哪些内容？", "省公安厅不在(十九)"),
        ("我在省民政厅，领导问招商引资这一块我们厅要承担什么任务，怎么写的？", "省民政厅不在(七)"),
        # No list names it, and no document does.
        ("消防救援队在招商引资里负责什么", "消防救援队没有牵头或配合任何条款"),
    ],
)
def test_a_part_that_a_body_does_not_have(ask: Ask, question: str, words: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NO_SUCH_ROLE
    assert words in answer.text


def test_all_duties_of_a_body_are_still_a_list(ask: Ask) -> None:
    assert "牵头 5 条" in ask("在这份文件里省商务厅承担哪些任务").text
