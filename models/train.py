"""Train the shipped embedder: `make train`, or `.venv/bin/python models/train.py --help`.

A text's vector is the mean of the rows of its words and characters. The rows are learned so that a
sentence lies near the rest of its article (stage 1: statutes, provincial and city regulations, news,
encyclopedia questions), then so that a lay question lies near the statute article that answers it
(stage 2). Figures come from five folds: each question is asked of a model that has not seen it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy import sparse
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

HERE = Path(__file__).resolve().parent
ENTRIES = 44_000
DIMENSIONS = 256
UNKNOWN = 0
LONGEST_DOCUMENT = 256  # tokens of an article that are looked at in training
DEPTHS = (10, 100)
NEEDED = ("statutes", "statute_questions_train", "regulations", "news_snippets", "wiki_questions")

Ids = NDArray[np.int32]
Vectors = NDArray[np.float32]
log = logging.getLogger("train")


# --- data -------------------------------------------------------------------------------------------


def read_rows(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@dataclass(frozen=True, slots=True)
class Question:
    """A lay question and the statute articles that answer it, as positions in the statutes."""

    text: str
    positives: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """The texts: articles as (title, text), encyclopedia questions as (question, paragraph)."""

    statutes: list[tuple[str, str]]
    regulations: list[tuple[str, str]]
    news: list[tuple[str, str]]
    wiki: list[tuple[str, str]]
    questions: list[Question]

    @classmethod
    def read(cls, data: Path) -> Data:
        statutes = read_rows(data, "statutes")
        position = {row["id"]: number for number, row in enumerate(statutes)}
        return cls(
            statutes=[(row["law"], row["text"]) for row in statutes],
            regulations=[(row["title"], row["text"]) for row in read_rows(data, "regulations")],
            news=[("", row["text"]) for row in read_rows(data, "news_snippets")],
            wiki=[(row["query"], row["positive"]) for row in read_rows(data, "wiki_questions")],
            questions=[
                Question(row["query"], tuple(position[i] for i in row["positive_ids"] if i in position))
                for row in read_rows(data, "statute_questions_train")
            ],
        )

    def texts(self) -> Iterator[str]:
        for pairs in (self.statutes, self.regulations, self.news, self.wiki):
            for first, second in pairs:
                yield f"{first}\n{second}"


# --- vocabulary -------------------------------------------------------------------------------------


def make_tokenizer(scores: Iterable[tuple[str, float]]) -> Tokenizer:
    """Best path over words with log probabilities: jieba's segmentation, in the tokenizers format.

    Punctuation is not in the vocabulary; it becomes UNKNOWN, whose row is zero, and parts sentences.
    """
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), *scores], unk_id=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Split(Regex("[a-z]+|[0-9]+"), "isolated"),
        ]
    )
    return tokenizer


def count_tokens(tokenizer: Tokenizer, texts: Iterable[str]) -> NDArray[np.int64]:
    counts = np.zeros(tokenizer.get_vocab_size(), dtype=np.int64)
    for block in blocks(texts, 4096):
        for encoding in tokenizer.encode_batch_fast(block, add_special_tokens=False):
            np.add.at(counts, encoding.ids, 1)
    return counts


def blocks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    block: list[str] = []
    for item in items:
        block.append(item)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def learn_vocabulary(data: Data, entries: int) -> Tokenizer:
    """The most frequent jieba words and all characters of the texts, with their frequencies."""
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    known = {word.lower(): freq for word, freq in jieba.dt.FREQ.items() if freq > 0}
    characters: Counter[str] = Counter()
    latin: Counter[str] = Counter()
    normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    for text in data.texts():
        folded = normalizer.normalize_str(text)
        characters.update(folded)
        latin.update(re.findall("[a-z]{2,}|[0-9]{2,4}", folded))
    letters = {c for c, n in characters.items() if n >= 3 and c.isalnum()}
    words = {w for w in known if len(w) > 1 and set(w) <= letters} | {w for w, n in latin.items() if n >= 30}
    total = sum(known.values())
    first = make_tokenizer(
        (word, math.log(max(known.get(word, 1), 1) / total)) for word in sorted(words | letters)
    )
    counts = count_tokens(first, data.texts())
    frequency = {word: int(counts[number]) for word, number in first.get_vocab().items() if number != UNKNOWN}
    ranked = sorted((w for w in frequency if len(w) > 1), key=lambda w: (-frequency[w], w))
    kept = sorted(letters) + ranked[: entries - 1 - len(letters)]
    seen = sum(frequency[word] for word in kept)
    return make_tokenizer((word, math.log(max(frequency[word], 0.5) / seen)) for word in kept)


# --- texts as token ids -----------------------------------------------------------------------------


class Texts:
    """Token ids of many texts, one after another; `text(i)` are those of the i-th."""

    def __init__(self, tokenizer: Tokenizer, texts: Iterable[str]) -> None:
        parts: list[Ids] = []
        for block in blocks(texts, 4096):
            encodings = tokenizer.encode_batch_fast(block, add_special_tokens=False)
            parts.extend(np.asarray(encoding.ids, dtype=np.int32) for encoding in encodings)
        self.ids: Ids = np.concatenate(parts)
        self.ends = np.cumsum([len(part) for part in parts])
        self.starts = np.concatenate([[0], self.ends[:-1]])

    def __len__(self) -> int:
        return len(self.ends)

    def text(self, number: int) -> Ids:
        return self.ids[self.starts[number] : self.ends[number]]


def split_off(ids: Ids, random: np.random.Generator) -> tuple[Ids, Ids]:
    """One to three neighbouring pieces between punctuation, and the rest of the article."""
    ids = ids[: LONGEST_DOCUMENT * 2]
    marks = np.flatnonzero(ids == UNKNOWN)
    bounds = np.concatenate([[0], marks + 1, [len(ids) + 1]])
    pieces = len(bounds) - 1
    if pieces < 2:
        return ids, ids
    length = min(int(random.integers(1, 4)), pieces - 1)
    first = int(random.integers(0, pieces - length + 1))
    start, end = int(bounds[first]), int(bounds[first + length]) - 1
    if random.random() < 0.1:  # sometimes the whole article: the same words should still count
        return ids[start:end], ids[:LONGEST_DOCUMENT]
    low = max(0, start - LONGEST_DOCUMENT // 2)
    return ids[start:end], np.concatenate([ids[low:start], ids[end : end + LONGEST_DOCUMENT // 2]])


# --- model ------------------------------------------------------------------------------------------


class Table:
    """Rows of words, made of a part of their own, the mean of their characters' parts, and a weight."""

    def __init__(self, tokenizer: Tokenizer, counts: NDArray[np.int64], seed: int) -> None:
        random = np.random.default_rng(seed)
        words = [word for word, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
        number = tokenizer.get_vocab()
        spelled = [[number[c] for c in word if c in number] or [UNKNOWN] for word in words]
        spelled[UNKNOWN] = [UNKNOWN]
        self.spelling_ids = np.concatenate([np.asarray(s, dtype=np.int32) for s in spelled])
        self.spelling_ends = np.cumsum([len(s) for s in spelled])
        self.spelling_starts = np.concatenate([[0], self.spelling_ends[:-1]])
        probability = counts / counts.sum()
        shape = (len(words), DIMENSIONS)
        self.parameters = [
            torch.from_numpy(random.normal(0, 0.05, shape).astype(np.float32)),
            torch.from_numpy(random.normal(0, 0.05, shape).astype(np.float32)),
            torch.from_numpy(np.log(1e-3 / (1e-3 + probability)).astype(np.float32))[:, None],
        ]
        self.slots = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        self.steps = 0

    def copy(self) -> Table:
        other = Table.__new__(Table)
        other.__dict__.update(self.__dict__)
        other.parameters = [p.clone() for p in self.parameters]
        other.slots = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        other.steps = 0
        return other

    def rows(self, used: NDArray[np.int64]) -> tuple[torch.Tensor, list[tuple[torch.Tensor, torch.Tensor]]]:
        """Folded rows of the given entries, and the leaves (with their positions) they are made of."""
        starts, ends = self.spelling_starts[used], self.spelling_ends[used]
        lengths = ends - starts
        offsets = np.cumsum(lengths) - lengths
        flat = self.spelling_ids[np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)]
        letters, local = np.unique(flat, return_inverse=True)
        where = torch.from_numpy(used)
        where_letters = torch.from_numpy(letters.astype(np.int64))
        leaves = [
            (self.parameters[0][where].requires_grad_(), where),
            (self.parameters[1][where_letters].requires_grad_(), where_letters),
            (self.parameters[2][where].requires_grad_(), where),
        ]
        spelled = F.embedding_bag(
            torch.from_numpy(local.astype(np.int64)), leaves[1][0], torch.from_numpy(offsets), mode="mean"
        )
        known = (where != UNKNOWN).float()[:, None]
        return (leaves[0][0] + spelled) * leaves[2][0].exp() * known, leaves

    def step(self, leaves: list[tuple[torch.Tensor, torch.Tensor]], rate: float) -> None:
        """Adam on the rows that the batch used."""
        self.steps += 1
        correct_mean, correct_square = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for parameter, (mean, square), (leaf, where) in zip(
            self.parameters, self.slots, leaves, strict=True
        ):
            assert leaf.grad is not None
            new_mean = mean[where].lerp_(leaf.grad, 0.1)
            new_square = square[where].lerp_(leaf.grad.square(), 0.001)
            mean[where], square[where] = new_mean, new_square
            change = (new_mean / correct_mean) / ((new_square / correct_square).sqrt() + 1e-8)
            parameter[where] -= rate * change

    @torch.no_grad()
    def folded(self) -> Vectors:
        """The whole table as it is shipped, one row per entry."""
        size = len(self.spelling_ends)
        parts = [self.rows(np.arange(low, min(low + 8192, size)))[0] for low in range(0, size, 8192)]
        return torch.cat(parts).numpy()


