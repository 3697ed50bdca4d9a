"""Whether what was found can answer: closeness to the topic, and whether it holds the thing asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.text import fold
from rag.context import Context
from rag.draft import Draft, refusal
from rag.evidence import quote_point
from rag.forms import Ask
from rag.messages import say
from rag.retrieve import Hit
from rag.types import Status
from rag.wording import label_of, merge_roles

# Below this the best clause shares so little with the question that it is not about it.
MIN_CONFIDENCE = 0.16


def confidence(hit: Hit) -> float:
    """How sure the best clause is about the topic, 0 to 1; not yet a calibrated probability."""
    return 0.5 * hit.coverage + 0.5 * max(0.0, hit.similarity)


def is_confident(context: Context, hits: Sequence[Hit]) -> bool:
    """Whether the best hit is about the topic at all."""
    if not hits:
        return False
    return bool(context.pinned) or max(confidence(hit) for hit in hits[:3]) >= MIN_CONFIDENCE


def missing_thing(context: Context, hits: Sequence[Hit]) -> Ask | None:
    """The first thing asked for (an amount, a phone number) that no good sentence found holds."""
    for ask in context.question.asks:
        if ask.needs is None:
            continue
        if not any(_holds(context, hit, ask) for hit in hits[:2]):
            return ask
    return None


def _holds(context: Context, hit: Hit, ask: Ask) -> bool:
    assert ask.needs is not None
    text = context.snapshot.documents[hit.clause.document_id].document.text
    point = quote_point(context, hit.clause, most=2)
    return any(ask.needs.search(fold(text[start:end])) for start, end in point.quotes)


def not_said(context: Context, ask: Ask, hits: Sequence[Hit]) -> Draft:
    """The documents do not state it: the nearest clause, and who is likely to know."""
    language = context.language
    text = say("not_said", language, what=ask.what if language != "en" else ask.id)
    bodies = tuple(dict.fromkeys(mention.departments for mention in context.question.mentions))
    if hits and is_confident(context, hits) and not bodies:
        clause = hits[0].clause
        point = quote_point(context, clause, most=1)
        lead, _, responsible, _ = merge_roles(point.responsibilities)
        nearest = say("nearest", language, label=label_of(clause, language))
        knows = say("ask_lead", language, lead="、".join(lead)) if lead else ""
        knows += say("who_knows", language, who=ask.who_knows) if ask.who_knows and not lead else ""
        return Draft(
            status=Status.NOT_IN_CORPUS,
            opening=f"{text}{nearest}",
            points=(point,),
            notes=(knows,) if knows else (),
            lead=lead,
            responsible=responsible,
        )
    return refusal(Status.NOT_IN_CORPUS, text + say("who_knows", language, who=ask.who_knows))
