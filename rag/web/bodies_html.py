"""Who does what, as HTML and figures: the clauses of each body, and who leads together with whom. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.stores.catalogue import StoredClause
from rag.web.openers import escape, opener_html
from rag.web.reading import note_html
from rag.who_is_who import Part, Profile

# Where a part stands: document, section, label, heading → the clause's first character.
Places = Mapping[tuple[str, str, str, str], int]

ROLES = ("牵头", "负责", "配合")
# More bodies than these are not told apart in a picture; the list has them all.
MOST_BARS = 30
_MOST_COLUMNS, _MOST_ROWS = 30, 60
_OPEN_PROFILES = 2
_SHADES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """A lead and a body that cooperates with it, and in which clauses: (一), (七)."""

    lead: str
    cooperating: str
    labels: tuple[str, ...]


def filtered(found: Iterable[Profile], document_id: str, role: str) -> tuple[Profile, ...]:
    """The profiles with only the parts of one document and one role (empty: all); bodies without any left are gone."""
    kept = (
        replace(
            profile,
            parts=tuple(
                part
                for part in profile.parts
                if document_id in ("", part.document_id) and role in ("", part.role)
            ),
        )
        for profile in found
    )
    return tuple(profile for profile in kept if profile.parts)


def documents_in(found: Iterable[Profile]) -> dict[str, str]:
    """The documents that name bodies, by id, with title and number."""
    return {part.document_id: f"《{part.title}》{part.number}" for profile in found for part in profile.parts}


def places_of(clauses: Iterable[StoredClause]) -> dict[tuple[str, str, str, str], int]:
    """Where each clause begins, by what a part tells of it."""
    places: dict[tuple[str, str, str, str], int] = {}
    for stored in clauses:
        clause = stored.clause
        key = (stored.document_id, clause.section, clause.label, clause.heading)
        places.setdefault(key, clause.start)
    return places


def counted(profile: Profile) -> str:
    """In how many clauses a body has which role: 牵头 1 条,配合 2 条."""
    return ",".join(f"{role} {count} 条" for role in ROLES if (count := profile.count(role)))


def profiles_html(found: Sequence[Profile], places: Places) -> str:
    """Every body with its clauses; a few are open at once, many are folded."""
    if not found:
        return note_html("没有符合这些条件的条款,换个文件或角色再看。")
    parts = sum(len(profile.parts) for profile in found)
    total = f'<p class="pq-count" role="status">共 {len(found)} 个单位,{parts} 项职责,全部列出。</p>'
    return total + "".join(_profile_html(p, places, opened=len(found) <= _OPEN_PROFILES) for p in found)


def _profile_html(profile: Profile, places: Places, *, opened: bool) -> str:
    today = dict.fromkeys(part.present for part in profile.parts if part.present)
    told = "".join(f'<p class="pq-today">{escape(each)}。</p>' for each in today)
    # A stable sort: the clauses of a document stay in its order.
    parts = sorted(profile.parts, key=lambda part: part.document_id)
    tables = "".join(
        _table_html(list(group), places) for _, group in groupby(parts, key=lambda part: part.document_id)
    )
    return (
        f'<details class="pq-profile"{" open" if opened else ""}>'
        f"<summary><strong>{escape(profile.body)}</strong> {counted(profile)}</summary>{told}{tables}</details>"
    )


def _table_html(parts: Sequence[Part], places: Places) -> str:
    rows = "".join(
        f'<tr><td><span class="pq-tag {_style(part.role)}">{part.role}</span></td>'
        f"<td>{_clause_html(part, places)}</td><td>{escape(part.section)}</td></tr>"
        for part in parts
    )
    title = f"《{escape(parts[0].title)}》{escape(parts[0].number)}"
    return (
        f'<table class="pq-parts"><caption>{title}</caption>'
        '<thead><tr><th scope="col">角色</th><th scope="col">条款</th><th scope="col">所在部分</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _style(role: str) -> str:
    return "pq-cooperating" if role == "配合" else "pq-lead"


def _clause_html(part: Part, places: Places) -> str:
    name = f"{part.label}{part.heading}" or "(没有条号)"
    start = places.get((part.document_id, part.section, part.label, part.heading))
    return escape(name) if start is None else opener_html(part.document_id, start, name)


def bars(found: Sequence[Profile]) -> list[tuple[str, str, int]]:
    """(body, role, clauses) of the first bodies, for the chart."""
    return [
        (profile.body, role, count)
        for profile in found[:MOST_BARS]
        for role in ROLES
        if (count := profile.count(role))
    ]


def together(clauses: Iterable[StoredClause]) -> tuple[Together, ...]:
    """Every pair of a lead and a cooperating body, with the clauses where one duty names both."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for stored in clauses:
        label = stored.clause.label or stored.clause.heading
        for duty in stored.clause.responsibilities:
            for lead in duty.lead:
                for other in duty.cooperating:
                    found.setdefault((lead, other), {})[stored.key] = label
    return tuple(
        Together(lead=lead, cooperating=other, labels=tuple(labels.values()))
        for (lead, other), labels in found.items()
    )


