"""Learn what kind of thing a question wants: `make train-intents`.

intent_questions.jsonl holds questions labelled by hand; everyday questions for clauses (corpus/questions, models/pairs) stand for
all else that people ask. Figures are cross-validated over the labelled questions, file part by file part.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from training_pairs import policy_rows, read_lines  # noqa: E402

from ingest.departments import load_directory  # noqa: E402
from ingest.references import find_references  # noqa: E402
from rag.intents import INTENTS, SHIPPED, Intents, load_intents, mask, pieces  # noqa: E402

LABELLED = Path(__file__).resolve().parent / "intent_questions.jsonl"
# The policy, and documents around it that are asked what they say.
ASKED = ("gansu-etdz-2015", "guobanfa-2014-54", "guofa-2019-11", "guobanfa-2017-7", "guobanfa-2016-14")
# So many of the everyday questions for clauses, and how much one of them weighs beside a labelled question.
OTHERS, LIGHT = 4000, 0.1
# Wording that fewer questions hold is not learned; how freely weights may grow; digits kept; what moves less is left out.
LEAST, FREEDOM, DIGITS, SLIGHT = 2, 100.0, 2, 0.1


def main() -> None:
    """Cross-validate, learn on all, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--folds", type=int, default=5, help="0 learns only")
    arguments = parser.parse_args()
    rows = read_lines(LABELLED)
    texts = [masked(row["text"]) for row in rows]
    labels = np.array([INTENTS.index(row["intent"]) for row in rows])
    others = [masked(text) for text in everyday()]
    for fold in range(arguments.folds):
        report(texts, labels, others, fold, arguments.folds)
    save(learn(texts, labels, others), arguments.out)
    load_intents(arguments.out)


def save(model: Intents, out: Path) -> None:
    """Write the weights as rag/intents.py reads them."""
    weights = {piece: list(row) for piece, row in sorted(model.weights.items())}
    data = {"bias": list(model.bias), "weights": weights}
    out.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{out}: {len(weights)} pieces, {out.stat().st_size / 1024:.0f} KiB")


_DIRECTORY = load_directory(ROOT / "corpus" / "departments.yaml")


def masked(text: str) -> str:
    return mask(text, _DIRECTORY.mentions(text), find_references(text))


def everyday() -> list[str]:
    """Questions that want what a clause says or who is responsible."""
    files = [ROOT / "corpus" / "questions" / f"{name}.jsonl" for name in ASKED]
    texts = [row["question"] for file in files for row in read_lines(file)]
    texts += [text for row in policy_rows() for text in row["questions"]]
    return random.Random(0).sample(texts, min(OTHERS, len(texts)))


def learn(
    texts: list[str],
    labels: np.ndarray[Any, Any],
    others: list[str],
    names: tuple[str, ...] = INTENTS,
    *,
    light: float = LIGHT,
    slight: float = SLIGHT,
) -> Intents:
    """Weights of all wording that enough questions hold; the last of `names` is what `others` want."""
    everything = [*texts, *others]
    count: dict[str, int] = {}
    for text in everything:
        for piece in set(pieces(text)):
            count[piece] = count.get(piece, 0) + 1
    known = {piece: place for place, piece in enumerate(p for p, n in sorted(count.items()) if n >= LEAST)}
    matrix = rows_of(everything, known)
    wanted = np.concatenate([labels, np.full(len(others), len(names) - 1)])
    importance = np.concatenate([np.ones(len(texts)), np.full(len(others), light)])
    model = LogisticRegression(C=FREEDOM, max_iter=2000).fit(matrix, wanted, sample_weight=importance)
    return Intents(
        weights={
            piece: tuple(round(float(weight), DIGITS) for weight in model.coef_[:, place])
            for piece, place in known.items()
            if abs(model.coef_[:, place]).max() >= slight
        },
        bias=tuple(round(float(value), DIGITS) for value in model.intercept_),
        names=names,
    )


def rows_of(texts: list[str], known: dict[str, int]) -> csr_matrix:
    """One row a question: how often it holds each piece, its length 1."""
    data, columns, starts = [], [], [0]
    for text in texts:
        counted: dict[str, int] = {}
        for piece in pieces(text):
            counted[piece] = counted.get(piece, 0) + 1
        length = float(np.sqrt(sum(n * n for n in counted.values()))) or 1.0
        for piece, number in counted.items():
            if piece in known:
                columns.append(known[piece])
                data.append(number / length)
        starts.append(len(columns))
    return csr_matrix((data, columns, starts), shape=(len(texts), len(known)))


def report(texts: list[str], labels: np.ndarray[Any, Any], others: list[str], fold: int, folds: int) -> None:
    """Learn without one part of the labelled questions and of the others, judge by that part."""
    inside = [place for place in range(len(texts)) if place % folds != fold]
    outside = [place for place in range(len(texts)) if place % folds == fold]
    kept = [text for place, text in enumerate(others) if place % folds != fold]
    model = learn([texts[place] for place in inside], labels[inside], kept)
    told = [model.read(texts[place]) for place in outside]
    for number, intent in enumerate(INTENTS[:-1]):
        right = sum(
            each[intent] > 0.5 for each, place in zip(told, outside, strict=True) if labels[place] == number
        )
        wrong = sum(
            each[intent] > 0.5 for each, place in zip(told, outside, strict=True) if labels[place] != number
        )
        of = int((labels[outside] == number).sum())
        print(f"part {fold}: {intent} found {right} of {of}, {wrong} taken for it")
    astray = sum(
        model.read(text)["other"] < 0.5 for place, text in enumerate(others) if place % folds == fold
    )
    print(f"part {fold}: {astray} of {len(others) // folds} everyday questions taken for another kind")


if __name__ == "__main__":
    main()
