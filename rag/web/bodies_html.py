"""Who does what, as HTML and figures: the clauses of each body, and who leads together with whom. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.stores.catalogue import StoredClause
from rag.web.openers import escape, opener_html
from rag.web.reading import note_html
from rag.web.words import CHINESE, Words
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


def counted(profile: Profile, words: Words = CHINESE) -> str:
    """In how many clauses a body has which role: 牵头 1 条,配合 2 条."""
    return words("，").join(
        words("{role} {n} 条", role=words(role), n=count) for role in ROLES if (count := profile.count(role))
    )


def profiles_html(
    found: Sequence[Profile], places: Places, today: Mapping[str, str], words: Words = CHINESE
) -> str:
    """Every body with its clauses; a few are open at once, many are folded.

    `today` has what became of the bodies (`todays_names`).
    """
    if not found:
        return note_html(words("没有符合这些条件的条款，换个文件或角色再看。"))
    parts = sum(len(profile.parts) for profile in found)
    count = words("共 {n} 个单位，{parts} 项职责，全部列出。", n=len(found), parts=parts)
    opened = len(found) <= _OPEN_PROFILES
    return f'<p class="pq-count" role="status">{count}</p>' + "".join(
        _profile_html(profile, places, today.get(profile.body, ""), words, opened=opened) for profile in found
    )


def _profile_html(profile: Profile, places: Places, today: str, words: Words, *, opened: bool) -> str:
    became = words("{name}{today}。", name=escape(profile.body), today=escape(today))
    told = f'<p class="pq-today">{became}</p>' if today else ""
    # A stable sort: the clauses of a document stay in its order.
    parts = sorted(profile.parts, key=lambda part: part.document_id)
    tables = "".join(
        _table_html(list(group), places, words)
        for _, group in groupby(parts, key=lambda part: part.document_id)
    )
    return (
        f'<details class="pq-profile"{" open" if opened else ""}>'
        f"<summary><strong>{escape(profile.body)}</strong> {counted(profile, words)}</summary>{told}{tables}</details>"
    )


def _table_html(parts: Sequence[Part], places: Places, words: Words) -> str:
    rows = "".join(
        f'<tr><td><span class="pq-tag {_style(part.role)}">{words(part.role)}</span></td>'
        f"<td>{_clause_html(part, places, words)}</td><td>{escape(part.section)}</td></tr>"
        for part in parts
    )
    title = f"《{escape(parts[0].title)}》{escape(parts[0].number)}"
    head = "".join(f'<th scope="col">{words(column)}</th>' for column in ("角色", "条款", "所在部分"))
    return (
        f'<table class="pq-parts"><caption>{title}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _style(role: str) -> str:
    return "pq-cooperating" if role == "配合" else "pq-lead"


def _clause_html(part: Part, places: Places, words: Words) -> str:
    name = f"{part.label}{part.heading}" or words("（没有条号）")
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


def together_html(pairs: Sequence[Together], words: Words = CHINESE) -> str:
    """The table 谁和谁一起办: leads across, cooperating bodies down, darker where more is done together."""
    if not pairs:
        return note_html(words("没有写明“谁牵头、谁配合”的条款。"))
    counts = {(pair.lead, pair.cooperating): len(pair.labels) for pair in pairs}
    leads = _busiest((pair.lead, len(pair.labels)) for pair in pairs)
    others = _busiest((pair.cooperating, len(pair.labels)) for pair in pairs)
    cut = ""
    if len(leads) > _MOST_COLUMNS or len(others) > _MOST_ROWS:
        cut = f'<p class="pq-none">{words("单位太多，表里只列往来最多的；下面的清单是全的。")}</p>'
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
        f'<div class="pq-scroll" role="region" tabindex="0" aria-label="{words("谁和谁一起办，可以横向滚动")}">'
        f'<table class="pq-together"><caption>{words("几条一起办：上边是牵头单位，左边是配合单位")}</caption>'
        f'<thead><tr><th scope="col">{words("配合 / 牵头")}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{cut}{_pairs_html(pairs, leads, words)}"
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


def _pairs_html(pairs: Sequence[Together], leads: Sequence[str], words: Words) -> str:
    """Which clauses the figures count, for whoever asks."""
    order = {lead: position for position, lead in enumerate(leads)}
    ranked = sorted(pairs, key=lambda pair: (order[pair.lead], -len(pair.labels)))
    items = "".join(f"<li>{escape(_pair_line(pair, words))}</li>" for pair in ranked)
    return (
        f'<details class="pq-pairs"><summary>{words("每个数字是哪几条")}</summary><ul>{items}</ul></details>'
    )


def _pair_line(pair: Together, words: Words) -> str:
    return words(
        "{lead}牵头，{other}配合，{n} 条：{labels}",
        lead=pair.lead,
        other=pair.cooperating,
        n=len(pair.labels),
        labels=words("、").join(pair.labels),
    )
