"""Whether an article that was found does not answer after all: by how it was read, and how close it is to the question.

谁来摘马蜂窝 finds an article of a regulation on old trees that names a department: read, it does not answer; nor is it close.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.closely import log_odds
from rag.context import Context
from rag.retrieve import Hit

# What is called by name (首贷贴息比例是多少; 发展专项资金由谁牵头) is doubted only where it was surely read as silent.
_BY_NAME, _IN_ITS_WORDS, _SILENT = 0.6, 0.6, 0.08


@dataclass(frozen=True, slots=True)
class Scale:
    """What the log odds of the reading, likeness and shared words count; below `least` the article does not answer."""

    reading: float
    likeness: float
    coverage: float
    least: float
    # Whether an article that holds the question's words is the one meant: not where figures of neighbours are told apart.
    by_words: bool = True

    def doubts(self, hit: Hit) -> bool:
        """Whether the article of a hit does not answer; False where it was not read."""
        read = hit.article_answers
        if read is None:
            return False
        if hit.similarity >= _BY_NAME or (self.by_words and hit.coverage >= _IN_ITS_WORDS):
            return silent(hit)
        counted = (
            self.reading * log_odds(read) + self.likeness * hit.similarity + self.coverage * hit.coverage
        )
        return counted < self.least


# Logistic regressions over 1,800 questions to 77 documents that the reader was not trained on (docs/adr/0017). Whoever asks whom
# rarely shares words with the article; a figure that is not given is asked for in the very words of the article on its neighbour.
_BODIES = Scale(1.35, 7.0, -1.4, 0.6)
_FIGURES = Scale(1.27, -0.8, -4.5, -2.3, by_words=False)
_OTHERWISE = Scale(1.11, 3.4, -2.7, -0.5)


def silent(hit: Hit) -> bool:
    """Whether a clause's article was surely read as not answering."""
    return hit.article_answers is not None and hit.article_answers < _SILENT


def doubted(context: Context, hit: Hit) -> bool:
    """Whether the article of the first hit does not answer what is asked."""
    question = context.question
    if question.asks_for_bodies:
        return _BODIES.doubts(hit)
    of_figure = any(ask.needs is not None for ask in question.asks)
    return (_FIGURES if of_figure else _OTHERWISE).doubts(hit)
