"""Which clause is quoted, and which of its sentences."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import ADVERTISING, MEASURES, SEED, context_for

from ingest.stores.catalogue import StoredClause
from rag.build import Assistant
from rag.context import Context
from rag.evidence import (
    best_sentences,
    join_spans,
    quote_holding,
    quote_point,
    search,
    whole_point,
    with_items,
)
from rag.types import Answer


def clause_of(context: Context, document_id: str, article: int) -> StoredClause:
    return next(c for c in context.snapshot.catalogue.clauses(document_id) if c.clause.article == article)


def quoted(context: Context, clause: StoredClause, topic: str) -> list[str]:
    text = context.snapshot.documents[clause.document_id].document.text
    return [text[start:end] for start, end in quote_point(context, clause, topic).quotes]


@pytest.mark.parametrize(
    ("article", "topic", "held", "left"),
    [
        (5, "外资审批的总投资额", "3亿美元以下", "三证合一"),
        (5, "三证合一 工商登记", "三证合一", "3亿美元"),
        (12, "知识产权", "知识产权试点示范园区", ""),
        (18, "规划环境影响评价", "环境影响", ""),
    ],
)
def test_the_sentence_on_the_topic_is_quoted(
    assistant: Assistant, article: int, topic: str, held: str, left: str
) -> None:
    with context_for(assistant, topic) as context:
        words = "".join(quoted(context, clause_of(context, SEED, article), topic))
        assert held in words
        assert not left or left not in words


@settings(max_examples=60)
@given(article=st.integers(1, 24), topic=st.text("贴息人才土地规划考核外资信息化", min_size=2, max_size=8))
def test_quotes_are_sentences_inside_their_clause(assistant: Assistant, article: int, topic: str) -> None:
    with context_for(assistant, topic) as context:
        clause = clause_of(context, SEED, article)
        text = context.snapshot.documents[SEED].document.text
        point = quote_point(context, clause, topic)
        assert point.quotes
        for start, end in point.quotes:
            assert clause.clause.start <= start < end <= clause.clause.end
            assert text[start:end].strip() == text[start:end]
            # Who leads and who cooperates is told below the quote, never in it.
            assert "牵头," not in text[start:end]


@settings(max_examples=50)
@given(spans=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=8))
def test_joined_spans_are_apart_in_order_and_cover_the_same(spans: list[tuple[int, int]]) -> None:
    text = "一 二三\n四五 六" * 8
    given_spans = [(start, min(len(text), start + length)) for start, length in spans]
    joined = join_spans(text, given_spans)
    covered = {i for start, end in given_spans for i in range(start, end) if text[i].strip()}
    assert {i for start, end in joined for i in range(start, end) if text[i].strip()} == covered
    for (_, end), (start, _) in itertools.pairwise(joined):
        assert text[end:start].strip()


def test_a_part_that_ends_in_a_semicolon_is_quoted_to_the_full_stop(several: Assistant) -> None:
    topic = "三方面资金"
    with context_for(several, topic) as context:
        for clause in context.snapshot.catalogue.clauses(SEED):
            text = context.snapshot.documents[SEED].document.text
            for _start, end in quote_point(context, clause, topic).quotes:
                rest = re.match(r"[^。\n]*。", text[end : clause.clause.end])
                assert text[end - 1] not in ";；" or rest is None or len(rest.group()) > 60


def test_the_sentence_that_holds_a_time_limit_is_found_and_none_where_there_is_none(
    several: Assistant,
) -> None:
    days = re.compile(r"\d+个工作日")
    with context_for(several, "大型户外广告多少天作出决定") as context:
        point = quote_holding(context, clause_of(context, ADVERTISING, 5), [days])
        assert point is not None
        start, end = point.quotes[0]
        assert "10个工作日内" in context.snapshot.documents[ADVERTISING].document.text[start:end]
        assert quote_holding(context, clause_of(context, ADVERTISING, 6), [days]) is None


def test_labels_of_bodies_are_no_sentence(several: Assistant) -> None:
    with context_for(several, "首贷贴息 市财政局 市金融办") as context:
        clause = clause_of(context, MEASURES, 2)
        words = [s.text for s in best_sentences(context, clause, "市财政局 市金融办")]
        assert words and all("牵头单位" not in word for word in words)


def test_a_clause_without_items_stands_alone(several: Assistant) -> None:
    with context_for(several, "户外广告") as context:
        point = whole_point(clause_of(context, ADVERTISING, 6))
        assert with_items(context, point) == (point,)


def test_best_hits_come_first_and_of_the_documents_that_may_answer(several: Assistant) -> None:
    with context_for(several, "设置大型户外广告要交什么材料") as context:
        hits = search(context)
        assert (hits[0].clause.document_id, hits[0].clause.clause.article) == (ADVERTISING, 4)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert {hit.clause.document_id for hit in hits} <= set(context.document_ids)


@pytest.mark.parametrize(
    ("question", "article"),
    [("大型户外广告设施的设置期限最长几年?", 6), ("擅自设置大型户外广告设施怎么罚?", 7)],
)
def test_the_quoted_clause_is_the_one_asked_about(
    ask_several: Callable[..., Answer], question: str, article: int
) -> None:
    assert ask_several(question).citations[0].article == article
