"""Learn what the features of a hit are worth: `make train-ranker`, or models/train_ranker.py --help.

The clauses of the pairs (models/pairs/) that the embedder was not trained on stand as documents of a
library; the retriever finds candidates for their questions as it does for a user, and weights are
learned that put the right clause first. Figures are cross-validated: each pool of documents is judged
by weights learned on the others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from logistic import fit_logistic  # noqa: E402
from training_pairs import english_questions, policy_rows, read_lines  # noqa: E402

from ingest.embedder import Embedder, open_embedder  # noqa: E402
from ingest.library import Library  # noqa: E402
from ingest.settings import Settings  # noqa: E402
from rag.build import Assistant, open_assistant  # noqa: E402
from rag.business import Business  # noqa: E402
from rag.ranker import CONFIDENCE, FEATURES, SHIPPED, Ranker, Weights, probability  # noqa: E402

Features = NDArray[np.float32]
# What clauses with expected questions get on top, and what is taken off where others have none: chosen on a library of
# the policy with its questions and 100 clauses without (docs/adr/0008-ranking.md), for the simulation's four questions a
# clause say little about a hundred.
ASKED = {"asked": 0.35, "lexical": 0.2, "coverage": 0.1}
OFFSET = 0.32
DOCUMENT, POOL = 25, 100  # clauses a document, clauses a pool
SHARED = (
    "departments.yaml",
    "duty_patterns.yaml",
    "terms.txt",
    "question_forms.yaml",
    "glossary.yaml",
    "thesaurus.yaml",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its candidates' features, which of them is right (-1: none found)."""

    features: Features
    right: int
    business: float
    unanswerable: bool = False


