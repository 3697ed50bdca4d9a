"""The interface's words in the reader's language: Chinese as the code has them, English from english.yaml.

Answers follow the language of the question (rag/messages.py); this is what stands around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from ingest.knowledge import read_yaml

Language = Literal["zh", "en"]

_ENGLISH = Path(__file__).with_name("english.yaml")


class Words:
    """What to call things: words("发送") is 发送 or Send; words("第 {n} 条", n=14) is Article 14."""

    def __init__(self, language: Language, table: Mapping[str, str]) -> None:
        self.language = language
        self._table = table

    def __call__(self, chinese: str, /, **values: object) -> str:
        """The words in this language; what the table lacks stays Chinese (a test sees that it lacks nothing)."""
        said = self._table.get(chinese, chinese)
        return said.format(**values) if values else said

    def of_error(self, error: Exception) -> str:
        """What went wrong; a line that names files or lines of them, which no table holds, stays as the program wrote it."""
        line = str(error)
        if self.language == "zh" or line in self._table:
            return self(line)
        return self("出错：{line}", line=line)


CHINESE = Words("zh", {})


@cache
def english() -> Words:
    """The English interface. Raises BrokenKnowledge where its table cannot be read."""
    return Words("en", read_yaml(_ENGLISH))
