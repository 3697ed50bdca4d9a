"""What the tabs' tests share: desks over the shipped documents or none, and text that must not get through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from running_page import build_index

from ingest.errors import NoIndex
from ingest.settings import load_settings
from rag.build import Assistant, open_assistant
from rag.web.words import CHINESE, Words

POLICY, PARENT = "gansu-etdz-2015", "guobanfa-2014-54"
NO_INDEX = "还没有索引，请先运行 python -m ingest build"
# Markup, a turned line (U+202E), an isolate, a zero-width space, a null.
HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e\u2066\u200b\x00坏"
UNSEEN = "\u202e\u2066\u200b\x00"
_FOLDER = TemporaryDirectory(prefix="policyqa-tabs-")


@cache
def shipped() -> Assistant:
    """The assistant over the shipped documents, one for all tests of a process."""
    data = build_index(Path(_FOLDER.name) / "data")
    return open_assistant(load_settings(data=data, profile="extractive"))


@dataclass
class FakeDesk:
    """A page's desk with the shipped documents, or with what opening them raises."""

    words: Words = CHINESE
    error: Exception | None = None

    def assistant(self) -> Assistant:
        if self.error is not None:
            raise self.error
        return shipped()


def without_index(words: Words = CHINESE) -> FakeDesk:
    return FakeDesk(words=words, error=NoIndex(NO_INDEX))


def harmless(html: str) -> bool:
    """Whether HOSTILE stands in HTML, as text that can be seen."""
    return "&lt;img src=x" in html and "<img" not in html and not set(UNSEEN) & set(html)


def line_in(html: str) -> str:
    """The one line of a fault; fails where it is more, or none."""
    found = re.fullmatch(r'<p class="pq-fault" role="alert">([^<\n]+)</p>', html)
    assert found, html
    return found.group(1)


def updated(part: Any) -> dict[str, Any]:
    """What a gr.update or gr.skip changes."""
    return {key: value for key, value in part.items() if key != "__type__"}
