"""Expected questions: how people ask for a clause in everyday words, kept beside the documents.

corpus/questions/<document id>.jsonl, one a line: {"article": 14, "question": "…"} or, where a
document has no running articles, {"path": ["二", "(一)"], "question": "…"}. They are searched
together with their clause and never shown or quoted. A row may tell by "sentence": 3 which sentence of its article (1 is
the heading) answers it; that is read at question time (rag/asked_sentences.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ingest.errors import BrokenKnowledge
from ingest.types import Clause

ClauseKey = int | tuple[str, ...]


def read_questions(path: Path) -> dict[ClauseKey, tuple[str, ...]]:
    """Questions by article or path; empty without a file. Raises BrokenKnowledge with file and line."""
    if not path.is_file():
        return {}
    found: dict[ClauseKey, list[str]] = defaultdict(list)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path} 第 {number} 行"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BrokenKnowledge(f"{place}：不是有效的 JSON（{error.msg}）") from None
        question = row.get("question") if isinstance(row, dict) else None
        if not isinstance(question, str) or not question.strip():
            raise BrokenKnowledge(f"{place}：缺少 question")
        article, labels = row.get("article"), row.get("path")
        if isinstance(article, int):
            found[article].append(question.strip())
        elif isinstance(labels, list) and all(isinstance(label, str) for label in labels):
            found[tuple(labels)].append(question.strip())
        else:
            raise BrokenKnowledge(f"{place}：要有 article（条号）或 path（各级编号）")
    return {key: tuple(dict.fromkeys(questions)) for key, questions in found.items()}


def questions_for(clause: Clause, questions: dict[ClauseKey, tuple[str, ...]]) -> tuple[str, ...]:
    """The questions of one clause, by its path or its article number."""
    by_article = questions.get(clause.article, ()) if clause.article is not None else ()
    return (*questions.get(place_of(clause), ()), *by_article)


def check_places(path: Path, questions: dict[ClauseKey, tuple[str, ...]], clauses: Sequence[Clause]) -> None:
    """Raise BrokenKnowledge naming the first line whose clause the document does not have."""
    there: set[ClauseKey] = {place_of(clause) for clause in clauses}
    there |= {clause.article for clause in clauses if clause.article is not None}
    strays = [key for key in questions if key not in there]
    if not strays:
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        row = json.loads(line) if line.strip() else {}
        if row.get("article") in strays or tuple(row.get("path") or ()) in strays:
            named = row.get("article") or "、".join(row["path"])
            raise BrokenKnowledge(f"{path} 第 {number} 行：文件里没有 {named} 这一条")


def place_of(clause: Clause) -> tuple[str, ...]:
    """What names a clause within its document: its path, or 第3段 where nothing is numbered."""
    return clause.path or (clause.label,)
