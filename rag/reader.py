"""The reader: whether a clause answers a question, and by which of its sentences, read word by word.

Closeness says what a clause is about; it cannot tell 几天内报备 from 几天内答复 in a clause that holds only one of them. The
reader is a small transformer over the shipped embedder's words (models/reader.safetensors, learned by
models/train_reader.py from questions that clauses answer and questions that they nearly answer), in numpy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from ingest.embedder import Embedder, StaticEmbedder
from ingest.errors import ModelBroken, ModelMissing

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "reader.safetensors"
# Words of a question, of a heading, and of heading and sentences together that are read.
MOST_ASKED, MOST_HEADING, MOST_READ = 40, 20, 230
# What is told of a word beside its meaning: how much it tells, the likest word of the other side, and such.
TOLD = 6
LIKE = 0.6
HEADS = 4
_NUMERIC = re.compile(r"[0-9一二三四五六七八九十百千万亿两]+")
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is read at once: a clause's heading (or the words that announce an item) and its sentences."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Calibrated: how likely the passage answers (0 to 1), and how likely each of its sentences is what answers."""

    answers: float
    sentences: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A passage as rows of the embedder's table, each with its sentence's number (-1: heading)."""

    ids: NDArray[np.int64]
    sentence: NDArray[np.int64]
    count: int


class Words:
    """Questions and passages as the embedder's words."""

    def __init__(self, embedder: StaticEmbedder) -> None:
        self.embedder = embedder

    def question(self, text: str) -> NDArray[np.int64]:
        """The words of a question in their order."""
        return self.embedder.words_in_order(text)[:MOST_ASKED]

    def passage(self, passage: Passage) -> Tokens:
        """The words of heading and sentences in their order."""
        heading = self.embedder.words_in_order(passage.heading)[:MOST_HEADING]
        parts = [self.embedder.words_in_order(sentence) for sentence in passage.sentences]
        ids = np.concatenate([heading, *parts])[:MOST_READ]
        numbers = [np.full(len(heading), -1), *(np.full(len(p), n) for n, p in enumerate(parts))]
        sentence = np.concatenate(numbers)[:MOST_READ].astype(np.int64)
        return Tokens(ids=ids, sentence=sentence, count=len(parts))


def numeric(word: str) -> bool:
    """Whether a word is a number: 三十, 50."""
    return bool(_NUMERIC.fullmatch(word))


