"""English words for the lexical index: stems without function words, as tantivy makes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import tantivy


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.custom_stopword(_ASKING))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


# Words that English questions are full of and that tell no clause from another.
_ASKING = (
    "i we you he she they our your my us me who whom whose which what where when why how do does did can could may "
    "might must shall should would will need want get got have has had am been being any some there here anyone "
    "someone somebody something anything about please tell know find talk go going gets make makes s t re ve ll m d"
).split()


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """The stem of one English word (subsidies → subsidi), empty for a function word (the, who)."""
    found = _analyzer().analyze(word)
    return str(found[0]) if found else ""
