"""Learn when the policy's own clauses answer: `make train-ranker` runs it last, or models/train_refusal.py --help.

Clauses with expected questions are judged apart from others: anything asked of government comes near one of a hundred
questions. What is answered are questions put to the policy's articles that are none of the expected ones
(models/pairs/asking.jsonl); what no article states are questions on other matters (models/other_matters.jsonl), matters that no
policy states (models/absent.txt), the questions of the regulation pairs and other talk (models/talk.txt). Written are the
questions on other matters and a direction that parts them from the policy's (models/matters.safetensors), and the logistic,
which goes into models/ranker.json beside the one that models/train_ranker.py learns for clauses without questions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from logistic import Values, fit_logistic  # noqa: E402
from train_ranker import read_talk  # noqa: E402
from training_pairs import PAIRS, read_lines  # noqa: E402

from ingest.embedder import open_embedder  # noqa: E402
from ingest.library import Library  # noqa: E402
from ingest.settings import Settings  # noqa: E402
from rag.build import Assistant, open_assistant  # noqa: E402
from rag.matters import FEATURES as MATTERS  # noqa: E402
from rag.matters import SHIPPED as SHIPPED_MATTERS  # noqa: E402
from rag.matters import Matters  # noqa: E402
from rag.ranker import CONFIDENCE_ASKED, SHIPPED  # noqa: E402
from rag.retrieve import as_embedded  # noqa: E402

POLICY = "gansu-etdz-2015"
OTHERS = ROOT / "models" / "other_matters.jsonl"
# So many questions of the regulation pairs ask for what no article states.
FOREIGN = 1000
# What each kind weighs beside the questions that are answered, which weigh as much as all of these.
SHARES = {"others": 0.4, "absent": 0.1, "regulations": 0.2, "talk": 0.3}
# Those that a question is held against.
NEAR = ("others", "absent", "talk", "regulations")
FOLDS = 8
RIDGE, RIDGE_DIRECTION = 1e-3, 3e-4
EMBEDDER = open_embedder(None)


@dataclass(frozen=True, slots=True)
class Row:
    """One question: its vector, the features of its first hit, whether that answers, where it comes from, its fold."""

    vector: NDArray[np.float32]
    features: dict[str, float]
    right: bool
    source: str
    fold: int


def ask(assistant: Assistant, question: str, article: int | None, source: str, fold: int) -> Row | None:
    """The first hit as the retriever sees it; None where nothing is found."""
    hits = assistant.search(question, 4)
    if not hits:
        return None
    first = hits[0]
    return Row(
        vector=EMBEDDER.embed_query(embedded(assistant, question)),
        features=first.features | {"business": first.business},
        right=article is not None and first.clause.clause.article == article,
        source=source,
        fold=fold,
    )


def embedded(assistant: Assistant, question: str) -> str:
    """A question as the retriever embeds it."""
    read = assistant.knowledge.reader.read(question)
    return as_embedded(read.topic or question, read.foreign)


def gather(random: np.random.Generator) -> tuple[list[Row], NDArray[np.float32]]:
    """All questions as rows, and the vectors of the expected ones."""
    regulations = [q for row in read_lines(PAIRS / "regulations.jsonl") for q in row["questions"]]
    chosen = random.choice(len(regulations), FOREIGN, replace=False)
    other = read_lines(OTHERS)
    # Questions on one matter, and those to one article, are judged by what was learned without them.
    matters = {matter: n for n, matter in enumerate(random.permutation(sorted({o["matter"] for o in other})))}
    asked: list[tuple[str, int | None, str, int]] = [
        (row["question"], row["article"], "policy", row["article"])
        for row in read_lines(PAIRS / "asking.jsonl")
    ]
    asked += [(row["question"], None, "others", matters[row["matter"]]) for row in other]
    asked += [(question, None, "absent", n) for n, question in enumerate(read_talk("absent.txt"))]
    asked += [(regulations[int(i)], None, "regulations", n) for n, i in enumerate(chosen)]
    asked += [(question, None, "talk", n) for n, question in enumerate(read_talk("talk.txt"))]
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(_env_file=None, data=Path(name) / "data", profile="extractive")  # type: ignore[call-arg]
        library = Library(settings)
        library.build()
        library.close()
        with open_assistant(settings) as assistant:
            rows = [ask(assistant, q, article, source, n % FOLDS) for q, article, source, n in asked]
            expected = [
                embedded(assistant, row["question"])
                for row in read_lines(ROOT / "corpus" / "questions" / f"{POLICY}.jsonl")
            ]
    return [row for row in rows if row is not None], EMBEDDER.embed_documents(expected)


def learn_matters(rows: Sequence[Row], expected: NDArray[np.float32]) -> Matters:
    """The questions on other matters, and the direction that parts the policy's from all others."""
    ours = np.concatenate([expected, *[row.vector[None] for row in rows if row.source == "policy"]])
    others = [row for row in rows if row.source != "policy"]
    weights = [np.full(len(ours), 0.5 / len(ours)), weights_of(others)]
    vectors = np.concatenate([ours, np.stack([row.vector for row in others])]).astype(np.float64)
    wanted = np.concatenate([np.ones(len(ours)), np.zeros(len(others))])
    bias, direction = fit_logistic(vectors, wanted, np.concatenate(weights), RIDGE_DIRECTION)
    return Matters(
        embedder=EMBEDDER.name,
        others=np.stack([row.vector for row in rows if row.source in NEAR]),
        direction=direction.astype(np.float32),
        bias=bias,
    )


