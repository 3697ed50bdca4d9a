"""What is known around the documents' texts: the parent's articles, what has changed, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ingest.alignment import Alignment, Pair
from ingest.currency import Change, Currency
from ingest.stores.catalogue import StoredClause
from ingest.types import Metadata
from ingest.validity import last_day
from rag.index import Snapshot
from rag.messages import say

# So many changes are told below one answer.
_MOST_CHANGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The tables beside the documents, and the day that counts as today."""

    alignment: Alignment = field(default_factory=Alignment)
    currency: Currency = field(default_factory=Currency)
    today: date = field(default_factory=date.today)

    def pair(self, clause: StoredClause, snapshot: Snapshot) -> Pair | None:
        """The pair of a clause in the alignment; None where either document is not held."""
        alignment = self.alignment
        if clause.document_id != alignment.document or alignment.parent not in snapshot.documents:
            return None
        return alignment.of(clause.clause.label)

    def changes(self, clause: StoredClause) -> tuple[Change, ...]:
        """The changes of a clause that have happened."""
        return self.currency.of(clause.document_id, clause.clause.label, self.today)


def term_note(metadata: Metadata, today: date, language: str) -> str:
    """That a document's own term is over: 有效期5年,到2026-07-31; empty while it runs or where none is stated."""
    last = last_day(metadata.effective_from, metadata.issued_on, metadata.valid_for)
    if last is None or last >= today:
        return ""
    return say("term_over", language, title=metadata.title, last=last.isoformat())


def name_of(snapshot: Snapshot, document_id: str) -> str:
    """A document as it is named in a sentence: 国办发〔2014〕54号, else by its title."""
    metadata = snapshot.documents[document_id].document.metadata
    return metadata.number or f"《{metadata.title}》"


def parent_label(snapshot: Snapshot, document_id: str, label: str) -> str:
    """An article of the parent with its heading: (九)“带动区域协调发展”; its closing by name."""
    clause = labelled(snapshot, document_id, label)
    if clause is None:
        return label
    heading = clause.clause.heading
    return f"“{heading}”" if not label.startswith("(") else f"{label}“{heading}”" if heading else label


def labelled(snapshot: Snapshot, document_id: str, label: str) -> StoredClause | None:
    """The clause of a document with a label."""
    clauses = snapshot.clauses_of(document_id)
    return next((clause for clause in clauses if clause.clause.label == label), None)


def aligned_note(around: Around, snapshot: Snapshot, clauses: Iterable[StoredClause], language: str) -> str:
    """上位文件对应条款:国办发〔2014〕54号(九)“带动区域协调发展”(部分对应); several clauses in one line."""
    pairs = [pair for clause in clauses if (pair := around.pair(clause, snapshot)) is not None]
    pairs = [pair for pair in dict.fromkeys(pairs) if pair.parents]
    if not pairs:
        return ""
    parent = around.alignment.parent
    name = name_of(snapshot, parent)
    if len(pairs) == 1:
        labels = "、".join(parent_label(snapshot, parent, label) for label in pairs[0].parents)
        key = "aligned_in_part" if pairs[0].strength == "partial" else "aligned"
        return say(key, language, name=name, labels=labels)
    told = say("semicolon", language).join(
        say(
            "aligned_pair_in_part" if pair.strength == "partial" else "aligned_pair",
            language,
            clause=pair.clause,
            labels="、".join(short_label(label) for label in pair.parents),
        )
        for pair in pairs
    )
    return say("aligned_several", language, name=name, pairs=told)


def short_label(label: str) -> str:
    """(九); the parent's unnumbered closing as 结尾."""
    return label if label.startswith("(") else "结尾"


def change_sentence(change: Change, language: str) -> str:
    """外资企业设立和变更2016年10月起由审批改为备案,…。现在…。(未核对)."""
    text = f"{change.what}。" + (f"{change.now}。" if change.now else "")
    return text if change.verified else unverified(text, language)


def unverified(text: str, language: str) -> str:
    """A sentence marked as unchecked: …贴息一句(未核对)。"""
    mark = say("unverified", language)
    return text + mark if language == "en" else f"{text.rstrip('。')}{mark}。"


def currency_notes(around: Around, clause: StoredClause, quoted: str, language: str) -> list[str]:
    """What has changed of the quoted words: 时效提示(外商投资审批权限):…."""
    told: dict[str, str] = {}
    for change in around.changes(clause):
        if change.concerns(quoted):
            # One matter may have changed more than once.
            told[change.about] = told.get(change.about, "") + change_sentence(change, language)
    notes = [say("currency", language, about=about, text=text) for about, text in told.items()]
    return notes[:_MOST_CHANGES]
