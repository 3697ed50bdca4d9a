"""Ranked clauses for a query, and the sentences of a clause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import MEASURES, SEED

from rag.build import Assistant
from rag.retrieve import Retriever


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("贷款贴息", 14),
        ("云计算 物联网", 16),
        ("闲置土地二次开发", 19),
        ("海关特殊监管区 保税仓库", 9),
        ("三证合一", 5),
        ("循环经济 减少污染", 17),
        ("高新技术企业认定", 12),
        ("贷款贴息由谁牵头?", 14),
        ("新三板挂牌", 15),
    ],
)
def test_the_right_clause_comes_first(assistant: Assistant, query: str, article: int) -> None:
    assert assistant.search(query, 5)[0].clause.clause.article == article


@pytest.mark.parametrize("limit", [1, 3, 10, 24, 100])
def test_hits_are_distinct_in_order_and_not_more_than_wanted(assistant: Assistant, limit: int) -> None:
    hits = assistant.search("国家级经开区", limit) or assistant.search("土地", limit)
    assert len(hits) <= limit
    assert len({hit.clause.key for hit in hits}) == len(hits)
    # The policy's own clauses first, then those of the documents around it; each in order.
    own = [hit.clause.document_id == SEED for hit in hits]
    assert own == sorted(own, reverse=True)
    for ours in (True, False):
        scores = [hit.score for hit, is_own in zip(hits, own, strict=True) if is_own is ours]
        assert scores == sorted(scores, reverse=True)
    scores = [hit.score for hit in hits]
    assert all(0 <= score <= 1.001 for score in scores)


def test_a_longer_list_begins_with_the_shorter_one(assistant: Assistant) -> None:
    short = [hit.clause.key for hit in assistant.search("人才引进", 3)]
    assert [hit.clause.key for hit in assistant.search("人才引进", 20)][:3] == short


def test_the_same_query_gives_the_same_hits(assistant: Assistant) -> None:
    first, second = (assistant.search("招商引资", 10) for _ in range(2))
    assert [(h.clause.key, h.score) for h in first] == [(h.clause.key, h.score) for h in second]


def test_only_the_documents_asked_for(several: Assistant) -> None:
    index, retriever = several._index, several.knowledge.retriever
    with index.snapshot() as snapshot:
        everywhere = retriever.search(snapshot, "贴息", 20)
        there = retriever.search(snapshot, "贴息", 20, (MEASURES,))
    assert {hit.clause.document_id for hit in everywhere} >= {SEED, MEASURES}
    assert {hit.clause.document_id for hit in there} == {MEASURES}


def test_sentences_of_a_clause_are_spans_of_the_document_without_the_bracket(assistant: Assistant) -> None:
    retriever = assistant.knowledge.retriever
    with assistant._index.snapshot() as snapshot:
        for stored in snapshot.all_clauses:
            text = snapshot.documents[stored.document_id].document.text
            ranked = retriever.rank_sentences(snapshot, stored, "贷款贴息")
            assert ranked == sorted(ranked, key=lambda sentence: sentence.start)
            for sentence in ranked:
                assert text[sentence.start : sentence.end] == sentence.text
                assert stored.clause.start <= sentence.start < sentence.end <= stored.clause.end
                assert "等部门配合)" not in sentence.text


def test_rare_words_weigh_more(assistant: Assistant) -> None:
    with assistant._index.snapshot() as snapshot:
        words = assistant.knowledge.retriever.words(snapshot, "发展 贴息", snapshot.primary)
    assert words.weights["贴息"] > words.weights["发展"]
    assert words.coverage({"贴息"}) > 0.5 > words.coverage({"发展"})
    assert words.coverage(set()) == 0 and words.coverage(set(words.weights)) == pytest.approx(1)


def test_known_words_are_those_of_the_documents(assistant: Assistant) -> None:
    with assistant._index.snapshot() as snapshot:
        assert assistant.knowledge.retriever.known_words(snapshot, "贴息 离婚登记") >= {"贴息"}
        assert "离婚" not in assistant.knowledge.retriever.known_words(snapshot, "贴息 离婚登记")


@pytest.mark.parametrize("query", ["", "   ", "。。。", "🎉"])
def test_a_query_without_words_finds_nothing_to_stand_on(assistant: Assistant, query: str) -> None:
    assert all(hit.lexical == 0 for hit in assistant.search(query, 5))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_query_can_be_searched(assistant: Assistant, query: str) -> None:
    assert len(assistant.search(query, 7)) <= 7


def test_a_clause_of_the_document_that_is_nearest_otherwise_goes_before_one_as_near() -> None:
    dense = {"law#1": 0.8, "law#2": 0.5, "other#1": 0.52, "third#1": 0.3}
    assert Retriever._ranked(list(dense), {}, dense) == ["law#1", "law#2", "other#1", "third#1"]
    # Much nearer, it still comes first.
    dense["other#1"] = 0.6
    assert Retriever._ranked(list(dense), {}, dense)[:2] == ["law#1", "other#1"]