def bag(rows: torch.Tensor, local: NDArray[np.int64], lengths: NDArray[np.int64]) -> torch.Tensor:
    offsets = torch.from_numpy(np.cumsum(lengths) - lengths)
    return F.normalize(F.embedding_bag(torch.from_numpy(local), rows, offsets, mode="sum"), eps=1e-6)


def embed(table: Vectors, texts: Texts) -> Vectors:
    """Unit vectors of all texts: one sparse product."""
    ones = np.ones(len(texts.ids), dtype=np.float32)
    pointers = np.concatenate([[0], texts.ends])
    bags = sparse.csr_matrix((ones, texts.ids, pointers), shape=(len(texts), len(table)))
    vectors = bags @ table
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def train_batch(
    table: Table, left: Sequence[Ids], right: Sequence[Ids], rate: float, temperature: float
) -> float:
    """One step: left[i] belongs to right[i]; the other rights (and any beyond len(left)) do not."""
    parts = [*left, *right]
    flat = np.concatenate(parts)
    lengths = np.asarray([len(part) for part in parts])
    mark = np.zeros(len(table.spelling_ends), dtype=bool)
    mark[flat] = True
    used = np.flatnonzero(mark)
    place = np.cumsum(mark) - 1
    rows, leaves = table.rows(used)
    vectors = bag(rows, place[flat], lengths)
    queries, documents = vectors[: len(left)], vectors[len(left) :]
    scores = queries @ documents.T / temperature
    target = torch.arange(len(left))
    loss = F.cross_entropy(scores, target)
    if len(left) == len(right):
        loss = (loss + F.cross_entropy(scores.T, target)) / 2
    loss.backward()  # type: ignore[no-untyped-call]
    table.step(leaves, rate)
    return float(loss.detach())
