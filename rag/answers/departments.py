"""Everything a body has to do: 省工信委牵头哪几条. Answered from the catalogue, complete."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.departments import Department, Directory
from ingest.stores.catalogue import Duty
from rag.context import Context
from rag.draft import Draft, Point, refusal
from rag.evidence import whole_point
from rag.messages import say
from rag.types import Status
from rag.wording import label_of, names_for

_LEAD = re.compile(r"牵头|带头|\blead")
_COOPERATING = re.compile(r"配合|参与|参加|协助|协同|cooperat|assist")
_LISTING = re.compile(r"哪些条|几条|哪条|哪一条|条款|哪些(?:事|任务|工作|职责|方面)|职责|任务|全部|所有|列|要做|做什么|干什么|有份|which|list")


def applies(context: Context) -> bool:
    """Whether the question is about a body's duties as such, without a topic of its own."""
    question = context.question
    if not question.mentions or context.pinned or question.wants("contact", "person"):
        return False
    if question.wants("which_clauses", "count_clauses"):
        return True
    return not _has_topic(context) and bool(
        question.asks_for_bodies or _LISTING.search(question.text) or _LEAD.search(question.text) or _COOPERATING.search(question.text)
    )


def _has_topic(context: Context) -> bool:
    words = context.knowledge.retriever.content_words(context.topic)
    return bool(words - {"参加", "参与", "对应", "列出", "出来", "出现", "提到", "涉及", "分工", "职责", "任务", "哪里", "工作"})


def answer(context: Context) -> Draft:
    """The clauses a body leads or cooperates in; several bodies one after another."""
    wants_lead = bool(_LEAD.search(context.question.text))
    wants_cooperating = bool(_COOPERATING.search(context.question.text))
    roles = {"lead"} if wants_lead and not wants_cooperating else {"cooperating"} if wants_cooperating and not wants_lead else None
    mentions = dict.fromkeys(mention.departments for mention in context.question.mentions)
    parts = [_for_body(context, departments, roles) for departments in mentions]
    found = [part for part in parts if part.points] or parts[:1]
    if len(found) == 1:
        return found[0]
    return Draft(
        status=Status.ANSWERED,
        opening="",
        points=tuple(p for part in found for p in _headed(part)),
        notes=tuple(dict.fromkeys(note for part in found for note in part.notes)),
        lead=tuple(dict.fromkeys(name for part in found for name in part.lead)),
        cooperating=tuple(dict.fromkeys(name for part in found for name in part.cooperating)),
    )


def _headed(part: Draft) -> list[Point]:
    first, *rest = part.points
    return [
        Point(clause=first.clause, quotes=first.quotes, before=part.opening, listed=first.listed, duties=first.duties),
        *rest,
    ]


def _for_body(context: Context, departments: Sequence[Department], roles: set[str] | None) -> Draft:
    directory, language = context.knowledge.directory, context.language
    lineage = same_body(departments, directory)
    duties = context.snapshot.catalogue.duties([d.id for d in lineage], document_ids=context.document_ids)
    asked = names_for(departments)
    if not duties:
        return refusal(Status.NO_SUCH_ROLE, say("no_role", language, name=asked))
    printed = tuple(dict.fromkeys(duty.printed for duty in duties))
    name = "、".join(printed)
    wanted = [duty for duty in duties if roles is None or duty.role in roles or duty.role == "responsible"]
    key, shown = _opening(duties, wanted, roles)
    lead_count = len({d.clause.key for d in shown if d.role == "lead"})
    cooperating_count = len({d.clause.key for d in shown if d.role == "cooperating"})
    opening = say(
        key,
        language,
        name=f"{asked}(文件里是{name})" if language == "zh" and not set(printed) <= _written(departments) else name,
        count=len({d.clause.key for d in shown}),
        lead=lead_count,
        cooperating=cooperating_count,
    )
    points = []
    for clause_key in dict.fromkeys(duty.clause.key for duty in shown):
        own = [duty for duty in shown if duty.clause.key == clause_key]
        clause = own[0].clause
        role = "、".join(dict.fromkeys(_role_word(duty.role, language) for duty in own))
        who = f"({'、'.join(dict.fromkeys(d.printed for d in own))})" if len(printed) > 1 else ""
        before = f"{label_of(clause, language)}:{role}{who}" if roles is None or len(printed) > 1 else label_of(clause, language)
        points.append(Point(clause=clause, quotes=whole_point(context, clause).quotes, before=before, listed=True))
    notes = (say("complete", language),) if len(points) > 1 or wanted else ()
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(points),
        notes=notes,
        lead=tuple(dict.fromkeys(d.printed for d in shown if d.role == "lead")),
        cooperating=tuple(dict.fromkeys(d.printed for d in shown if d.role == "cooperating")),
        responsible=tuple(dict.fromkeys(d.printed for d in shown if d.role == "responsible")),
    )


def _opening(duties: Sequence[Duty], wanted: Sequence[Duty], roles: set[str] | None) -> tuple[str, Sequence[Duty]]:
    """Which sentence opens the list, and the duties it lists; a wrong role is corrected."""
    if roles is None:
        return "takes_part", duties
    if not wanted:
        return ("no_lead" if roles == {"lead"} else "no_cooperating"), duties
    if all(duty.role == "responsible" for duty in wanted):
        return "responsible_for", wanted
    return ("leads" if roles == {"lead"} else "cooperates"), wanted


def same_body(departments: Sequence[Department], directory: Directory) -> tuple[Department, ...]:
    """The asked bodies with what preceded them and what they are today: 省自然资源厅 and 省国土资源厅."""
    found: dict[str, Department] = {}
    for department in departments:
        for today in directory.current(department):
            # Asked by its old name, a body merged into another stands for itself alone.
            related = directory.lineage(department) if today == department else (department, today)
            found |= {body.id: body for body in related}
    return tuple(found.values())


def _written(departments: Sequence[Department]) -> set[str]:
    return {name for department in departments for name in department.written}


def _role_word(role: str, language: str) -> str:
    words = {"lead": ("牵头", "lead"), "cooperating": ("配合", "cooperating"), "responsible": ("负责", "responsible")}
    return words[role][1 if language == "en" else 0]
