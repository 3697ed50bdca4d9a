"""The strict pass: whether one recorded answer is right, and which part of it is wrong.

A question passes when the answer refuses exactly where the corpus gives no support, holds none of the
forbidden strings and, unless refused: cites every gold article, those of other
documents included; cites at most as many other articles as
right ones; names exactly the gold departments, where the gold names any; holds a string of each required
group; and quotes only what stands in the clause that it cites.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evals.questions import Gold
from evals.recorded import Cited, Recorded
from evals.truth import Truth

SEED_DOCUMENT = "gansu-etdz-2015"
# (十八) of the policy prints 省发展改革; everywhere else it is 省发展改革委.
_SLIPS = {"省发展改革": "省发展改革委"}
CHECKS = ("refuse", "must_not_contain", "cites", "overcites", "lead", "cooperating", "must_contain", "quotes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One sub-verdict per rule; None where the rule does not apply, as where one should refuse."""

    refuse: bool
    must_not_contain: bool
    cites: bool | None = None
    overcites: bool | None = None
    lead: bool | None = None
    cooperating: bool | None = None
    must_contain: bool | None = None
    quotes: bool | None = None

    @property
    def passed(self) -> bool:
        """The strict pass."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """The rules that were broken."""
        return tuple(name for name in CHECKS if getattr(self, name) is False)

    def to_json(self) -> dict[str, Any]:
        """The verdict as one line of scores.jsonl holds it."""
        return {"passed": self.passed, **{name: getattr(self, name) for name in CHECKS}}


def squeeze(text: str) -> str:
    """The text under NFKC without white space: ３ 亿美元, → 3亿美元,."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def body_names(names: Iterable[str]) -> frozenset[str]:
    """Department names as a set that can be compared."""
    squeezed = (squeeze(name) for name in names)
    return frozenset(_SLIPS.get(name, name) for name in squeezed)


def quote_holds(citation: Cited, truth: Truth) -> bool:
    """Whether the quote stands in the cited clause; outside clauses (落款), in the document."""
    clause = truth.find(citation.document_id, citation.path, citation.article)
    if clause is not None:
        source = clause.text
    elif citation.article is None and not citation.path:
        source = truth.documents.get(citation.document_id, "")
    else:
        return False
    quote = squeeze(citation.quote)
    return bool(quote) and quote in squeeze(source)


def score(recorded: Recorded, truth: Truth, document_id: str = SEED_DOCUMENT) -> Verdict:
    """The verdict on one answer; article numbers in the gold are those of `document_id`."""
    gold = recorded.question.gold
    text = squeeze(recorded.text)
    refuse = recorded.refused == gold.refuse
    clean = not any(squeeze(words) in text for words in gold.must_not_contain)
    if recorded.refused or gold.refuse:
        return Verdict(refuse=refuse, must_not_contain=clean)
    cited = {c.article for c in recorded.citations if c.document_id == document_id and c.article is not None}
    outside = cited - {*gold.articles, *gold.acceptable}
    return Verdict(
        refuse=refuse,
        must_not_contain=clean,
        cites=cited.issuperset(gold.articles) and _cites_elsewhere(recorded, gold),
        overcites=2 * len(outside) <= len(cited),
        lead=_same(gold.lead, recorded.departments("lead")),
        cooperating=_same(gold.cooperating, recorded.departments("cooperating")),
        must_contain=all(any(squeeze(words) in text for words in group) for group in gold.must_contain),
        quotes=all(quote_holds(citation, truth) for citation in recorded.citations),
    )


def _cites_elsewhere(recorded: Recorded, gold: Gold) -> bool:
    """Whether every article of another document is cited that must be; any clause where none is numbered."""
    for document, numbers in gold.elsewhere:
        cited = {c.article for c in recorded.citations if c.document_id == document}
        if not cited or not cited.issuperset(numbers):
            return False
    return True


def _same(gold: tuple[str, ...], given: tuple[str, ...]) -> bool | None:
    return body_names(given) == body_names(gold) if gold else None
