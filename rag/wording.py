"""How clauses, bodies and their present names are put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.departments import Department, Directory
from ingest.stores.catalogue import StoredClause
from ingest.types import Responsibility
from rag.articles import article_level
from rag.context import Context
from rag.messages import say


def label_of(clause: StoredClause, language: str = "zh") -> str:
    """A clause as people name it: (十四)“加强财政支持力度”."""
    name = f"{clause.clause.label}." if clause.clause.label.isdigit() else clause.clause.label
    if len(clause.clause.path) > 1 and clause.clause.article is None:
        name = "".join(clause.clause.path)
    if clause.clause.article is not None and len(clause.clause.path) > 1:
        # Below an article the article comes first: 第四条(二).
        level = article_level(clause)
        if level < len(clause.clause.path) - 1:
            name = "".join(clause.clause.path[level:])
    if language == "en" and clause.clause.article is not None:
        name = f"article {clause.clause.article} {name}"
    return f"{name}“{clause.clause.heading}”" if clause.clause.heading else name


def introduced(context: Context, clause: StoredClause, key: str) -> str:
    """The line before a quote: (十四)“…”是这样写的, (十四)“…”的原文; of a digest neither: (九)“…”的提要."""
    metadata = context.snapshot.documents[clause.document_id].document.metadata
    chosen = "digest_says" if metadata.kind == "digest" else key
    return say(chosen, context.language, label=label_of(clause, context.language))


def role_word(role: str, language: str = "zh") -> str:
    """牵头, 配合, 负责 for the roles of a duty."""
    words = {
        "lead": ("牵头", "lead"),
        "cooperating": ("配合", "cooperating"),
        "responsible": ("负责", "responsible"),
    }
    return words[role][language == "en"]


def join_names(names: Iterable[str], directory: Directory, language: str = "zh") -> str:
    """Bodies in a row, with their English names for an English question."""
    shown = []
    for name in names:
        department = directory.resolve(name)
        english = department.english if department and language == "en" else ""
        shown.append(f"{name} ({english})" if english else name)
    return (", " if language == "en" else "、").join(shown)


def merge_roles(
    duties: Sequence[Responsibility],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]:
    """Lead, cooperating and responsible bodies over several duties, and whether lists stay open."""
    lead = tuple(dict.fromkeys(name for duty in duties for name in duty.lead))
    cooperating = tuple(dict.fromkeys(name for duty in duties for name in duty.cooperating))
    responsible = tuple(dict.fromkeys(name for duty in duties for name in duty.responsible))
    return lead, cooperating, responsible, any(duty.open_ended for duty in duties)


def bodies_sentence(
    duties: Sequence[Responsibility],
    directory: Directory,
    language: str,
    *,
    cooperating_first: bool = False,
) -> str:
    """Who leads and who cooperates in one sentence: **省财政厅牵头**,省发展改革委等部门配合。

    Asked for those who cooperate, they come first; the lead is still named.
    """
    lead, cooperating, responsible, open_ended = merge_roles(duties)
    others = say("others", language) if open_ended else ""
    parts = []
    if lead:
        parts.append(say("lead", language, names=join_names(lead, directory, language)))
    if responsible:
        text = say("responsible", language, names=join_names(responsible, directory, language), others=others)
        parts.append(
            text.replace("（没有写明谁牵头）", "").replace(" (no lead is named)", "") if lead else text
        )
    if cooperating:
        names = join_names(cooperating, directory, language)
        parts.append(say("cooperating", language, names=names, others=others))
        if cooperating_first and lead:
            parts = [f"**{parts[-1]}**", *(part.replace("**", "") for part in parts[:-1])]
    if not parts:
        return say("no_bodies", language)
    return ("; " if language == "en" else "，").join(parts) + ("." if language == "en" else "。")


def current_names(names: Iterable[str], directory: Directory) -> dict[str, str]:
    """Present names of the bodies that were renamed or merged: 省国土资源厅 → 甘肃省自然资源厅."""
    found = {}
    for name in dict.fromkeys(names):
        department = directory.resolve(name)
        if department is None:
            continue
        today = directory.current(department)
        if today != (department,):
            found[name] = "、".join(body.name for body in today)
    return found


def present_names(names: Iterable[str], directory: Directory, language: str = "zh") -> list[str]:
    """The same with the year, and what is said to have followed without having been checked."""
    told = []
    for name in dict.fromkeys(names):
        department = directory.resolve(name)
        present = directory.present(department) if department else None
        if department is None or present is None:
            continue
        if present.bodies != (department,):
            new = "、".join(body.name for body in present.bodies)
            key = "current_pair_since" if present.since else "current_pair"
            pair = say(key, language, old=name, new=new, year=present.since)
            if present.unchecked:
                later = "、".join(body.name for body in present.unchecked)
                pair += say("current_unchecked", language, new=later, year=present.unchecked_since)
            told.append(pair)
    return told


def names_for(departments: Iterable[Department]) -> str:
    """Bodies by their usual short names."""
    return "、".join(dict.fromkeys(department.short for department in departments))
