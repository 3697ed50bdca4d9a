"""Claims in an answer that the documents do not carry: quotes, clause numbers, departments, roles."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evals.recorded import Recorded
from evals.score import body_names, quote_holds, squeeze
from evals.truth import Truth, TruthClause
from ingest.chinese_numbers import to_int

# 第十四条, 第14条, (十四) and 第(十四)条; (2014) and (国办发〔2014〕54号) are no clause numbers.
_CLAUSE_NUMBER = re.compile(r"第\(?([0-9〇零一二三四五六七八九十百]+)\)?条|\(([一二三四五六七八九十]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ungrounded:
    """What one answer claims without support; all empty in a sound answer."""

    quotes: tuple[str, ...] = ()
    clause_numbers: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.quotes or self.clause_numbers or self.departments or self.roles)


def ungrounded(recorded: Recorded, truth: Truth) -> Ungrounded:
    """Everything in one answer that the catalogue does not carry."""
    return Ungrounded(
        quotes=tuple(c.quote for c in recorded.citations if not quote_holds(c, truth)),
        clause_numbers=unknown_clause_numbers(recorded, truth),
        departments=unknown_departments(recorded, truth),
        roles=unsupported_roles(recorded, truth),
    )


def unknown_clause_numbers(recorded: Recorded, truth: Truth) -> tuple[str, ...]:
    """Clause numbers in the answer's own words (第二十五条) that the cited documents do not hold.

    Refusals may repeat the number that was asked for, and a quote may name another law's articles.
    """
    if recorded.refused:
        return ()
    documents = {citation.document_id for citation in recorded.citations} or set(truth.documents)
    articles, labels = truth.articles(documents), truth.labels(documents)
    text = squeeze(recorded.text)
    for citation in recorded.citations:
        text = text.replace(squeeze(citation.quote), "\n")
    found: dict[str, None] = {}
    for match in _CLAUSE_NUMBER.finditer(text):
        written = match.group()
        if to_int(match[1] or match[2]) not in articles and written not in labels:
            found[written] = None
    return tuple(found)


def unknown_departments(recorded: Recorded, truth: Truth) -> tuple[str, ...]:
    """Bodies that the answer gives and no clause names."""
    known = body_names(truth.departments)
    given = (*recorded.departments("lead"), *recorded.departments("cooperating"))
    return tuple(name for name in given if not body_names([name]) <= known)


def unsupported_roles(recorded: Recorded, truth: Truth) -> tuple[str, ...]:
    """Bodies that the answer gives in a role that no cited clause gives them: 省统计局 as lead."""
    clauses = [truth.find(c.document_id, c.path, c.article) for c in recorded.citations]
    cited = [clause for clause in clauses if clause is not None]
    return tuple(
        f"{role}:{name}"
        for role in ("lead", "cooperating")
        for name in recorded.departments(role)
        if not any(body_names([name]) <= _in_role(clause, role) for clause in cited)
    )


def _in_role(clause: TruthClause, role: str) -> frozenset[str]:
    # Where a document says that the first body listed leads, the catalogue already holds it as lead.
    return body_names(clause.lead if role == "lead" else clause.cooperating)
