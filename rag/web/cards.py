"""What the page shows, as HTML: an answer's text, and one card for each clause it cites.

Pure functions. Whatever comes from a document, a question or a model passes `escape`; the
little Markdown that answers are written in (rag/render.py) is read here and nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rag.cited import Card, cards_of
from rag.types import Answer, Citation
from rag.web.beside import Beside
from rag.web.citing import formal_citation
from rag.web.openers import escape, opener_html
from rag.web.words import CHINESE, Words

OPEN_CARDS = 3
_SHOWN_QUESTION = 400
_NAMED_QUESTION = 40
_INLINE = re.compile(r"\\([\\`*_\[\]<>#|~])|\*\*(?=\S)(.+?)\*\*|\[(\d{1,3})\]")
_PIECE = re.compile(r"[^。;;!!??\n]*[。;;!!??\n]+|[^。;;!!??\n]+")
_KINDS = {"original": "原文", "digest": "提要，非原文"}


def evidence_html(answer: Answer, beside: Sequence[Beside] = (), words: Words = CHINESE) -> str:
    """The panel beside an answer: a count, then the cards, the first few of them open.

    `beside` has for each card what is known around its clause (rag/web/beside.py).
    """
    cards = cards_of(answer.citations)
    if not cards:
        return empty_evidence_html(words("这次没有可以引用的条文。"))
    current = answer.departments.current
    around = [*beside, *[Beside()] * len(cards)]
    shown = "".join(
        card_html(card, current, known, words, opened=card.number <= OPEN_CARDS)
        for card, known in zip(cards, around, strict=False)
    )
    count = words("引用 {n} 处，底色标出的是引用的原话。", n=len(cards))
    return f'<p class="pq-count">{count}</p>{shown}{trace_html(answer.trace, words)}'


def of_answer_html(evidence: str, position: int, question: str | None, words: Words = CHINESE) -> str:
    """The panel with the answer it belongs to; an earlier one is told by its question (None for the last)."""
    told = words("第 {n} 问的依据：{question}", n=position + 1, question=_shortened(question or ""))
    line = "" if question is None else f'<p class="pq-back" role="status">{escape(told)}</p>'
    back = "" if question is None else " data-back"
    return f'<div data-answer="{position}"{back}>{line}{evidence}</div>'


def _shortened(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _NAMED_QUESTION else f"{line[:_NAMED_QUESTION]}…"


def trace_html(trace: Mapping[str, Any], words: Words = CHINESE) -> str:
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
        f'<details class="pq-trace"><summary>{words("这个回答是怎么来的")}</summary><p>'
        + words(
            "按“{topic}”检索，用时 {ms} 毫秒。打勾的条文用在了回答里。",
            topic=escape(str(trace.get("topic", ""))),
            ms=f"{spent:.0f}",
        )
        + f"</p><table><thead><tr><th>{words('用')}</th><th>{words('条文')}</th><th>{words('相近程度')}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )


def empty_evidence_html(line: str) -> str:
    """The panel with nothing to show but one line."""
    return f'<p class="pq-none">{escape(line)}</p>'


def card_html(
    card: Card,
    current: Mapping[str, str],
    beside: Beside | None = None,
    words: Words = CHINESE,
    *,
    opened: bool,
) -> str:
    """One clause: label and heading, where it stands, who is responsible, its text with the quotes marked."""
    citation, known = card.citation, beside or Beside()
    name = f"{citation.label}{citation.heading}" or words("文件开头或落款")
    return (
        f'<article class="pq-card" id="{anchor(card.number)}" tabindex="-1"'
        f' aria-label="{words("依据 {n}", n=card.number)}">'
        f'<h3><span class="pq-number">[{card.number}]</span> {escape(name)}{_article(citation, words)}</h3>'
        f"{_place(citation)}{_bodies(citation, current, words)}"
        f"<details{' open' if opened else ''}><summary>{words('条文全文')}</summary>"
        f'<div class="pq-text">{marked_html(citation, card.quotes)}</div></details>'
        f"{_beside_html(known, words)}"
        f'<p class="pq-source"><span class="pq-kind pq-{citation.kind}">{_kind(citation, words)}</span>'
        f" {escape(citation.source)}{_original(citation, words)}</p>{_actions(citation, words)}</article>"
    )


def _beside_html(known: Beside, words: Words) -> str:
    """The articles above this one, each to be opened, and what has changed since it was written."""
    above = "".join(
        f"<li>{opener_html(p.document_id, p.start, p.name)}{words('（部分对应）') if p.partial else ''}</li>"
        for p in known.parents
    )
    changed = "".join(f"<li>{escape(note)}</li>" for note in known.notes)
    return (
        f'<div class="pq-above"><span>{words("上位文件")}</span><ul>{above}</ul></div>' if above else ""
    ) + (f'<ul class="pq-changed" aria-label="{words("后来的变化")}">{changed}</ul>' if changed else "")


def _actions(citation: Citation, words: Words) -> str:
    return (
        '<p class="pq-actions">'
        + opener_html(citation.document_id, citation.clause_start or citation.start, words("在全文中看"))
        + f'<button type="button" class="pq-copy" data-copy="{escape(formal_citation(citation))}">'
        f"{words('复制引用')}</button></p>"
    )


def _kind(citation: Citation, words: Words) -> str:
    return words(_KINDS[citation.kind]) + (words("，未核对") if citation.unverified else "")


def _original(citation: Citation, words: Words) -> str:
    """A link to the official page of what is held only as a digest, where that page was seen."""
    if citation.kind != "digest" or not citation.address.startswith("https://"):
        return ""
    address = escape(citation.address)
    return f' <a href="{address}" target="_blank" rel="noopener noreferrer">{words("看官方原文")}</a>'


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


def _article(citation: Citation, words: Words) -> str:
    if not citation.article:
        return ""
    return f'<span class="pq-article">{words("第 {n} 条", n=citation.article)}</span>'


def _place(citation: Citation) -> str:
    number = (
        f'<span class="pq-docnumber">{escape(citation.document_number)}</span>'
        if citation.document_number
        else ""
    )
    section = f'<p class="pq-section">{escape(citation.section)}</p>' if citation.section else ""
    return f'<p class="pq-document">《{escape(citation.document_title)}》{number}</p>{section}'


def _bodies(citation: Citation, current: Mapping[str, str], words: Words) -> str:
    rows = (
        ("牵头", "pq-lead", citation.lead),
        ("负责", "pq-lead", citation.responsible),
        ("配合", "pq-cooperating", citation.cooperating),
    )
    given = [(role, style, names) for role, style, names in rows if names]
    others = f'<li class="pq-others">{words("等部门")}</li>' if citation.open_ended else ""
    lines = []
    for position, (role, style, names) in enumerate(given):
        tags = "".join(f'<li class="{style}">{_name(name, current, words)}</li>' for name in names)
        last = others if position == len(given) - 1 else ""
        lines.append(
            f'<div class="pq-role"><span>{words(role)}</span><ul aria-label="{words(f"{role}单位")}">{tags}{last}</ul></div>'
        )
    return "".join(lines)


def _name(name: str, current: Mapping[str, str], words: Words) -> str:
    now = current.get(name)
    if not now or now == name:
        return escape(name)
    return f"{escape(name)}<small>{words('现为{name}', name=escape(now))}</small>"


def question_html(text: str, words: Words = CHINESE) -> str:
    """A question as typed, shortened for display where it is very long."""
    shown = text.strip()
    if len(shown) > _SHOWN_QUESTION:
        shown = shown[:_SHOWN_QUESTION] + words("……（共 {n} 字）", n=len(shown))
    return f'<div class="pq-question">{"<br>".join(escape(line) for line in shown.splitlines())}</div>'


def answer_html(text: str, words: Words = CHINESE, *, position: int | None = None) -> str:
    """An answer's Markdown as one line of HTML.

    With its position in the conversation's record, [n] links to its cards (app.js brings them where others stand).
    """
    blocks = []
    for kind, lines in groupby((line.rstrip() for line in text.split("\n")), key=_line_kind):
        if kind == "blank":
            continue
        parts = [_inline(line, None if position is None else words) for line in lines]
        if kind == "quote":
            blocks.append(f"<blockquote>{'<br>'.join(parts)}</blockquote>")
        elif kind == "item":
            blocks.append(f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>")
        else:
            blocks.append(f"<p>{'<br>'.join(parts)}</p>")
    # A class, for the chatbot lets no other attribute through.
    of = "" if position is None else f" pq-of-{position}"
    return f'<div class="pq-answer{of}">{"".join(blocks)}</div>'


def _line_kind(line: str) -> str:
    if not line.strip():
        return "blank"
    return "quote" if line.startswith(">") else "item" if line.startswith("- ") else "text"


def _inline(line: str, linked: Words | None) -> str:
    if line.startswith((">", "- ")):
        line = line[1:].lstrip()
    pieces, done = [], 0
    for match in _INLINE.finditer(line):
        pieces += [escape(line[done : match.start()]), _token(match, linked)]
        done = match.end()
    return "".join([*pieces, escape(line[done:])])


def _token(match: re.Match[str], linked: Words | None) -> str:
    literal, strong, number = match.groups()
    if literal is not None:
        return escape(literal)
    if strong is not None:
        return f"<strong>{_inline(strong, linked)}</strong>"
    if linked is None:
        return f"[{number}]"
    seen = linked("看依据 {n}", n=number)
    return f'<a class="pq-cite" href="#{anchor(int(number))}" title="{seen}">[{number}]</a>'


def growing(text: str, steps: int) -> Iterator[str]:
    """The text from its first sentence to the whole, in at most `steps` steps."""
    pieces = _PIECE.findall(text) or [text]
    size = -(-len(pieces) // steps)
    for end in range(size, len(pieces) + size, size):
        yield "".join(pieces[:end])
