"""Everyday wordings: found in a question, fitted to clauses, and the shipped file whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import BrokenKnowledge
from ingest.settings import ROOT
from ingest.types import Clause, Responsibility
from rag.thesaurus import Entry, Thesaurus, expansion, load_thesaurus

KINDS = "kinds: {证券监管: [证监]}\n"
SMALL = Thesaurus(
    entries=(
        Entry(say=("敲钟", "去股市圈钱"), means=("首次公开发行", "上市融资"), bodies=("证券监管",)),
        Entry(say=("股市",), means=("资本市场",)),
    ),
    kinds={"证券监管": ("证监",)},
)


def clause(text: str, *bodies: str) -> Clause:
    duties = (Responsibility(responsible=bodies, raw="", start=0, end=0),) if bodies else ()
    return Clause(
        path=("一",), article=1, label="一", heading="", section="", text=text, start=0, end=len(text),
        responsibilities=duties,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "wordings"),
    [
        ("想去股市圈钱怎么办", ["去股市圈钱"]),
        ("想 敲 钟，看看股市", ["敲钟", "股市"]),
        ("种菜", []),
        ("", []),
        ("钟", []),
    ],
)
def test_wordings_are_found_longest_first_and_none_inside_another(topic: str, wordings: list[str]) -> None:
    assert [meaning.wording for meaning in SMALL.meanings(topic)] == wordings


def test_a_clause_fits_by_its_terms_and_a_little_by_its_bodies() -> None:
    meanings = SMALL.meanings("去股市圈钱")
    both = expansion(meanings, clause("支持企业首次公开发行和上市融资。", "省证监局"))
    one = expansion(meanings, clause("支持企业上市融资。"))
    body = expansion(meanings, clause("加强监管。", "省证监局"))
    assert 1 >= both > one > body > expansion(meanings, clause("种菜。")) == 0
    assert expansion((), clause("上市融资")) == 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("entries: []", "kinds"),
        (KINDS, "entries"),
        (KINDS + "entries: [3]", "应写成"),
        (KINDS + "entries:\n  - 敲钟", "第 3 行.*应写成"),
        (KINDS + "entries:\n  - 甲子 → 乙\n\n  - 敲钟、 → 上市", "第 5 行.*应写成"),
        (KINDS + "entries:\n  - 敲钟 → 上市 → 证券监管 → 别的", "第 3 行.*应写成"),
        (KINDS + "entries:\n  - {say: [敲钟], means: [上市]}", "第 3 行.*应写成"),
        (KINDS + "entries:\n  - 敲钟 → 上市 → 无此类", "第 3 行.*无此类"),
        (KINDS + "entries:\n  - 敲钟 → 上市\n  - 打钟、敲钟 → 打钟", "第 4 行.*敲钟"),
        (KINDS + "entries:\n  - [敲钟, 上市", "第 [34] 行"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "thesaurus.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=fault):
        load_thesaurus(file)


def test_the_shipped_thesaurus_reads() -> None:
    thesaurus = load_thesaurus(ROOT / "corpus" / "thesaurus.yaml")
    assert thesaurus.entries
    assert all(len(wording) >= 2 for entry in thesaurus.entries for wording in entry.say)
