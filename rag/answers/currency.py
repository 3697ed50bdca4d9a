"""Whether a clause still holds: 3亿美元的审批现在还用吗. The clause as written, then what is known to have changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.currency import Change
from ingest.stores.catalogue import StoredClause
from ingest.text import fold
from rag.answers.departments import asks_name
from rag.answers.documents import has_other_topic
from rag.around import change_sentence, labelled, name_of
from rag.articles import heads
from rag.context import Context
from rag.draft import Draft, Point
from rag.evidence import quote_point, search, whole_point
from rag.messages import say
from rag.question import Question
from rag.sufficiency import confidence, insufficient
from rag.types import Status
from rag.wording import introduced, label_of, merge_roles

# Of the documents that brought a change, so many are quoted.
_MOST_DOCUMENTS = 3
_POLICY = re.compile(r"实施意见|省里|甘肃|这份意见|意见(?:里|说)")
_IN_FORCE = re.compile(r"有效|废止|作废|失效|管用|作数|生效|in force|valid|repeal", re.IGNORECASE)
# What is less close to the question says less of a document than its first clause.
_CLOSE = 0.3


def applies(context: Context) -> bool:
    """Whether what became of a clause, a matter or a document since is asked, and there is something to tell."""
    question = context.question
    if not _asked(question) or question.wants("original"):
        return False
    if (question.asks_for_bodies or question.wants("which_clauses")) and not question.articles:
        return bool(_documents(context))
    return bool(_documents(context) or _changes(context) or _whole_document(context) or _of_clause(context))


def _asked(question: Question) -> bool:
    """Whether a question wants to know if something still holds, by its words or by its wording as a whole."""
    if question.mentions and asks_name(question) and not question.articles:
        return False
    if question.wants("document_date", "document_issuer", "document_number", "document_addressees"):
        return False
    return question.wants("since_then", "document_validity") or _means_it(question)


def _means_it(question: Question) -> bool:
    """Whether the wording as a whole asks what became of a thing; a figure that is asserted asks for the text."""
    asserts_figure = question.figures and question.asserts
    return question.means("currency") and not asserts_figure and not question.wants("document_validity")


def answer(context: Context) -> Draft:
    """What has changed, the clause as written, and the documents that changed it."""
    documents = _documents(context)
    if documents:
        return _of_documents(context, documents)
    changes = _changes(context)
    if changes:
        return _of_changes(context, changes)
    clauses = _of_clause(context)
    return _of_unchanged(context, clauses) if clauses else _of_whole(context)


def _documents(context: Context) -> list[str]:
    """The documents around the policy that the question names: 209号文眼下还管用不."""
    return [i for i in context.named.ids if i in context.snapshot.companions]


def _changes(context: Context) -> list[Change]:
    """The changes of the articles named, talked about or searched for, those whose words are asked about first."""
    around = context.knowledge.around
    # 后来全国怎么推的, of the matter just talked about.
    text = f"{context.question.text} {context.focus.text if context.continued or context.pinned else ''}"
    clauses = _clauses(context)
    known = [change for clause in clauses for change in around.changes(clause)]
    if not clauses:
        primary = [d for d in context.document_ids if d in context.snapshot.primary]
        known = [c for d in primary for c in around.currency.about(d, text, around.today)]
        if not known and not _whole_document(context):
            found = _found(context)
            known = list(around.changes(found)) if found else []
            return [c for c in known if c.concerns(text)] or known
    asked = [change for change in known if change.words and change.concerns(text)]
    return asked or known


def _clauses(context: Context) -> list[StoredClause]:
    """The articles that the question names, or that the conversation is about."""
    question = context.question
    if question.articles:
        own = [d for d in context.document_ids if d in context.snapshot.primary]
        held = [c for n in question.articles for c in context.snapshot.catalogue.articles(n, own)]
        return held[: len(question.articles)]
    talked_about = context.pinned
    if not talked_about and context.continued:
        talked_about = tuple(c for key in context.focus.keys if (c := context.snapshot.clause(key)))
    return [c for c in talked_about if c.document_id in context.snapshot.primary][:_MOST_DOCUMENTS]


def _of_clause(context: Context) -> list[StoredClause]:
    """The articles asked about of which no change is known: 第七条有没有过时."""
    return [] if _whole_document(context) else _clauses(context)


def _of_unchanged(context: Context, clauses: Sequence[StoredClause]) -> Draft:
    """No change is known, which is not to say that there was none."""
    language = context.language
    labels = "、".join(label_of(clause, language) for clause in clauses)
    whole = [c for clause in clauses[:1] for c in _of_document(context, clause.document_id)]
    points = [
        replace(quote_point(context, clause), before=introduced(context, clause, "says"))
        for clause in clauses
    ]
    duties = [duty for clause in clauses for duty in clause.clause.responsibilities]
    lead, cooperating, responsible, _ = merge_roles(duties)
    return Draft(
        status=Status.ANSWERED,
        opening=say("no_change_known", language, labels=labels),
        points=tuple(points),
        notes=tuple(change_sentence(change, language) for change in whole),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
        told=frozenset({"currency"}),
    )


def _found(context: Context) -> StoredClause | None:
    """The clause that a matter is found in."""
    hits = search(context)
    return None if insufficient(context, hits) is not None or not hits else hits[0].clause


def _whole_document(context: Context) -> bool:
    """Whether the policy as a whole is asked about: 这份意见现在还有效吗."""
    question = context.question
    if not (question.wants("since_then") or _means_it(question)) or question.articles or context.pinned:
        return False
    # 那份文件说3亿以下由经开区审批,现在还批吗 is about the approvals.
    if not any(w in question.text for w in ("文件", "意见", "政策")) or has_other_topic(context):
        return False
    return any(_of_document(context, document_id) for document_id in context.document_ids[:1])


def _of_document(context: Context, document_id: str) -> tuple[Change, ...]:
    around = context.knowledge.around
    return around.currency.of(document_id, None, around.today)


def _of_changes(context: Context, changes: Sequence[Change]) -> Draft:
    language, snapshot = context.language, context.snapshot
    points, cited = [], set()
    told: dict[str, str] = {}
    duties = []
    for change in changes:
        if change.about not in told and len(told) == _MOST_DOCUMENTS:
            break
        held = snapshot.clauses_of(change.document)
        clause = next((c for c in held if c.clause.label == change.clause), None)
        if clause is None:
            continue
        # One matter may have changed more than once.
        told[change.about] = told.get(change.about, "") + change_sentence(change, language)
        if clause.key not in cited:
            cited.add(clause.key)
            duties += list(clause.clause.responsibilities)
            words = [word for word in change.words if word in context.question.text] or change.words
            written = quote_point(context, clause, " ".join((*words, context.topic)), most=2)
            points.append(
                replace(written, before=say("was_written", language, label=label_of(clause, language)))
            )
    points += _evidence(context, [document for change in changes for document in change.by])
    lead, cooperating, responsible, _ = merge_roles(duties)
    return Draft(
        status=Status.ANSWERED,
        opening="".join(say("since_then", language, about=a, text=text) for a, text in told.items()),
        points=tuple(points),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
        told=frozenset({"currency"}),
    )


def _evidence(context: Context, document_ids: Sequence[str]) -> list[Point]:
    """The clause closest to the question of each document that brought a change."""
    points = []
    for document_id in [d for d in dict.fromkeys(document_ids) if d in context.snapshot.documents]:
        hits = search(replace(context, named=replace(context.named, ids=(document_id,))), limit=1)
        close = [hit.clause for hit in hits if confidence(hit) >= _CLOSE]
        clauses = close or list(context.snapshot.clauses_of(document_id)[:1])
        points += [Point(clause=c, quotes=((c.clause.start, c.clause.end),)) for c in clauses]
    return points[:_MOST_DOCUMENTS]


def _of_documents(context: Context, document_ids: Sequence[str]) -> Draft:
    """What is known of a document's validity, with what is held of it."""
    language, snapshot = context.language, context.snapshot
    sentences = []
    for document_id in document_ids:
        metadata = snapshot.documents[document_id].document.metadata
        name = name_of(snapshot, document_id)
        known = metadata.validity
        key = "validity_known" if known else "validity_unknown"
        sentences.append(say(key, language, name=name, text=known))
    text = fold(context.question.text)
    about = [
        change
        for change in context.knowledge.around.currency.changes
        if change.clause is not None
        and set(change.by) & set(document_ids)
        and change.since <= context.knowledge.around.today
    ]
    asked = [change for change in about if change.words and change.concerns(text)] or about
    sentences += [
        say("since_then", language, about=change.about, text=change_sentence(change, language))
        for change in asked[:1]
    ]
    # The policy's clause that the change is told of stands beside it.
    about_policy = bool(context.question.articles or _POLICY.search(text))
    told_of = [
        c
        for change in asked[:1]
        if about_policy and (c := labelled(snapshot, change.document, change.clause or ""))
    ]
    written = [
        replace(
            quote_point(context, clause, " ".join(change.words)), before=introduced(context, clause, "says")
        )
        for change, clause in zip(asked[:1], told_of, strict=False)
    ]
    return Draft(
        status=Status.ANSWERED,
        opening="".join(dict.fromkeys(sentences)),
        points=(*_evidence(context, document_ids), *written),
        told=frozenset({"currency"}),
    )


def _of_whole(context: Context) -> Draft:
    """The policy as a whole: what is known, and that its validity is not."""
    language, document_id = context.language, context.document_ids[0]
    changes = _of_document(context, document_id)
    first = heads(context.snapshot.clauses_of(document_id))[0]
    later = [d for change in changes for d in change.by if d in context.snapshot.documents]
    # What the later documents say of themselves first; how close they are to the question is no matter here.
    evidence = [whole_point(context.snapshot.clauses_of(d)[0]) for d in dict.fromkeys(later)]
    # Whether it is still in force stands nowhere; that later documents exist does.
    asked_force = bool(_IN_FORCE.search(context.question.text))
    return Draft(
        status=Status.NOT_IN_CORPUS if asked_force else Status.ANSWERED,
        opening="".join(change_sentence(change, language) for change in changes),
        points=tuple(evidence) or (Point(clause=first, quotes=((first.clause.start, first.clause.end),)),),
        told=frozenset({"currency"}),
    )
