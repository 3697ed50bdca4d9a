"""A language model's reply, read while it comes: each sentence as soon as its object is complete.

The form is {"sentences": [{"text": "…", "handles": ["S1"], "quote": "…"}]}; what stands around it (a fence of code,
a thought aloud) is passed over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "handles": {"type": "array", "items": {"type": "string"}},
                    "quote": {"type": "string"},
                },
                "required": ["text", "handles", "quote"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
# A reply longer than this is no answer of a few sentences.
LONGEST = 20_000
_BEGIN = re.compile(r'"sentences"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSentence:
    """One sentence as the model returned it."""

    text: str
    handles: tuple[str, ...]
    quote: str


class ReplyReader:
    """Takes the parts of one reply and gives the sentences that they complete."""

    def __init__(self) -> None:
        self._text = ""
        self._at = -1
        # Where the next list is looked for.
        self._from = 0

    def feed(self, part: str) -> list[ModelSentence]:
        """The sentences that this part completes, in order; what has not their form is passed over."""
        self._text += part
        if len(self._text) > LONGEST:
            return []
        found: list[ModelSentence] = []
        while self._find_row():
            try:
                row, end = _DECODER.raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError):
                break
            self._at = end
            sentence = _sentence(row)
            found += [sentence] if sentence else []
        return found

    def _find_row(self) -> bool:
        """Whether a row begins at the place read up to, or at the next one; a list that has ended gives none."""
        while True:
            if self._at < 0:
                begin = _BEGIN.search(self._text, self._from)
                if begin is None:
                    return False
                self._at = begin.end()
            rest = _BETWEEN.match(self._text, self._at)
            self._at = rest.end() if rest else self._at
            if self._at >= len(self._text):
                return False
            if self._text[self._at] != "]":
                return True
            # An empty list thought aloud; the reply may still come.
            self._from, self._at = self._at, -1


def _sentence(row: Any) -> ModelSentence | None:
    try:
        text, handles, quote = row["text"], row["handles"], row["quote"]
    except (KeyError, TypeError):
        return None
    if not isinstance(text, str) or not isinstance(quote, str) or not isinstance(handles, list):
        return None
    return ModelSentence(text=" ".join(text.split()), handles=tuple(map(str, handles)), quote=quote)
