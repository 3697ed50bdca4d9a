"""Which document a follow-up turns to: 那国发11号呢, 甘肃呢, 那怎么升级 after a question on 2021年版考核办法."""

from __future__ import annotations

from rag.context import Focus, Knowledge
from rag.conversation import ask_again, ask_alike, asks_home, asks_level, only_names, points_back
from rag.document_names import Named
from rag.index import Snapshot
from rag.question import Question

# Kinds whose question is asked again of the next article or body: 第十四条还适用吗, 那第五条呢.
_ASKED_ALIKE = ("currency", "alignment", "department")
# A follow-up of so few characters goes on with the document before.
_SHORT = 12


def companions_in_focus(snapshot: Snapshot, focus: Focus) -> tuple[str, ...]:
    """The documents around the policy that the last answer came from, where it came from them alone."""
    documents = tuple(dict.fromkeys(key.rpartition("#")[0] for key in focus.keys))
    return documents if set(documents) <= set(snapshot.companions) else ()


def goes_on(question: Question) -> bool:
    """Whether a question is short or points back, and names nothing else."""
    named = question.articles or question.sections or question.references or question.mentions
    return (
        not named
        and not question.asks_for_bodies
        and (points_back(question.text) or len(question.text) <= _SHORT)
    )


def asked_again(
    question: Question, named: Named, focus: Focus, knowledge: Knowledge, snapshot: Snapshot
) -> str:
    """The question before as a follow-up asks it of another document; empty where it does not."""
    text, alignment = question.text, knowledge.around.alignment
    if not focus.text:
        return ""
    if focus.kind in _ASKED_ALIKE:
        alike = ask_alike(text, focus, [mention.text for mention in question.mentions])
        if alike:
            return alike
    if question.articles:
        return ""
    own_in_focus = bool(focus.keys) and focus.keys[0].startswith(f"{alignment.document}#")
    if own_in_focus and named.ids == (alignment.parent,):
        # 第十四条, 那54号文呢: the table says which article that is.
        return ""
    if named.words and only_names(text, named.words):
        return ask_again(focus, named.words[0])
    article_in_focus = bool(focus.keys) and focus.keys[0].startswith(
        (f"{alignment.document}#", f"{alignment.parent}#")
    )
    if asks_level(text) and not article_in_focus and alignment.parent in snapshot.documents:
        return ask_again(focus, snapshot.documents[alignment.parent].document.metadata.number or "")
    if asks_home(text) and focus.named and not (article_in_focus and focus.kind != "document"):
        return ask_again(focus, "")
    return ""
