"""What kind of thing a question wants, learned from questions that were labelled by hand (models/intent_questions.jsonl).

Word patterns name the plain cases (对应国办发54号哪一条); people say the same in many other ways (国家那份里头这块搁在哪儿), and
those are told by weights over the characters of the question, its bodies, documents and numbers masked. So is what thing is asked
for (a telephone number, papers, a sum), where no row of corpus/question_forms.yaml knows the wording (models/ask_questions.jsonl).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.departments import Mention
from ingest.errors import ModelBroken, ModelMissing
from ingest.text import fold
from ingest.types import Reference

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "intents.json"
# How the policy and its parent correspond; whether something still holds; what became of a body; all else.
INTENTS = ("alignment", "currency", "body_now", "other")
# The things that corpus/question_forms.yaml knows as asks which need something, by id; all else.
THINGS_SHIPPED = SHIPPED.with_name("asks.json")
THINGS = (
    "contact",
    "place",
    "open_hours",
    "materials",
    "amount",
    "rate",
    "duration",
    "when",
    "times",
    "count",
    "person",
    "own_case",
    "other",
)
_LONGEST = 4
# What has fewer characters says nothing by itself.
_SHORTEST = 4
_BODY, _DOCUMENT, _NUMBER = "部", "文", "0"
_NUMERALS = re.compile(
    r"(?<=第)[〇零一二三四五六七八九十百廿\d]+|[(][一二三四五六七八九十百\d]+[)]|\d+(?:\.\d+)?"
)
# The words before a number of the State Council or a ministry are none of its series.
_FULL_NUMBER = re.compile(
    r"(?:国办?[发函]|中办?发|甘政(?:办)?发|[财发国商银税环建][一-龥]{0,3}[发函])[〔\[](?:19|20)\d\d[〕\]]\d{1,4}号(?:文件|文)?"
)
_SHORT_NUMBER = re.compile(
    r"(?:国办发?|国发|国务院(?:办公厅)?)?(?:20\d\d年?)?(?:的|发)?第?\d{1,4}号(?:文件|文)?"
)
_PAUSES = re.compile(r"[\s,，。.?？!！、;；:：“”\"'《》〈〉「」()（）]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    """The weights: of every piece of wording, one for each of `names`."""

    weights: dict[str, tuple[float, ...]]
    bias: tuple[float, ...]
    names: tuple[str, ...] = INTENTS

    def read(self, masked: str) -> dict[str, float]:
        """How likely each of `names` is, together 1: 国家那份里头这块搁在哪儿 → alignment 0.9."""
        if len(masked) < _SHORTEST:
            # 那部呢 asks again whatever was asked before.
            return {name: float(name == self.names[-1]) for name in self.names}
        counted = Counter(pieces(masked))
        length = math.sqrt(sum(count * count for count in counted.values())) or 1.0
        logits = list(self.bias)
        for piece, count in counted.items():
            row = self.weights.get(piece)
            if row is not None:
                for place, weight in enumerate(row):
                    logits[place] += weight * count / length
        top = max(logits)
        raised = [math.exp(logit - top) for logit in logits]
        return {name: value / sum(raised) for name, value in zip(self.names, raised, strict=True)}


def pieces(masked: str) -> Iterable[str]:
    """Runs of one to four characters, with a mark at both ends: 现在还… → ^现, 现在, 在还 …"""
    text = f"^{masked}$"
    for length in range(1, _LONGEST + 1):
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def mask(text: str, mentions: Sequence[Mention], references: Sequence[Reference]) -> str:
    """The folded question, its bodies, documents and numbers as one character each: 国发11号里第七条 → 文里第0条."""
    chars = list(text)
    for mention in mentions:
        chars[mention.start : mention.end] = [_BODY, *[""] * (mention.end - mention.start - 1)]
    folded = _FULL_NUMBER.sub(_DOCUMENT, fold("".join(chars)))
    for reference in references:
        folded = folded.replace(fold(reference.raw), _DOCUMENT)
    folded = _SHORT_NUMBER.sub(_DOCUMENT, folded)
    return _PAUSES.sub(" ", _NUMERALS.sub(_NUMBER, folded)).strip()


def load_intents(path: Path = SHIPPED) -> Intents:
    """Read the weights; raises ModelMissing or ModelBroken."""
    return _load(path, INTENTS, "make train-intents")


def load_things(path: Path = THINGS_SHIPPED) -> Intents:
    """Read the weights that tell what thing is asked for; raises ModelMissing or ModelBroken."""
    return _load(path, THINGS, "make train-asks")


def _load(path: Path, names: tuple[str, ...], way_out: str) -> Intents:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        weights = {piece: tuple(map(float, row)) for piece, row in data["weights"].items()}
        bias = tuple(map(float, data["bias"]))
    except FileNotFoundError:
        raise ModelMissing(f"找不到 {path}：请重新取出它，或运行 {way_out}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelBroken(
            f"{path} 读不了（{type(error).__name__}）：请重新取出它，或运行 {way_out}"
        ) from None
    if len(bias) != len(names) or any(len(row) != len(names) for row in weights.values()):
        raise ModelBroken(f"{path} 与程序不相配：请重新取出它，或运行 {way_out}")
    return Intents(weights=weights, bias=bias, names=names)
