"""What one might ask next, of which the documents hold the answer."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.chinese_numbers import to_chinese
from rag.around import Around
from rag.types import Answer, Citation, Status
from rag.web.words import CHINESE, Words
from rag.who_is_who import Profile

MOST = 3


def follow_ups(
    answer: Answer, around: Around, profiles: Sequence[Profile] = (), words: Words = CHINESE
) -> tuple[str, ...]:
    """Up to three next questions, nearest first: 第十四条的原文是什么, 省财政厅还牵头哪几条, 第十四条现在还适用吗.

    `profiles` are those of the body that leads; without them nothing is said of its other clauses.
    """
    cited = next((c for c in answer.citations if c.article is not None), None)
    if answer.status is not Status.ANSWERED or cited is None:
        return ()
    asked = [question for question in _of_clause(answer, cited, around, words) if question != answer.question]
    others = _others_of_lead(answer, profiles, words)
    return tuple(dict.fromkeys([*asked[:1], *others, *asked[1:]]))[:MOST]


def _of_clause(answer: Answer, cited: Citation, around: Around, words: Words) -> list[str]:
    """What can be asked of the first clause cited: its text, what stands above it, what became of it."""
    # 这条 is understood in the conversation, whichever document the clause is of.
    number = cited.article or 0
    told = to_chinese(number) if words.language == "zh" else number
    name = words("第{n}条", n=told) if _of_policy(cited, around) else words("这一条")
    whole = bool(cited.clause_text) and cited.quote == cited.clause_text
    questions = [] if whole or cited.kind == "digest" else [words("{name}的原文是什么？", name=name)]
    kind = answer.trace.get("kind")
    if _of_policy(cited, around):
        if kind != "currency" and around.currency.of(cited.document_id, cited.label, around.today):
            questions.append(words("{name}现在还适用吗？", name=name))
        pair = around.alignment.of(cited.label)
        if kind != "alignment" and pair is not None and pair.parents:
            questions.append(words("{name}对应国办发〔2014〕54号哪一条？", name=name))
    return questions


def _of_policy(cited: Citation, around: Around) -> bool:
    return cited.document_id == around.alignment.document


def _others_of_lead(answer: Answer, profiles: Sequence[Profile], words: Words) -> list[str]:
    """Whoever leads alone may lead more."""
    if answer.trace.get("kind") == "department" or len(answer.departments.lead) != 1:
        return []
    led = sum(profile.count("牵头") for profile in profiles)
    return [words("{name}牵头哪几条？", name=answer.departments.lead[0])] if led > 1 else []
