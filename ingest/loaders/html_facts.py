"""What a government page records beside a document, from its meta tags and its table of labelled values."""

from __future__ import annotations

import re
from typing import Any

from ingest.loaders.base import Grid, clean_line
from ingest.page_record import Facts, is_label, starts_with_label

_META: dict[str, tuple[str, ...]] = {
    "title": ("articletitle",),
    "posted_on": ("pubdate", "publishdate", "firstpublishedtime"),
    "source_url": ("url", "og:url"),
}


def read_facts(root: Any) -> Facts:
    """The facts in a page's meta tags; lines are read later with `read_line`."""
    facts = Facts()
    stated: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        if name:
            stated.setdefault(name, (element.get("content") or "").strip())
    for field, names in _META.items():
        for name in names:
            if stated.get(name):
                facts.set(field, clean_line(stated[name]))
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and link.get("href"):
            facts.set("source_url", link.get("href"))
    return facts


def is_record(grid: Grid) -> bool:
    """Whether a table is the page's record of the document: short cells, half of them its labels."""
    cells = [re.sub(r"[\s:：]+", "", cell.text) for row in grid for cell in row if cell.text.strip()]
    labels = sum(1 for cell in cells if is_label(cell))
    joined = sum(1 for row in grid for cell in row if starts_with_label(cell.text.strip()))
    return max(labels * 2, joined) >= max(3, 0.6 * len(cells))