class Reader:
    """Reads a question with passages, over the words of the embedder that its weights were learned over."""

    def __init__(self, embedder: StaticEmbedder, weights: _Weights) -> None:
        self._words = Words(embedder)
        self._embedder = embedder
        self._weights = weights
        vocabulary = embedder.vocabulary
        self._numeric = np.asarray([numeric(word) for word in vocabulary], dtype=np.float32)

    def tokens(self, passage: Passage) -> Tokens:
        """A passage as `read` takes it; worth keeping."""
        return self._words.passage(passage)

    def parts(self, sentences: Sequence[str]) -> list[list[str]]:
        """Sentences in parts of as many words as are read at once; one longer than that is cut when read."""
        found: list[list[str]] = []
        room = 0
        for sentence in sentences:
            count = len(self._embedder.words_in_order(sentence))
            if not found or count > room:
                found.append([])
                room = MOST_READ - MOST_HEADING
            found[-1].append(sentence)
            room -= count
        return found

    def read(self, question: str, passages: Sequence[Tokens]) -> list[Reading]:
        """What each passage says of the question; 0 where either holds no known word."""
        asked = self._words.question(question)
        return [self._one(asked, passage) for passage in passages]

    def _one(self, asked: NDArray[np.int64], passage: Tokens) -> Reading:
        if not len(asked) or not (passage.sentence >= 0).any():
            return Reading(answers=0.0, sentences=(0.0,) * passage.count)
        w = self._weights
        there, here = self._embedder.directions(asked), self._embedder.directions(passage.ids)
        alike = there @ here.T
        told = [
            self._told(asked, alike.max(axis=1).clip(0)),
            self._told(passage.ids, alike.max(axis=0).clip(0)),
        ]
        kind = np.where(passage.sentence >= 0, 2, 1)
        x = np.concatenate(
            [
                there @ w["w.weight"].T + told[0] @ w["f.weight"].T + w["t.weight"][0],
                here @ w["w.weight"].T + told[1] @ w["f.weight"].T + w["t.weight"][kind],
            ]
        )
        x += w["w.bias"] + w["f.bias"]
        x[: len(asked)] += np.maximum(self._neighbours(x[: len(asked)]), 0)
        x[len(asked) :] += np.maximum(self._neighbours(x[len(asked) :]), 0)
        for number in range(w.blocks):
            x = self._block(f"blocks.{number}.", x)
        x = _normed(x, w["ln.weight"], w["ln.bias"])
        return self._judged(x[: len(asked)], x[len(asked) :], passage)

    def _told(self, ids: NDArray[np.int64], like: Array) -> Array:
        weight = self._embedder.told_by(ids)
        exact, near = (like > 0.999).astype(np.float32), (like > LIKE).astype(np.float32)
        rows: Array = np.stack([weight, like, exact, self._numeric[ids], near, weight * like], axis=1)
        return rows.astype(np.float32)

    def _neighbours(self, x: Array) -> Array:
        """Each word with the one before and the one after it."""
        kernel = self._weights["conv.weight"]
        padded = np.pad(x, ((1, 1), (0, 0)))
        near: Array = padded[: len(x)] @ kernel[:, :, 0].T + x @ kernel[:, :, 1].T
        near += padded[2:] @ kernel[:, :, 2].T + self._weights["conv.bias"]
        return near

    def _block(self, name: str, x: Array) -> Array:
        w = self._weights
        rows, size = x.shape
        h = _normed(x, w[name + "a.weight"], w[name + "a.bias"])
        mixed = (h @ w[name + "qkv.weight"].T + w[name + "qkv.bias"]).reshape(rows, 3, HEADS, size // HEADS)
        q, k, v = mixed.transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(size // HEADS)
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        attended = (scores / scores.sum(axis=2, keepdims=True)) @ v
        x = x + attended.transpose(1, 0, 2).reshape(rows, size) @ w[name + "o.weight"].T + w[name + "o.bias"]
        h = _normed(x, w[name + "b.weight"], w[name + "b.bias"])
        h = np.maximum(h @ w[name + "f.weight"].T + w[name + "f.bias"], 0)
        x += h @ w[name + "g.weight"].T + w[name + "g.bias"]
        return x

    def _judged(self, asked: Array, read: Array, passage: Tokens) -> Reading:
        w = self._weights
        pull = read @ w["att.weight"][0]
        found = []
        for number in range(passage.count):
            own = passage.sentence == number
            if not own.any():
                found.append(-np.inf)
                continue
            share = np.exp(pull[own] - pull[own].max())
            pooled = np.concatenate([share @ read[own] / share.sum(), read[own].max(axis=0)])
            found.append(float(pooled @ w["sl.weight"][0] + w["sl.bias"][0]))
        whole = np.concatenate([asked.mean(axis=0), asked.max(axis=0)])
        best = min(8.0, max(-8.0, max(found)))
        answers = float(whole @ w["ql.weight"][0] + w["ql.bias"][0] + w["mix"][0] * best)
        return Reading(answers=_likely(answers), sentences=tuple(map(_likely, found)))


@dataclass(frozen=True, slots=True)
class _Weights:
    arrays: dict[str, Array]
    embedder: str

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    @property
    def blocks(self) -> int:
        return sum(name.endswith(".qkv.weight") for name in self.arrays)


def open_reader(embedder: Embedder, path: Path = SHIPPED) -> Reader | None:
    """The shipped reader; None beside another embedder than the one it was learned over. Raises ModelMissing, ModelBroken."""
    if not isinstance(embedder, StaticEmbedder):
        return None
    weights = _read(path)
    return Reader(embedder, weights) if weights.embedder == embedder.name else None


def _read(path: Path) -> _Weights:
    if not path.is_file():
        raise ModelMissing(f"{path} is missing; {_WAY_OUT}")
    try:
        with safe_open(str(path), framework="numpy") as weights:
            arrays = {name: weights.get_tensor(name).astype(np.float32) for name in weights.keys()}  # noqa: SIM118
            embedder = (weights.metadata() or {}).get("embedder", "")
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelBroken(f"{path} cannot be read ({error}); {_WAY_OUT}") from error
    if arrays.get("f.weight", np.zeros((0, 0))).shape[1:] != (TOLD,):
        raise ModelBroken(f"{path} holds other weights; {_WAY_OUT}")
    return _Weights(arrays=arrays, embedder=embedder)


_WAY_OUT = (
    "restore it with `git checkout models/reader.safetensors`, or learn it anew with `make train-reader`"
)


def _normed(x: Array, weight: Array, bias: Array) -> Array:
    centred = x - x.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    normed: Array = centred / spread * weight + bias
    return normed


def _likely(logit: float) -> float:
    return float(1 / (1 + np.exp(-max(-30.0, min(30.0, logit)))))
