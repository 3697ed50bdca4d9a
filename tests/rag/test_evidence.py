"""Which clause is quoted, and which of its sentences."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import ADVERTISING, MEASURES, SEED, context_for

from ingest.stores.catalogue import StoredClause
from ingest.types import DutySource, Responsibility
from rag.build import Assistant
from rag.closely import ranked_sentences
from rag.context import Context, Focus
from rag.draft import Point
from rag.evidence import (
    best_sentences,
    duties_near,
    join_spans,
    quote_holding,
    quote_point,
    search,
    whole_point,
    whole_span,
    with_items,
)
from rag.types import Answer

SCOOTERS = """云岭市电动自行车管理办法

云政发〔2023〕9号

  第一条 本办法所称电动自行车,是指以车载蓄电池作为辅助能源,具有脚踏骑行能力的两轮车。

  第二条 申请电动自行车登记的,可以就近办理。申请人应当提交下列材料:
  (一)申请表;
  (二)购车发票;
  (三)所有人身份证明。

  公安机关交通管理部门应当自受理之日起3日内发放号牌。

  第三条 电动自行车无号牌上路的,责令限期改正;逾期不改正的,处50元罚款。

  第四条 电动自行车在人行道上乱停乱放的,予以劝离。

  第五条 本办法自2023年10月1日起施行。

  云岭市人民政府

  2023年8月1日
