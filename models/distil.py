"""Second stage of the embedder: learn the teacher's vectors, then the pairs of questions and clauses.

The table first repeats the teacher's vectors of words, questions, clauses and sentences (as many of
their main directions as the table has), then puts each question of the pairs near its clause, and each lay question near its statute.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from tokenizers import Tokenizer
from training_pairs import Pairs, read_pairs

HERE = Path(__file__).resolve().parent
SENTENCES = 30_000
WORD_SHARE = 0.3
DROP = 0.2  # share of a question's words left out in training
NEAR = 60  # clauses before and after one that count as its neighbours

Ids = NDArray[np.int32]
Vectors = NDArray[np.float32]


def teacher_texts(data: Path) -> dict[str, list[str]]:
    """What the teacher is asked to encode."""
    from train import ENTRIES, Data, learn_vocabulary

    texts = Data.read(data)
    pairs = read_pairs(data)
    random = np.random.default_rng(1)

    def sentences(articles: list[tuple[str, str]], count: int) -> list[str]:
        found: list[str] = []
        for number in random.permutation(len(articles)):
            parts = [s for s in re.split("[。；\n]", articles[number][1]) if 8 <= len(s) <= 70]
            found += [parts[int(random.integers(len(parts)))]] if parts else []
            if len(found) >= count:
                break
        return found

    expected = (HERE.parent / "corpus" / "questions").glob("*.jsonl")
    rows = [json.loads(line) for file in expected for line in file.read_text(encoding="utf-8").splitlines()]
    vocabulary = learn_vocabulary(texts, ENTRIES).get_vocab()
    return {
        "questions": pairs.questions,
        "clauses": pairs.clauses,
        "words": sorted(vocabulary, key=lambda word: vocabulary[word]),
        "asked": [
            *(question.text for question in (*texts.questions, *texts.own)),
            *(question for question, _ in texts.wiki[:3000]),
            *(row["question"] for row in rows),
        ],
        "sentences": [
            *sentences(texts.statutes, SENTENCES * 3 // 10),
            *sentences(texts.regulations, SENTENCES * 3 // 10),
            *sentences(texts.news, SENTENCES * 4 // 10),
        ],
    }


class Teaching:
    """The teacher's vectors as targets in the table's dimensions."""

    def __init__(
        self, file: Path, data: Path, tokenizer: Tokenizer, dimensions: int, leave_out: Sequence[str] = ()
    ) -> None:
        from train import Texts

        texts = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        vectors = dict(np.load(file))
        everything = np.concatenate([v for name, v in vectors.items() if name != "words"])
        self._middle = everything.mean(axis=0)
        self._main = np.linalg.svd((everything - self._middle)[::3], full_matrices=False)[2][:dimensions].T
        held = read_pairs(data, leave_out)
        kept = {"questions": set(held.questions), "clauses": set(held.clauses)}
        chosen, targets = [], []
        for name in ("questions", "clauses", "asked", "sentences"):
            for text, vector in zip(texts[name], self._turn(vectors[name]), strict=True):
                if name not in kept or text in kept[name]:
                    chosen.append(text)
                    targets.append(vector)
        self.texts, self.targets = Texts(tokenizer, chosen), np.asarray(targets)
        place = {word: number for number, word in enumerate(texts["words"])}
        words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        turned = self._turn(vectors["words"])
        self.words = np.asarray([turned[place.get(word, 0)] for word, _ in words])

    def _turn(self, vectors: Vectors) -> Vectors:
        turned = (vectors - self._middle) @ self._main
        return np.asarray(turned / np.linalg.norm(turned, axis=1, keepdims=True), dtype=np.float32)


def turn_towards(table: Any, words: Vectors, counts: NDArray[np.int64]) -> None:
    """Rotate the table so that its words lie as near the teacher's as a rotation can bring them."""
    rows = table.folded()
    directions = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    left, _, right = np.linalg.svd((directions * np.log1p(counts)[:, None]).T @ words)
    rotation = torch.from_numpy((left @ right).astype(np.float32))
    table.parameters[0] = table.parameters[0] @ rotation
    table.parameters[1] = table.parameters[1] @ rotation


def learn_from_teacher(
    table: Any, teaching: Teaching, counts: NDArray[np.int64], rate: float, random: np.random.Generator
) -> None:
    """One step: a batch of words or texts, each near the teacher's vector and related to the others as there."""
    if random.random() < WORD_SHARE:
        weight = np.log1p(counts) + 0.5
        weight[0] = 0
        chosen = random.choice(len(weight), 1024, replace=False, p=weight / weight.sum())
        ids, targets = [np.asarray([word], dtype=np.int32) for word in chosen], teaching.words[chosen]
    else:
        chosen = random.choice(len(teaching.texts), 768, replace=False)
        chosen = np.asarray([i for i in chosen if len(teaching.texts.text(int(i)))])
        ids = [thinned(teaching.texts.text(int(i)), random)[:256] for i in chosen]
        targets = teaching.targets[chosen]
    vectors, leaves = vectors_of(table, ids)
    wanted = torch.from_numpy(targets)
    loss = (1 - (vectors * wanted).sum(1)).mean() + F.kl_div(
        F.log_softmax(vectors @ wanted.T / 0.05, 1),
        F.softmax(wanted @ wanted.T / 0.05, 1),
        reduction="batchmean",
    )
    loss.backward()  # type: ignore[no-untyped-call]
    table.step(leaves, rate)


