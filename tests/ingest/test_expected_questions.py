"""Expected questions: read with errors that say where, and found with their clause."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ingest.errors import BrokenKnowledge
from ingest.library import Library
from ingest.questions import read_questions
from ingest.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "corpus" / "questions").glob("*.jsonl"))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "JSON"),
        ("[]", "question"),
        ('{"article": 1}', "question"),
        ('{"article": 1, "question": " "}', "question"),
        ('{"question": "谁管?"}', "article"),
        ('{"article": "1", "question": "谁管?"}', "article"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"article": 1, "question": "谁管?"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=f"第 2 行.*{fault}"):
        read_questions(file)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('{"article": 9, "question": "谁管?"}', "9"),
        ('{"path": ["三", "(九)"], "question": "谁管?"}', "三、(九)"),
    ],
)
def test_a_question_for_a_clause_that_is_not_there_is_named_and_the_index_stays(
    tmp_path: Path, line: str, named: str
) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "questions").mkdir(parents=True)
    for name in ("departments.yaml", "duty_patterns.yaml", "terms.txt"):
        shutil.copy(ROOT / "corpus" / name, corpus)
    (corpus / "甲.txt").write_text(
        "关于某事的通知\n（一）加强管理。要加强管理。（省商务厅负责）\n（二）其他。从严。\n", encoding="utf-8"
    )
    (corpus / "甲.yaml").write_text("id: 甲\nsource: 测试\n", encoding="utf-8")
    questions = corpus / "questions" / "甲.jsonl"
    questions.write_text('{"article": 1, "question": "谁管?"}\n', encoding="utf-8")
    library = Library(Settings(_env_file=None, data=tmp_path / "data", corpus=corpus))  # type: ignore[call-arg]
    library.build()
    before = library.status()
    questions.write_text('{"article": 1, "question": "谁管?"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=f"第 2 行.*{re.escape(named)}"):
        library.build()
    assert library.status() == before
    library.close()


def test_questions_by_article_and_by_path(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(
        '{"article": 3, "question": "谁管?"}\n\n{"path": ["一", "(二)"], "question": "找谁?"}\n'
        '{"article": 3, "question": "谁管?"}\n',
        encoding="utf-8",
    )
    assert read_questions(file) == {3: ("谁管?",), ("一", "(二)"): ("找谁?",)}
    assert read_questions(tmp_path / "none.jsonl") == {}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_questions_read(path: Path) -> None:
    assert all(questions for questions in read_questions(path).values())


def test_every_article_of_the_policy_has_eighty() -> None:
    questions = read_questions(ROOT / "corpus" / "questions" / "gansu-etdz-2015.jsonl")
    assert set(questions) == set(range(1, 25))
    assert min(len(asked) for asked in questions.values()) >= 80
