"""Clauses by number and place, parts, and numbers that do not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rag_samples import ADVERTISING, MEASURES, SEED, articles, check_answer, given

from rag.build import Assistant
from rag.types import Answer, Status


@pytest.mark.parametrize("number", range(1, 25))
def test_every_article_is_given_whole_with_its_bodies(assistant: Assistant, number: int) -> None:
    stored = next(s for s in assistant.clauses(SEED) if s.clause.article == number)
    answer = assistant.ask([f"第{number}条的原文是什么？"])
    check_answer(assistant, answer)
    assert [(c.article, c.quote) for c in answer.citations] == [(number, stored.clause.text)]
    (duty,) = stored.clause.responsibilities
    assert given(answer) == (set(duty.lead), set(duty.cooperating))
    assert answer.citations[0].path == stored.clause.path


@pytest.mark.parametrize("writing", ["第九条", "第9条", "（九）", "第(九)条讲什么", "article 9", "9条的内容"])
def test_an_article_in_other_writings(ask: Callable[..., Answer], writing: str) -> None:
    assert articles(ask(writing)) == [9]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第一条到第三条", [1, 2, 3]),
        ("前三条讲什么", [1, 2, 3]),
        ("第十四条和第十九条由谁牵头", [14, 19]),
        ("第二十二至二十四条", [22, 23, 24]),
        ("最后一条讲什么", [24]),
        ("倒数第三条谁牵头", [22]),
        ("开头那一条讲什么", [1]),
    ],
)
def test_several_articles_and_places(ask: Callable[..., Answer], question: str, expected: list[int]) -> None:
    assert articles(ask(question)) == expected


@pytest.mark.parametrize("question", ["第二十五条", "第30条谁牵头", "第0条", "第一百条的原文", "（九十九）"])
def test_no_such_article(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NO_SUCH_ARTICLE
    assert not answer.citations and not answer.departments.lead
    assert "(一)到(二十四)" in answer.text and "24 条" in answer.text


def test_of_several_articles_the_missing_one_is_named(ask: Callable[..., Answer]) -> None:
    answer = ask("第十四条和第三十条讲什么")
    assert articles(answer) == [14] and answer.status is Status.ANSWERED
    assert "没有第三十条" in answer.text


def test_from_the_end_further_than_there_are_articles(ask: Callable[..., Answer]) -> None:
    assert ask("倒数第五十条").to_json()["citations"] == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第一部分有哪几条?", [1, 2, 3]),
        ("第二部分讲什么", [4, 5, 6]),
        ("第三章有哪些条款", [7, 8, 9]),
        ("第四部分有哪几条", [10, 11, 12, 13, 14, 15, 16]),
        ("第5部分有几条", [17, 18, 19]),
        ("第六部分的条款", [20, 21, 22, 23, 24]),
    ],
)
def test_a_part_lists_its_articles(ask: Callable[..., Answer], question: str, expected: list[int]) -> None:
    answer = ask(question)
    assert articles(answer) == expected
    assert f"共 {len(expected)} 条" in answer.text


def test_no_such_part(ask: Callable[..., Answer]) -> None:
    answer = ask("第七部分有哪几条")
    assert answer.status is Status.NO_SUCH_ARTICLE and "6 个部分" in answer.text


def test_who_leads_an_article_is_answered_first(ask: Callable[..., Answer]) -> None:
    assert ask("第十九条谁牵头").text.startswith("(十九)“加强土地节约集约利用”:**省国土资源厅牵头**")


def test_text_that_looks_like_markup_is_shown_as_published(ask: Callable[..., Answer]) -> None:
    answer = ask("第五条的原文")
    assert "<" not in answer.text.replace("\\<", "")


def test_a_thing_that_the_named_article_does_not_say(ask: Callable[..., Answer]) -> None:
    assert "没有写明" in ask("第十四条的贴息比例是多少?").text


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("第二条说的首贷贴息怎么补?", MEASURES),
        ("第五条的受理之日起几个工作日是怎么写的?", ADVERTISING),
        ("第二条怎么说?", SEED),
    ],
)
def test_an_article_of_several_documents_is_the_one_on_the_matter(
    ask_several: Callable[..., Answer], question: str, document: str
) -> None:
    assert ask_several(question).citations[0].document_id == document
