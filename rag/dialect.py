"""Words of asking in dialects (几多, 好久能批, 边个) as standard Chinese, from corpus/dialect.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BrokenKnowledge
from ingest.knowledge import place, read_yaml, require


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is said, with the standard words for it, in the order of the file."""

    words: tuple[tuple[re.Pattern[str], str], ...] = ()

    def standard(self, question: str) -> str:
        """The question in standard words: 罚好多钱 → 罚多少钱; what is no word of asking stays as it is."""
        for spoken, said in self.words:
            question = spoken.sub(said, question)
        return question


def load_dialect(path: Path) -> Dialect:
    """Read corpus/dialect.yaml; raises BrokenKnowledge naming the row at fault."""
    words = []
    for row in require(read_yaml(path), "words", list, path):
        try:
            spoken = re.compile(require(row, "spoken", str, path))
        except re.error as error:
            raise BrokenKnowledge(f"{place(path, row)}：spoken 不是可用的正则表达式（{error}）") from None
        words.append((spoken, require(row, "said", str, path)))
    return Dialect(tuple(words))
