"""Questions in English and in Traditional characters, brought into the documents' own words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rag_samples import articles, given

from ingest.errors import BrokenKnowledge
from ingest.settings import ROOT, Settings
from ingest.text import fold
from rag.build import open_assistant
from rag.glossary import GENERAL, Glossary, Translator, load_glossary
from rag.types import Answer

FILE = ROOT / "corpus" / "glossary.yaml"
DATA: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return load_glossary(FILE)


@pytest.fixture(scope="module")
def translator(glossary: Glossary) -> Translator:
    return Translator(glossary)


@pytest.mark.parametrize("row", DATA["examples"], ids=lambda row: row["text"])
def test_examples_are_translated(glossary: Glossary, row: dict[str, Any]) -> None:
    found = glossary.translate(row["text"])
    assert any(word in found for word in row["expect_any"]), found


def test_a_phrase_stands_in_one_row_only() -> None:
    phrases: dict[str, set[str]] = {}
    for row in DATA["terms"]:
        for term in row["en"]:
            phrases.setdefault(fold(term), set()).add(str(row["zh"]))
    assert not {term: rows for term, rows in phrases.items() if len(rows) > 1}


def test_question_words_are_no_topic(glossary: Glossary) -> None:
    for row in DATA["terms"]:
        if row.get("role") == "question":
            assert not {fold(term) for term in row["en"]} & set(glossary.terms)


def test_the_longest_phrase_wins() -> None:
    glossary = Glossary({"interest": ("利息",), "interest subsidy": ("贴息",), "city": ("城市",)})
    assert glossary.translate("Interest subsidies? The interest subsidy of cities") == "利息 贴息"


def test_an_empty_glossary_translates_nothing() -> None:
    assert Glossary({}).translate("interest subsidy") == ""


def test_a_row_without_chinese_is_named(tmp_path: Path) -> None:
    file = tmp_path / "glossary.yaml"
    file.write_text("terms:\n  - {en: [tax], zh: [税]}\n  - {en: [loan], zh: []}\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=r"第 3 行.*loan"):
        load_glossary(file)
    file.write_text("terms: [3]", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match="应写成"):
        load_glossary(file)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("How soon must the landlord give my deposit back?", ["出租人", "押金"]),
        ("They fined us because the fire extinguishers had expired.", ["罚款", "灭火器"]),
        ("Is natural gas cut off without notice?", ["天然气"]),
        ("Our kindergarten has no licence.", ["幼儿园", "无证"]),
        ("My dog bit a passenger on the bus.", ["犬", "乘客"]),
    ],
)
def test_everyday_words_are_known(glossary: Glossary, asked: str, words: list[str]) -> None:
    found = glossary.translate(asked)
    assert [word for word in words if word not in found] == [], found


def test_every_general_row_has_english_in_lower_case_and_chinese() -> None:
    held: set[str] = set()
    for line in (ROOT / "corpus" / GENERAL).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        english, _, chinese = line.partition("\t")
        terms = english.split(" | ")
        assert all(term == fold(term) and term.isascii() for term in terms), line
        assert re.fullmatch(r"[一-龥、]+", chinese) and chinese.count("、") <= 2, line
        assert not held & set(terms), line
        held |= set(terms)


def test_the_closer_table_counts_before_the_general_words(tmp_path: Path) -> None:
    (tmp_path / GENERAL).write_text("# words\nbond\t债券\nwho pays\t付款\n", encoding="utf-8")
    file = tmp_path / "glossary.yaml"
    file.write_text(
        "terms:\n  - {en: [bond], zh: [企业债]}\n  - {en: [who pays], zh: [谁], role: question}\n",
        encoding="utf-8",
    )
    assert load_glossary(file).terms == {"bond": ("企业债",)}
    (tmp_path / GENERAL).write_text("bond 债券\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match="第 1 行"):
        load_glossary(file)


@pytest.mark.parametrize("name", ["glossary.yaml", "thesaurus.yaml"])
def test_answers_go_on_without_a_broken_table_and_it_is_said(
    name: str,
    policy_data: Path,
    tmp_path: Path,
    make_settings: Callable[..., Settings],
    caplog: pytest.LogCaptureFixture,
) -> None:
    corpus = Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))
    (corpus / name).write_text("terms: [3]\nkinds: {}\nentries: [3]\n", encoding="utf-8")
    with open_assistant(make_settings(policy_data, corpus=corpus)) as assistant:
        assert assistant.ask(["贷款贴息由谁牵头？"]).citations[0].article == 14
    assert name in caplog.text


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("贷款贴息谁牵头", "zh"),
        ("閒置土地由哪個部門處置", "zh-Hant"),
        ("Who deals with idle land?", "en"),
        ("WTO 规则由谁管", "zh"),
        ("GDP", "zh"),
        ("", "zh"),
    ],
)
def test_the_language_is_told_from_the_letters(translator: Translator, question: str, language: str) -> None:
    assert translator.read(question).language == language


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("誰負責貸款貼息?", "谁负责贷款贴息?"),
        ("閒置土地由哪個部門處置", "闲置土地由哪个部门处置"),
        ("第十四條的原文", "第十四条的原文"),
        ("環境影響評價歸誰管", "环境影响评价归谁管"),
    ],
)
def test_traditional_characters_are_converted_one_for_one(
    translator: Translator, traditional: str, simplified: str
) -> None:
    assert translator.read(traditional).text == simplified


def test_simplified_text_is_left_alone(translator: Translator) -> None:
    assert translator.read("乾坤和干支").text == "乾坤和干支"


@pytest.mark.parametrize(
    ("question", "article", "lead"),
    [
        ("Who leads interest subsidies for infrastructure loans?", 14, "省财政厅"),
        ("Which department handles idle land?", 19, "省国土资源厅"),
        ("Who takes the lead in cloud computing?", 16, "省工信委"),
        ("Who is responsible for the talent green channel?", 13, "省人社厅"),
    ],
)
def test_english_questions_are_answered_in_english_with_chinese_quotes(
    ask: Callable[..., Answer], question: str, article: int, lead: str
) -> None:
    answer = ask(question)
    assert articles(answer) == [article]
    assert given(answer)[0] == {lead}
    assert f"**Lead: {lead} (" in answer.text
    assert "牵头的" not in answer.text.split(">")[0] and "cooperating:" in answer.text
    assert all(any("一" <= char <= "鿿" for char in citation.quote) for citation in answer.citations)


def test_english_names_of_bodies_are_shown_beside_the_printed_ones(ask: Callable[..., Answer]) -> None:
    answer = ask("What does article 14 say?")
    assert "省财政厅 (Gansu Provincial Department of Finance)" in answer.text
    assert "article 14 (十四)" in answer.text
    assert ask("Which articles does the Department of Commerce lead?").text.startswith(
        "省商务厅 leads 5 article(s):"
    )


def test_english_refusals_are_in_english(ask: Callable[..., Answer]) -> None:
    answer = ask("What is the weather in Lanzhou today?")
    assert answer.status == "out_of_scope"
    assert answer.text.isascii() or "—" in answer.text
    assert "no article 30" in ask("What does article 30 say?").text


def test_answers_to_traditional_questions_are_traditional_around_published_quotes(
    ask: Callable[..., Answer],
) -> None:
    answer = ask("誰負責貸款貼息?")
    assert "省財政廳牽頭" in answer.text
    quoted = [line for line in answer.text.split("\n") if line.startswith(">")]
    assert quoted and all("贷款贴息" in line or "贴息" in line for line in quoted)
    assert given(answer) == ({"省财政厅"}, {"省发展改革委", "省商务厅"})
