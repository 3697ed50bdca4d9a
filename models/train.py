"""Train the shipped embedder: `make train`, or `.venv/bin/python models/train.py --help`.

A text's vector is the mean of the rows of its words and characters. The rows are learned so that a
sentence lies near the rest of its article (stage 1: statutes, provincial and city regulations, news,
encyclopedia questions), then so that a lay question lies near the statute article that answers it
(stage 2). Figures come from folds: each question is asked of a model that was not trained on it.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy import sparse  # type: ignore[import-untyped]
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from training_pairs import english_words, lay_questions, read_pairs, read_rows

HERE = Path(__file__).resolve().parent
ENTRIES = 50_000
DIMENSIONS = 384
UNKNOWN = 0
ENGLISH_WEIGHT = 100
LONGEST = 256  # tokens of an article that training looks at
NEEDED = ("statutes", "statute_questions_train", "regulations", "news_snippets", "wiki_questions")
ARTICLE_TEMPERATURE = 0.08
QUESTION_TEMPERATURE = 0.05

Ids = NDArray[np.int32]
Vectors = NDArray[np.float32]
log = logging.getLogger("train")


# --- data -------------------------------------------------------------------------------------------


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
    # Those of models/pairs/lay.jsonl: always trained on, never judged by.
    own: list[Question]

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
            own=[Question(text, (position[i],)) for text, i in lay_questions() if i in position],
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
    """The most frequent jieba words and all characters of the texts, with their frequencies; English words."""
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
    english = sorted(set(english_words()) - letters)
    spare = set(english)
    ranked = [word for word in ranked if word not in spare]
    kept = sorted(letters) + english + ranked[: entries - 1 - len(letters) - len(english)]
    seen = sum(frequency.get(word, 0) for word in kept)
    return make_tokenizer((word, math.log(max(frequency.get(word, 0), 0.5) / seen)) for word in kept)


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
    ids = ids[: LONGEST * 2]
    marks = np.flatnonzero(ids == UNKNOWN)
    bounds = np.concatenate([[0], marks + 1, [len(ids) + 1]])
    pieces = len(bounds) - 1
    if pieces < 2:
        return ids, ids
    length = min(int(random.integers(1, 4)), pieces - 1)
    first = int(random.integers(0, pieces - length + 1))
    start, end = int(bounds[first]), int(bounds[first + length]) - 1
    if random.random() < 0.1:  # sometimes the whole article: the same words should still count
        return ids[start:end], ids[:LONGEST]
    low = max(0, start - LONGEST // 2)
    return ids[start:end], np.concatenate([ids[low:start], ids[end : end + LONGEST // 2]])


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

    def fresh_copy(self) -> Table:
        """The same rows to train on, without the optimiser's memory."""
        other = copy.copy(self)
        other.parameters = [parameter.clone() for parameter in self.parameters]
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
        for parameter, (mean, square), (leaf, where) in zip(self.parameters, self.slots, leaves, strict=True):
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


def bags(texts: Texts, entries: int) -> sparse.csr_matrix:
    """How often each entry of the vocabulary occurs in each text."""
    counts = sparse.csr_matrix(
        (np.ones(len(texts.ids), dtype=np.float32), texts.ids.copy(), np.concatenate([[0], texts.ends])),
        shape=(len(texts), entries),
    )
    counts.sum_duplicates()
    return counts


def embed(table: Vectors, texts: Texts) -> Vectors:
    """Unit vectors of all texts: one sparse product."""
    vectors = bags(texts, len(table)) @ table
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


# --- stage 1: a sentence and the rest of its article ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Articles with their titles; `share` of the batches come from here, each batch from one source."""

    titles: Texts
    articles: Texts
    share: float
    asked: bool = False  # the title is a question about the article

    def pair(self, number: int, random: np.random.Generator) -> tuple[Ids, Ids]:
        title, article = self.titles.text(number), self.articles.text(number)
        if self.asked:
            return title, article[:LONGEST]
        sentence, rest = split_off(article, random)
        return sentence, np.concatenate([title, rest]) if random.random() < 0.5 else rest


