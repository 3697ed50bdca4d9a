"""Articles over the clauses they are stored as: 第四条 is its lead-in and the items (一), (二) below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.chinese_numbers import NUMERAL, to_int
from ingest.stores.catalogue import StoredClause
from rag.index import Snapshot

# 四, 第四章, 第四节: where a deeper label has the article's number too, that one is the article.
_PART = re.compile(rf"^(?:{NUMERAL}|第{NUMERAL}[章节编部分]+)$")


def heads(clauses: Sequence[StoredClause]) -> list[StoredClause]:
    """The first clause of each article in reading order; every clause where articles are not numbered."""
    numbered = [clause for clause in clauses if clause.clause.article is not None]
    first: dict[object, StoredClause] = {}
    for clause in numbered or clauses:
        first.setdefault(_article(clause), clause)
    return list(first.values())


def parts(snapshot: Snapshot, clause: StoredClause) -> list[StoredClause]:
    """All clauses of a clause's article in reading order; the clause alone where it is of none."""
    if clause.clause.article is None:
        return [clause]
    held = snapshot.catalogue.articles(clause.clause.article, (clause.document_id,))
    return [each for each in held if _article(each) == _article(clause)]


def neighbour(snapshot: Snapshot, clause: StoredClause, step: int) -> StoredClause | None:
    """The article after (1) or before (-1) the one that a clause is of; None where there is none."""
    articles = heads(snapshot.clauses_of(clause.document_id))
    keys = [_article(each) for each in articles]
    if _article(clause) not in keys:
        return None
    at = keys.index(_article(clause)) + step
    return articles[at] if 0 <= at < len(articles) else None


def in_section(snapshot: Snapshot, document_id: str, number: int) -> list[StoredClause]:
    """The articles of a document's part: the first clauses of those below 四、 or 第四章."""
    clauses = snapshot.clauses_of(document_id)
    return heads([c for c in clauses if len(c.clause.path) > 1 and _label_number(c.clause.path[0]) == number])


def article_label(clause: StoredClause) -> str:
    """The article's own label, also of an item below it: 第四条 for 第四条(二)."""
    return (
        clause.clause.path[article_level(clause)]
        if clause.clause.article is not None
        else clause.clause.label
    )


def _article(clause: StoredClause) -> tuple[str, ...] | str:
    """What an article's clauses share: its path; a clause of no article stands for itself."""
    return clause.key if clause.clause.article is None else clause.clause.path[: article_level(clause) + 1]


def article_level(clause: StoredClause) -> int:
    """Where in its path the article's label stands: 第三条 before (三), (三) before 三 and 第三章."""
    path, number = clause.clause.path, clause.clause.article
    alike = [i for i, label in enumerate(path) if _label_number(label) == number]
    named = [i for i in alike if path[i].endswith("条")]
    inner = [i for i in alike if not _PART.search(path[i])]
    return (named or inner or alike or [len(path) - 1])[0]


def _label_number(label: str) -> int | None:
    return to_int(re.sub(r"[第章节条部分编、.()()]", "", label))
