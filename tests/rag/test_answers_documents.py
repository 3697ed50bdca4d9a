"""What the document says of itself, who leads how much of it, and which clauses mention a thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from rag_samples import SEED, articles, check_answer, given

from ingest.text import compact
from rag.build import Assistant
from rag.types import Answer, Status


@pytest.mark.parametrize(
    ("question", "words", "quote"),
    [
        ("这份文件什么时候印发的?", "2015-01-27", "2015年1月27日"),
        ("成文日期是哪天", "2015-01-27", "2015年1月27日"),
        ("发文机关是谁", "甘肃省人民政府办公厅", "甘肃省人民政府办公厅"),
        ("这份文件是谁印发的", "甘肃省人民政府办公厅", "甘肃省人民政府办公厅"),
        ("主送哪些单位", "中央在甘有关单位", "各市、自治州人民政府"),
        ("这份意见的制定依据是什么", "依据", "国办发〔2014〕54号"),
        ("这份意见是根据国务院哪个文件制定的", "依据", "国办发〔2014〕54号"),
        ("贯彻的是国办哪个文号的文件", "依据", "国办发〔2014〕54号"),
        ("when was this document issued?", "2015-01-27", "2015年1月27日"),
    ],
)
def test_facts_of_the_document_are_quoted(
    ask: Callable[..., Answer], assistant: Assistant, question: str, words: str, quote: str
) -> None:
    answer = ask(question)
    check_answer(assistant, answer)
    assert answer.status is Status.ANSWERED
    assert words in answer.text
    assert any(quote in citation.quote for citation in answer.citations)
    assert all(citation.article is None and not citation.path for citation in answer.citations)


def test_the_date_of_the_page_is_not_the_date_of_issue(ask: Callable[..., Answer]) -> None:
    answer = ask("这份文件哪天发布的?")
    assert "成文日期是 2015-01-27" in answer.text and "2015-03-13 上网发布" in answer.text


@pytest.mark.parametrize("question", ["这份文件的文号是什么?", "这份文件的有效期到什么时候?"])
def test_what_the_document_does_not_state_is_said(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    assert answer.status is Status.NOT_IN_CORPUS and not answer.citations
    assert "没有写明" in answer.text


@pytest.mark.parametrize(
    "question", ["这份文件一共有多少条?", "全文共几条几个部分", "how many articles are there?"]
)
def test_the_number_of_articles(ask: Callable[..., Answer], question: str) -> None:
    answer = ask(question)
    assert articles(answer) == list(range(1, 25))
    assert "24" in answer.text and "6" in answer.text


def test_the_basis_of_a_matter_is_not_the_basis_of_the_document(ask: Callable[..., Answer]) -> None:
    answer = ask("申报贷款贴息依据的是哪个管理办法?")
    assert articles(answer) == [14]
    assert "中央财政贴息资金管理办法" in answer.text


@pytest.mark.parametrize(
    "question",
    ["哪些部门牵头,各牵头几条?", "各部门分别牵头几条?", "牵头的部门有哪些?", "一共有几个部门牵头?"],
)
def test_all_leading_bodies_are_counted(
    ask: Callable[..., Answer], assistant: Assistant, question: str
) -> None:
    answer = ask(question)
    led = Counter(name for s in assistant.clauses() for d in s.clause.responsibilities for name in d.lead)
    assert given(answer) == (set(led), set())
    assert len(articles(answer)) == 24
    assert f"共 {len(led)} 个" in answer.text
    for name, count in led.items():
        assert f"{name} {count} 条" in answer.text


def test_who_leads_most(ask: Callable[..., Answer]) -> None:
    answer = ask("牵头条款最多的是哪个部门?")
    assert given(answer)[0] == {"省发展改革委"}
    assert articles(answer) == [1, 2, 3, 4, 5, 6, 17, 18, 20, 21, 22]


def test_who_leads_one_article_only(ask: Callable[..., Answer]) -> None:
    assert given(ask("哪些部门只牵头一条?"))[0] == {
        "省科技厅",
        "省人社厅",
        "省财政厅",
        "省政府金融办",
        "省国土资源厅",
    }


PHRASES = [
    "区中园", "知识产权", "绿色通道", "环境影响评价", "飞地经济", "安全生产", "土地", "招商引资", "贴息",
    "丝绸之路经济带", "产业集群", "高新技术企业", "行政审批", "人才", "债务", "信息平台", "云计算",
]  # fmt: skip


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("form", ["哪几条提到{}?", "“{}”出现在哪几条?", "哪些条款写到了{}"])
def test_the_clauses_that_mention_a_thing_are_complete(assistant: Assistant, phrase: str, form: str) -> None:
    answer = assistant.ask([form.format(phrase)])
    check_answer(assistant, answer)
    expected = [
        s.clause.article for s in assistant.clauses(SEED) if compact(phrase) in compact(s.clause.text)
    ]
    assert articles(answer) == expected
    assert all(compact(phrase) in compact(citation.quote) for citation in answer.citations)
    assert f"有 {len(expected)} 条写到" in answer.text


def test_who_leads_where_a_thing_is_mentioned(ask: Callable[..., Answer]) -> None:
    answer = ask("“区中园”出现在哪几条,分别由谁牵头?")
    assert articles(answer) == [6, 15]
    assert given(answer)[0] == {"省发展改革委", "省政府金融办"}


def test_a_thing_that_is_nowhere_is_not_claimed_to_be_listed(ask: Callable[..., Answer]) -> None:
    assert "逐条核对" not in ask("“碳排放权交易”出现在哪几条?").text
