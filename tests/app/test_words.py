"""The interface speaks English wherever it speaks Chinese: no word is forgotten, none is left over."""

from __future__ import annotations

import ast
import re
from functools import cache
from string import Formatter

import pytest

from ingest.errors import BadInput, NoIndex
from ingest.knowledge import read_yaml
from ingest.settings import ROOT
from rag.web.page import EXAMPLES
from rag.web.words import CHINESE as CHINESE_WORDS
from rag.web.words import english

WEB = ROOT / "rag" / "web"
TABLE = read_yaml(WEB / "english.yaml")
MODULES = (
    *("page", "desk", "cards", "suggestions", "conversation", "history", "reading", "outline"),
    *("bodies_tab", "bodies_html", "browse_tab", "browse_html", "compare_tab", "compare_html"),
)
# What is not said in the reader's language, and why.
NOT_TRANSLATED = {
    # The examples of the Chinese page; the English one has its own.
    *EXAMPLES["zh"],
    *(question for group in EXAMPLES["zh"].values() for question in group),
    # The way to the other language, in that language.
    '<a href="../" lang="zh">中文</a>',
    # What an article's label has besides its number.
    r"article|要点|[第条款项点()、.\s]",
    # Made of a role: 牵头单位, 负责单位, 配合单位.
    "单位",
}
# Words of the table that no single literal has.
MADE = {f"{role}单位" for role in ("牵头", "负责", "配合")}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def literals(path: str) -> frozenset[str]:
    """The strings of a module, without those that stand alone as docstrings do."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_chinese_word_has_an_english_one(module: str) -> None:
    chinese = {text for text in literals(f"rag/web/{module}.py") if CHINESE.search(text)}
    assert chinese - TABLE.keys() - NOT_TRANSLATED == set()


def test_no_word_is_left_over() -> None:
    # What an error says, and the reasons of a reader, come from other modules.
    files = [path for folder in ("rag", "ingest") for path in (ROOT / folder).rglob("*.py")]
    used = frozenset().union(*(literals(str(path.relative_to(ROOT))) for path in files))
    assert set(TABLE) - used - MADE == set()


@pytest.mark.parametrize("chinese", TABLE)
def test_what_is_filled_in_is_the_same(chinese: str) -> None:
    said = TABLE[chinese]
    assert said.strip() and not CHINESE.search(re.sub(r"省自然资源厅|国土局|国办发|号|贷款贴息", "", said))
    assert _fields(said) == _fields(chinese)


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_an_error_that_no_table_holds_stays_as_the_program_wrote_it() -> None:
    known, line = (
        NoIndex("索引还没有建立或已损坏，请运行 python -m ingest build"),
        "corpus/thesaurus.yaml 第 3 行：缺少单位 {x}",
    )
    assert CHINESE_WORDS.of_error(BadInput(line)) == line
    assert not CHINESE.search(english().of_error(known))
    assert english().of_error(BadInput(line)).endswith(line)


def test_what_a_reader_typed_is_not_filled_in_again() -> None:
    assert english()("第 {n} 条", n="{n}{0}") == "Article {n}{0}"
    assert english()("没有这样的词 {") == "没有这样的词 {"
