"""Slips of the keyboard: homophones (谁签头 → 谁牵头) and pinyin (caizheng → 财政), from the words of the documents.

Tried only where a question as typed found nothing, so that no right word is ever replaced in vain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from ingest.tokens import STOP_WORDS, Tokenizer

_HAN = re.compile(r"[一-鿿]+")
_LATIN = re.compile(r"[a-z]{2,}(?:[ '][a-z]+)*", re.IGNORECASE)
# Words of one character that questions are made of, and how they are spelt.
_ALONE = {
    "shui": "谁", "shei": "谁", "zhao": "找", "guan": "管", "ban": "办", "na": "哪", "qian": "钱", "di": "地",
    "gui": "归", "wen": "问", "gei": "给", "de": "的", "you": "由", "ma": "吗",
}  # fmt: skip
_LONGEST = 4
# What asks is never part of a slip: 黄河谁长 is no 黄河水厂, 哪个局 no 哪格局.
_ASKING = "谁哪找怎吗呢多几个"
# Nor is a number: 一签最长签几年 is no 一千.
_NUMERALS = frozenset("〇零一二两三四五六七八九十百千万亿")
# What a reading of the text costs: a known word, a lone character, a common lone character, a word put in.
_KNOWN, _LONE, _COMMON, _PUT_IN, _SHARED = 0.5, 1.0, 0.55, 1.2, 0.3
_GENERAL = 0.15
# Only words so common are taken from the dictionary beside the documents' own.
_LEAST_COMMON = 1000


def lazy_pinyin(text: str) -> list[str]:
    """Syllables without tones, read in context: 银行 → yin hang. Imported on first use, for most questions need none."""
    import pypinyin

    return list(pypinyin.lazy_pinyin(text))


class Speller:
    """Puts words of the documents in place of what sounds like them."""

    def __init__(self, tokenizer: Tokenizer, own: Iterable[str]) -> None:
        """`own` are the words of the documents, which win over other words of the same sound."""
        self._tokenizer = tokenizer
        self._own = dict.fromkeys(word for word in own if 2 <= len(word) <= _LONGEST and _HAN.fullmatch(word))

    def suggest(self, text: str) -> str | None:
        """The text with its slips put right; None where there is nothing to put right."""
        put_right = _LATIN.sub(lambda match: self._from_pinyin(match.group()), text)
        put_right = _HAN.sub(lambda match: self._homophones(match.group()), put_right)
        return put_right if put_right != text else None

    def _homophones(self, run: str) -> str:
        best: list[tuple[float, str]] = [(0.0, "")]
        for end in range(1, len(run) + 1):
            choices = []
            for start in range(max(0, end - _LONGEST), end):
                cost, written = best[start]
                choices += [(cost + more, written + word) for more, word in self._readings(run[start:end])]
            best.append(min(choices))
        return best[-1][1]

    def _readings(self, span: str) -> list[tuple[float, str]]:
        if len(span) == 1:
            return [(_COMMON if span in STOP_WORDS or span in _ALONE.values() else _LONE, span)]
        if span in self._own or self._tokenizer.frequency(span):
            return [(_KNOWN, span)]
        if any(character in _ASKING for character in span):
            return []
        found = []
        for word in self._by_sound.get(tuple(lazy_pinyin(span)), ()):
            if _NUMERALS & set(word) != _NUMERALS & set(span):
                continue
            shared = sum(a == b for a, b in zip(word, span, strict=True))
            found.append((_PUT_IN - _SHARED * shared, word))
        return found

    def _from_pinyin(self, run: str) -> str:
        """A run of letters as words, if all of it is pinyin; else as it was."""
        letters = re.sub("[^a-z]", "", run.lower())
        best: dict[int, tuple[float, str]] = {0: (0.0, "")}
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 6 * _LONGEST), end):
                if start not in best:
                    continue
                cost, written = best[start]
                for more, word in self._spelt(letters[start:end]):
                    if end not in best or cost + more < best[end][0]:
                        best[end] = (cost + more, written + word)
        whole = best.get(len(letters))
        return whole[1] if whole and len(whole[1]) > 1 else run

    def _spelt(self, letters: str) -> list[tuple[float, str]]:
        if letters in self._spellings:
            return [
                (_KNOWN + (0 if word in self._own else _GENERAL), word) for word in self._spellings[letters]
            ]
        return [(_LONE, _ALONE[letters])] if letters in _ALONE else []

    @cached_property
    def _words(self) -> list[str]:
        return list(dict.fromkeys([*self._own, *self._tokenizer.common_words(_LEAST_COMMON)]))

    @cached_property
    def _sounds(self) -> list[tuple[str, list[str]]]:
        return [(word, lazy_pinyin(word)) for word in self._words]

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for word, syllables in self._sounds:
            if word in self._own and len(syllables) == len(word):
                found.setdefault(tuple(syllables), []).append(word)
        return found

    @cached_property
    def _spellings(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word, syllables in self._sounds:
            found.setdefault("".join(syllables), []).append(word)
        return found
