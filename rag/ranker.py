"""What a hit's features are worth: weights learned by models/train_ranker.py, kept in models/ranker.json."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import ModelBroken, ModelMissing
from rag.business import Business, read_business
from rag.matters import FEATURES as MATTERS

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "ranker.json"
FEATURES = (
    "lexical",  # BM25, relative to the best clause
    "cosine",  # the vectors of question and clause
    "coverage",  # share of the question's words, by rarity, that the clause or its expected questions hold
    "sentence_coverage",  # the same for its best sentence
    "sentence_cosine",  # the vector of its best sentence
    "late",  # each word of the question with the likest word of the clause
    "expansion",  # official terms for the question's everyday wordings (corpus/thesaurus.yaml)
    "asked",  # its closest expected questions
)

# What tells whether a hit answers: some of its features, and whether the question is government business.
CONFIDENCE = ("cosine", "sentence_cosine", "late", "coverage", "business")
# The same of a hit with expected questions; whose matter the question is tells most there.
CONFIDENCE_ASKED = (*CONFIDENCE, "asked", *MATTERS)


def probability(calibration: dict[str, float], row: dict[str, float]) -> float:
    """The calibrated probability, 0 to 1, that the first hit answers."""
    slopes = (calibration[name] * row.get(name, 0.0) for name in calibration if name != "intercept")
    logit = calibration["intercept"] + sum(slopes)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One weight a feature, none below zero."""

    values: dict[str, float]

    def score(self, features: dict[str, float]) -> float:
        """The weighted sum; a feature that is not known counts nothing."""
        return sum(self.values[name] * value for name, value in features.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """Weights of every clause, and what clauses with expected questions get on top."""

    plain: Weights
    asked: Weights
    # Taken off again where both kinds compete: a hundred questions come near to anything asked.
    offset: float
    # What turns a first hit into a probability: one without expected questions, one with them.
    calibration: dict[str, float]
    calibration_asked: dict[str, float]
    business: Business

    def score(self, features: dict[str, float], *, asked: bool, mixed: bool) -> float:
        """0 to 1; `asked`: the clause has expected questions; `mixed`: others among the hits have none."""
        value = self.plain.score(features)
        if asked:
            value += self.asked.score(features) - (self.offset if mixed else 0.0)
        return max(0.0, value) / (1 + sum(self.asked.values.values()))


def load_ranker(path: Path = SHIPPED) -> Ranker:
    """Read the weights; raises ModelMissing, ModelBroken naming the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        calibrations = data["calibration"]
        calibration = {key: float(calibrations["plain"][key]) for key in ("intercept", *CONFIDENCE)}
        asked = {key: float(calibrations["asked"][key]) for key in ("intercept", *CONFIDENCE_ASKED)}
        return Ranker(
            plain=_weights(data["plain"]),
            asked=_weights(data["asked"]),
            offset=float(data["offset"]),
            calibration=calibration,
            calibration_asked=asked,
            business=read_business(data["business"]),
        )
    except FileNotFoundError:
        raise ModelMissing(
            f"{path} is missing; restore it from the repository or run `make train-ranker`"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise ModelBroken(
            f"{path} cannot be read ({error}); restore it from the repository or run `make train-ranker`"
        ) from None


def _weights(row: dict[str, float]) -> Weights:
    values = {name: float(row[name]) for name in FEATURES}
    if set(row) != set(FEATURES) or not all(0 <= value <= 10 for value in values.values()):
        raise ValueError("weights of other features, or out of range")
    return Weights(values=values)
