"""Which kind of answer a question gets. The first kind that applies, in this order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.answers import (
    alignments,
    bodies,
    clauses,
    currency,
    definitions,
    departments,
    documents,
    facts,
    overview,
    part_in_matter,
    phrases,
    unheld,
    zones,
)
from rag.context import Context
from rag.draft import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of answer: when it applies and how it is drafted."""

    name: str
    applies: Callable[[Context], bool]
    answer: Callable[[Context], Draft]


KINDS = (
    Kind(name="alignment", applies=alignments.applies, answer=alignments.answer),
    Kind(name="zones", applies=zones.applies, answer=zones.answer),
    Kind(name="currency", applies=currency.applies, answer=currency.answer),
    Kind(name="document", applies=documents.applies, answer=documents.answer),
    Kind(name="unheld", applies=unheld.applies, answer=unheld.answer),
    Kind(name="role", applies=bodies.applies_to_article, answer=bodies.answer_for_article),
    Kind(name="clause", applies=clauses.applies, answer=clauses.answer),
    Kind(name="definition", applies=definitions.applies_to_defined, answer=definitions.answer),
    Kind(name="overview", applies=overview.applies, answer=overview.answer),
    Kind(
        name="phrase", applies=lambda c: not c.question.mentions and phrases.applies(c), answer=phrases.answer
    ),
    Kind(name="part", applies=part_in_matter.applies, answer=part_in_matter.answer),
    Kind(name="department", applies=departments.applies, answer=departments.answer),
    Kind(name="bodies", applies=bodies.applies, answer=bodies.answer),
    Kind(name="definition", applies=definitions.applies, answer=definitions.answer),
    Kind(name="fact", applies=lambda _: True, answer=facts.answer),
)


def route(context: Context) -> Kind:
    """The kind for a question: 省工信委牵头哪几条 → department."""
    return next(kind for kind in KINDS if kind.applies(context))
