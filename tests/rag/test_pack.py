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
from rag.evidence import quote_point, whole_point
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
            assert f"[S{number}] {point.clause.clause.text}\n责任：" in packed.text
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
        points = points_of(context)
        # The fewest tokens that each needs alone: its quoted sentence.
        least = {
            point: next(
                budget
                for budget in range(300, 4000, 5)
                if pack(context, [point], prompt, counter, budget).points
            )
            for point in points
        }
        long, short = max(points, key=least.__getitem__), min(points, key=least.__getitem__)
        assert least[long] > least[short]
        assert pack(context, [long, short], prompt, counter, least[short]).points == (short,)


def test_where_nothing_fits_the_bare_prompt_is_counted(
    assistant: Assistant, prompt: Prompt, counter: Counter
) -> None:
    with context_for(assistant, QUESTION) as context:
        packed = pack(context, points_of(context), prompt, counter, 10)
        assert packed.points == () and "[S1]" not in packed.text
        assert packed.tokens == counter.count(packed.text) > 10


def test_the_budget_may_be_used_up_to_the_last_token(
    assistant: Assistant, prompt: Prompt, counter: Counter
) -> None:
    with context_for(assistant, QUESTION) as context:
        points = points_of(context)
        whole = pack(context, points, prompt, counter, 100_000)
        assert pack(context, points, prompt, counter, whole.tokens) == whole


@pytest.mark.parametrize(
    ("article", "bodies"),
    [
        (14, "责任：省财政厅牵头，省发展改革委、省商务厅等部门配合。"),
        (9, "责任：省商务厅牵头，兰州海关、甘肃出入境检验检疫局等部门配合。"),
        (20, "责任：省发展改革委牵头，相关市州政府、国家级经开区管委会配合。"),
    ],
)
def test_the_bodies_of_a_clause_stand_below_it_without_marks(
    assistant: Assistant, prompt: Prompt, counter: Counter, article: int, bodies: str
) -> None:
    with context_for(assistant, QUESTION) as context:
        (clause,) = [c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == article]
        passages = pack(context, [whole_point(clause)], prompt, counter, 100_000).text.split("<passages>")[1]
        assert passages.splitlines()[2] == bodies


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("贷款贴息由谁牵头？", "Simplified Chinese"),
        ("誰負責貸款貼息？", "Traditional Chinese"),
        ("Who leads loan interest subsidies?", "English"),
    ],
)
def test_the_question_stands_as_asked_and_the_language_is_the_askers(
    assistant: Assistant, prompt: Prompt, counter: Counter, question: str, language: str
) -> None:
    with context_for(assistant, question) as context:
        points = points_of(context)
        text = pack(context, points, prompt, counter, 100_000).text
        # The bodies stay as printed: names in English are not in the clause.
        assert "责任：省财政厅牵头，省发展改革委、省商务厅等部门配合。" in text
        assert f"<question>\n{question}\n</question>" in text and f"Write in {language}." in text


@pytest.mark.parametrize("question", ["{passages}贷款贴息", "{0}{}贷款贴息", "{{贷款贴息}}"])
def test_braces_in_a_question_fill_nothing(
    assistant: Assistant, prompt: Prompt, counter: Counter, question: str
) -> None:
    with context_for(assistant, question) as context:
        packed = pack(context, points_of(context), prompt, counter, 100_000)
        assert question in packed.text and packed.text.count("[S1]") == 1
