"""What the administrator sees, as HTML: previews of uploaded files, the documents held, figures, questions in vain.

Pure functions; whatever comes from a file or a question passes `html.escape`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape as _escape
from itertools import groupby

from ingest.intake import Draft, duties_of
from ingest.library import DocumentStatus
from ingest.types import Clause
from rag.wording import role_word

ORIGINS = {"corpus": "自带", "digest": "提要", "added": "添加", "fetched": "原文"}
_ROLES = ("lead", "responsible", "cooperating")
_OPENING = 40
_SHOWN_QUESTIONS = 200
_SHOWN_QUESTION = 200


def escape(text: str) -> str:
    """Text for HTML, without the characters that nobody sees but that turn a line around (U+202E)."""
    return _escape(plain(text))


def plain(text: str) -> str:
    """Text without control, format and zero-width characters."""
    return "".join(c for c in text if c in "\n\t" or not unicodedata.category(c).startswith("C"))


def named(status: DocumentStatus) -> str:
    """A document in a list to choose from: 《…》甘政办发〔2015〕13号(添加)."""
    return plain(f"《{status.title}》{status.number or ''}（{ORIGINS[status.origin]}）")


def notice_html(lines: Sequence[str] = (), *, fault: bool = False) -> str:
    """What happened or why not, a line each; read out at once."""
    if not lines:
        return ""
    role, style = ("alert", "pq-fault") if fault else ("status", "pq-done")
    return f'<div role="{role}" class="{style}">{"".join(f"<p>{escape(line)}</p>" for line in lines)}</div>'


def progress_html(line: str, share: float) -> str:
    """What is being done, and how much of all is done."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    return (
        f'<div role="status" class="pq-doing"><p>{escape(line)}……</p>'
        f'<progress max="100" value="{percent}" aria-label="进度">{percent}%</progress></div>'
    )


def drafts_html(drafts: Sequence[Draft]) -> str:
    """Every file that waits for a decision, as it was read."""
    return "".join(_draft_html(draft, opened=len(drafts) == 1) for draft in drafts)


def _draft_html(draft: Draft, *, opened: bool) -> str:
    metadata = draft.parsed.document.metadata
    facts = (
        ("文号", metadata.number),
        ("发文机关", metadata.issuer),
        ("成文日期", metadata.issued_on),
        ("条文", f"{len(draft.parsed.clauses)} 条"),
        ("文件", draft.name),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value or '没有认出')}</dd>" for name, value in facts)
    replaces = f'<p class="pq-replaces">收录后替换《{escape(draft.replaces)}》</p>' if draft.replaces else ""
    warnings = "".join(f"<li>{escape(line)}</li>" for line in draft.warnings)
    return (
        f'<article class="pq-draft" aria-label="待收录文件"><h3>{escape(metadata.title)}</h3>{replaces}'
        f"<dl>{rows}</dl>"
        + (f'<ul class="pq-warnings" aria-label="请留意">{warnings}</ul>' if warnings else "")
        + _bodies_html(draft)
        + f"<details{' open' if opened else ''}><summary>目录和各条责任单位</summary>{_outline_html(draft)}</details>"
        "</article>"
    )


def _bodies_html(draft: Draft) -> str:
    """Each body once with its roles; those that the table of bodies lacks are marked."""
    roles: dict[str, dict[str, int]] = {}
    for role, name in _parts(draft.parsed.clauses):
        counted = roles.setdefault(name, {})
        counted[role] = counted.get(role, 0) + 1
    if not roles:
        return ""
    items = []
    for name, counted in sorted(roles.items(), key=lambda item: (-sum(item[1].values()), item[0])):
        told = "，".join(f"{role_word(role)} {counted[role]} 条" for role in _ROLES if role in counted)
        mark = " <em>部门表里没有</em>" if name in draft.unknown else ""
        items.append(f"<li>{escape(name)}<small>{told}</small>{mark}</li>")
    return f'<h4>责任单位 {len(items)} 个</h4><ul class="pq-bodies">{"".join(items)}</ul>'


def _parts(clauses: Iterable[Clause]) -> Iterator[tuple[str, str]]:
    """(role, body) once a clause."""
    for clause in clauses:
        found = [
            (role, name) for duty in duties_of(clause) for role in _ROLES for name in getattr(duty, role)
        ]
        yield from dict.fromkeys(found)


def _outline_html(draft: Draft) -> str:
    blocks = []
    for section, clauses in groupby(draft.parsed.clauses, key=lambda clause: clause.section):
        heading = f"<h4>{escape(section)}</h4>" if section else ""
        blocks.append(f"{heading}<ul>{''.join(map(_clause_html, clauses))}</ul>")
    return f'<div class="pq-outline">{"".join(blocks)}</div>'


def _clause_html(clause: Clause) -> str:
    opening = clause.heading or f"{clause.text[:_OPENING]}{'……' if len(clause.text) > _OPENING else ''}"
    label = "" if clause.text.startswith(clause.label) and not clause.heading else clause.label
    names: dict[str, list[str]] = {}
    for role, name in _parts([clause]):
        names.setdefault(role, []).append(name)
    told = "；".join(f"{role_word(role)}：{'、'.join(names[role])}" for role in _ROLES if role in names)
    duties = f"<small>{escape(told)}</small>" if told else ""
    return f"<li>{escape(label)}{escape(opening)}{duties}</li>"


def documents_html(documents: Sequence[DocumentStatus]) -> str:
    """The documents held, those that were added first."""
    if not documents:
        return '<p class="pq-none">还没有收录文件。</p>'
    rows = "".join(
        f"<li><span>《{escape(d.title)}》{escape(d.number or '')}</span>"
        f"<small>{ORIGINS[d.origin]}，{d.clauses} 条，编号 {escape(d.id)}{_unlisted(d)}</small></li>"
        for d in documents
    )
    return f'<p class="pq-none">共 {len(documents)} 份。</p><ul class="pq-documents" tabindex="0" aria-label="已收录的文件">{rows}</ul>'


def _unlisted(status: DocumentStatus) -> str:
    names = "、".join(status.unknown_bodies)
    return f"，部门表里没有的单位：{escape(names)}" if names else ""


def figures_html(figures: Mapping[str, str]) -> str:
    """Figures of use with their names; nothing where there are none."""
    if not figures:
        return ""
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in figures.items()
    )
    return f'<h2>使用情况</h2><dl class="pq-figures">{rows}</dl>'


def unanswered_html(questions: Sequence[str], *, kept: bool) -> str:
    """Questions that found no answer, newest first."""
    if not questions:
        line = (
            "没有记录到没答上的提问。"
            if kept
            else "没有开启记录：设置 POLICYQA_KEEP_UNANSWERED=true 后重新启动。"
        )
        return f'<p class="pq-none">{line}</p>'
    items = "".join(f"<li>{escape(q[:_SHOWN_QUESTION])}</li>" for q in questions[:_SHOWN_QUESTIONS])
    more = f"，只列出最近 {_SHOWN_QUESTIONS} 个" if len(questions) > _SHOWN_QUESTIONS else ""
    return f'<p class="pq-none">共 {len(questions)} 个{more}。</p><ol class="pq-unanswered" tabindex="0" aria-label="没有答上的提问">{items}</ol>'
