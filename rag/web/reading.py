"""What the tabs for reading share: HTML of texts and bodies, failures in plain words."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ingest.departments import Directory
from ingest.errors import PolicyQAError
from ingest.types import Metadata, Responsibility
from rag.build import Assistant
from rag.messages import say
from rag.web.openers import escape, plain
from rag.web.words import CHINESE, Words
from rag.wording import merge_roles, present_names

log = logging.getLogger(__name__)

# A span of characters.
Span = tuple[int, int]

_KINDS = {"original": "原文", "digest": "提要，非原文"}


class Opens(Protocol):
    """What the tabs ask of the page: its words, its assistant."""

    words: Words

    def assistant(self) -> Assistant:
        """The assistant; raises PolicyQAError (no index yet)."""
        ...


def line_of(error: Exception, words: Words = CHINESE) -> str:
    """What went wrong, in one plain line; what nobody foresaw is logged."""
    if isinstance(error, PolicyQAError):
        return words(" ".join(str(error).split()))
    log.error("a tab could not be shown", exc_info=error)
    return say("error", words.language)


def fault_html(line: str) -> str:
    """Why something cannot be shown; read out at once."""
    return f'<p class="pq-fault" role="alert">{escape(line)}</p>'


def note_html(line: str) -> str:
    """One line in place of what is not there."""
    return f'<p class="pq-none" role="status">{escape(line)}</p>'


def looking_html(words: Words = CHINESE) -> str:
    """What a tab shows until its content is there."""
    return note_html(words("正在读取……"))


def quiet() -> dict[str, Any]:
    """How every event of the tabs is wired."""
    return {"show_progress": "hidden", "api_visibility": "private"}


def last() -> dict[str, Any]:
    """How an event is wired of which the last one counts, also where one is still being answered."""
    return {**quiet(), "trigger_mode": "always_last"}


def document_name(metadata: Metadata, words: Words = CHINESE) -> str:
    """A document in a list to choose from: 《…》国办发〔2014〕54号(提要,非原文)."""
    digest = words("（提要，非原文）") if metadata.kind == "digest" else ""
    return plain(f"《{metadata.title}》{metadata.number or ''}{digest}")


def kind_html(metadata: Metadata, label: str = "", words: Words = CHINESE) -> str:
    """What a text is: 原文, or a digest, and whether the point with this label is unchecked."""
    unchecked = words("，未核对") if label in metadata.unverified else ""
    return (
        f'<span class="pq-kind pq-{escape(metadata.kind)}">{words(_KINDS[metadata.kind])}{unchecked}</span>'
    )


def marked_html(text: str, spans: Iterable[Span]) -> str:
    """A text, escaped, with exactly these spans of it in <mark>; those that touch become one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    pieces, done = [], 0
    for start, end in joined:
        pieces += [escape(text[done:start]), f"<mark>{escape(text[start:end])}</mark>"]
        done = end
    return "".join([*pieces, escape(text[done:])])


def roles_html(duties: Sequence[Responsibility], today: Mapping[str, str], words: Words = CHINESE) -> str:
    """Who leads, answers and cooperates, a row each; `today` has what became of a body (`todays_names`)."""
    lead, cooperating, responsible, open_ended = merge_roles(duties)
    rows = [
        (role, bodies, style, names)
        for role, bodies, style, names in (
            ("牵头", "牵头单位", "pq-lead", lead),
            ("负责", "负责单位", "pq-lead", responsible),
            ("配合", "配合单位", "pq-cooperating", cooperating),
        )
        if names
    ]
    lines = []
    for position, (role, bodies, style, names) in enumerate(rows, start=1):
        tags = "".join(f'<li class="{style}">{_body_html(name, today)}</li>' for name in names)
        open_here = open_ended and position == len(rows)
        others = f'<li class="pq-others">{words("等部门")}</li>' if open_here else ""
        lines.append(
            f'<div class="pq-role"><span>{words(role)}</span>'
            f'<ul aria-label="{words(bodies)}">{tags}{others}</ul></div>'
        )
    return "".join(lines)


def _body_html(name: str, today: Mapping[str, str]) -> str:
    became = today.get(name, "")
    return f"{escape(name)}<small>{escape(became)}</small>" if became else escape(name)


def todays_names(names: Iterable[str], directory: Directory, words: Words = CHINESE) -> dict[str, str]:
    """What became of the bodies that were renamed: 省国土资源厅 → 自 2018 年起为甘肃省自然资源厅."""
    return {
        name: told[0].removeprefix(name).strip()
        for name in dict.fromkeys(names)
        if (told := present_names([name], directory, words.language))
    }