def sample(sources: Sequence[Source], size: int, random: np.random.Generator) -> tuple[list[Ids], list[Ids]]:
    source = sources[int(random.choice(len(sources), p=[source.share for source in sources]))]
    pairs = [source.pair(int(i), random) for i in random.choice(len(source.articles), size, replace=False)]
    return [left for left, _ in pairs], [right for _, right in pairs]


def train_on_articles(table: Table, sources: Sequence[Source], steps: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    losses: list[float] = []
    for step in range(steps):
        left, right = sample(sources, 1024, random)
        rate = 0.01 * max(0.02, 1 - step / steps)
        losses.append(train_batch(table, left, right, rate, ARTICLE_TEMPERATURE))
        if (step + 1) % 100 == 0:
            log.info("articles: step %d of %d, loss %.3f", step + 1, steps, np.mean(losses[-100:]))


# --- stage 2: a question and the article that answers it --------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions, their articles, and the statutes with their titles, as token ids."""

    questions: Texts
    positives: list[NDArray[np.int64]]
    statutes: Texts

    def hard_negatives(self, table: Vectors, depth: int = 50) -> list[NDArray[np.int64]]:
        """For each question, the articles that the table puts near it though they do not answer it."""
        documents = embed(table, self.statutes)
        mined = []
        for question, positives in zip(embed(table, self.questions), self.positives, strict=True):
            scores = documents @ question
            scores[positives] = -np.inf
            mined.append(np.argpartition(-scores, depth)[:depth])
        return mined


def train_on_questions(
    table: Table, asked: Asked, train: NDArray[np.int64], sources: Sequence[Source], seed: int
) -> Table:
    """A copy of the table trained on some of the questions, with article batches in between."""
    random = np.random.default_rng(seed)
    table = table.fresh_copy()
    size, epochs, negatives = 64, 6, 4
    mined = asked.hard_negatives(table.folded())
    batches = len(train) // size
    for epoch in range(epochs):
        shuffled = random.permutation(train)
        for number in range(batches):
            done = epoch * batches + number
            rate = 0.003 * min(1.0, (done + 1) / 20) * (1 - done / (epochs * batches))
            chosen = shuffled[number * size : (number + 1) * size]
            left = [thin_out(asked.questions.text(int(i)), random) for i in chosen]
            wanted = [random.choice(asked.positives[i]) for i in chosen]
            for i in chosen:
                wanted.extend(random.choice(mined[i], negatives, replace=False))
            wanted.extend(random.integers(0, len(asked.statutes), 4 * size))
            right = [asked.statutes.text(int(i))[:LONGEST] for i in wanted]
            train_batch(table, left, right, rate, QUESTION_TEMPERATURE)
            train_batch(table, *sample(sources, 256, random), rate, QUESTION_TEMPERATURE)
    return table


def thin_out(ids: Ids, random: np.random.Generator) -> Ids:
    """The question with some of its words left out, so that none is relied on alone."""
    kept = ids[random.random(len(ids)) >= 0.15]
    return kept if len(kept) else ids


# --- figures ------------------------------------------------------------------------------------------


def bm25(documents: Texts, entries: int, k1: float = 1.5, b: float = 0.75) -> sparse.csr_matrix:
    """BM25 weights, documents by words; a question's scores are the sums over its words."""
    weights = bags(documents, entries)
    lengths = np.asarray(weights.sum(axis=1)).ravel()
    holders = np.bincount(weights.indices, minlength=entries)
    rarity = np.log1p((len(documents) - holders + 0.5) / (holders + 0.5))
    rarity[UNKNOWN] = 0
    row = np.repeat(np.arange(len(documents)), np.diff(weights.indptr))
    saturation = weights.data + k1 * (1 - b + b * lengths[row] / lengths.mean())
    weights.data = weights.data * (k1 + 1) / saturation * rarity[weights.indices]
    return weights


def recalls(scores: Vectors, positives: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Per question: share of its articles among the first 10, and among the first 100."""
    found = []
    for row, wanted in zip(scores, positives, strict=True):
        ranks = np.asarray([np.count_nonzero(row > row[article]) for article in wanted])
        found.append([np.mean(ranks < 10), np.mean(ranks < 100)])
    return np.asarray(found)


def fuse(first: Vectors, second: Vectors) -> Vectors:
    """Reciprocal rank fusion."""
    fused = np.zeros_like(first)
    for scores in (first, second):
        order = np.argsort(-scores, axis=1, kind="stable")
        points = (1 / (60 + np.arange(1, scores.shape[1] + 1))).astype(np.float32)
        np.put_along_axis(fused, order, np.take_along_axis(fused, order, axis=1) + points, axis=1)
    return fused


def assign_folds(asked: Asked, folds: int, apart: bool, seed: int) -> NDArray[np.int64]:
    """A fold for each question: at random, or `apart`, so that folds share no article."""
    group = list(range(len(asked.positives)))
    if apart:
        owner: dict[int, int] = {}
        for question, articles in enumerate(asked.positives):
            for article in articles:
                old, new = group[owner.setdefault(int(article), question)], group[question]
                group = [new if g == old else g for g in group]
    _, member = np.unique(group, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(int(member.max()) + 1)
    return np.asarray(shuffled[member] % folds, dtype=np.int64)


def measure(
    table: Table, asked: Asked, learn: Callable[[NDArray[np.int64]], Table], folds: int, seed: int
) -> dict[str, dict[str, float]]:
    """Recall over all statutes, each question asked of a model that was not trained on it."""
    entries = len(table.spelling_ends)
    words = bags(asked.questions, entries)
    words.data[:] = 1
    lexical = np.asarray((words @ bm25(asked.statutes, entries).T).todense(), dtype=np.float32)
    figures = {"BM25": recalls(lexical, asked.positives).mean(axis=0)}
    untrained = table.folded()
    scores = embed(untrained, asked.questions) @ embed(untrained, asked.statutes).T
    figures["dense, articles only"] = recalls(scores, asked.positives).mean(axis=0)
    for label, apart in (("other questions", False), ("other questions and articles", True)):
        fold_of = assign_folds(asked, folds, apart, seed)
        dense, fused = np.zeros((len(fold_of), 2)), np.zeros((len(fold_of), 2))
        for fold in range(folds):
            train, test = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            rows = learn(train).folded()
            scores = embed(rows, asked.questions)[test] @ embed(rows, asked.statutes).T
            wanted = [asked.positives[i] for i in test]
            dense[test] = recalls(scores, wanted)
            fused[test] = recalls(fuse(scores, lexical[test]), wanted)
            log.info("%s, fold %d: R@10 %.3f, R@100 %.3f", label, fold + 1, *dense[test].mean(axis=0))
        figures[f"dense, {label}"] = dense.mean(axis=0)
        figures[f"fused, {label}"] = fused.mean(axis=0)
    return {
        name: {"R@10": round(float(ten), 3), "R@100": round(float(hundred), 3)}
        for name, (ten, hundred) in figures.items()
    }


# --- the shipped folder -----------------------------------------------------------------------------


def export(table: Table, tokenizer: Tokenizer, out: Path) -> None:
    """Write the folder that sentence-transformers opens as it stands."""
    out.mkdir(parents=True, exist_ok=True)
    rows = table.folded()
    rows *= 8 / np.linalg.norm(rows, axis=1).max()  # direction is all that counts; stay clear of subnormals
    save_file({"embedding.weight": rows.astype(np.float16)}, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)
    (out / "tokenizer.json").write_text(tokenizer.to_str() + "\n", encoding="utf-8")
    names = ("StaticEmbedding", "Normalize")
    modules = [
        {
            "idx": i,
            "name": str(i),
            "path": f"{i}_{name}" if i else "",
            "type": f"sentence_transformers.models.{name}",
        }
        for i, name in enumerate(names)
    ]
    write_json(out / "modules.json", modules)
    write_json(
        out / "config_sentence_transformers.json",
        {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine"},
    )


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def encode(tokenizer: Tokenizer, data: Data) -> tuple[list[Source], Asked, Asked]:
    """The articles to train on, the questions of the data folder and our own, as token ids."""

    def source(pairs: Sequence[tuple[str, str]], share: float, asked: bool = False) -> Source:
        titles = Texts(tokenizer, (title for title, _ in pairs))
        return Source(titles, Texts(tokenizer, (text for _, text in pairs)), share, asked)

    sources = [
        source(data.statutes, 0.35),
        source(data.regulations, 0.25),
        source(data.news, 0.25),
        source(data.wiki, 0.15, asked=True),
    ]
    statutes = Texts(tokenizer, map("\n".join, data.statutes))

    def asked(questions: Sequence[Question]) -> Asked:
        positives = [np.asarray(question.positives, dtype=np.int64) for question in questions]
        return Asked(Texts(tokenizer, (question.text for question in questions)), positives, statutes)

    return sources, asked(data.questions), asked(data.own)


def frequencies(tokenizer: Tokenizer, sources: Sequence[Source], data: Path) -> NDArray[np.int64]:
    """How often each entry occurs in the articles; English words as if there were more English than there is."""
    entries = tokenizer.get_vocab_size()
    counts = sum(np.bincount(source.articles.ids, minlength=entries) for source in sources)
    result: NDArray[np.int64] = np.asarray(counts, dtype=np.int64)
    vocabulary = tokenizer.get_vocab()
    english = np.asarray([vocabulary[word] for word in english_words() if word in vocabulary])
    asked = np.bincount(Texts(tokenizer, read_pairs(data).questions).ids, minlength=entries)
    result[english] = np.maximum(result[english], ENGLISH_WEIGHT * (asked[english] + 1))
    result[UNKNOWN] = 0
    return result


def second_stage(
    options: argparse.Namespace,
    tokenizer: Tokenizer,
    table: Table,
    sources: Sequence[Source],
    asked: Asked,
    own_asked: Asked,
) -> Callable[[NDArray[np.int64]], Table]:
    """From the lay questions to train on to the finished table: with the teacher's vectors where they are there."""
    if not options.teacher.is_file():
        log.info("no vectors of a teacher at %s: training on lay questions alone", options.teacher)
        return lambda lay: train_on_questions(table, asked, lay, sources, options.seed)
    from distil import Teaching, distil

    counts = frequencies(tokenizer, sources, options.data)
    teaching = Teaching(options.teacher, options.data, tokenizer, DIMENSIONS, options.leave_out)
    pairs = read_pairs(options.data, options.leave_out)

    def learn(lay: NDArray[np.int64]) -> Table:
        own = table.fresh_copy()
        distil(own, tokenizer, counts, teaching, pairs, asked, lay, own_asked, options.seed)
        return own

    return learn


def main() -> int:
    parser = argparse.ArgumentParser(description="Train the shipped embedder and measure it.")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=HERE / "embedder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=1200, help="batches of articles in stage 1")
    parser.add_argument("--folds", type=int, default=5, help="folds of the measurement; 0: do not measure")
    parser.add_argument("--teacher", type=Path, default=HERE.parent / "build" / "teacher.npz")
    parser.add_argument(
        "--leave-out", nargs="*", default=[], help="pair files to keep for judging: policy-5 …"
    )
    options = parser.parse_args()
    missing = [name for name in NEEDED if not (options.data / f"{name}.jsonl.gz").is_file()]
    if missing:
        fault = f"lacks {', '.join(missing)} (.jsonl.gz)" if options.data.is_dir() else "is not there"
        print(f"train: the data folder {options.data} {fault}; name it with --data DIR", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    started = time.monotonic()
    torch.set_num_threads(2)
    data = Data.read(options.data)
    log.info("learning the vocabulary")
    tokenizer = learn_vocabulary(data, ENTRIES)
    sources, asked, own_asked = encode(tokenizer, data)
    table = Table(tokenizer, frequencies(tokenizer, sources, options.data), options.seed)
    train_on_articles(table, sources, options.steps, options.seed)
    everyone = np.arange(len(asked.positives))
    learn = second_stage(options, tokenizer, table, sources, asked, own_asked)
    export(learn(everyone), tokenizer, options.out)
    log.info("wrote %s after %.0f s", options.out, time.monotonic() - started)
    if options.folds:
        figures = measure(table, asked, learn, options.folds, options.seed)
        write_json(options.out / "metrics.json", figures)
        for name, figure in figures.items():
            print(f"{name:40} R@10 {figure['R@10']:.3f}   R@100 {figure['R@100']:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
