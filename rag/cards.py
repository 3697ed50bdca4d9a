"""What the page shows, as HTML: an answer's text, and one card for each clause it cites.

Pure functions. Whatever comes from a document, a question or a model passes `html.escape`; the
little Markdown that answers are written in (rag/render.py) is read here and nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from rag.types import Answer, Citation

OPEN_CARDS = 3
_SHOWN_QUESTION = 400
_INLINE = re.compile(r"\\([\\`*_\[\]<>#|~])|\*\*(?=\S)(.+?)\*\*|\[(\d{1,3})\]")
_PIECE = re.compile(r"[^。;;!!??\n]*[。;;!!??\n]+|[^。;;!!??\n]+")
_KINDS = {"original": "原文", "digest": "提要,非原文"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One cited clause with every span of it that the answer quotes; `number` is the answer's [n]."""

    number: int
    citation: Citation
    quotes: tuple[tuple[int, int], ...]


def cards_of(citations: Sequence[Citation]) -> tuple[Card, ...]:
    """One card a clause, in the order in which the answer numbers them."""
    grouped: dict[tuple[object, ...], list[Citation]] = {}
    for citation in citations:
        key = (citation.document_id, citation.path, citation.clause_start)
        grouped.setdefault(key, []).append(citation)
    return tuple(
        Card(number=number, citation=group[0], quotes=tuple((c.start, c.end) for c in group))
        for number, group in enumerate(grouped.values(), start=1)
    )


def evidence_html(answer: Answer) -> str:
    """The panel beside an answer: a count, then the cards, the first few of them open."""
    cards = cards_of(answer.citations)
    if not cards:
        return empty_evidence_html("这次没有可以引用的条文。")
    shown = "".join(
        card_html(card, answer.departments.current, opened=card.number <= OPEN_CARDS) for card in cards
    )
    count = f'<p class="pq-count">引用 {len(cards)} 处,底色标出的是引用的原话。</p>'
    return f"{count}{shown}{trace_html(answer.trace)}"


