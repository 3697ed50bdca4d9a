"""Train the shipped tiktoken encoding: `.venv/bin/python models/train_encoding.py`.

Prompts for a language model are kept within its context by counting tokens. Where the model's own encoding is not
cached, this one counts: byte pairs learned on the policy, the pairs and the texts of the data folder.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from training_pairs import policy_rows, read_rows

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from ingest.token_count import PATTERN  # noqa: E402

# Few, so that it counts more tokens than the models that people run (Qwen: 0.6 a character; this: 0.8).
ENTRIES = 2_500


def texts(data: Path) -> Iterator[str]:
    yield (HERE.parent / "corpus" / "gansu-etdz-2015.txt").read_text(encoding="utf-8")
    for row in policy_rows():
        yield "\n".join((row["heading"], row["clause"], *row["questions"]))
    for row in read_rows(data, "statutes")[::3]:
        yield str(row["text"])
    for row in read_rows(data, "news_snippets")[::4]:
        yield str(row["text"])


def byte_of() -> dict[str, int]:
    """The characters that stand for bytes in byte-level tokenizers, and their bytes."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in shown} | {chr(256 + n): byte for n, byte in enumerate(others)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Train the shipped tiktoken encoding.")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=HERE / "encoding" / "policy.tiktoken")
    options = parser.parse_args()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=ENTRIES, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts(options.data), trainer)
    bytes_of = byte_of()
    # Single bytes first, then merges in the order in which they were learned, which is the order of their use.
    entries = sorted(tokenizer.get_vocab().items(), key=lambda item: (len(item[0]) > 1, item[1]))
    lines = [
        f"{base64.b64encode(bytes(bytes_of[c] for c in token)).decode()} {rank}\n"
        for rank, (token, _) in enumerate(entries)
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(lines), encoding="ascii")
    print(f"{len(lines)} entries in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
