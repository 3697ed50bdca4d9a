"""The articles of a document beside those of the document above it, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.alignment import Alignment, Pair
from ingest.stores.catalogue import StoredClause
from ingest.types import Metadata
from rag.around import short_label
from rag.web.openers import escape, opener_html
from rag.web.reading import kind_html, note_html
from rag.web.words import CHINESE, Words

STRENGTHS = {"direct": "直接对应", "partial": "部分对应", "none": "没有直接对应"}
_OWN, _PARENT = "甘肃文件", "上位文件"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An alignment with both documents it speaks of: what they say of themselves, and their clauses by label."""

    alignment: Alignment
    own: Metadata
    parent: Metadata
    own_clauses: Mapping[str, StoredClause]
    parent_clauses: Mapping[str, StoredClause]

    def name_of(self, label: str) -> str:
        """An article as it is listed: (十四)加强财政支持力度."""
        return _name(self.own_clauses.get(label), label)


def compared_html(compared: Compared, label: str, words: Words = CHINESE) -> str:
    """One pair, by the article's label, or all of them (empty) with what the parent has alone."""
    alignment = compared.alignment
    pairs = [pair for pair in alignment.pairs if label in ("", pair.clause)]
    if not pairs:
        return note_html(words("对照表里没有这一条。"))
    told = words("共 {n} 条。", n=len(pairs))
    count = f'<p class="pq-count" role="status">{told}</p>' if len(pairs) > 1 else ""
    shown = "".join(_pair_html(compared, pair, words) for pair in pairs)
    alone = "" if label else _alone_html(compared, words)
    return f"{_documents_html(compared, words)}{count}{shown}{alone}"


def _documents_html(compared: Compared, words: Words) -> str:
    rows = "".join(
        f"<dt>{words(side)}</dt><dd>《{escape(metadata.title)}》{escape(metadata.number or '')}"
        f" {kind_html(metadata, words=words)}</dd>"
        for side, metadata in ((_OWN, compared.own), (_PARENT, compared.parent))
    )
    basis = escape(compared.alignment.basis.rstrip("。"))
    told = words("{basis}。标着“未核对”的，还没有人核对过。", basis=basis)
    return f'<dl class="pq-sides-named">{rows}</dl><p class="pq-basis">{told}</p>'


def _pair_html(compared: Compared, pair: Pair, words: Words) -> str:
    unchecked = "" if pair.verified else f' <span class="pq-unchecked">{words("未核对")}</span>'
    above = [(label, compared.parent_clauses.get(label)) for label in pair.parents]
    own = [(pair.clause, compared.own_clauses.get(pair.clause))]
    left = _side_html(_OWN, compared.own, own, words)
    right = _side_html(_PARENT, compared.parent, above, words)
    facts = (("为什么这样对应", pair.reason), ("甘肃增加的内容", pair.added))
    rows = "".join(
        f"<div><dt>{words(name)}</dt><dd>{escape(told)}</dd></div>" for name, told in facts if told
    )
    return (
        f'<section class="pq-pair" aria-label="{escape(compared.name_of(pair.clause))}">'
        f"<h3>{escape(compared.name_of(pair.clause))}"
        f'<span class="pq-strength pq-{pair.strength}">{words(STRENGTHS[pair.strength])}</span>{unchecked}</h3>'
        f'<div class="pq-sides">{left}{right}</div><dl class="pq-why">{rows}</dl></section>'
    )


def _side_html(
    side: str, metadata: Metadata, clauses: Sequence[tuple[str, StoredClause | None]], words: Words
) -> str:
    texts = "".join(_text_html(metadata, label, clause, words) for label, clause in clauses)
    nothing = f"<p>{words('没有对应的一条。')}</p>"
    return f'<div class="pq-side"><h4>{words(side)}</h4>{texts or nothing}</div>'


def _text_html(metadata: Metadata, label: str, stored: StoredClause | None, words: Words) -> str:
    if stored is None:
        return f"<p>{words('{label}：收录的文件里没有这一条。', label=escape(short_label(label)))}</p>"
    clause = stored.clause
    # What a digest tells of the closing has a number that is ours, not the document's.
    numbered = metadata.kind == "original" or label.startswith("(")
    name = f"{label}{clause.heading}" if numbered else clause.heading or short_label(label)
    mark = "" if metadata.kind == "original" else f" {kind_html(metadata, label, words)}"
    return (
        f"<h5>{opener_html(stored.document_id, clause.start, name)}{mark}</h5>"
        f'<div class="pq-text">{escape(clause.text)}</div>'
    )


def _alone_html(compared: Compared, words: Words) -> str:
    """The parent's articles that have none of their own below."""
    items = "".join(
        f"<li>{escape(_name(compared.parent_clauses.get(label), label))}:{escape(where)}</li>"
        for label, where in compared.alignment.not_singled_out
    )
    if not items:
        return ""
    heading = words("上位文件里有、甘肃没有单列成条的")
    return f'<section class="pq-alone"><h3>{heading}</h3><ul>{items}</ul></section>'


def _name(stored: StoredClause | None, label: str) -> str:
    return f"{label}{stored.clause.heading}" if stored else label
