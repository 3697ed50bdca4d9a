"""The training pairs as the trainers read them (models/pairs/): everyday questions and the clauses that answer them.

policy-*.jsonl hold clauses invented for this project with their questions; statutes.jsonl and regulations.jsonl hold
questions for articles of the data folder, named by id or row, and lay.jsonl those as people put them to a legal advice
site; english.jsonl holds English questions for clauses of the policy files.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
PAIRS = HERE / "pairs"
GLOSSARY = HERE.parent / "corpus" / "glossary.yaml"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions and the clauses that answer them: questions[i] belongs to clauses[of[i]]."""

    clauses: list[str]
    questions: list[str]
    of: NDArray[np.int64]


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_rows(data: Path, name: str) -> list[dict[str, Any]]:
    """One file of the data folder."""
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def policy_rows(leave_out: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The invented clauses of all policy files but those named (policy-5)."""
    files = sorted(PAIRS.glob("policy-*.jsonl"))
    return [row for file in files if file.stem not in leave_out for row in read_lines(file)]


def english_questions(clauses: Iterable[str]) -> dict[str, list[str]]:
    """Clause id → its English questions, of the clauses named."""
    wanted = set(clauses)
    rows = read_lines(PAIRS / "english.jsonl")
    return {row["of"]: row["questions"] for row in rows if row["of"] in wanted}


def statute_rows(data: Path) -> list[tuple[str, list[str]]]:
    """Articles of the data folder (title and text) with the everyday questions written for them."""
    statutes = {row["id"]: f"{row['law']}\n{row['text']}" for row in read_rows(data, "statutes")}
    regulations = read_rows(data, "regulations")
    found = []
    for row in [*read_lines(PAIRS / "statutes.jsonl"), *read_lines(PAIRS / "regulations.jsonl")]:
        if "statute" in row:
            text = statutes[row["statute"]]
        else:
            text = f"{row['title']}\n{article_text(row, regulations)}"
        found.append((text, row["questions"]))
    return found


def article_text(row: dict[str, Any], regulations: Sequence[dict[str, Any]]) -> str:
    """The article that a row names; SystemExit where the data folder holds other regulations."""
    article = regulations[row["regulation"]]
    if (article["title"], article["article_no"]) != (row["title"], row["article"]):
        raise SystemExit(f"{row['id']}: the data folder holds other regulations")
    return str(article["text"])


def lay_questions() -> list[tuple[str, str]]:
    """Questions as to a legal advice site, each with the id of the statute article that answers it."""
    rows = read_lines(PAIRS / "lay.jsonl")
    return [(question, row["statute"]) for row in rows for question in row["questions"]]


def glossary_rows() -> list[tuple[str, list[str]]]:
    """The Chinese terms of the glossary with their English ones, question words left out."""
    rows = yaml.safe_load(GLOSSARY.read_text(encoding="utf-8"))["terms"]
    return [("、".join(row["zh"]), row["en"]) for row in rows if row.get("role") != "question"]


def read_pairs(data: Path, leave_out: Sequence[str] = (), *, terms: bool = True) -> Pairs:
    """All pairs but those of the policy files named; `terms`: with the glossary's English and Chinese terms."""
    policies = policy_rows(leave_out)
    english = english_questions(row["id"] for row in policies)
    rows = [
        (f"{row['heading']}。{row['clause']}", [*row["questions"], *english.get(row["id"], ())])
        for row in policies
    ]
    rows += statute_rows(data)
    rows += glossary_rows() if terms else []
    return Pairs(
        clauses=[clause for clause, _ in rows],
        questions=[question for _, questions in rows for question in questions],
        of=np.asarray(
            [number for number, (_, questions) in enumerate(rows) for _ in questions], dtype=np.int64
        ),
    )


def english_words() -> list[str]:
    """The English words that the embedder knows besides those of the Chinese texts (models/english.txt)."""
    lines = (HERE / "english.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
