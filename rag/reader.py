"""The reader: whether a clause answers a question, and by which of its sentences, read word by word.

Closeness says what a clause is about; it cannot tell 几天内报备 from 几天内答复 in a clause that holds only one of them. The
reader is a small transformer over the shipped embedder's words (models/reader.safetensors, learned by
models/train_reader.py from questions that clauses answer and questions that they nearly answer), in numpy.
"""

from __future__ import annotations

import math
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
        self._kernel = tuple(np.ascontiguousarray(weights["conv.weight"][:, :, k].T) for k in range(3))
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
        known = [n for n, p in enumerate(passages) if len(asked) and (p.sentence >= 0).any()]
        found = [Reading(answers=0.0, sentences=(0.0,) * passage.count) for passage in passages]
        if known:
            for n, reading in zip(known, self._together(asked, [passages[n] for n in known]), strict=True):
                found[n] = reading
        return found

    def _together(self, asked: NDArray[np.int64], passages: Sequence[Tokens]) -> list[Reading]:
        """All passages at once, their rows one below the other: question, passage, question, passage."""
        w = self._weights
        size = len(asked)
        there = self._embedder.directions(asked)
        turned = there @ w["w.weight"].T + (w["w.bias"] + w["f.bias"] + w["t.weight"][0])
        rows, starts, ends = [], [0], []
        for passage in passages:
            here = self._embedder.directions(passage.ids)
            alike = there @ here.T
            told = self._told(asked, alike.max(axis=1).clip(0)) @ w["f.weight"].T
            rows.append(turned + told)
            kind = np.where(passage.sentence >= 0, 2, 1)
            told = self._told(passage.ids, alike.max(axis=0).clip(0)) @ w["f.weight"].T
            rows.append(here @ w["w.weight"].T + told + (w["w.bias"] + w["f.bias"]) + w["t.weight"][kind])
            ends.append(starts[-1] + size + len(passage.ids))
            starts.append(ends[-1])
        x = np.concatenate(rows)
        parts = [edge for start in starts[:-1] for edge in (start, start + size)]
        x += np.maximum(self._neighbours(x, parts), 0)
        spans = list(zip(starts[:-1], ends, strict=True))
        for number in range(w.blocks):
            x = self._block(f"blocks.{number}.", x, spans)
        x = _normed(x, w["ln.weight"], w["ln.bias"])
        return [
            self._judged(x[start : start + size], x[start + size : end], passage)
            for (start, end), passage in zip(spans, passages, strict=True)
        ]

    def _told(self, ids: NDArray[np.int64], like: Array) -> Array:
        rows = np.empty((len(ids), TOLD), dtype=np.float32)
        rows[:, 0], rows[:, 1], rows[:, 2] = self._embedder.told_by(ids), like, like > 0.999
        rows[:, 3], rows[:, 4], rows[:, 5] = self._numeric[ids], like > LIKE, rows[:, 0] * like
        return rows

    def _neighbours(self, x: Array, parts: Sequence[int]) -> Array:
        """Each word with the one before and the one after it; none before the first of a part (at `parts`)."""
        first, own, second = self._kernel
        before, after = np.zeros_like(x), np.zeros_like(x)
        before[1:], after[:-1] = x[:-1], x[1:]
        before[list(parts)] = 0
        after[[start - 1 for start in parts if start]] = 0
        near: Array = before @ first + x @ own + after @ second
        near += self._weights["conv.bias"]
        return near

    def _block(self, name: str, x: Array, spans: Sequence[tuple[int, int]]) -> Array:
        w = self._weights
        size = x.shape[1]
        width = size // HEADS
        h = _normed(x, w[name + "a.weight"], w[name + "a.bias"])
        mixed = h @ w[name + "qkv.weight"].T + w[name + "qkv.bias"]
        mixed[:, :size] *= np.float32(1 / math.sqrt(width))
        attended = np.empty_like(x)
        # One head after the other: numpy multiplies stacks of cut-out matrices many times slower.
        for start, end in spans:
            for head in range(0, size, width):
                q, k, v = (
                    mixed[start:end, part + head : part + head + width] for part in (0, size, 2 * size)
                )
                scores = q @ k.T
                scores -= scores.max(axis=1, keepdims=True)
                np.exp(scores, out=scores)
                attended[start:end, head : head + width] = (scores @ v) / scores.sum(axis=1, keepdims=True)
        x = x + attended @ w[name + "o.weight"].T + w[name + "o.bias"]
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
    needed = {
        "w.weight",
        "t.weight",
        "conv.weight",
        "ln.weight",
        "att.weight",
        "sl.weight",
        "ql.weight",
        "mix",
    }
    if not needed <= set(arrays) or arrays.get("f.weight", np.zeros((0, 0))).shape[1:] != (TOLD,):
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
