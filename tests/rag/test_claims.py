"""What one sentence of a language model claims, held against its clauses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import SEED, context_for

from rag.build import Assistant
from rag.claims import fault_in
from rag.context import Context
from rag.evidence import whole_point
from rag.reply import ModelSentence

QUESTION = "贷款贴息由谁牵头?违规招商怎么管?"
# (十四) under S1, (二十四) under S2, (五) under S3.
ARTICLES = (14, 24, 5)
QUOTES = {"S1": "予以贴息", "S2": "营造良好", "S3": "3亿美元以下"}


def fault(context: Context, text: str, *handles: str, quote: str | None = None) -> str:
    held = {c.clause.article: c for c in context.snapshot.catalogue.clauses(SEED)}
    points = [whole_point(held[number]) for number in ARTICLES]
    words = QUOTES.get(handles[0], "予以贴息") if quote is None and handles else quote or ""
    return fault_in(context, ModelSentence(text=text, handles=handles, quote=words), points)


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("贷款贴息由省财政厅牵头,省发展改革委、省商务厅配合。", ("S1",)),
        ("按第十四条,符合条件的基础设施项目贷款予以贴息。", ("[S1]",)),
        ("总投资额3亿美元以下的鼓励类外商投资企业,其设立的审批下放到国家级经开区。", ("S3",)),
        ("限制类外商投资企业在5000万美元以下的,审批也下放到国家级经开区。", ("S3",)),
        ("贷款贴息见(十四),审批权限见第五条。", ("S1", "S3")),
    ],
)
def test_what_the_clauses_hold_may_be_shown(
    assistant: Assistant, text: str, handles: tuple[str, ...]
) -> None:
    with context_for(assistant, QUESTION) as context:
        assert fault(context, text, *handles) == ""


@pytest.mark.parametrize(
    ("text", "handles", "reason"),
    [
        ("贷款贴息由省财政厅牵头。", ("S4",), "handle"),
        ("贷款贴息由省财政厅牵头。", ("第十四条",), "handle"),
        ("贷款贴息由省财政厅牵头。", (), "handle"),
        ("按第五条,贷款予以贴息。", ("S1",), "not cited"),
        ("贷款贴息按30%给予。", ("S1",), "30"),
        ("贷款贴息按百分之三十给予。", ("S1",), "百分之三十"),
        ("总投资额三千万美元以下的审批下放到国家级经开区。", ("S3",), "三千万美元"),
        ("贷款贴息由省教育厅牵头。", ("S1",), "省教育厅"),
        ("贷款贴息由省商务厅牵头。", ("S1",), "role"),
        ("贷款贴息由省财政厅配合。", ("S1",), "role"),
        ("贷款贴息由经开区招商服务局办理。", ("S1",), "局"),
        ("Interest on loans is subsidised by the Finance Department.", ("S1",), "language"),
        ("贷款贴息保证批给每家企业。", ("S1",), "promise"),
        ("今天晚上我们去看电影吃火锅唱歌跳舞吧。", ("S1",), "another matter"),
        ("贷款贴息请登录 http://example.com 申请。", ("S1",), "markup"),
        ("贷款贴息依据 WTO subsidies 规则。", ("S1",), "subsidies"),
    ],
)
def test_what_they_do_not_hold_is_named(
    assistant: Assistant, text: str, handles: tuple[str, ...], reason: str
) -> None:
    with context_for(assistant, QUESTION) as context:
        assert reason in fault(context, text, *handles)


@pytest.mark.parametrize("quote", ["", "贴息", "对所有企业的贷款全额贴息", "3亿美元以下"])
def test_a_quote_stands_in_the_cited_clause(assistant: Assistant, quote: str) -> None:
    with context_for(assistant, QUESTION) as context:
        assert fault(context, "贷款予以贴息。", "S1", quote=quote) == "quote not in the clause"


@settings(max_examples=60)
@given(number=st.integers(1, 9999), unit=st.sampled_from(["万元", "亿美元", "%", "家", "个工作日"]))
def test_no_figure_of_its_own_gets_through(assistant: Assistant, number: int, unit: str) -> None:
    with context_for(assistant, QUESTION) as context:
        held = next(c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == 14).clause.text
        if not re.search(rf"(?<!\d){number}(?!\d)", held):
            assert fault(context, f"贷款予以贴息,额度为{number}{unit}。", "S1")


@settings(max_examples=40)
@given(article=st.integers(1, 99).filter(lambda number: number not in ARTICLES))
def test_no_article_that_is_not_cited_gets_through(assistant: Assistant, article: int) -> None:
    with context_for(assistant, QUESTION) as context:
        assert "not cited" in fault(context, f"贷款贴息见第{article}条。", "S1")
