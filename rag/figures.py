"""Numbers that a question takes for granted, held against the clause: 5亿美元 where 3亿美元 is printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text import fold
from rag.context import Context
from rag.draft import Point
from rag.messages import say
from rag.question import Figure, find_figures
from rag.wording import label_of

_MONEY = ("元", "美元")


def figure_corrections(context: Context, points: Sequence[Point]) -> str:
    """A correction where the question asserts a number that the quoted clause has otherwise."""
    if not context.question.asserts or not points:
        return ""
    document = context.snapshot.documents[points[0].clause.document_id].document
    quoted = [figure for start, end in points[0].quotes for figure in _figures(document.text[start:end])]
    whole = _figures(points[0].clause.clause.text)
    corrections = []
    for asked in context.question.figures:
        if asked.unit == "年" and asked.value < 1900:
            continue
        if any(_same(asked, held) for held in whole):
            continue
        alike = [f for f in quoted if f.unit == asked.unit and (asked.unit != "年" or f.value >= 1900)]
        # A year is everywhere: it corrects nothing but what the question is about.
        if asked.unit == "年" and not _about_the_same(context, points[0]):
            continue
        if alike:
            printed = "、".join(dict.fromkeys(figure.text for figure in alike))
            corrections.append(say("figure_wrong", context.language, printed=printed, asked=asked.text))
        elif asked.unit in _MONEY and not any(figure.unit in _MONEY for figure in whole):
            # 听说奖励一百万,是不是真的, of a clause that states no sum.
            label = label_of(points[0].clause, context.language)
            corrections.append(say("no_such_words", context.language, label=label, words=asked.text))
    return "".join(corrections)


def _about_the_same(context: Context, point: Point) -> bool:
    """Whether the quote holds at least half of what the question is about: 多规合一 in 多规合一是2018年试点的吧."""
    text = fold(context.snapshot.documents[point.clause.document_id].document.text)
    quoted = "".join(text[start:end] for start, end in point.quotes)
    words = [w for w in context.knowledge.retriever.content_words(context.topic) if not re.search(r"\d", w)]
    return bool(words) and 2 * sum(word in quoted for word in words) >= len(words)


def _figures(text: str) -> list[Figure]:
    return [figure for _, figure in find_figures(fold(text))]


def _same(a: Figure, b: Figure) -> bool:
    return a.unit == b.unit and abs(a.value - b.value) < 1e-9 * max(1.0, abs(a.value))
