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
from rag.dialect import Dialect

# Frequent characters that only Traditional texts have; a question with none needs no conversion.
_TRADITIONAL = re.compile(
    r"[們國開發區個麼嗎誰為與產業門這會對點還過頭裡經濟辦審條導資術環節處據繫設實現廳稅費貼貸]"
)


GENERAL = "english.tsv"
_WORD = re.compile(r"[a-z0-9]+(?:[-'.][a-z0-9]+)*%?|&")


@dataclass(frozen=True)
class Glossary:
    """English terms with their Chinese ones: interest subsidy → 贷款贴息."""

    terms: dict[str, tuple[str, ...]]

    @cached_property
    def _longest(self) -> int:
        return max((len(_WORD.findall(term)) for term in self.terms), default=0)

    def translate(self, text: str) -> str:
        """The Chinese words for the terms in an English text, in order, longest terms first."""
        folded = fold(text)
        words = list(_WORD.finditer(folded))
        found: list[str] = []
        place = 0
        while place < len(words):
            for end in range(min(len(words), place + self._longest), place, -1):
                chinese = self._chinese(folded[words[place].start() : words[end - 1].end()])
                if chinese:
                    found.extend(chinese)
                    place = end
                    break
            else:
                place += 1
        return " ".join(dict.fromkeys(found))

    def _chinese(self, term: str) -> tuple[str, ...]:
        """The Chinese words for a term as it stands or in its singular."""
        forms = (term, term.removesuffix("s"), term.removesuffix("es"))
        return next((self.terms[form] for form in forms if form in self.terms), ())


def load_glossary(path: Path) -> Glossary:
    """Read corpus/glossary.yaml and, where it is silent, the general words of english.tsv beside it.

    Question words (role: question) are left to the question forms.
    """
    general = path.with_name(GENERAL)
    terms = _read_words(general) if general.is_file() else {}
    for row in require(read_yaml(path), "terms", list, path):
        if not isinstance(row, dict):
            raise BrokenKnowledge(f"{path}：{str(row)[:60]} 应写成 {{en: […], zh: […]}}")
        english, chinese = strings(row, "en", path), strings(row, "zh", path)
        if not english or not chinese:
            raise BrokenKnowledge(f"{place(path, row)}：{str(row)[:60]} 要有 en 和 zh 两列词")
        for term in map(fold, english):
            if row.get("role") == "question":
                terms.pop(term, None)
            else:
                terms[term] = chinese
    return Glossary(terms)


def _read_words(path: Path) -> dict[str, tuple[str, ...]]:
    """The rows of corpus/english.tsv: tenant | lessee, a tab, 承租人、租户."""
    terms: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        english, tab, chinese = line.partition("\t")
        words = tuple(word.strip() for word in chinese.split("、") if word.strip())
        if not tab or not words:
            raise BrokenKnowledge(f"{path}：第 {number} 行要有英文、制表符和中文词：{line[:60]}")
        terms |= {fold(term.strip()): words for term in english.split("|") if term.strip()}
    return terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A question in the documents' own script, and the language it was asked in.

    `chinese` holds the Chinese terms of an English question, which are all that is searched for.
    """

    text: str
    language: str  # zh, zh-Hant or en
    chinese: str = ""


class Translator:
    """Brings a question into standard words and Simplified Chinese; quotes and names are never changed."""

    def __init__(self, glossary: Glossary, dialect: Dialect | None = None) -> None:
        self._glossary = glossary
        self._dialect = dialect or Dialect()
        self._converter = opencc.OpenCC("t2s")

    def read(self, question: str) -> Wording:
        """The question's wording for searching: 我們想把東部… → 我们想把东部…."""
        if han_share(question) < 0.2 and re.search(r"[A-Za-z]{3}.*\s.*[A-Za-z]{2}", question, re.DOTALL):
            return Wording(text=question, language="en", chinese=self._glossary.translate(question))
        if _TRADITIONAL.search(question):
            simplified = self._converter.convert(question)
            return Wording(text=self._dialect.standard(simplified), language="zh-Hant")
        return Wording(text=self._dialect.standard(question), language="zh")
