"""Words for the lexical index: jieba with the departments and policy terms as dictionary."""

from __future__ import annotations

import importlib
import logging
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from ingest.english import stem
from ingest.text import bigrams, fold


class _OnDemand(ModuleType):
    """Stands in for jieba.finalseg until something asks for it.

    Its hidden Markov model is not used here and takes longer to load than a question to answer.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop("jieba.finalseg", None)
        real = importlib.import_module("jieba.finalseg")
        jieba.finalseg = real
        return getattr(real, name)


sys.modules.setdefault("jieba.finalseg", _OnDemand("jieba.finalseg"))

import jieba  # noqa: E402

jieba.setLogLevel(logging.WARNING)
_WORD = re.compile(r"[0-9a-z]+(?:[.%][0-9a-z]+)*|[㐀-䶿一-鿿]+")

# Words that questions and clauses are full of and that tell no clause from another.
STOP_WORDS = frozenset(
    "的 了 和 与 及 或 在 是 有 对 等 为 以 于 由 从 向 到 把 被 给 就 都 也 还 又 很 要 会 能 可 这 那 其 之 个 们"
    " 我 你 他 她 它 我们 你们 他们 咱 咱们 吗 呢 吧 啊 呀 么 什么 怎么 怎样 如何 哪 哪个 哪些 哪里 谁 多少 几 请 请问"
    " 一下 关于 进行 以及 并 而 但 如果 因为 所以 这个 那个 这些 那些 没有 不 没 上 下 中 里 去 来 说 讲 做 办 想 得"
    " 一个 一些 一种 可以 应该 需要 有关 相关 该 各 以下 以上".split()
)


# Words rarer than this in jieba's dictionary are mostly names; leaving them out halves the start-up time.
_LEAST_FREQUENCY = 4


class _CommonWords(jieba.Tokenizer):  # type: ignore[misc]
    """jieba with its common words only, cached under a name of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cache_file = f"policyqa-words-{_LEAST_FREQUENCY}-{getattr(os, 'getuid', int)()}.cache"

    @staticmethod
    def gen_pfdict(file: IO[bytes]) -> tuple[dict[str, int], int]:
        """Word frequencies and their sum, with all beginnings of words, as jieba wants them."""
        kept = [line for line in file if int(line.split(b" ")[1]) >= _LEAST_FREQUENCY]
        frequencies, total = jieba.Tokenizer.gen_pfdict(_Lines(kept))
        return frequencies, total


class _Lines(list[bytes]):
    """Lines that jieba can read like a file."""

    name = "dict"

    def close(self) -> None:
        """Nothing to close."""


class Tokenizer:
    """Splits text into search words: 基础设施项目贷款贴息 → 基础 设施 基础设施 项目 贷款 贴息."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        """`terms` are words that jieba should keep whole, such as department names."""
        self._jieba = _CommonWords()
        self._jieba.initialize()
        for term in terms:
            self._jieba.add_word(term)

    def words(self, text: str) -> list[str]:
        """Search words in reading order, with the shorter words inside long ones; no stop words."""
        found: list[str] = []
        for run in _WORD.findall(fold(text)):
            if run.isascii():
                found += [word for word in (stem(run) if run.isalpha() else run,) if word]
            else:
                found += [w for w in self._jieba.cut_for_search(run, HMM=False) if w not in STOP_WORDS]
        return found

    def frequency(self, word: str) -> int:
        """How common a word is in the dictionary; 0 for what is no word (签头)."""
        return int(self._jieba.FREQ.get(word, 0))

    def common_words(self, least: int) -> list[str]:
        """The dictionary's words of two to four characters that are at least so common, commonest first."""
        found = [
            (count, word)
            for word, count in self._jieba.FREQ.items()
            if count >= least and 2 <= len(word) <= 4
        ]
        return [word for _, word in sorted(found, reverse=True)]

    def pairs(self, text: str) -> list[str]:
        """Neighbouring characters, which find what the dictionary splits otherwise."""
        return bigrams(fold(text))


def read_terms(path: Path) -> tuple[str, ...]:
    """Policy terms from corpus/terms.txt, one a line, `#` begins a comment."""
    if not path.is_file():
        return ()
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)