def weights_of(rows: Sequence[Row]) -> Values:
    """What each row weighs: those that are answered as much as all others."""
    counts = {source: sum(row.source == source for row in rows) for source in {row.source for row in rows}}
    return np.asarray([SHARES.get(row.source, 1.0) / counts[row.source] / 2 for row in rows])


def features_of(row: Row, matters: Matters | None) -> list[float]:
    """The row's features in their order; without `matters`, those that it tells are 0."""
    told = matters(row.vector) if matters else dict.fromkeys(MATTERS, 0.0)
    return [(row.features | told).get(name, 0.0) for name in CONFIDENCE_ASKED]


def fit(x: Values, rows: Sequence[Row]) -> Values:
    """Intercept and slopes of the logistic over the rows' features (n × features)."""
    y = np.asarray([row.right for row in rows], dtype=float)
    middle, spread = x.mean(0), x.std(0) + 1e-9
    intercept, slopes = fit_logistic((x - middle) / spread, y, weights_of(rows), RIDGE)
    slopes = slopes / spread
    return np.concatenate([[intercept - slopes @ middle], slopes])


def kept_apart(rows: list[Row], expected: NDArray[np.float32], *, matters: bool) -> tuple[Values, Values]:
    """Each row's features and likelihood by what was learned without its fold."""
    folds = np.asarray([row.fold for row in rows])
    x = np.zeros((len(rows), len(CONFIDENCE_ASKED)))
    for fold in range(FOLDS):
        told = learn_matters([r for r in rows if r.fold != fold], expected) if matters else None
        for i in np.flatnonzero(folds == fold):
            x[i] = features_of(rows[i], told)
    likely = np.zeros(len(rows))
    for fold in range(FOLDS):
        rest = np.flatnonzero(folds != fold)
        values = fit(x[rest], [rows[i] for i in rest])
        own = np.flatnonzero(folds == fold)
        likely[own] = 1 / (1 + np.exp(-(values[0] + x[own] @ values[1:])))
    return x, likely


def judged(rows: list[Row], likely: Values) -> dict[str, list[float]]:
    """By the least probability that is answered: share of right first hits kept, of each other kind refused."""
    right = np.asarray([row.right for row in rows])
    sources = np.asarray([row.source for row in rows])
    return {
        str(least): [
            round(float((likely[right] >= least).mean()), 3),
            *(round(float((likely[sources == source] < least).mean()), 3) for source in SHARES),
        ]
        for least in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Learn when the policy's own clauses answer.")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--matters", type=Path, default=SHIPPED_MATTERS)
    options = parser.parse_args()
    rows, expected = gather(np.random.default_rng(0))
    policy = [row for row in rows if row.source == "policy"]
    first = round(sum(row.right for row in policy) / len(policy), 3)
    label = f"right kept, {', '.join(f'{source} refused' for source in SHARES)}"
    print(f"first {first}\n{label}\nwithout whose matter it is")
    for least, row in judged(rows, kept_apart(rows, expected, matters=False)[1]).items():
        print(f"  {least:6} {row}")
    x, likely = kept_apart(rows, expected, matters=True)
    table = judged(rows, likely)
    print("with it")
    for least, row in table.items():
        print(f"  {least:6} {row}")
    # The logistic is learned from features that are as uncertain as those of new questions.
    values = fit(x, rows)
    data: dict[str, Any] = json.loads(options.out.read_text(encoding="utf-8"))
    data["calibration"]["asked"] = {
        "intercept": float(values[0]),
        **dict(zip(CONFIDENCE_ASKED, map(float, values[1:]), strict=True)),
    }
    data["figures"]["policy"] = {"first": first, label: table}
    options.out.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    learn_matters(rows, expected).save(options.matters)
    print(data["calibration"]["asked"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
