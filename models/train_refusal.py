"""Learn when the policy's own clauses answer: `make train-ranker` runs it last, or models/train_refusal.py --help.

Clauses with expected questions are judged apart from others: anything asked comes near one of a hundred questions. Half
of an article's expected questions stay with it, the other half ask; what no article states are the questions of the
regulation pairs, matters that no policy states (models/absent.txt) and other talk (models/talk.txt). The logistic goes
into models/ranker.json beside the one that models/train_ranker.py learns for clauses without questions.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from logistic import fit_logistic  # noqa: E402
from train_ranker import SHARED, read_talk  # noqa: E402
from training_pairs import PAIRS, read_lines  # noqa: E402

from ingest.library import Library  # noqa: E402
from ingest.settings import Settings  # noqa: E402
from rag.build import Assistant, open_assistant  # noqa: E402
from rag.ranker import CONFIDENCE_ASKED, SHIPPED  # noqa: E402

POLICY = "gansu-etdz-2015"
# So many questions ask for an article; so many of the regulation pairs ask for what none states.
ASKING, FOREIGN = 40, 1000
# What each kind weighs beside the questions that are answered, which weigh as much as all of these.
SHARES = {"regulations": 0.5, "absent": 0.3, "talk": 0.2}
FOLDS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One question: the features of its first hit, whether that answers, and where it comes from."""

    features: list[float]
    right: bool
    source: str
    group: int


def write_corpus(folder: Path, random: np.random.Generator) -> list[tuple[int, str]]:
    """The policy with half of its expected questions; the other half with their articles."""
    (folder / "questions").mkdir(parents=True)
    for name in (*SHARED, f"{POLICY}.txt", f"{POLICY}.yaml"):
        if (ROOT / "corpus" / name).is_file():
            shutil.copy(ROOT / "corpus" / name, folder / name)
    rows = read_lines(ROOT / "corpus" / "questions" / f"{POLICY}.jsonl")
    random.shuffle(rows)
    kept, asking = rows[::2], rows[1::2]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
    (folder / "questions" / f"{POLICY}.jsonl").write_text(lines, encoding="utf-8")
    taken: dict[int, int] = {}
    chosen = []
    for row in asking:
        taken[row["article"]] = taken.get(row["article"], 0) + 1
        if taken[row["article"]] <= ASKING:
            chosen.append((row["article"], row["question"]))
    return chosen


def ask(assistant: Assistant, question: str, article: int | None, source: str, group: int) -> Row | None:
    """The first hit as the retriever sees it; None where nothing is found."""
    hits = assistant.search(question, 4)
    if not hits:
        return None
    first = hits[0]
    named = first.features | {"business": first.business}
    return Row(
        features=[named.get(name, 0.0) for name in CONFIDENCE_ASKED],
        right=article is not None and first.clause.clause.article == article,
        source=source,
        group=group,
    )


def gather(random: np.random.Generator) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asking = write_corpus(folder / "corpus", random)
        settings = Settings(_env_file=None, data=folder / "data", corpus=folder / "corpus", profile="extractive")  # type: ignore[call-arg]  # fmt: skip
        library = Library(settings)
        library.build()
        library.close()
        regulations = [q for row in read_lines(PAIRS / "regulations.jsonl") for q in row["questions"]]
        chosen = random.choice(len(regulations), FOREIGN, replace=False)
        asked: list[tuple[str, int | None, str]] = [(q, article, "policy") for article, q in asking]
        asked += [(regulations[int(i)], None, "regulations") for i in chosen]
        asked += [(question, None, "absent") for question in read_talk("absent.txt")]
        asked += [(question, None, "talk") for question in read_talk("talk.txt")]
        with open_assistant(settings) as assistant:
            # An article's questions are judged together, by weights learned on other articles.
            rows = [
                ask(assistant, question, article, source, article if article else number)
                for number, (question, article, source) in enumerate(asked)
            ]
    return [row for row in rows if row is not None]


def weights_of(rows: list[Row]) -> NDArray[np.float64]:
    sources = np.asarray([row.source for row in rows])
    counts = {source: max(1, int((sources == source).sum())) for source in set(sources)}
    return np.asarray([SHARES.get(s, 1.0) / counts[s] / 2 for s in sources])


def fit(rows: list[Row]) -> NDArray[np.float64]:
    """Intercept and slopes of the logistic."""
    x = np.asarray([row.features for row in rows])
    y = np.asarray([row.right for row in rows], dtype=float)
    middle, spread, weights = x.mean(0), x.std(0) + 1e-9, weights_of(rows)
    z = (x - middle) / spread

    intercept, slopes = fit_logistic(z, y, weights, 1e-3)
    slopes = slopes / spread
    return np.concatenate([[intercept - slopes @ middle], slopes])


def judged(rows: list[Row]) -> dict[str, list[float]]:
    """By the least probability that is answered: share of right first hits kept, of each other kind refused."""
    folds = np.asarray([row.group % FOLDS for row in rows])
    likely = np.zeros(len(rows))
    for fold in range(FOLDS):
        values = fit([row for row, own in zip(rows, folds, strict=True) if own != fold])
        for i in np.flatnonzero(folds == fold):
            likely[i] = 1 / (1 + np.exp(-(values[0] + np.dot(values[1:], rows[i].features))))
    right = np.asarray([row.right for row in rows])
    sources = np.asarray([row.source for row in rows])
    return {
        str(least): [
            round(float((likely[right] >= least).mean()), 3),
            *(round(float((likely[sources == source] < least).mean()), 3) for source in SHARES),
        ]
        for least in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Learn when the policy's own clauses answer.")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    rows = gather(random)
    policy = [row for row in rows if row.source == "policy"]
    table = judged(rows)
    values = fit(rows)
    data: dict[str, Any] = json.loads(options.out.read_text(encoding="utf-8"))
    data["calibration"]["asked"] = {
        "intercept": float(values[0]),
        **dict(zip(CONFIDENCE_ASKED, map(float, values[1:]), strict=True)),
    }
    label = f"right kept, {', '.join(f'{source} refused' for source in SHARES)}"
    first = round(sum(row.right for row in policy) / len(policy), 3)
    data["figures"]["policy"] = {"first": first, label: table}
    options.out.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"first {first}\n{label}")
    for least, row in table.items():
        print(f"  {least:6} {row}")
    print(data["calibration"]["asked"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
