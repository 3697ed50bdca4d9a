"""How an official paper cites a clause: 《…意见》(国办发〔2014〕54号)第(九)条“带动区域协调发展”."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.stores.catalogue import StoredClause
from ingest.types import Clause
from rag.articles import article_level
from rag.types import Citation
from rag.web.export_formats import one_line


def formal_citation(citation: Citation) -> str:
    """The clause as an official paper cites it: 《…意见》(国办发〔2014〕54号)第(九)条“带动区域协调发展”.

    Of a digest it says so, for whoever copies it has not seen the original. Plain text in one line.
    """
    inner = {"《": "〈", "》": "〉"}
    title = "".join(inner.get(char, char) for char in one_line(citation.document_title))
    number = f"（{one_line(citation.document_number)}）" if citation.document_number else ""
    heading = one_line(citation.heading).replace("“", "‘").replace("”", "’")
    named = f"“{heading}”" if heading else ""
    unchecked = "，未核对" if citation.unverified else ""
    digest = f"（据提要，非原文{unchecked}）" if citation.kind == "digest" else ""
    return f"《{title}》{number}{one_line(_place(citation))}{named}{digest}"


def _place(citation: Citation) -> str:
    """第(十四)条, 第四条第(二)项, 第四部分第(二)项; an attachment is named, chapters above an article are not."""
    path = citation.path
    if not path:
        # The points of a digest are numbered by us, not by the document.
        return f"提要{citation.label}" if citation.kind == "digest" and citation.label else citation.label
    above = [label for label in path if label.startswith("附件")]
    if citation.article is not None:
        level = article_level(_as_clause(citation))
        return "".join([*above, _numbered(path[level], "条"), *_items(path[level + 1 :])])
    below = [label for label in path if not label.startswith("附件")]
    # 3.1.2 says in itself what stands above it.
    if below and "." in below[-1]:
        return "".join([*above, f"第{below[-1]}节"])
    return "".join([*above, *(_numbered(label, "部分") for label in below[:1]), *_items(below[1:])])


def _as_clause(citation: Citation) -> StoredClause:
    clause = Clause(
        path=citation.path,
        article=citation.article,
        label=citation.label,
        heading=citation.heading,
        section=citation.section or "",
        text=citation.clause_text,
        start=citation.start,
        end=citation.end,
    )
    return StoredClause(document_id=citation.document_id, position=0, clause=clause)


def _items(labels: Sequence[str]) -> list[str]:
    """What stands below an article or a part: 项, below it 目, below that 点."""
    words = ("项", "目", *["点"] * len(labels))
    return [_numbered(label, word) for label, word in zip(labels, words, strict=False)]


def _numbered(label: str, unit: str) -> str:
    return label if label.startswith("第") else f"第{label}{unit}"