def trace_html(trace: Mapping[str, Any]) -> str:
    """How the answer came about, folded up below the evidence; empty where nothing was searched."""
    rows = "".join(
        f"<tr><td>{'✓' if hit['used'] else ''}</td><td>{escape(str(hit['label']))}{escape(str(hit['heading']))}</td>"
        f"<td>{hit['score']:.2f}</td></tr>"
        for search in trace.get("searches", ())[:1]
        for hit in search["hits"]
    )
    if not rows:
        return ""
    spent = sum(trace.get("steps_ms", {}).values())
    return (
        '<details class="pq-trace"><summary>这个回答是怎么来的</summary>'
        f"<p>按“{escape(str(trace.get('topic', '')))}”检索,用时 {spent:.0f} 毫秒。打勾的条文用在了回答里。</p>"
        "<table><thead><tr><th>用</th><th>条文</th><th>相近程度</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )


def empty_evidence_html(line: str) -> str:
    """The panel with nothing to show but one line."""
    return f'<p class="pq-none">{escape(line)}</p>'


def card_html(card: Card, current: Mapping[str, str], *, opened: bool) -> str:
    """One clause: label and heading, where it stands, who is responsible, its text with the quotes marked."""
    citation = card.citation
    name = f"{citation.label}{citation.heading}" or "文件开头或落款"
    return (
        f'<article class="pq-card" id="{anchor(card.number)}" tabindex="-1" aria-label="依据 {card.number}">'
        f'<h3><span class="pq-number">[{card.number}]</span> {escape(name)}{_article(citation)}</h3>'
        f"{_place(citation)}{_bodies(citation, current)}"
        f"<details{' open' if opened else ''}><summary>条文全文</summary>"
        f'<div class="pq-text">{marked_html(citation, card.quotes)}</div></details>'
        f'<p class="pq-source"><span class="pq-kind pq-{citation.kind}">{_kind(citation)}</span>'
        f" {escape(citation.source)}{_original(citation)}</p></article>"
    )


def _kind(citation: Citation) -> str:
    return _KINDS[citation.kind] + (",未核对" if citation.unverified else "")


def _original(citation: Citation) -> str:
    """A link to the official page of what is held only as a digest, where that page was seen."""
    if citation.kind != "digest" or not citation.address.startswith("https://"):
        return ""
    address = escape(citation.address)
    return f' <a href="{address}" target="_blank" rel="noopener noreferrer">看官方原文</a>'


def anchor(number: int) -> str:
    """The id of the card that [n] points to."""
    return f"pq-card-{number}"


def marked_html(citation: Citation, quotes: Sequence[tuple[int, int]]) -> str:
    """The clause's text, escaped, with exactly the quoted spans (document offsets) in <mark>."""
    text, base = citation.clause_text, citation.clause_start
    if not text:
        text, base = citation.quote, citation.start
    pieces, done = [], 0
    for start, end in _joined(quotes):
        start, end = max(start - base, done), min(end - base, len(text))
        if start < end:
            pieces += [escape(text[done:start]), f"<mark>{escape(text[start:end])}</mark>"]
            done = end
    return "".join([*pieces, escape(text[done:])])


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order; overlapping and touching ones become one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _article(citation: Citation) -> str:
    return f'<span class="pq-article">第 {citation.article} 条</span>' if citation.article else ""


def _place(citation: Citation) -> str:
    number = (
        f'<span class="pq-docnumber">{escape(citation.document_number)}</span>'
        if citation.document_number
        else ""
    )
    section = f'<p class="pq-section">{escape(citation.section)}</p>' if citation.section else ""
    return f'<p class="pq-document">《{escape(citation.document_title)}》{number}</p>{section}'


def _bodies(citation: Citation, current: Mapping[str, str]) -> str:
    rows = (
        ("牵头", "pq-lead", citation.lead),
        ("负责", "pq-lead", citation.responsible),
        ("配合", "pq-cooperating", citation.cooperating),
    )
    given = [(role, style, names) for role, style, names in rows if names]
    others = '<li class="pq-others">等部门</li>' if citation.open_ended else ""
    lines = []
    for position, (role, style, names) in enumerate(given):
        tags = "".join(f'<li class="{style}">{_name(name, current)}</li>' for name in names)
        last = others if position == len(given) - 1 else ""
        lines.append(
            f'<div class="pq-role"><span>{role}</span><ul aria-label="{role}单位">{tags}{last}</ul></div>'
        )
    return "".join(lines)


def _name(name: str, current: Mapping[str, str]) -> str:
    now = current.get(name)
    return f"{escape(name)}<small>现为{escape(now)}</small>" if now and now != name else escape(name)


def question_html(text: str) -> str:
    """A question as typed, shortened for display where it is very long."""
    shown = text.strip()
    if len(shown) > _SHOWN_QUESTION:
        shown = f"{shown[:_SHOWN_QUESTION]}……(共 {len(shown)} 字)"
    return f'<div class="pq-question">{"<br>".join(escape(line) for line in shown.splitlines())}</div>'


def answer_html(text: str, *, linked: bool = True) -> str:
    """An answer's Markdown as one line of HTML; `linked` turns [n] into links to the cards."""
    blocks = []
    for kind, lines in groupby((line.rstrip() for line in text.split("\n")), key=_line_kind):
        if kind == "blank":
            continue
        parts = [_inline(line, linked) for line in lines]
        if kind == "quote":
            blocks.append(f"<blockquote>{'<br>'.join(parts)}</blockquote>")
        elif kind == "item":
            blocks.append(f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>")
        else:
            blocks.append(f"<p>{'<br>'.join(parts)}</p>")
    return f'<div class="pq-answer">{"".join(blocks)}</div>'


def _line_kind(line: str) -> str:
    if not line.strip():
        return "blank"
    return "quote" if line.startswith(">") else "item" if line.startswith("- ") else "text"


def _inline(line: str, linked: bool) -> str:
    if line.startswith((">", "- ")):
        line = line[1:].lstrip()
    pieces, done = [], 0
    for match in _INLINE.finditer(line):
        pieces += [escape(line[done : match.start()]), _token(match, linked)]
        done = match.end()
    return "".join([*pieces, escape(line[done:])])


def _token(match: re.Match[str], linked: bool) -> str:
    literal, strong, number = match.groups()
    if literal is not None:
        return escape(literal)
    if strong is not None:
        return f"<strong>{_inline(strong, linked)}</strong>"
    if not linked:
        return f"[{number}]"
    return f'<a class="pq-cite" href="#{anchor(int(number))}" aria-label="看依据 {number}">[{number}]</a>'


def growing(text: str, steps: int) -> Iterator[str]:
    """The text from its first sentence to the whole, in at most `steps` steps."""
    pieces = _PIECE.findall(text) or [text]
    size = -(-len(pieces) // steps)
    for end in range(size, len(pieces) + size, size):
        yield "".join(pieces[:end])
