"""Clauses found are read closely: what answers comes forward, and what only speaks of the matter is said not to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from rag_samples import SEED, articles, context_for

from rag.build import Assistant
from rag.closely import answering, ranked_sentences, read_closely, told_apart
from rag.document_names import documents_named
from rag.evidence import search
from rag.retrieve import Hit
from rag.types import Answer, Status

SHARING = "yunling-sharing-2024"
TEXT = """云岭市共享单车管理办法
云政发〔2024〕15号
第一条 为规范共享单车停放，制定本办法。
第二条 市交通运输主管部门负责全市共享单车的监督管理工作。
第三条 街道办事处对本辖区内单车的停放进行日常巡查。
第四条 企业投放单车，应当提前三十日向市交通运输主管部门报送投放计划。计划经核定后，有效期为一年。
第五条 有下列情形之一的，不予核定：
车辆未安装定位装置的；
上年度考核不合格的。
第六条 企业应当每季度检修车辆，检修记录保存二年。
第七条 企业不得占用盲道停放车辆。
第八条 违反本办法第七条规定的，由城市管理部门责令改正；拒不改正的，处二百元以上一千元以下罚款。
第九条 本办法自2024年6月1日起施行。
云岭市人民政府
2024年4月30日
"""
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def sharing(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Assistant]:
    with with_document(SHARING, TEXT) as opened:
        yield opened


def test_hits_without_expected_questions_are_read_and_others_are_not(sharing: Assistant) -> None:
    with context_for(sharing, "共享单车的检修记录要留几年？") as context:
        hits = search(context)
        read = {hit.clause.document_id for hit in hits if hit.answers is not None}
        assert read == {SHARING}
        assert all(0 <= hit.answers <= 1 for hit in hits if hit.answers is not None)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_reading_orders_the_clauses_of_a_document_in_their_own_places(sharing: Assistant) -> None:
    with context_for(sharing, "共享单车的检修记录要留几年？") as context:
        found = [replace(hit, within=0.0, answers=None) for hit in search(context)]
        own = [hit for hit in found if hit.clause.document_id == SHARING][:2]
        policy = next(hit for hit in found if hit.clause.document_id != SHARING)
    first, other, second = (
        replace(hit, score=score, answers=answers)
        for hit, score, answers in zip(
            (own[0], policy, own[1]), (0.3, 0.29, 0.28), (0.1, None, 0.9), strict=True
        )
    )

    def order(*hits: Hit) -> list[tuple[str, float]]:
        return sorted(((h.clause.key, h.score) for h in told_apart(hits)), key=lambda each: -each[1])

    keys = (second.clause.key, other.clause.key, first.clause.key)
    assert order(first, other, second) == list(zip(keys, (0.3, 0.29, 0.28), strict=True))
    ahead = replace(first, within=0.2)
    assert order(ahead, other, second)[0] == (first.clause.key, 0.3)


def test_a_question_is_read_with_a_clause_once(sharing: Assistant) -> None:
    with context_for(sharing, "共享单车的检修记录要留几年？") as context:
        once = read_closely(context, search(context))
        count = len(context.readings)
        again = read_closely(context, once)
        first, second = (
            {hit.clause.key: hit.answers for hit in hits if hit.answers is not None} for hits in (once, again)
        )
        assert {key: second[key] for key in first if key in second} == {
            key: value for key, value in first.items() if key in second
        }
        assert len(context.readings) >= count > 0


def test_the_name_of_a_document_is_no_part_of_what_is_read(sharing: Assistant) -> None:
    with context_for(sharing, "《云岭市共享单车管理办法》：共享单车的检修记录要留几年？") as context:
        context = replace(context, named=documents_named(context.question, context.snapshot))
        named = {hit.clause.key: hit.answers for hit in search(context) if hit.clause.document_id == SHARING}
    with context_for(sharing, "共享单车的检修记录要留几年？") as context:
        plain = {hit.clause.key: hit.answers for hit in search(context)}
    both = [key for key, answers in named.items() if answers is not None and plain.get(key) is not None]
    assert both and all(named[key] == pytest.approx(plain[key]) for key in both)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("企业投放单车,要提前多少天报送计划", "提前三十日"),
        ("计划核定后有效期是几年", "有效期为一年"),
        ("停车费一小时多少钱", None),
    ],
)
def test_each_part_of_a_question_has_its_sentence(sharing: Assistant, part: str, words: str | None) -> None:
    with context_for(sharing, "投放计划要提前多少天报?核定后有效期是几年?") as context:
        (clause,) = [c for c in context.snapshot.clauses_of(SHARING) if c.clause.article == 4]
        span = answering(context, clause, part)
        text = context.snapshot.documents[SHARING].document.text
        assert (span is None) is (words is None)
        assert span is None or (words is not None and words in text[slice(*span)])


def test_sentences_are_ranked_by_what_answers(sharing: Assistant) -> None:
    for question, words in (
        ("投放计划要提前多少天报？", "提前三十日"),
        ("计划核定后管多久？", "有效期为一年"),
    ):
        with context_for(sharing, question) as context:
            clause = next(
                hit.clause
                for hit in search(context)
                if hit.clause.clause.article == 4 and not hit.clause.questions
            )
            best = max(ranked_sentences(context, clause), key=lambda sentence: sentence.score)
            assert words in best.text


def test_an_english_question_is_not_read(sharing: Assistant) -> None:
    with context_for(sharing, "Who is in charge of shared bicycles?") as context:
        assert all(hit.answers is None for hit in search(context))


@pytest.mark.parametrize(
    ("question", "article", "words"),
    [
        ("共享单车这件事，全市总的归哪个部门管？", 2, "市交通运输主管部门"),
        ("单车占了盲道停着，这种企业谁来罚？", 8, "城市管理部门"),
        ("单车占了盲道停着，这种企业谁来罚？", 8, "一千元以下罚款"),
        ("共享单车有哪些情形不予核定？请逐项列出", 5, "上年度考核不合格"),
        ("单车检修的记录得保存几年？", 6, "二年"),
    ],
)
def test_everyday_questions_to_a_city_s_rules(
    sharing: Assistant, question: str, article: int, words: str
) -> None:
    answer = sharing.ask((question,))
    assert answer.status is Status.ANSWERED
    assert article in articles(answer) and words in answer.text
    assert SEED not in {citation.document_id for citation in answer.citations}