def read_talk(name: str) -> list[str]:
    """models/talk.txt or models/absent.txt: one a line."""
    lines = (Path(__file__).resolve().parent / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def business_questions(rows: list[dict[str, Any]]) -> list[str]:
    """Questions of government business: the clauses' everyday ones in both languages, and official ones."""
    english = english_questions(row["id"] for row in rows)
    return [
        question
        for row in rows
        for question in (*row["questions"], *english.get(row["id"], ()), official_question(row))
    ]


def expected_questions() -> list[str]:
    """The expected questions of the shipped documents."""
    files = sorted((ROOT / "corpus" / "questions").glob("*.jsonl"))
    return [row["question"] for file in files for row in read_lines(file)]


def learn_business(embedder: Embedder, questions: list[str], talk: list[str]) -> Business:
    """The direction that tells questions of government business from other talk, each side counting half."""
    vectors = np.concatenate([embedder.embed_documents(questions), embedder.embed_documents(talk)]).astype(
        float
    )
    wanted = np.repeat([1.0, 0.0], [len(questions), len(talk)])
    weights = np.where(wanted == 1, 0.5 / len(questions), 0.5 / len(talk))

    bias, direction = fit_logistic(vectors, wanted, weights, 3e-4)
    return Business(embedder=embedder.name, bias=bias, direction=direction.astype(np.float32))


def write_corpus(folder: Path, clauses: list[dict[str, Any]], expected: int) -> dict[str, str]:
    """The clauses as documents of a corpus; clause id → its key in the index."""
    keys: dict[str, str] = {}
    (folder / "questions").mkdir(parents=True)
    for name in SHARED:
        if (ROOT / "corpus" / name).is_file():
            (folder / name).symlink_to(ROOT / "corpus" / name)
    numerals = [
        *"一二三四五六七八九十",
        *(f"十{n}" for n in "一二三四五六七八九"),
        "二十",
        *(f"二十{n}" for n in "一二三四五"),
    ]
    for number, start in enumerate(range(0, len(clauses), DOCUMENT)):
        document, lines, questions = (
            f"d{number}",
            [f"关于推进有关工作的意见{number}", "各省、自治区、直辖市人民政府："],
            [],
        )
        for position, clause in enumerate(clauses[start : start + DOCUMENT]):
            bodies = "、".join(clause["bodies"])
            lines.append(f"（{numerals[position]}）{clause['heading']}。{clause['clause']}（{bodies}负责）")
            keys[clause["id"]] = f"{document}#{position}"
            questions += [{"article": position + 1, "question": q} for q in clause["questions"][:expected]]
        (folder / f"{document}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / f"{document}.yaml").write_text(f"id: {document}\nsource: pairs\n", encoding="utf-8")
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in questions)
        (folder / "questions" / f"{document}.jsonl").write_text(rows, encoding="utf-8")
    return keys


def gather(
    clauses: list[dict[str, Any]],
    embedder: str | None,
    expected: int,
    business: Business,
    unanswerable: list[str],
) -> list[Asked]:
    """Every question that is not an expected one, and those that no clause answers, as the retriever sees them."""
    found = []
    opened = open_embedder(embedder)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        keys = write_corpus(corpus, clauses, expected)
        settings = Settings(_env_file=None, data=Path(folder) / "data", corpus=corpus, embedder=embedder, profile="extractive")  # type: ignore[call-arg]  # fmt: skip
        library = Library(settings)
        library.build()
        library.close()
        with open_assistant(settings) as assistant:
            for clause in clauses:
                everyday = clause["questions"][expected : expected + 4]
                # One question in the clause's own words for four in everyday ones.
                found += [
                    ask(assistant, opened, business, question, keys[clause["id"]])
                    for question in [*everyday, official_question(clause)]
                ]
            found += [ask(assistant, opened, business, question, None) for question in unanswerable]
    return found


def ask(
    assistant: Assistant, embedder: Embedder, business: Business, question: str, wanted: str | None
) -> Asked:
    """One question as the retriever sees it; `wanted` is the key of the clause that answers."""
    hits = assistant.search(question, 32)
    rows = [[hit.features.get(name, 0.0) for name in FEATURES] for hit in hits]
    right = [i for i, hit in enumerate(hits) if hit.clause.key == wanted]
    matrix = np.asarray(rows, dtype=np.float32).reshape(len(rows), len(FEATURES))
    reader = assistant.knowledge.reader
    about = embedder.embed_query(reader.read(question).topic or question)
    return Asked(matrix, right[0] if right else -1, business(about), unanswerable=wanted is None)


def official_question(clause: dict[str, Any]) -> str:
    """How a civil servant asks: by the heading, or by words from the middle of the clause."""
    number = int(clause["id"].split("-")[1])
    if number % 2:
        return f"{clause['heading']}由哪些部门负责"
    parts = [part for part in re.split("[，。、；]", clause["clause"]) if 6 <= len(part) <= 16]
    return f"{parts[number % len(parts)] if parts else clause['heading']}是怎么规定的"


def learn(asked: list[Asked], columns: list[int]) -> NDArray[np.float64]:
    """Weights of the columns, none below zero, under which the right clause is likeliest."""
    usable = [a for a in asked if a.right >= 0]
    width = max(len(a.features) for a in usable)
    data = torch.zeros(len(usable), width, len(columns))
    mask = torch.full((len(usable), width), -1e9)
    for i, a in enumerate(usable):
        data[i, : len(a.features)] = torch.from_numpy(a.features[:, columns])
        mask[i, : len(a.features)] = 0
    target = torch.tensor([a.right for a in usable])
    raw = torch.zeros(len(columns), requires_grad=True)
    optimiser = torch.optim.Adam([raw], lr=0.05)
    for _ in range(400):
        weights = torch.nn.functional.softplus(raw) * 10
        scores = (data * weights).sum(-1) + mask
        loss = torch.nn.functional.cross_entropy(scores, target) + 1e-4 * weights.square().sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    learned: NDArray[np.float64] = (
        (torch.nn.functional.softplus(raw) * 10).detach().numpy().astype(np.float64)
    )
    return learned


def shares(asked: list[Asked], columns: list[int], weights: NDArray[np.float64]) -> tuple[float, float]:
    """How often the right clause is first, and among the first three."""
    ranks = []
    for a in asked:
        if a.unanswerable:
            continue
        scores = a.features[:, columns] @ weights
        # Those that score the same come before it.
        ranks.append(np.inf if a.right < 0 else float((scores >= scores[a.right]).sum() - 1))
    values = np.asarray(ranks)
    return float((values < 1).mean()), float((values < 3).mean())


def report(
    pools: list[list[Asked]], given: Weights, skip: set[str]
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Cross-validated shares for each part alone, together, and without each; and the weights from all pools."""
    names = [name for name in FEATURES if name not in skip]
    everything = [a for pool in pools for a in pool]
    table: dict[str, Any] = {}

    def judge(label: str, used: list[str]) -> None:
        columns = [FEATURES.index(name) for name in used]
        parts = []
        for held in range(len(pools)):
            others = [a for i, pool in enumerate(pools) if i != held for a in pool]
            weights = learn(others, columns) if len(columns) > 1 else np.ones(1)
            parts.append(shares(pools[held], columns, weights))
        table[label] = [round(float(x), 3) for x in np.mean(parts, axis=0)]

    for name in names:
        judge(f"{name} alone", [name])
    before = np.asarray([given.values[name] for name in FEATURES])
    table["weights before"] = [round(x, 3) for x in shares(everything, list(range(len(FEATURES))), before)]
    judge("all", names)
    for name in names:
        judge(f"without {name}", [other for other in names if other != name])
    return table, learn(everything, [FEATURES.index(name) for name in names])


def calibrate(asked: list[Asked], weights: Weights, random: np.random.Generator) -> dict[str, float]:
    """Probability that the first hit answers, from what is known at question time."""
    rows, right = [], []
    values = np.asarray([weights.values[name] for name in FEATURES])
    for a in asked:
        if len(a.features) < 3:
            continue
        a = without_clause(a, random)
        features, wanted = a.features, a.right
        scores = features @ values
        order = np.argsort(-scores)
        rows.append(confidence_row(features[order[0]], a.business))
        right.append(float(order[0] == wanted))
    x, y = torch.tensor(rows, dtype=torch.float32), torch.tensor(right, dtype=torch.float32)
    middle, spread = x.mean(0), x.std(0) + 1e-6
    raw = torch.zeros(x.shape[1] + 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([raw], max_iter=200)

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        logits = ((x - middle) / spread) @ raw[1:] + raw[0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y) + 1e-3 * raw[1:].square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)
    slopes = (raw[1:] / spread).detach()
    result = dict(zip(CONFIDENCE, map(float, slopes), strict=True))
    return {"intercept": float((raw[0] - (slopes * middle).sum()).detach())} | result


def without_clause(asked: Asked, random: np.random.Generator) -> Asked:
    """A fifth of the questions lose their clause: what is not in the documents must be seen as well."""
    if asked.right < 0 or random.random() >= 0.2:
        return asked
    return Asked(np.delete(asked.features, asked.right, axis=0), -1, asked.business)


def confidence_row(features: Features, business: float) -> list[float]:
    named = dict(zip(FEATURES, map(float, features), strict=True)) | {"business": business}
    return [named[name] for name in CONFIDENCE]


def error_of(
    asked: list[Asked], weights: Weights, calibration: dict[str, float], random: np.random.Generator
) -> dict[str, float]:
    """Expected calibration error over ten bins, and the area under the curve; some clauses missing as above."""
    values = np.asarray([weights.values[name] for name in FEATURES])
    said, right = [], []
    for a in asked:
        if len(a.features) < 3:
            continue
        a = without_clause(a, random)
        scores = a.features @ values
        order = np.argsort(-scores)
        row = dict(zip(CONFIDENCE, confidence_row(a.features[order[0]], a.business), strict=True))
        said.append(probability(calibration, row))
        right.append(order[0] == a.right)
    p, y = np.asarray(said), np.asarray(right, dtype=float)
    bins = np.minimum((p * 10).astype(int), 9)
    gap = sum(abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    pairs = p[y == 1][:, None] - p[y == 0][None, :]
    return {
        "calibration error": round(float(gap), 3),
        "area under curve": round(float(((pairs > 0) + 0.5 * (pairs == 0)).mean()), 3),
    }


def refusals(
    asked: list[Asked], weights: Weights, calibration: dict[str, float], talk: int
) -> dict[str, list[float]]:
    """By the least probability that is answered: shares of right first hits kept, of other talk and of what no
    clause states refused. `talk` is how many of a pool's unanswerable questions are other talk."""
    values = np.asarray([weights.values[name] for name in FEATURES])
    said: dict[str, list[float]] = {"right": [], "talk": [], "absent": []}
    number = 0
    for a in asked:
        number = number + 1 if a.unanswerable else 0
        if not len(a.features):
            continue
        first = int(np.argmax(a.features @ values))
        sure = probability(
            calibration, dict(zip(CONFIDENCE, confidence_row(a.features[first], a.business), strict=True))
        )
        if a.unanswerable:
            said["talk" if number <= talk else "absent"].append(sure)
        elif first == a.right:
            said["right"].append(sure)
    return {
        str(least): [
            round(float(np.mean([x >= least for x in said["right"]])), 3),
            *(round(float(np.mean([x < least for x in said[name]])), 3) for name in ("talk", "absent")),
        ]
        for least in (0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25)
    }


def scaled(weights: dict[str, float]) -> dict[str, float]:
    """Weights that sum to one, so that a score lies between 0 and 1."""
    total = sum(weights.values())
    return {feature: round(value / total, 4) for feature, value in weights.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description="Learn the ranker's weights and measure them.")
    parser.add_argument("pairs", nargs="+", type=Path, help="pair files that the embedder was not trained on")
    parser.add_argument("--embedder", help="the folder of that embedder")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    from rag.ranker import load_ranker

    before: Ranker = load_ranker()
    clauses = [row for file in options.pairs for row in read_lines(file)]
    others = policy_rows([file.stem for file in options.pairs])
    taught = business_questions(others)
    talk = read_talk("talk.txt")
    # What the direction is learned from is not what it is judged by.
    business = learn_business(open_embedder(options.embedder), taught, talk[::2])
    unanswerable = [*talk[1::2], *read_talk("absent.txt")]
    pools = [clauses[i : i + POOL] for i in range(0, len(clauses) - POOL + 1, POOL)]
    figures: dict[str, Any] = {}
    result: dict[str, Any] = {}
    calibrations: dict[str, dict[str, float]] = {}
    for name, expected, skip, given in (
        ("plain", 0, {"asked"}, before.plain),
        ("asked", 4, set[str](), before.asked),
    ):
        gathered = [gather(pool, options.embedder, expected, business, unanswerable) for pool in pools]
        figures[name], learned = report(gathered, given, skip)
        everything = [a for pool in gathered for a in pool]
        used = [feature for feature in FEATURES if feature not in skip]
        weights = Weights(
            values=scaled(dict.fromkeys(FEATURES, 0.0) | dict(zip(used, map(float, learned), strict=True)))
        )
        half = len(gathered) // 2
        parts = [[a for pool in group for a in pool] for group in (gathered[:half], gathered[half:])]
        random = np.random.default_rng(0)
        # Judged on the half that it was not made from.
        figures[name]["probability"] = error_of(
            parts[1], weights, calibrate(parts[0], weights, random), random
        )
        figures[name]["right kept, talk refused, absent refused"] = refusals(
            parts[1], weights, calibrate(parts[0], weights, random), len(talk[1::2])
        )
        result[name] = weights.values
        calibrations[name] = calibrate(everything, weights, random)
        figures[name]["found at all"] = round(
            float(np.mean([a.right >= 0 for pool in gathered for a in pool if not a.unanswerable])), 3
        )
    # When the policy's own clauses answer is learned from the policy itself: models/train_refusal.py.
    calibrations["asked"] = before.calibration_asked
    questions = [*taught, *business_questions(clauses), *expected_questions()]
    shipped = learn_business(open_embedder(None), questions, talk)
    result["business"] = {
        "embedder": shipped.embedder,
        "bias": round(shipped.bias, 4),
        "direction": [round(float(x), 4) for x in shipped.direction],
    }
    result["asked"] = dict.fromkeys(FEATURES, 0.0) | ASKED
    result["offset"] = OFFSET
    options.out.write_text(
        json.dumps(result | {"calibration": calibrations, "figures": figures}, ensure_ascii=False, indent=1)
        + "\n",
        encoding="utf-8",
    )
    for name, rows in figures.items():
        print(name)
        for label, row in rows.items():
            print(f"  {label:28} {row}")
        print(result[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
