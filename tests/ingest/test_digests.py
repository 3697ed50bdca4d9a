"""Digests of documents that are not held: the shipped files, how one is written out, what a broken one says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ingest_samples import CORPUS, POLICY

from ingest.chinese_numbers import to_int
from ingest.digests import SOURCE, Digest, read_digest, read_digests
from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml
from ingest.questions import check_places, questions_for, read_questions
from ingest.sources import digest_sources, questions_file

SHIPPED = sorted((CORPUS / "digests").glob("*.yaml"))

GOOD = """# 提要:不是原文。
id: yunfa-2020-1
title: 云岭市人民政府关于扩大开放的意见
number: 云发〔2020〕1号
issuer: 云岭市人民政府
issued_on: 2020-03-05
posted_on: null
relation: related
relation_note: 测试用
also_called: [云发1号]
official_url: https://www.example.org/1.htm
validity: 未见废止（未核对）
pages_seen: [http://www.example.org/2.htm]
sections:
  - label: 一
    heading: 总体要求
    articles:
      - label: (一)
        heading: 放宽准入
        digest: 放宽服务业准入。
        conf: high
      - label: (二)
        heading: 传闻
        digest: 听说要发钱。
        conf: low
  - label: 二
    heading: 具体措施
    articles:
      - label: (十一)
        heading: 给予补贴
        digest: 给企业补贴。
        conf: medium
facts:
  - {heading: 文件结构, digest: 共三条。, conf: high}
  - {heading: 小道消息, digest: 据说后来改了。, conf: low}
  - {heading: 数量, digest: 全市有两家。, conf: medium, pages: [http://www.example.org/3.htm]}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "yunfa-2020-1.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def good(tmp_path: Path) -> Digest:
    return read_digest(write(tmp_path, GOOD))


def test_all_files_of_a_folder_are_read_by_id(tmp_path: Path) -> None:
    assert [digest.id for digest in read_digests(CORPUS / "digests")] == [path.stem for path in SHIPPED]
    assert read_digests(tmp_path / "none") == ()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_digest_quotes_itself_by_offsets(path: Path) -> None:
    parsed = read_digest(path).parsed
    text, metadata = parsed.document.text, parsed.document.metadata
    assert parsed.document.id == path.stem
    assert all(text[clause.start : clause.end] == clause.text for clause in parsed.clauses)
    assert all(a.end < b.start for a, b in zip(parsed.clauses, parsed.clauses[1:], strict=False))
    assert text.startswith(f"{metadata.title}\n") and "（提要，非原文）" in text.splitlines()[:3]
    assert (metadata.kind, metadata.source) == ("digest", SOURCE)
    assert not any(clause.responsibilities for clause in parsed.clauses)
    assert all(date.fromisoformat(day) for day in (metadata.issued_on, metadata.posted_on) if day)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_digest_holds_what_is_sure_and_marks_what_is_not(path: Path) -> None:
    data: dict[str, Any] = read_yaml(path)
    articles = [row for section in data.get("sections") or () for row in section["articles"]]
    facts = [(f"要点{n}", row) for n, row in enumerate(data.get("facts") or (), start=1)]
    rows = [*((row["label"], row) for row in articles), *facts]
    parsed = read_digest(path).parsed
    assert [c.label for c in parsed.clauses] == [label for label, row in rows if row["conf"] != "low"]
    assert list(parsed.document.metadata.unverified) == [
        label for label, row in rows if row["conf"] == "medium"
    ]
    assert all(row["digest"] in parsed.document.text for _, row in rows if row["conf"] != "low")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_articles_are_numbered_and_facts_are_not(path: Path) -> None:
    clauses = read_digest(path).parsed.clauses
    for clause in clauses:
        if clause.label.startswith("要点"):
            assert (clause.path, clause.article, clause.section) == ((), None, "")
        else:
            assert clause.article == to_int(clause.label.strip("()"))
            assert clause.path == (clause.section.split("、")[0], clause.label)
    assert len({(clause.path, clause.label) for clause in clauses}) == len(clauses)


def test_how_a_digest_is_written_out(good: Digest) -> None:
    assert good.parsed.document.text == (
        "云岭市人民政府关于扩大开放的意见\n云发〔2020〕1号\n（提要，非原文）\n"
        "一、总体要求\n(一)放宽准入。放宽服务业准入。\n"
        "二、具体措施\n(十一)给予补贴。给企业补贴。\n"
        "文件结构。共三条。\n数量。全市有两家。\n"
    )


def test_labels_paths_and_numbers(good: Digest) -> None:
    assert [(c.label, c.path, c.article, c.section) for c in good.parsed.clauses] == [
        ("(一)", ("一", "(一)"), 1, "一、总体要求"),
        ("(十一)", ("二", "(十一)"), 11, "二、具体措施"),
        ("要点1", (), None, ""),
        ("要点3", (), None, ""),
    ]
    assert good.parsed.document.metadata.unverified == ("(十一)", "要点3")


def test_what_is_known_of_the_document(good: Digest) -> None:
    metadata = good.parsed.document.metadata
    assert (metadata.number, metadata.issuer) == ("云发〔2020〕1号", "云岭市人民政府")
    assert (metadata.issued_on, metadata.posted_on) == ("2020-03-05", None)
    assert (metadata.relation, metadata.note, metadata.also_called) == ("related", "测试用", ("云发1号",))
    assert (metadata.address, metadata.validity) == ("https://www.example.org/1.htm", "未见废止（未核对）")


def test_a_page_that_was_only_seen_elsewhere_is_not_linked(tmp_path: Path) -> None:
    text = GOOD.replace("official_url: https://www.example.org/1.htm", "official_url: null")
    assert read_digest(write(tmp_path, text)).parsed.document.metadata.address == ""


BAD = [
    (("id: yunfa-2020-1", "id: yunfa-2020-2"), "id 应与文件名相同"),
    (("id: yunfa-2020-1\n", ""), "缺少 id"),
    (("title: 云岭市人民政府关于扩大开放的意见\n", ""), "缺少 title"),
    (("number: 云发〔2020〕1号", "number: 12"), "number 应是文字"),
    (("relation: related", "relation: sibling"), "relation 应是 parent"),
    (("relation: related\n", ""), "relation 应是 parent"),
    (("issued_on: 2020-03-05", 'issued_on: "2020-03-05"'), "issued_on 应是 2014-10-30 这样的日期"),
    (("issued_on: 2020-03-05", "issued_on: 2020年3月"), "issued_on 应是"),
    (("posted_on: null", "posted_on: 2020"), "posted_on 应是"),
    (("https://www.example.org/1.htm", "http://www.example.org/1.htm"), "official_url 应以 https:// 开头"),
    (("official_url: https://www.example.org/1.htm", "official_url: 5"), "official_url 应是文字"),
    (("validity: 未见", "colour: 红\nvalidity: 未见"), "第 2 行.*不认识的内容“colour”"),
    (("        conf: medium\n", ""), "第 29 行.*缺少 conf"),
    (("conf: medium\nfacts", "conf: sure\nfacts"), "第 29 行.*conf 应是 high、medium 或 low"),
    (("conf: medium\nfacts", "conf: 1\nfacts"), "第 29 行.*缺少 conf"),
    (("        heading: 给予补贴\n", ""), "第 29 行.*缺少 heading"),
    (("        digest: 给企业补贴。\n", ""), "第 29 行.*缺少 digest"),
    (("label: (十一)\n        heading", "heading"), "第 29 行.*缺少 label"),
    (("        conf: medium\n", "        conf: medium\n        source: 网页\n"), "第 29 行.*不认识的内容“source”"),
    (("    heading: 具体措施\n", ""), "第 26 行.*缺少 heading"),
    (("digest: 共三条。,", "digest: 共三条,分两类。,"), "第 34 行.*不认识的内容“分两类。”.*半角逗号"),
    (("conf: low}", "conf: perhaps}"), "第 35 行.*conf 应是"),
    (("conf: low}", "sure: no}"), "第 35 行.*不认识的内容“sure”"),
    (("facts:\n", "facts:\n  - 只有一句话\n"), "缺少 conf"),
    (("relation: related", "relation: [related"), "第 \\d+ 行不是有效的 YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), BAD)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert GOOD.count(change[0]) == 1
    file = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(BrokenKnowledge, match=said) as caught:
        read_digest(file)
    assert str(caught.value).startswith(str(file))


def test_a_digest_with_nothing_sure_in_it_says_so(tmp_path: Path) -> None:
    text = GOOD.replace("conf: high", "conf: low").replace("conf: medium", "conf: low")
    with pytest.raises(BrokenKnowledge, match="没有可以显示的提要"):
        read_digest(write(tmp_path, text))


_TWICE = "label: (一)\n        heading: 甲\n        digest: 乙。\n        conf: high\n      - label: (一)"
MISREAD = [
    ("also_called: [云发1号]", "also_called: 云发1号"),
    ("label: (十一)", "label: （十一）"),
    ("label: (十一)", _TWICE),
]


@pytest.mark.parametrize("change", MISREAD)
def test_what_would_be_read_as_something_else_is_said(tmp_path: Path, change: tuple[str, str]) -> None:
    assert GOOD.count(change[0]) == 1
    with pytest.raises(BrokenKnowledge):
        read_digest(write(tmp_path, GOOD.replace(*change)))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_clause_of_a_shipped_digest_has_twenty_expected_questions(path: Path) -> None:
    questions = read_questions(questions_file(CORPUS, path.stem))
    clauses = read_digest(path).parsed.clauses
    assert {c.label: n for c in clauses if (n := len(set(questions_for(c, questions)))) < 20} == {}
    check_places(questions_file(CORPUS, path.stem), questions, clauses)


def test_every_question_file_belongs_to_a_shipped_document() -> None:
    files = {path.stem for path in (CORPUS / "questions").glob("*.jsonl")}
    assert files == {POLICY, *(source.document.id for source in digest_sources(CORPUS))}
