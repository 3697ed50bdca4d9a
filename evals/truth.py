"""What the documents say, as far as answers are checked against it.

The one place that knows the catalogue: everything else here works on a `Truth`, which is stored
beside the recorded answers so that they can be scored again without an index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.stores.catalogue import Catalogue, StoredClause


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthClause:
    """One clause as published, with the bodies its duty names: (十四), 省财政厅 leads."""

    document_id: str
    path: tuple[str, ...]
    article: int | None
    text: str
    lead: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All clauses, and each document's whole text for quotes that stand outside a clause."""

    clauses: tuple[TruthClause, ...]
    documents: dict[str, str]

    def find(self, document_id: str, path: tuple[str, ...], article: int | None) -> TruthClause | None:
        """The clause a citation means: by its path, else by its article number."""
        of_document = [clause for clause in self.clauses if clause.document_id == document_id]
        for clause in of_document:
            if path and clause.path == path:
                return clause
        for clause in of_document:
            if article is not None and clause.article == article:
                return clause
        return None

    def articles(self, document_ids: Iterable[str]) -> frozenset[int]:
        """The article numbers that these documents hold."""
        ids = set(document_ids)
        return frozenset(c.article for c in self.clauses if c.document_id in ids and c.article is not None)

    def labels(self, document_ids: Iterable[str]) -> frozenset[str]:
        """The numbering labels that these documents hold: 四, (十四), 第六条."""
        ids = set(document_ids)
        return frozenset(label for c in self.clauses if c.document_id in ids for label in c.path)

    @property
    def departments(self) -> frozenset[str]:
        """Every body that some clause names."""
        return frozenset(name for c in self.clauses for name in (*c.lead, *c.cooperating, *c.responsible))

    def to_json(self) -> dict[str, Any]:
        """The truth as stored beside the answers."""
        clauses = [
            {name: getattr(c, name) for name in TruthClause.__dataclass_fields__} for c in self.clauses
        ]
        return {"clauses": clauses, "documents": self.documents}


def read_truth(settings: Settings) -> Truth:
    """The truth of the index that answers; raises NoIndex where there is none."""
    catalogue = Catalogue(settings.database_url)
    try:
        with catalogue.reading() as reader:
            clauses = tuple(_clause(stored) for stored in reader.clauses())
            documents = {stored.document.id: stored.document.text for stored in reader.documents()}
    finally:
        catalogue.close()
    return Truth(clauses=clauses, documents=documents)


def load_truth(path: Path) -> Truth:
    """The truth stored with a run; raises BadInput."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        clauses = tuple(
            TruthClause(
                document_id=clause["document_id"],
                path=tuple(clause["path"]),
                article=clause["article"],
                text=clause["text"],
                lead=tuple(clause["lead"]),
                cooperating=tuple(clause["cooperating"]),
                responsible=tuple(clause["responsible"]),
            )
            for clause in raw["clauses"]
        )
        return Truth(clauses=clauses, documents=dict(raw["documents"]))
    except FileNotFoundError:
        raise BadInput(f"找不到 {path}:重新评分要用到与答案一同保存的条款原文") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} 读不了({type(error).__name__})") from None


def _clause(stored: StoredClause) -> TruthClause:
    clause = stored.clause
    duties = clause.responsibilities
    return TruthClause(
        document_id=stored.document_id,
        path=clause.path,
        article=clause.article,
        text=clause.text,
        lead=tuple(name for duty in duties for name in duty.lead),
        cooperating=tuple(name for duty in duties for name in duty.cooperating),
        responsible=tuple(name for duty in duties for name in duty.responsible),
    )
