"""References to clauses: 第十二条第二款第(三)项, 前款, 本条. Found first, then resolved.

A reference is resolved only where exactly one clause remains; otherwise it stays unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.chinese_numbers import NUMERAL, to_int
from ingest.text import fold
from ingest.types import ArticleReference, Clause, Reference

_N = rf"(?:{NUMERAL}|\d{{1,4}})"
_PATTERN = re.compile(
    rf"第(?P<article>{_N})条(?:第(?P<paragraph>{_N})款)?(?:第?\((?P<item>{_N})\)项|第(?P<item2>{_N})项)?"
    rf"|(?P<relative>前条|本条|前款|本款|前两款|前两条)(?:第?\((?P<item3>{_N})\)项|第(?P<item4>{_N})项)?"
    rf"|\((?P<bracketed>{NUMERAL})\)项"
)
# 《…法》第十五条 is another document's article.
_OTHER_DOCUMENT = re.compile(r"(?:》|号\)|号)\s*(?:的|中)?$")


def find_article_references(text: str) -> tuple[ArticleReference, ...]:
    """Every mention of a clause in reading order, unresolved."""
    folded = fold(text)
    found = []
    for match in _PATTERN.finditer(folded):
        groups = match.groupdict()
        item = next(
            (groups[name] for name in ("item", "item2", "item3", "item4", "bracketed") if groups[name]), None
        )
        found.append(
            ArticleReference(
                raw=text[match.start() : match.end()],
                start=match.start(),
                end=match.end(),
                article=to_int(groups["article"]) if groups["article"] else None,
                paragraph=to_int(groups["paragraph"]) if groups["paragraph"] else None,
                item=to_int(item) if item else None,
                relative=groups["relative"],
            )
        )
    return tuple(found)


def resolve_article_references(
    text: str, clauses: Sequence[Clause], references: Sequence[Reference]
) -> tuple[ArticleReference, ...]:
    """The references inside clauses, each with its target clause where exactly one can be meant."""
    resolved = []
    for reference in find_article_references(text):
        container = next((c for c in clauses if c.start <= reference.start < c.end), None)
        # The clause's own number at its head is no reference.
        if (
            container is not None
            and text[container.start : reference.start].strip() == ""
            and not reference.relative
        ):
            continue
        named = next((r for r in references if r.end == len(text[: reference.start].rstrip())), None)
        if named is not None:
            resolved.append(replace(reference, document=named.number or named.title))
        elif _OTHER_DOCUMENT.search(fold(text[max(0, reference.start - 12) : reference.start])):
            resolved.append(reference)
        else:
            resolved.append(replace(reference, target=_target(reference, container, clauses)))
    return tuple(resolved)


def _target(
    reference: ArticleReference, container: Clause | None, clauses: Sequence[Clause]
) -> tuple[str, ...] | None:
    article = reference.article
    if reference.relative is not None:
        if container is None or container.article is None or reference.relative.startswith("前两"):
            return None
        article = container.article - 1 if reference.relative == "前条" else container.article
    if article is None:
        return None
    within = [c for c in clauses if c.article == article]
    if reference.item is not None:
        within = [
            c
            for c in within
            if len(c.path) > 1 and _number(c.path[-1]) == reference.item and _number(c.path[-2]) == article
        ]
    else:
        own = [c for c in within if _number(c.path[-1]) == article]
        # 第三条 may have an item (三): the article itself stands above it.
        depth = min((len(c.path) for c in own), default=0)
        within = [c for c in own if len(c.path) == depth] or within[:1] * (len(within) == 1)
    return within[0].path if len(within) == 1 else None


def _number(label: str) -> int | None:
    return to_int(re.sub(r"[第条()项]", "", label))
