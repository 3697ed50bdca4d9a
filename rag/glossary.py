"""English and Traditional Chinese questions into the words that the documents use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import opencc

from ingest.errors import BrokenKnowledge
from ingest.knowledge import place, read_yaml, require, strings
from ingest.text import fold, han_share

# Frequent characters that only Traditional texts have; a question with none needs no conversion.
_TRADITIONAL = re.compile(
    r"[們國開發區個麼嗎誰為與產業門這會對點還過頭裡經濟辦審條導資術環節處據繫設實現廳稅費貼貸]"
)


@dataclass(frozen=True)
class Glossary:
    """English terms with their Chinese ones: interest subsidy → 贷款贴息."""

    terms: dict[str, tuple[str, ...]]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = sorted(self.terms, key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")(?:s|es)?\b" if names else r"(?!)")

    def translate(self, text: str) -> str:
        """The Chinese words for the terms in an English text, in order, longest terms first."""
        found: list[str] = []
        for match in self._pattern.finditer(fold(text)):
            words = self.terms.get(match.group())
            if words is None:
                words = self.terms.get(re.sub(r"(?:es|s)$", "", match.group())) or self.terms.get(
                    match.group()[:-1], ()
                )
            found.extend(words)
        return " ".join(dict.fromkeys(found))


def load_glossary(path: Path) -> Glossary:
    """Read corpus/glossary.yaml; question words (role: question) are left to the question forms."""
    terms: dict[str, tuple[str, ...]] = {}
    for row in require(read_yaml(path), "terms", list, path):
        if not isinstance(row, dict):
            raise BrokenKnowledge(f"{path}：{str(row)[:60]} 应写成 {{en: […], zh: […]}}")
        english, chinese = strings(row, "en", path), strings(row, "zh", path)
        if not english or not chinese:
            raise BrokenKnowledge(f"{place(path, row)}：{str(row)[:60]} 要有 en 和 zh 两列词")
        if row.get("role") != "question":
            terms |= {fold(term): chinese for term in english}
    return Glossary(terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A question in the documents' own script, and the language it was asked in.

    `chinese` holds the Chinese terms of an English question, which are all that is searched for.
    """

    text: str
    language: str  # zh, zh-Hant or en
    chinese: str = ""


class Translator:
    """Brings a question into Simplified Chinese; quotes and names are never changed."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self._converter = opencc.OpenCC("t2s")

    def read(self, question: str) -> Wording:
        """The question's wording for searching: 我們想把東部… → 我们想把东部…."""
        if han_share(question) < 0.2 and re.search(r"[A-Za-z]{3}.*\s.*[A-Za-z]{2}", question, re.DOTALL):
            return Wording(text=question, language="en", chinese=self._glossary.translate(question))
        if _TRADITIONAL.search(question):
            return Wording(text=self._converter.convert(question), language="zh-Hant")
        return Wording(text=question, language="zh")
