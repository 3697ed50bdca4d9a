"""Questions to a city's rules in 第X条: grades, definitions, prohibitions with their fines, two things asked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from rag_samples import articles

from rag.answers import bodies
from rag.build import Assistant
from rag.grades import Grade, fits, grades_in
from rag.types import Answer, Status

BRIDGES = "yunling-bridges-2023"
TEXT = """云岭市古桥保护办法
云政发〔2023〕12号
第一条 为加强古桥保护，制定本办法。
第二条 本办法所称古桥，是指建成一百年以上的桥梁。本办法所称近代桥梁，是指建成五十年以上不满一百年的桥梁。
第三条 市文物主管部门负责古桥的保护和监督管理工作。
第四条 古桥按照下列标准分级：
（一）建成五百年以上的，为一级；
（二）建成三百年以上不满五百年的，为二级；
（三）建成一百年以上不满三百年的，为三级。
第五条 市文物主管部门应当定期检查：一级古桥每三个月检查一次，其他古桥每年检查一次。
第六条 管护人每年领取管护补助，每座八百元。补助于每年六月三十日前发放。
第七条 禁止下列行为：
（一）在桥上刻划、张贴；
（二）在桥上超载行车；
（三）在桥下挖沙取土。
第八条 移动保护标志的，处五百元以上二千元以下罚款。
第九条 违反第七条第一项规定的，处二百元以下罚款；违反第七条第二项规定的，处五千元以下罚款。
第十条 本办法自2023年10月1日起施行，有效期五年。
云岭市人民政府
2023年9月1日
"""
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask_bridges(with_document: Callable[[str, str], AbstractContextManager[Assistant]]) -> Iterator[Ask]:
    with with_document(BRIDGES, TEXT) as opened:
        yield lambda *turns: opened.ask(turns)


def cited(answer: Answer) -> set[tuple[str, ...]]:
    return {citation.path for citation in answer.citations}


@pytest.mark.parametrize(
    ("question", "item"),
    [
        ("建成三百五十年的古桥算几级?", "(二)"),
        ("一座600年的桥定几级", "(一)"),
        ("桥龄120年,是几级古桥", "(三)"),
    ],
)
def test_a_number_finds_its_grade(ask_bridges: Ask, question: str, item: str) -> None:
    answer = ask_bridges(question)
    assert ("第四条", item) in cited(answer)
    assert not {("第四条", other) for other in ("(一)", "(二)", "(三)") if other != item} & cited(answer)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("建成多少年才算古桥?", "一百年以上"),
        ("近代桥梁的定义是什么", "五十年以上不满一百年"),
        ("云岭的近代桥梁究竟是什么东西", ""),
    ],
)
def test_what_a_word_means(ask_bridges: Ask, question: str, words: str) -> None:
    answer = ask_bridges(question)
    assert answer.status is Status.ANSWERED and words in answer.text


def test_what_is_forbidden_and_what_it_costs(ask_bridges: Ask) -> None:
    answer = ask_bridges("在古桥上刻字是哪条不让干的,要罚多少钱?")
    assert {("第七条", "(一)"), ("第九条",)} <= cited(answer)
    assert "二百元以下" in answer.text


def test_the_fine_is_found_by_what_it_is_for(ask_bridges: Ask) -> None:
    assert "二千元以下" in ask_bridges("把古桥的保护标志挪走要罚多少?").text


def test_two_things_asked_of_one_article(ask_bridges: Ask) -> None:
    answer = ask_bridges("管护人领的补助一年多少钱,哪天之前发下来?")
    assert set(articles(answer)) == {6}
    assert "八百元" in answer.text and "六月三十日" in answer.text


def test_a_follow_up_finds_another_article_of_the_document(ask_bridges: Ask) -> None:
    answer = ask_bridges("建成320年的古桥算几级?", "那多长时间检查一次?")
    assert 5 in articles(answer)


@pytest.mark.parametrize("question", ["这个办法是不是永久有效?", "古桥这个办法到2030年才到期吧"])
def test_how_long_the_document_holds(ask_bridges: Ask, question: str) -> None:
    assert "有效期五年" in ask_bridges(question).text


@pytest.mark.parametrize(
    ("question", "status"),
    [
        # Figures with names and units of their own, another city's rule.
        ("管护古桥每年收多少保证金?", Status.NOT_IN_CORPUS),
        ("管护人培训要满多少学时?", Status.NOT_IN_CORPUS),
        ("临江市管护古桥每年补多少钱?", Status.NOT_IN_CORPUS),
        ("管护人领的补助多少钱?", Status.ANSWERED),
    ],
)
def test_what_the_document_does_not_say(ask_bridges: Ask, question: str, status: Status) -> None:
    assert ask_bridges(question).status is status


@pytest.mark.parametrize("question", ["云岭古桥办法里管护补助怎么规定的", "这份古桥办法第六条"])
def test_a_document_called_loosely(ask_bridges: Ask, question: str) -> None:
    answer = ask_bridges(question)
    assert {citation.document_id for citation in answer.citations} == {BRIDGES}
    assert 6 in articles(answer)


GRADES = [
    ("树龄三百年以上不满五百年的", (Grade(unit="年", least=300, below=500),)),
    ("处1万元以上3万元以下罚款", (Grade(unit="元", least=10_000, below=30_000, included=True),)),
    ("30人以上的奖10万元", (Grade(unit="人", least=30),)),
    ("不足3亩的", (Grade(unit="亩", below=3),)),
    ("五百元以下", (Grade(unit="元", below=500, included=True),)),
    ("每亩补助八百元", ()),
]


@pytest.mark.parametrize(("text", "grades"), GRADES)
def test_ranges_in_a_clause(text: str, grades: tuple[Grade, ...]) -> None:
    assert grades_in(text) == grades


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("员工有40来人", "30人以上的", True),
        ("一座三百五十年的桥", "五百年以上的", False),
        ("罚500元", "五百元以下", True),
        ("3万元", "1万元以上3万元以下", True),
        ("500年", "三百年以上不满五百年", False),
        ("20吨", "三百年以上", None),
        ("多少年", "三百年以上", None),
    ],
)
def test_a_number_in_a_range(question: str, text: str, told: bool | None) -> None:
    assert fits(question, text) is told


@pytest.mark.parametrize(("meant", "told"), [(1.0, True), (0.0, False)])
def test_where_the_article_may_be_another_the_general_authority_is_told_too(
    ask_bridges: Ask, monkeypatch: pytest.MonkeyPatch, meant: float, told: bool
) -> None:
    # So likely does it have to be meant to be told alone.
    monkeypatch.setattr(bodies, "_LIKELY_MEANT", meant)
    answer = ask_bridges("老桥边上有人偷偷挖沙子该找谁")
    assert 7 in articles(answer)
    assert (3 in articles(answer) and "这件事总的由谁管" in answer.text) is told


def test_that_article_is_quoted_whole(ask_bridges: Ask) -> None:
    assert "每座八百元" in ask_bridges("管护补助发放那一条具体怎么写的").text