"""


@pytest.fixture(scope="module")
def scooters(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Assistant]:
    """The shipped policy and one regulation with a definition, items and a semicolon."""
    with with_document("scooters", SCOOTERS) as opened:
        yield opened


def limbs(context: Context, article: int) -> list[StoredClause]:
    held = context.snapshot.catalogue.clauses("scooters")
    return [clause for clause in held if clause.clause.article == article]


def words_of(context: Context, points: tuple[Point, ...]) -> list[list[str]]:
    texts = context.snapshot.documents
    return [
        [texts[point.clause.document_id].document.text[start:end] for start, end in point.quotes]
        for point in points
    ]


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


def test_no_quote_repeats_the_number_and_the_heading(assistant: Assistant) -> None:
    with context_for(assistant, "国家级经开区") as context:
        for clause in context.snapshot.catalogue.clauses(SEED):
            for topic in (clause.clause.heading, "贴息", "规划"):
                for words in quoted(context, clause, topic):
                    assert not words.startswith((clause.clause.label, f"{clause.clause.heading}。"))


def test_a_digest_is_quoted_whole(assistant: Assistant) -> None:
    with context_for(assistant, "贷款贴息") as context:
        documents = context.snapshot.documents
        digests = [
            clause
            for clause in context.snapshot.all_clauses
            if documents[clause.document_id].document.metadata.kind == "digest"
        ]
        assert digests
        assert all(
            quote_point(context, clause, "贴息", most=1).quotes == (whole_span(clause),) for clause in digests
        )


@pytest.mark.parametrize("most", [1, 2, 3])
def test_sentences_chosen_are_the_closest_in_reading_order(assistant: Assistant, most: int) -> None:
    topic = "外商投资企业 审批权限"
    with context_for(assistant, topic) as context:
        clause = clause_of(context, SEED, 5)
        ranked = ranked_sentences(context, clause, topic)
        chosen = best_sentences(context, clause, topic, most)
        assert 1 <= len(chosen) <= most
        assert [s.start for s in chosen] == sorted(s.start for s in chosen)
        others = [s.score for s in ranked if s not in chosen]
        assert max(s.score for s in chosen) == max(s.score for s in ranked)
        assert len(chosen) < most or min(s.score for s in chosen) >= max(others)


@pytest.mark.parametrize("question", ["规划有哪些措施", "规划怎么规定?", "规划的要求列全"])
def test_where_all_is_asked_for_more_sentences_count(assistant: Assistant, question: str) -> None:
    topic = "规划"
    with context_for(assistant, "规划由谁管") as few, context_for(assistant, question) as whole:
        clause = clause_of(few, SEED, 18)
        some, more = (best_sentences(context, clause, topic) for context in (few, whole))
        assert len(some) <= 3 < len(more) <= 6
        assert {s.start for s in some} < {s.start for s in more}


@pytest.mark.parametrize(
    ("topic", "article"), [("招商引资", 7), ("基础设施建设", 22), ("土地 招商引资", None)]
)
def test_a_heading_that_holds_the_whole_topic_brings_its_clause_forward(
    assistant: Assistant, topic: str, article: int | None
) -> None:
    with context_for(assistant, topic) as context:
        snapshot, retriever = context.snapshot, context.knowledge.retriever
        found = {hit.clause.key: hit.score for hit in retriever.search(snapshot, topic, 10, snapshot.primary)}
        forward = [hit for hit in search(context, topic) if hit.score > found[hit.clause.key]]
        assert [hit.clause.clause.article for hit in forward] == ([article] if article else [])


def test_a_follow_up_stays_with_the_clause_talked_about(assistant: Assistant) -> None:
    with context_for(assistant, "申报有什么要求") as context:
        (talked_about,) = [c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == 14]
        focus = Focus(keys=(talked_about.key,), topic="基础设施项目 贷款贴息")
        alone = search(context)
        beside = search(replace(context, focus=focus))
        after = search(replace(context, focus=focus, continued=True))
        weak, strong = (
            next(hit.score for hit in hits if hit.clause.key == talked_about.key) for hits in (beside, after)
        )
        # A question of its own rests on it less than one that points back.
        assert weak < strong
        assert alone[0].clause.key != talked_about.key == after[0].clause.key
        assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)


def test_a_new_question_is_not_held_to_the_clause_talked_about(assistant: Assistant) -> None:
    with context_for(assistant, "云计算 物联网") as context:
        (talked_about,) = [c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == 14]
        focus = Focus(keys=(talked_about.key,), topic="基础设施项目 贷款贴息")
        assert search(replace(context, focus=focus))[0].clause.clause.article == 16


def test_what_was_replaced_stands_behind_what_is_in_force(assistant: Assistant) -> None:
    both = ("caijian-2012-94", "caijian-2014-81")
    with context_for(assistant, "基础设施项目贷款贴息") as context:
        documents = context.snapshot.documents
        retriever = context.knowledge.retriever
        found = {
            hit.clause.key: hit.score for hit in retriever.search(context.snapshot, context.topic, 10, both)
        }
        hits = search(replace(context, among=both))
        assert {hit.clause.document_id for hit in hits} == set(both)
        for hit in hits:
            ended = documents[hit.clause.document_id].document.metadata.ended
            assert (hit.score < found[hit.clause.key]) is (ended and found[hit.clause.key] > 0)


@pytest.mark.parametrize(
    ("question", "article"),
    [("电动自行车是指什么", 1), ("什么是电动自行车", 1), ("电动自行车在人行道上停放怎么处理", 4)],
)
def test_a_definition_is_found_where_a_meaning_is_asked(
    scooters: Assistant, question: str, article: int
) -> None:
    with context_for(scooters, question) as context:
        hits = search(replace(context, among=("scooters",)))
        assert hits[0].clause.clause.article == article


def test_a_definition_counts_less_where_no_meaning_is_asked(scooters: Assistant) -> None:
    with context_for(scooters, "电动自行车 脚踏骑行能力 两轮车") as context:
        within = replace(context, among=("scooters",))
        asked = replace(within, question=replace(within.question, text="什么是电动自行车"))
        scores = [
            next(hit.score for hit in search(each) if hit.clause.clause.article == 1)
            for each in (within, asked)
        ]
        assert 0 < scores[0] < scores[1]


def test_a_lead_in_comes_with_the_items_it_announces(scooters: Assistant) -> None:
    items = [["(一)申请表;"], ["(二)购车发票;"]]
    with context_for(scooters, "登记就近办理") as context:
        lead_in, first, second, *_ = limbs(context, 2)
        text = context.snapshot.documents["scooters"].document.text
        # Only its first sentence was close; what announces the items is added.
        near = Point(clause=lead_in, quotes=((lead_in.clause.start, text.index("申请人")),))
        points = with_items(context, near)
        assert words_of(context, points)[0] == [
            "第二条 申请电动自行车登记的,可以就近办理。",
            "申请人应当提交下列材料:",
        ]
        assert words_of(context, points)[1:3] == items
        assert [point.clause.key for point in points[:3]] == [lead_in.key, first.key, second.key]
        # It is not said twice, and the next article is none of its items.
        assert words_of(context, with_items(context, whole_point(lead_in)))[0] == [lead_in.clause.text]
        assert {point.clause.clause.article for point in points} == {2}


def test_an_item_comes_behind_its_lead_in_alone(scooters: Assistant) -> None:
    with context_for(scooters, "购车发票") as context:
        lead_in, _, second, *_ = limbs(context, 2)
        points = with_items(context, replace(whole_point(second), before="看这里:"))
        assert [point.clause.key for point in points] == [lead_in.key, second.key]
        assert words_of(context, points) == [["申请人应当提交下列材料:"], ["(二)购车发票;"]]
        assert [point.before for point in points] == ["看这里:", ""]


def test_half_a_sentence_is_quoted_with_its_short_rest(scooters: Assistant) -> None:
    with context_for(scooters, "无号牌上路责令改正") as context:
        (clause,) = limbs(context, 3)
        point = quote_point(context, clause, "无号牌上路 责令限期改正", most=1)
        assert words_of(context, (point,)) == [
            ["第三条 电动自行车无号牌上路的,责令限期改正;逾期不改正的,处50元罚款。"]
        ]


def test_a_time_limit_is_found_from_the_lead_in_of_its_article(scooters: Assistant) -> None:
    days = re.compile(r"\d+日内")
    with context_for(scooters, "申请登记后几日内发放号牌") as context:
        lead_in = limbs(context, 2)[0]
        point = quote_holding(context, lead_in, [days])
        assert point is not None and "自受理之日起3日内发放号牌。" in "".join(words_of(context, (point,))[0])
        # All that is needed has to stand in one sentence.
        assert quote_holding(context, lead_in, [days, re.compile("发票")]) is None


def duty(name: str, at: int, source: DutySource = "bracket") -> Responsibility:
    return Responsibility(lead=(name,), raw=name, start=at, end=at + 4, source=source)


@pytest.mark.parametrize(
    ("duties", "quotes", "names"),
    [
        # A clause with one bracket or none is not narrowed.
        ([], [(0, 10)], None),
        ([duty("甲局", 10)], [(0, 10)], None),
        # The bracket behind a quote is its own, that before it is of what came before.
        ([duty("甲局", 10), duty("乙局", 30)], [(0, 10)], ["甲局"]),
        ([duty("甲局", 10), duty("乙局", 30)], [(14, 30)], ["乙局"]),
        ([duty("甲局", 10), duty("乙局", 30)], [(0, 10), (14, 30)], ["甲局", "乙局"]),
        ([duty("甲局", 10), duty("乙局", 30)], [(40, 50)], None),
        # A duty told in a sentence is of that sentence; where others tell it, nobody has it.
        ([duty("甲局", 2, "text"), duty("乙局", 20, "text")], [(14, 30)], ["乙局"]),
        ([duty("甲局", 2, "text"), duty("乙局", 20, "text")], [(40, 50)], []),
        ([duty("甲局", 2, "text"), duty("乙局", 30)], [(0, 10)], ["甲局"]),
        ([duty("甲局", 2, "text"), duty("乙局", 30)], [(12, 28)], ["乙局"]),
    ],
)
def test_of_several_duties_those_of_the_quoted_sentences_count(
    assistant: Assistant,
    duties: list[Responsibility],
    quotes: list[tuple[int, int]],
    names: list[str] | None,
) -> None:
    held = assistant.clauses(SEED)[0]
    clause = replace(held, clause=replace(held.clause, responsibilities=tuple(duties)))
    near = duties_near(clause, quotes)
    assert (None if near is None else [each.lead[0] for each in near]) == names


@pytest.mark.parametrize(("article", "topic"), [(5, "三证合一"), (13, "人才引进"), (19, "闲置低效用地")])
def test_sentences_far_from_the_closest_are_left_out(assistant: Assistant, article: int, topic: str) -> None:
    with context_for(assistant, topic) as context:
        clause = clause_of(context, SEED, article)
        ranked = ranked_sentences(context, clause, topic)
        assert len(ranked) > 3
        assert best_sentences(context, clause, topic) == [max(ranked, key=lambda each: each.score)]


def test_a_heading_within_the_sentence_is_no_part_of_the_quote(scooters: Assistant) -> None:
    heading = "电动自行车在人行道上"
    with context_for(scooters, "乱停乱放") as context:
        (held,) = limbs(context, 4)
        clause = replace(held, clause=replace(held.clause, heading=heading))
        assert words_of(context, (quote_point(context, held, "乱停乱放"),)) == [
            [f"第四条 {heading}乱停乱放的,予以劝离。"]
        ]
        assert words_of(context, (quote_point(context, clause, "乱停乱放"),)) == [["乱停乱放的,予以劝离。"]]


@pytest.mark.parametrize(
    ("question", "first"),
    [("擅自设大型户外广告罚多少", 7), ("大型户外广告设施设置找谁申请", 4), ("设置大型户外广告设施", 4)],
)
def test_a_penalty_comes_first_only_where_a_breach_is_asked_about(
    several: Assistant, question: str, first: int
) -> None:
    with context_for(several, question) as context:
        hits = [hit for hit in search(context) if hit.clause.document_id == ADVERTISING]
        assert hits[0].clause.clause.article == first
