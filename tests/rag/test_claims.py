"""What one sentence of a language model claims, held against its clauses."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_samples import SEED, context_for

from ingest.chinese_numbers import to_chinese
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
        ("贷款贴息由省财政厅牵头。", ("S0",), "unknown handle"),
        ("贷款贴息由省财政厅牵头。", (), "handle"),
        ("按第五条,贷款予以贴息。", ("S1",), "not cited"),
        ("贷款贴息按30%给予。", ("S1",), "30"),
        ("贷款贴息分 2 批给予。", ("S1",), "number 2"),
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
        ("每笔贷款贴息两千元。", ("S1",), "两千元"),
        ("贷款贴息按利息的三成给予。", ("S1",), "三成"),
        ("贷款贴息三个百分点。", ("S1",), "三个百分点"),
        ("贷款贴息每年三次。", ("S1",), "三次"),
        ("总投资额3亿欧元以下的审批下放到国家级经开区。", ("S3",), "欧元"),
        ("贷款贴息自二〇二〇年起。", ("S1",), "二〇二〇年"),
        ("贷款贴息见第十四、十五条。", ("S1",), "not cited"),
        ("贷款贴息见第十四条、十五条。", ("S1",), "not cited"),
        ("贷款贴息见第十四条第二款。", ("S1",), "第二款"),
        ("贷款贴息见第五部分。", ("S1",), "第五部分"),
        ("贷款贴息由省商务厅负责。", ("S1",), "role"),
        ("贷款贴息由省商务厅主管。", ("S1",), "role"),
        ("贷款贴息由省发展改革委带头。", ("S1",), "role"),
        ("对基础设施项目贷款不予贴息。", ("S1",), "不予"),
        ("不符合贴息条件的基础设施项目贷款也予以贴息。", ("S1",), "不符合"),
        ("贷款予以贴息\ud83d。", ("S1",), "broken"),
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


@settings(max_examples=40)
@given(number=st.integers(1, 9999), unit=st.sampled_from(["万元", "亿美元", "%", "家", "个工作日"]))
def test_no_figure_of_its_own_gets_through(assistant: Assistant, number: int, unit: str) -> None:
    with context_for(assistant, QUESTION) as context:
        held = next(c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == 14).clause.text
        if not re.search(rf"(?<!\d){number}(?!\d)", held):
            assert "not in the clause" in fault(context, f"贷款予以贴息,额度为{number}{unit}。", "S1")
            # (十四) holds no figure at all, in Chinese either.
            assert "not in the clause" in fault(context, f"贷款予以贴息,额度为{to_chinese(number)}天。", "S1")


@settings(max_examples=40)
@given(
    article=st.integers(1, 99).filter(lambda number: number not in ARTICLES),
    written=st.sampled_from(["第{0}条", "第 {0} 条", "第{1}条", "({1})", "（{1}）"]),
)
def test_no_article_that_is_not_cited_gets_through(assistant: Assistant, article: int, written: str) -> None:
    label = written.format(article, to_chinese(article))
    with context_for(assistant, QUESTION) as context:
        assert "not cited" in fault(context, f"贷款贴息见{label}。", "S1")


@settings(max_examples=30)
@given(data=st.data())
def test_any_words_of_the_clause_are_a_quote_and_of_no_other(
    assistant: Assistant, data: st.DataObject
) -> None:
    with context_for(assistant, QUESTION) as context:
        held = {c.clause.article: c for c in context.snapshot.catalogue.clauses(SEED)}
        words = held[14].clause.text
        start = data.draw(st.integers(0, len(words) - 12))
        quote = words[start : start + data.draw(st.integers(12, 60))]
        assert fault(context, "贷款予以贴息。", "S1", quote=quote) == ""
        # Spaced or with full-width signs the words are the same.
        spaced = " ".join(quote).replace(",", "，").replace("(", "（")
        assert fault(context, "贷款予以贴息。", "S1", quote=spaced) == ""
        if quote not in held[24].clause.text:
            assert fault(context, "贷款予以贴息。", "S2", quote=quote) == "quote not in the clause"
            assert fault(context, "贷款予以贴息。", "S2", "S1", quote=quote) == ""


def test_of_all_bodies_known_only_those_of_the_clause_get_through(assistant: Assistant) -> None:
    with context_for(assistant, QUESTION) as context:
        directory = context.knowledge.directory
        through = {
            body.id
            for body in directory.departments
            for name in {body.name, body.short}
            if not fault(context, f"贷款贴息的事找{name}。", "S1")
        }
        assert through == {
            body.id for name in ("省财政厅", "省发展改革委", "省商务厅") if (body := directory.resolve(name))
        }


def test_in_every_clause_a_body_has_its_own_role_only(assistant: Assistant) -> None:
    with context_for(assistant, QUESTION) as context:
        for clause in context.snapshot.catalogue.clauses(SEED):
            quote, heading = clause.clause.text[:20], clause.clause.heading
            for duty in clause.clause.responsibilities:
                for name in duty.lead + duty.cooperating:
                    for word, held in (("牵头", duty.lead), ("配合", duty.cooperating)):
                        sentence = ModelSentence(
                            text=f"{heading}由{name}{word}。", handles=("S1",), quote=quote
                        )
                        found = fault_in(context, sentence, [whole_point(clause)])
                        assert bool(found) is (name not in held), (clause.clause.label, sentence.text, found)


@pytest.mark.parametrize(
    ("text", "quote", "reason"),
    [
        ("可以调整规划。", "严禁擅自调整规划", "allows what the clause forbids"),
        ("调整规划无需重新环境影响评价。", "严禁擅自调整规划", "allows what the clause forbids"),
        ("严禁擅自调整规划。", "严禁擅自调整规划", ""),
        ("不可以擅自调整规划。", "严禁擅自调整规划", ""),
        # The words quoted count, not those of the whole clause.
        ("重点地区可开展城市设计,可以纳入控制性详细规划。", "重点地区可开展城市设计", ""),
    ],
)
def test_what_is_forbidden_is_not_told_as_allowed(
    assistant: Assistant, text: str, quote: str, reason: str
) -> None:
    with context_for(assistant, "规划怎么调整?") as context:
        (clause,) = [c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == 18]
        sentence = ModelSentence(text=text, handles=("S1",), quote=quote)
        assert fault_in(context, sentence, [whole_point(clause)]) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The Provincial Department of Finance leads loan interest subsidies.", ""),
        ("Interest subsidies are provided, see article 14.", ""),
        ("The Department of Commerce leads loan interest subsidies.", "role"),
        ("The Finance Department cooperates in interest subsidies.", "role"),
        ("The Department of Education pays the interest.", "department of education"),
        ("Interest subsidies are provided, see article 15.", "not cited"),
        ("Loans are subsidised up to 30%.", "30"),
        ("The subsidy is guaranteed.", "promise"),
        ("贷款贴息由省财政厅牵头。", "language"),
    ],
)
def test_an_english_sentence_is_held_to_the_same(assistant: Assistant, text: str, reason: str) -> None:
    with context_for(assistant, "Who leads loan interest subsidies?") as context:
        found = fault(context, text, "S1")
        assert reason in found and bool(found) is bool(reason)


@pytest.mark.parametrize(
    ("text", "reason"), [("贷款贴息见(十四)。", ""), ("贷款贴息见第十四条。", "not cited")]
)
def test_a_clause_without_a_running_number_is_cited_by_its_label(
    assistant: Assistant, text: str, reason: str
) -> None:
    with context_for(assistant, QUESTION) as context:
        (held,) = [c for c in context.snapshot.catalogue.clauses(SEED) if c.clause.article == 14]
        clause = replace(held, clause=replace(held.clause, article=None))
        found = fault_in(
            context, ModelSentence(text=text, handles=("S1",), quote="予以贴息"), [whole_point(clause)]
        )
        assert reason in found and bool(found) is bool(reason)
