"""Learn to tell whether a clause answers, and by which sentence: `make train-reader`, or models/train_reader.py --help.

A small transformer over the words of the shipped embedder, whose table stays as it is. It learns from pairs/reader.jsonl
(questions answered and nearly answered, each turned round: models/reader_data.py), from the policy pairs and from questions
put to whole documents (pairs/documents.jsonl). Every tenth clause is kept out, for the figures and for the calibration of
the likelihood.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from logistic import fit_logistic  # noqa: E402
from reader_data import (  # noqa: E402
    Example,
    asked_examples,
    examples_of,
    lay_clauses,
    paired_examples,
    read_asked,
    read_clauses,
    read_policy_pairs,
)

from ingest.embedder import StaticEmbedder, open_embedder  # noqa: E402
from rag.reader import HEADS, LIKE, SHIPPED, TOLD, Passage, Tokens, Words, numeric  # noqa: E402

SIZE, BLOCKS, DROPOUT, FORGET = 128, 2, 0.15, 0.06
BATCH, RATE, DECAY = 32, 1e-3, 0.05
# Of the policy pairs, the regulation pairs and the lay ones, so many questions each a round; the rest are the reader's own.
PAIRED = 1500
# How often the questions to whole documents are gone through in a round, each time with other wrong articles.
ASKED = 2
# What the examples of a source weigh.
WEIGHTS = {"pair": 0.5, "other pair": 0.5}
KEPT_OUT = 10
# The weights after each round, not yet calibrated: what is left of a training that breaks off (`--start`).
UNFINISHED = ROOT / "build" / "reader.safetensors"


class Block(nn.Module):
    """One layer of a transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.LayerNorm(SIZE), nn.LayerNorm(SIZE)
        self.qkv, self.o = nn.Linear(SIZE, 3 * SIZE), nn.Linear(SIZE, SIZE)
        self.f, self.g = nn.Linear(SIZE, 2 * SIZE), nn.Linear(2 * SIZE, SIZE)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        batch, rows, _ = x.shape
        mixed = self.qkv(self.a(x)).reshape(batch, rows, 3, HEADS, SIZE // HEADS)
        q, k, v = mixed.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(q, k, v, attn_mask=known[:, None, None, :])
        x = x + self.drop(self.o(attended.transpose(1, 2).reshape(batch, rows, SIZE)))
        return x + self.drop(self.g(functional.relu(self.f(self.b(x)))))


class Net(nn.Module):
    """What rag/reader.py computes in numpy, for a batch."""

    def __init__(self, embedder: StaticEmbedder) -> None:
        super().__init__()
        every = np.arange(len(embedder.vocabulary))
        told = embedder.told_by(every)
        with np.errstate(invalid="ignore"):  # punctuation has a row of zeros
            self.table = torch.from_numpy(np.nan_to_num(embedder.directions(every)))
        self.told = torch.from_numpy(told)
        self.numeric = torch.tensor([float(numeric(word)) for word in embedder.vocabulary])
        self.w, self.f, self.t = (
            nn.Linear(embedder.dimensions, SIZE),
            nn.Linear(TOLD, SIZE),
            nn.Embedding(3, SIZE),
        )
        self.conv = nn.Conv1d(SIZE, SIZE, 3, padding=1)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.ln, self.att = nn.LayerNorm(SIZE), nn.Linear(SIZE, 1)
        self.sl, self.ql = nn.Linear(2 * SIZE, 1), nn.Linear(2 * SIZE, 1)
        self.mix = nn.Parameter(torch.ones(1))
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, asked: Tensor, read: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each sentence and of the whole passage; -1e4 for a sentence without known words."""
        there, here = self.table[asked], self.table[read]
        known_there, known_here = asked >= 0, read >= 0
        if self.training:
            there = there * (torch.rand(asked.shape) >= FORGET)[..., None]
        alike = torch.einsum("bqd,bcd->bqc", there, here)
        alike = alike.masked_fill(~known_here[:, None, :], -1).masked_fill(~known_there[:, :, None], -1)
        kind = (sentence >= 0).long() + 1
        x = torch.cat(
            [
                self.w(there) + self.f(self._told(asked, alike.amax(2))) + self.t.weight[0],
                self.w(here) + self.f(self._told(read, alike.amax(1))) + self.t(kind),
            ],
            1,
        )
        known = torch.cat([known_there, known_here], 1)
        x = self.drop(x) * known[..., None]
        size = asked.shape[1]
        near = [self.conv(part.transpose(1, 2)).transpose(1, 2) for part in (x[:, :size], x[:, size:])]
        x = (x + functional.relu(torch.cat(near, 1))) * known[..., None]
        for block in self.blocks:
            x = block(x, known)
        return self._judged(self.ln(x), size, known_there, sentence)

    def _told(self, ids: Tensor, like: Tensor) -> Tensor:
        like, weight = like.clamp(min=0), self.told[ids]
        rows = [weight, like, (like > 0.999).float(), self.numeric[ids], (like > LIKE).float(), weight * like]
        return torch.stack(rows, -1)

    def _judged(self, x: Tensor, size: int, known: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor]:
        asked, read = x[:, :size], x[:, size:]
        count = max(1, int(sentence.max()) + 1)
        own = functional.one_hot(sentence.clamp(min=0), count).bool() & (sentence >= 0)[..., None]
        share = torch.softmax(self.att(read).masked_fill(~own, -1e4), 1) * own
        pooled = torch.einsum("bcs,bcd->bsd", share, read)
        most = [read.masked_fill(~own[:, :, k, None], -1e4).amax(1) for k in range(count)]
        each = self.sl(torch.cat([pooled, torch.stack(most, 1).clamp(min=-10)], -1))[..., 0]
        each = each.masked_fill(~own.any(1), -1e4)
        mean = (asked * known[..., None]).sum(1) / known.sum(1, keepdim=True).clamp(min=1)
        top = asked.masked_fill(~known[..., None], -1e4).amax(1).clamp(min=-10)
        whole = self.ql(torch.cat([mean, top], -1))[:, 0] + self.mix[0] * each.amax(1).clamp(-8, 8)
        return each, whole


Row = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Example]


def rows_of(examples: Sequence[Example], words: Words) -> list[Row]:
    """The examples as rows of the table; those of which nothing is known are left out."""
    rows = []
    for example in examples:
        asked, read = _question(example.question, words), _passage(example.passage, words)
        if len(asked) and (read.sentence >= 0).any():
            rows.append((asked, read.ids, read.sentence, example))
    return rows


@cache
def _question(text: str, words: Words) -> NDArray[np.int64]:
    return words.question(text)


@cache
def _passage(passage: Passage, words: Words) -> Tokens:
    return words.passage(passage)


def padded(rows: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
    def fill(parts: Sequence[NDArray[np.int64]], empty: int) -> Tensor:
        made = torch.full((len(parts), max(map(len, parts))), empty)
        for line, part in zip(made, parts, strict=True):
            line[: len(part)] = torch.from_numpy(part)
        return made

    asked, read, sentence, _ = zip(*rows, strict=True)
    return fill(asked, -1), fill(read, -1), fill(sentence, -2)


def batches(rows: Sequence[Row], luck: random.Random) -> Iterator[list[Row]]:
    """In any order, those of like length together."""
    order = list(range(len(rows)))
    luck.shuffle(order)
    step = BATCH * 20
    found = []
    for start in range(0, len(order), step):
        some = sorted(order[start : start + step], key=lambda n: len(rows[n][1]))
        found += [some[n : n + BATCH] for n in range(0, len(some), BATCH)]
    luck.shuffle(found)
    for numbers in found:
        yield [rows[n] for n in numbers]


def loss_of(net: Net, rows: Sequence[Row]) -> Tensor:
    """How wrong the net is of the passages and, where it is known, of their sentences."""
    each, whole = net(*padded(rows))
    wanted = torch.tensor([float(example.answers) for *_, example in rows])
    weight = torch.tensor([WEIGHTS.get(example.source, 1.0) for *_, example in rows])
    loss = (functional.binary_cross_entropy_with_logits(whole, wanted, reduction="none") * weight).mean()
    by, counted = torch.zeros_like(each), torch.zeros_like(each)
    for line, (*_, example) in enumerate(rows):
        if example.by is not None:
            counted[line] = (each[line] > -1e3).float()
            for place in example.by:
                if place < each.shape[1]:
                    by[line, place] = 1.0
    told = functional.binary_cross_entropy_with_logits(each.clamp(min=-20), by, reduction="none") * counted
    return loss + told.sum() / counted.sum().clamp(min=1)


def judge(net: Net, rows: Sequence[Row]) -> tuple[NDArray[np.float64], float]:
    """The logit of each passage; the share of answering passages whose first sentence is one that answers."""
    net.eval()
    logits, right = [], []
    with torch.no_grad():
        for start in range(0, len(rows), 64):
            some = rows[start : start + 64]
            each, whole = net(*padded(some))
            logits += whole.tolist()
            for line, (*_, example) in enumerate(some):
                if example.by and len(example.passage.sentences) > 1:
                    right.append(int(each[line].argmax()) in example.by)
    return np.asarray(logits), float(np.mean(right)) if right else 0.0


def ranked_above(higher: NDArray[np.float64], lower: NDArray[np.float64]) -> float:
    """How often one of `higher` lies above one of `lower`."""
    if not len(higher) or not len(lower):
        return 0.0
    order = np.sort(lower)
    below, upto = np.searchsorted(order, higher, "left"), np.searchsorted(order, higher, "right")
    return float(((below + upto) / 2).mean() / len(lower))


def figures(net: Net, rows: Sequence[Row]) -> dict[str, Any]:
    """On clauses kept out: how often what answers lies above what does not, and what is refused at what price."""
    logits, sentence = judge(net, rows)
    sources = np.asarray([example.source for *_, example in rows])
    answers = np.asarray([example.answers for *_, example in rows])

    def of(source: str) -> NDArray[np.float64]:
        return logits[sources == source]

    own = answers & (sources != "pair")
    not_own = ~answers & (sources != "other pair")
    refused = {
        str(share): [
            round(float((of(source) < np.quantile(logits[own], share)).mean()), 3)
            for source in ("near", "taken out", "elsewhere", "far")
        ]
        for share in (0.02, 0.05, 0.1)
    }
    return {
        "questions": len({example.question for *_, example in rows if example.source != "pair"}),
        "answers above not": round(ranked_above(logits[own], logits[not_own]), 3),
        "answered above near misses": round(ranked_above(of("answered"), of("near")), 3),
        "with above without its sentence": round(ranked_above(of("answered"), of("taken out")), 3),
        "near misses above themselves with what was missing": round(
            ranked_above(of("put in"), of("near")), 3
        ),
        "its clause above another of its document": round(ranked_above(of("answered"), of("elsewhere")), 3),
        "right sentence first": round(sentence, 3),
        "answers refused: near misses, taken out, elsewhere, far refused": refused,
    }


def save(net: Net, embedder: StaticEmbedder, line: tuple[float, float], out: Path) -> None:
    """The weights in half precision, the last logit moved and stretched to be a likelihood."""
    move, stretch = line
    arrays = {name: value.detach().numpy().copy() for name, value in net.named_parameters()}
    for name in ("ql.weight", "ql.bias", "mix"):
        arrays[name] = arrays[name] * stretch
    arrays["ql.bias"] = arrays["ql.bias"] + move
    halved = {name: value.astype(np.float16) for name, value in arrays.items()}
    save_file(halved, str(out), metadata={"embedder": embedder.name})


def main() -> int:
    parser = argparse.ArgumentParser(description="Learn whether a clause answers and by which sentence.")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--start", type=Path, help="weights to go on from, at a third of the rate")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the clauses and pairs, so much a round (0.35)"
    )
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    torch.manual_seed(0)
    luck = random.Random(0)
    embedder = open_embedder(None)
    assert isinstance(embedder, StaticEmbedder)
    words = Words(embedder)
    clauses = read_clauses(options.data)
    kept = [clause for number, clause in enumerate(clauses) if number % KEPT_OUT == 0]
    taught = [clause for number, clause in enumerate(clauses) if number % KEPT_OUT]
    out_rows = rows_of([e for c in kept for e in examples_of(c, kept, embedder, luck, shortened=0)], words)
    net = Net(embedder)
    pairs = read_policy_pairs(embedder, luck)
    whom, lay = read_clauses(options.data, "regulations"), lay_clauses(options.data)
    asked, paired = read_asked(options.data), round(options.share * PAIRED)
    own = round(
        options.share * len([e for c in taught for e in examples_of(c, taught, embedder, random.Random(1))])
    )
    of_documents = ASKED * len(list(asked_examples(asked, random.Random(1))))
    steps = options.rounds * math.ceil((own + of_documents + 6 * paired) / BATCH) + 10
    rate = RATE
    if options.start is not None:
        held = {
            name: torch.from_numpy(value.astype(np.float32))
            for name, value in load_file(options.start).items()
        }
        net.load_state_dict(held)
        rate = RATE / 3
    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    UNFINISHED.parent.mkdir(exist_ok=True)
    began = time.monotonic()
    print(
        f"{len(taught)} clauses, {own} examples, {6 * paired} of the pairs, {of_documents} of documents a round",
        flush=True,
    )
    for number in range(options.rounds):
        some_taught = luck.sample(taught, round(options.share * len(taught)))
        examples = [e for c in some_taught for e in examples_of(c, taught, embedder, luck)]
        examples += pairs.some(luck, paired)
        for some in (whom, lay):
            examples += paired_examples(some, paired, embedder, luck)
        for _ in range(ASKED):
            examples += asked_examples(asked, luck)
        net.train()
        for rows in batches(rows_of(examples, words), luck):
            loss = loss_of(net, rows)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            # How many batches a round has depends on luck; the last few keep the lowest rate.
            if schedule.last_epoch < steps - 1:
                schedule.step()
        save(net, embedder, (0.0, 1.0), UNFINISHED)
        print(f"round {number + 1}, {time.monotonic() - began:.0f} s: {figures(net, out_rows)}", flush=True)
    logits, _ = judge(net, out_rows)
    wanted = np.asarray([float(example.answers) for *_, example in out_rows])
    move, slopes = fit_logistic(logits[:, None], wanted, np.full(len(wanted), 1 / len(wanted)), 1e-4)
    save(net, embedder, (move, float(slopes[0])), options.out)
    told = options.out.with_suffix(".json")
    told.write_text(json.dumps(figures(net, out_rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
