"""The gold of the project's own questions holds against the policy's text, read here without the parser."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from evals.questions import COMPANION_KINDS, KINDS, Question, read_questions
from evals.score import squeeze
from ingest.chinese_numbers import to_int

ROOT = Path(__file__).resolve().parents[2]
POLICY = (ROOT / "corpus" / "gansu-etdz-2015.txt").read_text(encoding="utf-8")
QUESTIONS = read_questions(ROOT / "evals" / "questions" / "gansu-etdz-2015.jsonl")
_BRACKET = re.compile(r"\(([^()]+)牵头,([^()]+)配合\)$")


@cache
def articles() -> dict[int, str]:
    """The articles' paragraphs by number."""
    found = {}
    for line in POLICY.splitlines():
        if match := re.match(r"\s*\(([一二三四五六七八九十]+)\)", line):
            number = to_int(match[1])
            assert number is not None
            found[number] = line.strip()
    return found


@cache
def bodies(article: int) -> tuple[frozenset[str], frozenset[str]]:
    """Lead and cooperating bodies from the bracket at the end of the article."""
    match = _BRACKET.search(articles()[article])
    assert match
    lead, cooperating = (
        frozenset("省发展改革委" if name == "省发展改革" else name for name in re.split("、", part) if name)
        for part in (match[1], match[2].replace("等部门", ""))
    )
    return lead, cooperating


FIRST_SIGHT = read_questions(ROOT / "evals" / "questions" / "first-sight.jsonl")


def in_role(name: str, *roles: int) -> set[int]:
    """The articles in which a body leads (0) or cooperates (1)."""
    return {article for article in articles() if any(name in bodies(article)[role] for role in roles)}


def asked(words: str) -> Question:
    """The one question whose last turn holds these words."""
    (question,) = [question for question in QUESTIONS if words in question.turns[-1]]
    return question


def _ids(question: Question) -> str:
    return question.id


def test_the_policy_is_read_whole() -> None:
    assert list(articles()) == list(range(1, 25))


def test_every_kind_is_asked_and_every_article_by_department() -> None:
    assert {question.kind for question in QUESTIONS} == set(KINDS) - set(COMPANION_KINDS)
    by_article = Counter(
        n for question in QUESTIONS if question.kind == "department" for n in question.gold.articles
    )
    assert set(by_article) == set(range(1, 25))
    assert min(by_article.values()) >= 3
    assert len({question.turns for question in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=_ids)
def test_gold_articles_exist(question: Question) -> None:
    gold = question.gold
    assert {*gold.articles, *gold.acceptable} <= set(articles())
    assert not set(gold.articles) & set(gold.acceptable)
    assert (len(question.turns) > 1) == (question.kind == "multi_turn")
    assert gold.refuse or gold.articles or (gold.acceptable and gold.must_contain)


@pytest.mark.parametrize("question", QUESTIONS, ids=_ids)
def test_gold_departments_are_those_of_the_brackets(question: Question) -> None:
    gold = question.gold
    if question.kind == "department":
        assert len(gold.articles) == 1
        assert gold.lead
        assert gold.cooperating
    lead, cooperating = (frozenset().union(*(bodies(n)[role] for n in gold.articles)) for role in (0, 1))
    if gold.lead:
        assert frozenset(gold.lead) == lead
    if gold.cooperating:
        assert frozenset(gold.cooperating) == cooperating


@pytest.mark.parametrize("question", FIRST_SIGHT, ids=_ids)
def test_gold_departments_of_the_others_have_their_role_in_a_gold_article(question: Question) -> None:
    gold = question.gold
    assert {*gold.articles, *gold.acceptable} <= set(articles())
    lead, cooperating = (frozenset().union(*(bodies(n)[role] for n in gold.articles)) for role in (0, 1))
    named = {"省发展改革委" if name == "省发展改革" else name for name in gold.lead}
    assert named <= lead | cooperating and set(gold.cooperating) <= cooperating


@pytest.mark.parametrize("question", QUESTIONS, ids=_ids)
def test_required_strings_stand_in_a_gold_article(question: Question) -> None:
    gold = question.gold
    source = squeeze("".join(articles()[n] for n in gold.articles) or POLICY)
    for group in gold.must_contain:
        counted = any(to_int(words) is not None for words in group)
        assert counted or any(squeeze(words) in source for words in group)
    assert not any(squeeze(words) in source for words in gold.must_not_contain)


@pytest.mark.parametrize(
    ("words", "name", "roles"),
    [
        ("省商务厅挑头", "省商务厅", (0,)),
        ("省发改委牵头的任务总共多少条", "省发展改革委", (0,)),
        ("工信委名下", "省工信委", (0,)),
        ("省教育厅要配合", "省教育厅", (1,)),
        ("我在人社厅上班", "省人社厅", (0, 1)),
        ("环保厅配合的一共有几条", "省环保厅", (1,)),
        ("质监局在哪些条里", "省质监局", (1,)),
        ("省政府金融办牵头和配合", "省政府金融办", (0, 1)),
        ("财政厅这边有几件事", "省财政厅", (0, 1)),
        ("要管委会来配合", "国家级经开区管委会", (1,)),
        ("住房建设口", "省建设厅", (1,)),
        ("省国土资源厅参与的所有条款", "省国土资源厅", (0, 1)),
        ("海关出现在哪几条", "兰州海关", (0, 1)),
        ("省发展改革委配合别人", "省发展改革委", (1,)),
        ("省自然资源厅现在接手", "省国土资源厅", (0,)),
        ("省生态环境厅按这份意见", "省环保厅", (1,)),
        ("省工信厅牵头几条", "省工信委", (0,)),
        ("地方金融监管局承担", "省政府金融办", (0,)),
        ("省住建厅配合", "省建设厅", (1,)),
        ("发改委牵头的条款有哪些", "省发展改革委", (0,)),
        ("省税务局参与", "省国税局", (1,)),
        ("省教育厅牵头了哪几条", "省教育厅", (0, 1)),
    ],
)
def test_lists_are_complete(words: str, name: str, roles: tuple[int, ...]) -> None:
    gold = asked(words).gold
    expected = in_role(name, *roles)
    assert set(gold.articles) == expected
    for group in gold.must_contain:
        numbers = {to_int(value) for value in group} - {None}
        assert not numbers or numbers == {len(expected)}


def test_lists_over_all_departments() -> None:
    every = {name for article in articles() for name in bodies(article)[0]}
    single = {name for name in every if len(in_role(name, 0)) == 1}
    assert set(asked("只牵头一条任务").gold.lead) == single
    assert set(asked("没有省发展改革委参与").gold.articles) == set(articles()) - in_role("省发展改革委", 0, 1)
    assert {to_int(words) for words in asked("整份意见一共有多少条").gold.must_contain[0]} == {
        len(articles())
    }


@pytest.mark.parametrize(
    ("words", "term"),
    [
        ("“区中园”在哪些条里", "区中园"),
        ("知识产权这个词", "知识产权"),
        ("跟招商有关", "招商"),
        ("从政府主导变为市场主导", "由政府主导向市场主导"),
        ("提到安全生产", "安全生产"),
        ("与东部省市开展", "东部省市"),
        ("新能源、新材料产业在哪几条", "新能源"),
        ("债务方面的要求", "债务"),
    ],
)
def test_articles_about_a_term_are_complete(words: str, term: str) -> None:
    assert set(asked(words).gold.articles) == {n for n, text in articles().items() if term in text}


def test_bodies_said_to_be_absent_are_absent() -> None:
    assert "水利厅" not in POLICY
    assert "七、" not in POLICY
