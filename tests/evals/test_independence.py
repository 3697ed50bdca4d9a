"""Nothing shipped repeats a development question: results on them would mean nothing.

The development questions stand outside this repository; they are compared here and never printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.text import fold

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_SET = ROOT.parent / "shared" / "evalset" / "seed_qa_dev.jsonl"
POLICY = ROOT / "corpus" / "gansu-etdz-2015.txt"
OVERLAP = 0.6
# Below these lengths (Chinese characters, foreign words) two texts may agree by chance: 那谁配合呢, 贴息.
SHORTEST = 6
SHORTEST_CONTAINED = 10


@cache
def neighbours(text: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The pairs of neighbours in a bare text."""
    return frozenset(pairwise(text))


@cache
def joined(text: tuple[str, ...]) -> str:
    """A bare text as one string in which only whole words are found."""
    return f" {' '.join(text)} "


def bare(text: str) -> tuple[str, ...]:
    """The text's characters, or words where it is in Latin letters, folded, without punctuation."""
    return tuple(re.findall(r"[a-z0-9]+|[^\W_]", fold(text)))


def overlap(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """Jaccard overlap of the pairs of neighbours in two bare texts."""
    one, two = neighbours(first), neighbours(second)
    both = len(one & two)
    return both / (len(one) + len(two) - both) if one or two else 0.0


def holds(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Whether one bare text stands in another."""
    return len(inner) <= len(outer) and joined(inner) in joined(outer)


def near_copy(text: tuple[str, ...], question: tuple[str, ...]) -> bool:
    """Whether a shipped text, bare, all but repeats a question, bare, or one holds the other."""
    if min(len(text), len(question)) < SHORTEST:
        return False
    if overlap(text, question) > OVERLAP:
        return True
    return (len(question) >= SHORTEST_CONTAINED and holds(text, question)) or (
        len(text) >= SHORTEST_CONTAINED and holds(question, text)
    )


@cache
def development_questions() -> tuple[tuple[str, ...], ...]:
    """Every turn of the development set, bare."""
    if not DEVELOPMENT_SET.is_file():
        pytest.skip("the development questions (../shared/evalset) are not here to compare with")
    lines = DEVELOPMENT_SET.read_text(encoding="utf-8").splitlines()
    return tuple({bare(turn) for line in lines if line.strip() for turn in json.loads(line)["turns"]})


@cache
def by_pair() -> dict[tuple[str, str], set[tuple[str, ...]]]:
    """The development questions by the pairs of neighbours in them: a near copy shares some."""
    found: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for question in development_questions():
        for pair in neighbours(question):
            found.setdefault(pair, set()).add(question)
    return found


def repeated(piece: tuple[str, ...]) -> bool:
    """Whether a shipped text, bare, all but repeats some development question."""
    index = by_pair()
    alike = set().union(*(index.get(pair, ()) for pair in set(pairwise(piece))))
    return any(near_copy(piece, question) for question in alike)


@cache
def policy() -> tuple[str, ...]:
    """The policy, bare: its own words (titles, headings) may stand anywhere."""
    return bare(POLICY.read_text(encoding="utf-8"))


def strings(value: Any) -> Iterator[str]:
    """Every string in a YAML or JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from strings(key)
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def shipped_files() -> list[Path]:
    """Where texts written for this project could repeat a question."""
    found = [
        *ROOT.glob("evals/questions/*.jsonl"),
        *ROOT.glob("evals/added/*"),
        *ROOT.glob("corpus/*.yaml"),
        *ROOT.glob("corpus/questions/**/*"),
        *ROOT.glob("prompts/**/*"),
        *ROOT.glob("models/pairs/*.jsonl"),
        *ROOT.glob("models/*.jsonl"),
    ]
    return sorted(path for path in found if path.is_file())


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """(place, text) for every piece of a file."""
    content = path.read_text(encoding="utf-8")
    if path.suffix in (".yaml", ".yml"):
        yield from (("", text) for text in strings(yaml.safe_load(content)))
    elif path.suffix == ".jsonl":
        for line in filter(str.strip, content.splitlines()):
            row = json.loads(line)
            turns = row.get("turns") if isinstance(row, dict) else None
            yield from (
                ((str(row.get("id", "")), text) for text in strings(turns))
                if turns
                else (("", text) for text in strings(row))
            )
    else:
        yield from ((f"line {number}", line) for number, line in enumerate(content.splitlines(), 1))


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_shipped_text_is_a_near_copy_of_a_development_question(path: Path) -> None:
    development_questions()
    pieces = {(place, piece) for place, text in texts(path) if (piece := bare(text))}
    copies = sorted(
        f"{place}: {''.join(piece)[:60]}"
        for place, piece in pieces
        if repeated(piece) and not holds(policy(), piece)
    )
    # Only our own text is shown.
    assert copies == [], f"{len(copies)} near copies of development questions in {path.name}: {copies}"


@pytest.mark.parametrize(
    ("text", "question", "copied"),
    [
        ("贴息这件事由哪个厅来牵头?", "贴息这件事,由哪个厅牵头?", True),
        ("请问:园区修路补不补利息,找谁?谢谢", "园区修路补不补利息找谁", True),
        ("园区修路补不补利息?", "厂房荒着没人管该找谁?", False),
        ("谁牵头?", "谁牵头?", False),
        ("Which department", "Which department is in charge of idle land?", False),
    ],
)
def test_near_copies_are_recognised(text: str, question: str, copied: bool) -> None:
    assert near_copy(bare(text), bare(question)) is copied
