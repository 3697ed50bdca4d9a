"""Questions that found no answer, noted where the settings say so: they tell which questions to write down.

data/unanswered.jsonl, one a line: {"at": "2026-11-25", "question": "…"}. Nothing about the asker is kept.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

FILE = "unanswered.jsonl"


def note_unanswered(data: Path, question: str) -> None:
    """Add a question to the list."""
    line = json.dumps({"at": date.today().isoformat(), "question": question}, ensure_ascii=False)
    with (data / FILE).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def read_unanswered(data: Path) -> tuple[str, ...]:
    """The questions noted so far, each once, newest first; a damaged line is passed over."""
    path = data / FILE
    if not path.is_file():
        return ()
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(str(json.loads(line)["question"]))
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(dict.fromkeys(reversed(found)))
