"""How many tokens a text is to a language model, counted with tiktoken and without a network.

The model's own encoding counts where tiktoken has it in its cache; else our own, trained on policy texts
(models/encoding/), whose few entries split Chinese finer than such models do, so that it rather counts too many.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from ingest.errors import ModelBroken, ModelMissing

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "encoding" / "policy.tiktoken"
# Runs of Chinese characters, letters, up to three digits, blanks, or other signs.
PATTERN = r"\p{Han}+| ?\p{L}+|\p{N}{1,3}|\s+| ?[^\s\p{L}\p{N}]+"
# Where tiktoken would fetch an encoding from; the digest of the address is its name in the cache.
_SOURCES = {
    name: f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
    for name in ("o200k_base", "cl100k_base")
}


class Counter(Protocol):
    """Counts the tokens of a text."""

    def count(self, text: str) -> int:
        """Tokens of the text: 对贷款予以贴息 → 5."""
        ...


class _Encoded:
    def __init__(self, encoding: object) -> None:
        self._encoding = encoding

    def count(self, text: str) -> int:
        return len(self._encoding.encode(text, disallowed_special=()))  # type: ignore[attr-defined]


def open_counter(model: str | None) -> Counter:
    """The counter for a model by name: its own encoding where cached, else the shipped one."""
    import tiktoken

    name = (model or "").rpartition(":")[2].rpartition("/")[2]
    try:
        wanted = tiktoken.encoding_name_for_model(name)
    except KeyError:
        wanted = ""
    if wanted in _SOURCES and _cached(_SOURCES[wanted]):
        return _Encoded(tiktoken.get_encoding(wanted))
    return _shipped()


def _cached(source: str) -> bool:
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    place = Path(folder) if folder else Path(tempfile.gettempdir()) / "data-gym-cache"
    return (place / hashlib.sha1(source.encode()).hexdigest()).is_file()


@lru_cache(maxsize=1)
def _shipped() -> Counter:
    return _Encoded(read_encoding(SHIPPED))


def read_encoding(path: Path) -> object:
    """A tiktoken encoding from its file of ranks. Raises ModelMissing, ModelBroken naming the file."""
    import tiktoken

    try:
        rows = (line.split() for line in path.read_text(encoding="ascii").splitlines())
        ranks = {base64.b64decode(token, validate=True): int(rank) for token, rank in rows}
        return tiktoken.Encoding("policy", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
    except FileNotFoundError:
        raise ModelMissing(f"{path} is missing; restore it from the repository") from None
    except (OSError, ValueError) as error:
        raise ModelBroken(f"{path} cannot be read ({error}); restore it from the repository") from None
