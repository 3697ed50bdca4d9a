"""Which documents a question names, and in which words: by number, by title, by id, or loosely (养老托育那份实施意见)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.text import bigrams, compact, fold
from rag.index import Snapshot
from rag.question import Question

_TITLE_HEAD = re.compile(r"^[一-龥]{2,6}?[省市县区州](?:人民政府)?(?:办公厅|办公室)?(?:关于)?(?:印发)?")
# 国办发54号: a number without its year.
LOOSE_NUMBER = re.compile(
    r"(?P<series>[一-龥]{1,5}(?:办发|政发|政办发|办函|国发|国函|府规|府发|发))\s*(?:第)?(?P<number>\d{1,4})号(?:文件|文)?"
)
# 养老托育那份实施意见, 澄浦市的管理办法: what it is about and of which kind.
_LOOSE_TITLE = re.compile(
    r"(?P<what>[一-龥]{2,24}?)(?:的|那|这)(?:一)?(?:份|个|部)?(?P<kind>(?:实施|指导|若干)?意见|(?:管理|暂行|实施)?办法|通知|方案|规定|措施|条例)"
)
_LEADING = re.compile(r"^(?:请问|按照?|根据|依据|依照|看看|查查?|在|说|问)+")
# So much of a loose name must stand in the title of one document and of no other.
_ALIKE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The ids of the documents named and the words that name them."""

    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def documents_named(question: Question, snapshot: Snapshot) -> Named:
    """The held documents that a question names; none where it names none, or none that is held."""
    ids: dict[str, None] = {}
    words: dict[str, None] = {}
    for document_id, stored in snapshot.documents.items():
        metadata = stored.document.metadata
        for reference in question.references:
            by_number = reference.number is not None and reference.number == metadata.number
            by_title = reference.title is not None and reference.title in metadata.title
            if by_number or by_title:
                ids[document_id] = words[reference.raw] = None
        for name in (document_id, *_titles(metadata.title)):
            if name in question.text:
                ids[document_id] = words[name] = None
        loose = LOOSE_NUMBER.search(fold(question.text))
        if loose and _numbered(metadata.number or "", loose):
            ids[document_id] = words[loose.group()] = None
    return Named(ids=tuple(ids), words=tuple(words)) if ids else _loosely(question, snapshot)


def _titles(title: str) -> tuple[str, ...]:
    """A title as people write it: with and without its issuer, 云岭市户外广告设施管理办法."""
    short = _TITLE_HEAD.sub("", title)
    return tuple(form for form in (title, short if len(short) >= 8 else "") if form)


def _numbered(number: str, loose: re.Match[str]) -> bool:
    return number.startswith(loose.group("series")) and number.endswith(f"〕{loose.group('number')}号")


def _loosely(question: Question, snapshot: Snapshot) -> Named:
    """The one document whose title has most of the words before 那份意见."""
    for match in _LOOSE_TITLE.finditer(fold(question.text)):
        what = _LEADING.sub("", match.group("what"))
        pairs = set(bigrams(what))
        alike = [
            document_id
            for document_id, stored in snapshot.documents.items()
            if match.group("kind") in stored.document.metadata.title
            and pairs
            and len(pairs & set(bigrams(compact(fold(stored.document.metadata.title)))))
            >= _ALIKE * len(pairs)
        ]
        if len(alike) == 1 and len(snapshot.documents) > 1:
            return Named(ids=tuple(alike), words=(match.group()[len(match.group("what")) - len(what) :],))
    return Named()