def learn_pairs(
    table: Any, questions: Sequence[Ids], clauses: Sequence[Ids], target: NDArray[np.int64], rate: float
) -> None:
    """One step: each question must find its clause among those of the batch."""
    vectors, leaves = vectors_of(table, [*questions, *clauses])
    scores = vectors[: len(questions)] @ vectors[len(questions) :].T / 0.05
    loss = F.cross_entropy(scores, torch.from_numpy(target))
    loss.backward()  # type: ignore[no-untyped-call]
    table.step(leaves, rate)


def among_neighbours(
    pairs: Pairs, size: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Questions of clauses that stand near each other in the files, so are of one field, and what to tell them from."""
    middle = int(random.integers(len(pairs.clauses)))
    first, last = max(0, middle - NEAR), min(len(pairs.clauses), middle + NEAR)
    inside = np.flatnonzero((pairs.of >= first) & (pairs.of < last))
    chosen = random.choice(inside, min(size, len(inside)), replace=False)
    return chosen, np.concatenate([np.arange(first, last), random.choice(len(pairs.clauses), 200)])


def vectors_of(table: Any, texts: Sequence[Ids]) -> tuple[torch.Tensor, Any]:
    """The vectors of texts, and the leaves of the table that they are made of."""
    from train import bag

    flat = np.concatenate(texts)
    lengths = np.asarray([len(text) for text in texts])
    mark = np.zeros(len(table.spelling_ends), dtype=bool)
    mark[flat] = True
    rows, leaves = table.rows(np.flatnonzero(mark))
    return bag(rows, (np.cumsum(mark) - 1)[flat], lengths), leaves


def thinned(ids: Ids, random: np.random.Generator) -> Ids:
    """A text with some of its words left out, so that none is relied on alone."""
    kept = ids[random.random(len(ids)) >= DROP]
    return kept if len(kept) else ids


def distil(
    table: Any,
    tokenizer: Tokenizer,
    counts: NDArray[np.int64],
    teaching: Teaching,
    pairs: Pairs,
    asked: Any,
    lay: NDArray[np.int64],
    own: Any,
    seed: int,
    rounds: int = 8,
) -> None:
    """The whole second stage; `lay` are the lay questions of `asked` to train on, all of `own` are trained on."""
    from train import Texts

    random = np.random.default_rng(seed)
    turn_towards(table, teaching.words, counts)
    for step in range(800):
        learn_from_teacher(
            table, teaching, counts, 0.01 * min(1, (step + 1) / 20) * (1 - 0.8 * step / 800), random
        )
    questions, clauses = Texts(tokenizer, pairs.questions), Texts(tokenizer, pairs.clauses)
    groups = [(asked, lay), (own, np.arange(len(own.positives)))] if len(lay) else []
    mined = [group.hard_negatives(table.folded()) for group, _ in groups]
    size = 256
    order = np.concatenate([random.permutation(len(questions)) for _ in range(rounds)])
    steps = len(order) // size
    for step in range(steps):
        rate = 0.006 * min(1, (step + 1) / 20) * (1 - step / steps)
        chosen, others = order[step * size : (step + 1) * size], random.choice(len(clauses), 400)
        if random.random() < 0.5:
            chosen, others = among_neighbours(pairs, size, random)
        wanted = np.unique(np.concatenate([pairs.of[chosen], others]))
        learn_pairs(
            table,
            [thinned(questions.text(int(i)), random) for i in chosen],
            [clauses.text(int(i)) for i in wanted],
            np.searchsorted(wanted, pairs.of[chosen]),
            rate,
        )
        learn_from_teacher(table, teaching, counts, rate, random)
        if groups:
            learn_lay(table, groups, mined, rate, random)


def learn_lay(
    table: Any,
    groups: Sequence[tuple[Any, NDArray[np.int64]]],
    mined: Sequence[Sequence[NDArray[np.int64]]],
    rate: float,
    random: np.random.Generator,
) -> None:
    """One step: lay questions, as many of each group, must find their statute among those wrongly put near and random ones."""
    questions, right, others = [], [], [random.integers(0, len(groups[0][0].statutes), 1024)]
    for (asked, usable), near in zip(groups, mined, strict=True):
        for i in random.choice(usable, 64, replace=False):
            questions.append(thinned(asked.questions.text(int(i)), random))
            right.append(int(random.choice(asked.positives[i])))
            others.append(random.choice(near[i], 4, replace=False))
    wanted = np.unique(np.concatenate([right, *others]))
    articles = [groups[0][0].statutes.text(int(i))[:256] for i in wanted]
    learn_pairs(table, questions, articles, np.searchsorted(wanted, right), rate)
