"""Who leads what over a whole document: 各部门分别牵头几条, 只牵头一条的部门. Complete, from the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict

from ingest.stores.catalogue import StoredClause
from rag.context import Context
from rag.draft import Draft, Point
from rag.evidence import whole_point
from rag.messages import say
from rag.types import Status
from rag.wording import join_names, label_of

_OVERVIEW = re.compile(
    r"(?:哪些|哪几个|有哪些|各个?|所有|全部|几个|多少个)(?:的)?(?:省直|省级)?(?:牵头)?(?:部门|单位|厅局)(?:都|分别|各自?)?(?:牵头|挑头)"
    r"|(?:牵头|挑头)(?:的)?(?:部门|单位|厅局)(?:一共|总共|都)?(?:有|是)?(?:哪些|几个|多少)|牵头[^,。]{0,6}(?:最多|最少)"
    r"|(?:只|仅|就)(?:牵头|挑头)(?:了)?(?P<n>[一二三四五六1-6])(?:条|项)"
)


def applies(context: Context) -> bool:
    """Whether the question asks about all leading bodies, not about a topic or one body."""
    question = context.question
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
    led: dict[str, list[StoredClause]] = defaultdict(list)
    for clause in context.snapshot.all_clauses:
        if context.document_ids is None or clause.document_id in context.document_ids:
            for name in dict.fromkeys(name for duty in clause.clause.responsibilities for name in duty.lead):
                led[name].append(clause)
    chosen = _narrowed(context.question.text, led)
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
    return Draft(
        status=Status.ANSWERED,
        opening=say("overview", context.language, count=len(chosen), counts=counts),
        points=tuple(points),
        notes=(say("complete", context.language),),
        lead=tuple(name for name, _ in chosen),
    )


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
