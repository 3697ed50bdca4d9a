"""Learn what thing a question asks for (a telephone number, papers, a sum, a term): `make train-asks`.

ask_questions.jsonl holds questions labelled by hand. Lay questions (models/pairs) whose thing a row of corpus/question_forms.yaml
knows stand beside them with that label; lay questions whose thing none knows stand for all else. Figures are cross-validated.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from train_intents import learn, masked, save  # noqa: E402
from training_pairs import PAIRS, read_lines  # noqa: E402

from ingest.text import fold  # noqa: E402
from rag.dialect import load_dialect  # noqa: E402
from rag.forms import load_forms  # noqa: E402
from rag.intents import THINGS, THINGS_SHIPPED, Intents, load_things  # noqa: E402

LABELLED = Path(__file__).resolve().parent / "ask_questions.jsonl"
# So many lay questions of one known thing, and so many of all else.
ALIKE, OTHERS = 400, 4000
# How much one of the latter weighs beside a labelled question; what moves less is left out.
LIGHT, SLIGHT = 1.0, 0.5
# How surely a thing has to be asked for (rag/question.py).
SURE = 0.5
# Rows of the forms that are one thing here.
ONE_THING = {"deadline": "when"} | dict.fromkeys(
    ("people", "area", "score", "age", "hours", "multiple"), "count"
)


def main() -> None:
    """Cross-validate, learn on all, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=THINGS_SHIPPED)
    parser.add_argument("--folds", type=int, default=5, help="0 learns only")
    arguments = parser.parse_args()
    dialect = load_dialect(ROOT / "corpus" / "dialect.yaml")
    rows = [(masked(dialect.standard(row["q"])), row["asks"]) for row in read_lines(LABELLED)]
    alike, others = lay_questions()
    for part in range(arguments.folds):
        report(rows, alike, others, part, arguments.folds)
    save(taught([*rows, *rows, *alike], others), arguments.out)
    load_things(arguments.out)


def lay_questions() -> tuple[list[tuple[str, str]], list[str]]:
    """Questions of the pair files with the thing that the forms know them to ask for, and those of which they know none."""
    needing = [
        ask for ask in load_forms(ROOT / "corpus" / "question_forms.yaml").asks if ask.needs is not None
    ]
    texts: set[str] = set()
    for file in sorted(PAIRS.glob("*.jsonl")):
        for row in read_lines(file):
            texts |= {row["question"]} if isinstance(row.get("question"), str) else set()
            texts |= {text for text in row.get("questions") or () if isinstance(text, str)}
    found: list[tuple[str, str]] = []
    others: list[str] = []
    held: Counter[str] = Counter()
    for text in random.Random(0).sample(sorted(texts), len(texts)):
        things = [ask.id for ask in needing if ask.match.search(fold(text))]
        thing = ONE_THING.get(things[0], things[0]) if len(things) == 1 else ""
        if not things and len(others) < OTHERS:
            others.append(masked(text))
        elif thing in THINGS and held[thing] < ALIKE:
            held[thing] += 1
            found.append((masked(text), thing))
    return found, others


def taught(rows: list[tuple[str, str]], others: list[str]) -> Intents:
    """The weights learned from questions with their things, and from others."""
    labels = np.array([THINGS.index(thing) for _, thing in rows])
    return learn([text for text, _ in rows], labels, others, THINGS, light=LIGHT, slight=SLIGHT)


def report(
    rows: list[tuple[str, str]], alike: list[tuple[str, str]], others: list[str], part: int, parts: int
) -> None:
    """Learn without one part of the labelled questions and of the others, judge by that part."""
    inside = [row for place, row in enumerate(rows) if place % parts != part]
    outside = [row for place, row in enumerate(rows) if place % parts == part]
    kept = [text for place, text in enumerate(others) if place % parts != part]
    model = taught([*inside, *inside, *alike], kept)
    right: Counter[str] = Counter()
    of = Counter(thing for _, thing in outside)
    astray = 0
    for text, thing in outside:
        told, likely = max(model.read(text).items(), key=lambda each: each[1])
        if thing == THINGS[-1]:
            astray += told != thing and likely >= SURE
        right[thing] += told == thing and likely >= SURE
    print(f"part {part}:", ", ".join(f"{thing} {right[thing]}/{of[thing]}" for thing in THINGS[:-1]))
    far = [text for place, text in enumerate(others) if place % parts == part]
    lay = sum(1 - model.read(text)[THINGS[-1]] >= SURE for text in far)
    print(
        f"  taken for a thing: {astray} of {of[THINGS[-1]]} that ask for none, {lay} of {len(far)} lay questions"
    )


if __name__ == "__main__":
    main()
