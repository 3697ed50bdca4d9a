"""Who leads what over a whole document: 各部门分别牵头几条, 只牵头一条的部门. Complete, from the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict

from ingest.stores.catalogue import StoredClause
from rag.answers.departments import listing, same_body
from rag.context import Context
from rag.draft import Draft, Point
from rag.evidence import whole_point
from rag.messages import say
from rag.types import Status
from rag.wording import join_names, label_of, role_word

_OVERVIEW = re.compile(
    r"(?:哪些|哪几个|有哪些|各个?|所有|全部|几个|多少个)(?:的)?(?:省直|省级)?(?:牵头)?(?:部门|单位|厅局)(?:都|分别|各自?)?(?:牵头|挑头)"
    r"|(?:牵头|挑头)(?:的)?(?:部门|单位|厅局)(?:一共|总共|都)?(?:有|是)?(?:哪些|几个|多少)|牵头[^,。]{0,6}(?:最多|最少)"
    r"|配合[^,。]{0,8}(?:最多|最少)"
    r"|(?:只|仅|就)(?:牵头|挑头)(?:了)?(?P<n>[一二三四五六1-6])(?:条|项)"
)

_BESIDES = re.compile(r"除(?:了|开|去)?[^,。]{2,20}?(?:以外|之外|外|,|,|还)[^。]{0,10}(?:牵头|挑头)")
# 哪些条没有写配合部门, 哪几条只写了责任单位、没分牵头和配合.
_UNASSIGNED = re.compile(
    r"(?:(?<!有)没有?|未)(?:写明?|列|规定|明确|指定|安排|分|区分)(?:出|清楚)?[^,。]{0,4}(?:牵头|配合|责任)(?:的)?(?:部门|单位|和|跟|与|、)"
)
_ONLY = re.compile(r"[只仅](?:写|列|有|给)[^,。]{0,4}(?:责任|负责)")


def applies(context: Context) -> bool:
    """Whether the question asks about all leading bodies, not about a topic or one body."""
    question = context.question
    if _besides(context):
        return True
    if (
        not question.mentions
        and _UNASSIGNED.search(question.text)
        and re.search("哪(?!些?(?:部门|单位|厅|家|个))|几条|多少条", question.text)
    ):
        return True
    if question.mentions or context.pinned or not _OVERVIEW.search(question.text):
        return False
    retriever = context.knowledge.retriever
    return not retriever.known_words(context.snapshot, _OVERVIEW.sub(" ", question.topic)) - {
        "任务",
        "一条",
        "最多",
        "最少",
        "省直",
        "一共",
    }


def answer(context: Context) -> Draft:
    """Each leading body with its clauses, those with most first; narrowed by 只…一条, 最多, 最少."""
    text = context.question.text
    if _UNASSIGNED.search(text) and not context.question.mentions:
        return _unassigned(context)
    role = "cooperating" if re.search("配合[^,。]{0,8}最[多少]", text) else "lead"
    led: dict[str, list[StoredClause]] = defaultdict(list)
    for clause in context.scope:
        names = (name for duty in clause.clause.responsibilities for name in getattr(duty, role))
        for name in dict.fromkeys(names):
            led[name].append(clause)
    besides = _besides(context)
    for name in [name for name in led if name in besides]:
        del led[name]
    chosen = _narrowed(text, led)
    if not chosen:
        return Draft(status=Status.NOT_IN_CORPUS, opening=say("not_found", context.language))
    points = [
        Point(
            clause=clause,
            quotes=whole_point(clause).quotes,
            listed=True,
            before=f"{join_names([name], context.knowledge.directory, context.language)}:{label_of(clause, context.language)}",
        )
        for name, clauses in chosen
        for clause in clauses
    ]
    counts = "、".join(f"{name} {len(clauses)} 条" for name, clauses in chosen)
    key = "most" if "最多" in text else "least" if "最少" in text else "besides" if besides else "overview"
    asked = "、".join(mention.text for mention in context.question.mentions)
    shown = role_word(role, context.language)
    return Draft(
        status=Status.ANSWERED,
        opening=say(key, context.language, count=len(chosen), counts=counts, role=shown, name=asked),
        points=tuple(points),
        notes=(say("complete", context.language),),
        lead=tuple(name for name, _ in chosen) if role == "lead" else (),
        cooperating=tuple(name for name, _ in chosen) if role == "cooperating" else (),
    )


def _besides(context: Context) -> set[str]:
    """The printed names of the bodies left out by 除了省商务厅,还有谁牵头; empty where none is."""
    question = context.question
    if not question.mentions or not _BESIDES.search(question.text) or not question.wants("lead"):
        return set()
    directory = context.knowledge.directory
    ids = {body.id for mention in question.mentions for body in same_body(mention.departments, directory)}
    printed = {
        name for clause in context.scope for duty in clause.clause.responsibilities for name in duty.lead
    }
    resolved = ((name, directory.resolve(name)) for name in printed)
    return {name for name, body in resolved if body is not None and body.id in ids}


def _unassigned(context: Context) -> Draft:
    """The clauses with duties but without one role: 哪些条没有写配合部门."""
    role = (
        "cooperating"
        if "配合" in context.question.text and not _ONLY.search(context.question.text)
        else "lead"
    )
    shown = role_word(role, context.language)
    found = [
        clause
        for clause in context.scope
        if clause.clause.responsibilities
        and not any(getattr(duty, role) for duty in clause.clause.responsibilities)
    ]
    if not found:
        return Draft(status=Status.NO_SUCH_ROLE, opening=say("unassigned_none", context.language, role=shown))
    return listing(context, say("unassigned", context.language, role=shown, count=len(found)), found)


def _narrowed(text: str, led: dict[str, list[StoredClause]]) -> list[tuple[str, list[StoredClause]]]:
    ranked = sorted(led.items(), key=lambda item: -len(item[1]))
    match = _OVERVIEW.search(text)
    if not ranked or match is None:
        return ranked
    if match.groupdict().get("n"):
        number = "一二三四五六".find(match.group("n")) + 1 or int(match.group("n"))
        return [item for item in ranked if len(item[1]) == number]
    if "最多" in text:
        return [item for item in ranked if len(item[1]) == len(ranked[0][1])]
    if "最少" in text:
        return [item for item in ranked if len(item[1]) == len(ranked[-1][1])]
    return ranked