def together_html(pairs: Sequence[Together]) -> str:
    """The table 谁和谁一起办: leads across, cooperating bodies down, darker where more is done together."""
    if not pairs:
        return note_html("没有写明“谁牵头、谁配合”的条款。")
    counts = {(pair.lead, pair.cooperating): len(pair.labels) for pair in pairs}
    leads = _busiest((pair.lead, len(pair.labels)) for pair in pairs)
    others = _busiest((pair.cooperating, len(pair.labels)) for pair in pairs)
    cut = ""
    if len(leads) > _MOST_COLUMNS or len(others) > _MOST_ROWS:
        cut = '<p class="pq-none">单位太多,表里只列往来最多的;下面的清单是全的。</p>'
    shown = leads[:_MOST_COLUMNS]
    most = max(counts.values())
    head = "".join(f'<th scope="col"><span>{escape(lead)}</span></th>' for lead in shown)
    rows = "".join(
        f'<tr><th scope="row">{escape(other)}</th>'
        + "".join(_cell_html(counts.get((lead, other), 0), most) for lead in shown)
        + "</tr>"
        for other in others[:_MOST_ROWS]
    )
    return (
        '<div class="pq-scroll" role="region" tabindex="0" aria-label="谁和谁一起办,可以横向滚动">'
        '<table class="pq-together"><caption>几条一起办:上边是牵头单位,左边是配合单位</caption>'
        f'<thead><tr><th scope="col">配合 \\ 牵头</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{cut}{_pairs_html(pairs, leads)}"
    )


def _busiest(counts: Iterable[tuple[str, int]]) -> list[str]:
    """Names by how much they do together with others, most first."""
    totals: dict[str, int] = {}
    for name, count in counts:
        totals[name] = totals.get(name, 0) + count
    return sorted(totals, key=lambda name: (-totals[name], name))


def _cell_html(count: int, most: int) -> str:
    shade = -(-_SHADES * count // most)
    return f'<td class="pq-shade-{shade}">{count}</td>'


def _pairs_html(pairs: Sequence[Together], leads: Sequence[str]) -> str:
    """Which clauses the figures count, for whoever asks."""
    order = {lead: position for position, lead in enumerate(leads)}
    ranked = sorted(pairs, key=lambda pair: (order[pair.lead], -len(pair.labels)))
    items = "".join(
        f"<li>{escape(pair.lead)}牵头,{escape(pair.cooperating)}配合,{len(pair.labels)} 条:"
        f"{escape('、'.join(pair.labels))}</li>"
        for pair in ranked
    )
    return f'<details class="pq-pairs"><summary>每个数字是哪几条</summary><ul>{items}</ul></details>'
