"""The clauses of an answer as a language model is given them, within its budget."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import SEED, context_for

from ingest.prompts import Prompt, load_prompt
from ingest.settings import ROOT
from ingest.token_count import Counter, open_counter
from rag.build import Assistant
from rag.context import Context
from rag.draft import Point
from rag.evidence import quote_point
from rag.pack import pack

QUESTION = "国家级经开区的贷款贴息、人才、信息化分别怎么规定?"
ARTICLES = (14, 13, 16)


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    return load_prompt(ROOT / "prompts", "answer")


@pytest.fixture(scope="module")
def counter() -> Counter:
    return open_counter(None)


def points_of(context: Context) -> list[Point]:
    held = {c.clause.article: c for c in context.snapshot.catalogue.clauses(SEED)}
    return [quote_point(context, held[number], "贴息 人才 信息化", most=1) for number in ARTICLES]


def test_with_room_every_clause_is_whole_under_its_handle(
    assistant: Assistant, prompt: Prompt, counter: Counter
) -> None:
    with context_for(assistant, QUESTION) as context:
        points = points_of(context)
        packed = pack(context, points, prompt, counter, 100_000)
        assert packed.points == tuple(points)
        for number, point in enumerate(points, start=1):
            assert f"[S{number}] {point.clause.clause.text}\n责任:" in packed.text
        assert QUESTION in packed.text


@settings(max_examples=40)
@given(budget=st.integers(300, 4000))
def test_the_budget_is_kept_and_the_handles_run_through(
    assistant: Assistant, prompt: Prompt, counter: Counter, budget: int
) -> None:
    with context_for(assistant, QUESTION) as context:
        packed = pack(context, points_of(context), prompt, counter, budget)
        assert packed.tokens == counter.count(packed.text)
        assert not packed.points or packed.tokens <= budget
        for number in range(1, len(ARTICLES) + 1):
            assert (f"[S{number}]" in packed.text) is (number <= len(packed.points))


def test_a_clause_too_long_is_given_by_its_quoted_sentences(
    assistant: Assistant, prompt: Prompt, counter: Counter
) -> None:
    with context_for(assistant, QUESTION) as context:
        (point, *_) = points_of(context)
        whole = pack(context, [point], prompt, counter, 100_000)
        packed = pack(context, [point], prompt, counter, whole.tokens - 1)
        start, end = point.quotes[0]
        assert packed.points == (point,)
        assert point.clause.clause.text not in packed.text
        assert context.snapshot.documents[SEED].document.text[start:end] in packed.text


def test_what_fits_nowhere_is_left_out_and_a_shorter_one_behind_it_is_not(
    assistant: Assistant, prompt: Prompt, counter: Counter
) -> None:
    with context_for(assistant, QUESTION) as context:
        points = sorted(points_of(context), key=lambda p: -sum(b - a for a, b in p.quotes))
        alone = min(pack(context, [p], prompt, counter, 100_000).tokens for p in points[1:])
        packed = pack(context, points, prompt, counter, alone)
        assert packed.points and len(packed.points) < len(points)
