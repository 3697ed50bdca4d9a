"""The parser against documents written by someone who had not seen it (tests/gold_documents/README.md)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.duties import load_grammar
from ingest.metadata import read_frame
from ingest.parse import parse
from ingest.types import Document, ParsedDocument

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests" / "gold_documents").glob("*/*.yaml"))
FIELDS = ("title", "number", "issuer", "issued_on", "posted_on", "addressees")
# (group, measure) → the least share; below it something that worked has broken.
LEAST = {
    ("open", "paths"): 0.99,
    ("open", "headings"): 0.98,
    ("open", "duties"): 0.95,
    ("open", "metadata"): 0.99,
    ("judging", "paths"): 0.98,
    ("judging", "headings"): 0.97,
    ("judging", "duties"): 0.95,
    ("judging", "metadata"): 0.99,
    ("unseen", "paths"): 0.99,
    ("unseen", "headings"): 0.98,
    ("unseen", "duties"): 0.90,
    ("unseen", "metadata"): 0.98,
}


@dataclass
class Tally:
    """Hits against what gold and parser hold, for one measure."""

    hits: int = 0
    gold: int = 0
    found: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (self.gold + self.found) if self.gold + self.found else 1.0


@cache
def _gold(path: Path) -> dict[str, Any]:
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert isinstance(data, dict)
    return data


@cache
def _parsed(path: Path) -> ParsedDocument:
    text = "\n".join(block["text"] for block in _gold(path)["blocks"])
    grammar = load_grammar(ROOT / "corpus" / "duty_patterns.yaml")
    return parse(Document(id=path.stem, text=text, metadata=read_frame(text).metadata), grammar)


def _gold_clauses(path: Path) -> dict[tuple[str, ...], dict[str, Any]]:
    clauses: dict[tuple[str, ...], dict[str, Any]] = {}
    current: tuple[str, ...] | None = None
    for block in _gold(path)["blocks"]:
        if block["kind"] == "clause":
            current = tuple(map(str, block["path"]))
            clauses.setdefault(current, {"heading": block.get("heading") or "", "duties": []})
        if block["kind"] in ("clause", "continuation") and current:
            clauses[current]["duties"] += block.get("duties") or []
    return clauses


def _duty_key(duty: Any) -> tuple[Any, ...]:
    get = duty.get if isinstance(duty, dict) else lambda name: getattr(duty, name)
    lists = tuple(tuple(get(name) or ()) for name in ("lead", "cooperating", "responsible"))
    return (*lists, bool(get("open_ended")))


def _tally(group: str) -> dict[str, Tally]:
    tallies = {name: Tally() for name in ("paths", "headings", "duties", "metadata")}
    for path in FILES:
        if path.parent.name != group:
            continue
        gold, parsed = (
            _gold_clauses(path),
            {
                # The gold gives a table's rows no path.
                c.path: c
                for c in _parsed(path).clauses
                if c.path and "\t" not in c.text
            },
        )
        both = set(gold) & set(parsed)
        paths, headings = tallies["paths"], tallies["headings"]
        paths.hits, paths.gold, paths.found = (
            paths.hits + len(both),
            paths.gold + len(gold),
            paths.found + len(parsed),
        )
        headings.hits += sum(gold[p]["heading"] == parsed[p].heading for p in both)
        headings.gold, headings.found = headings.gold + len(gold), headings.found + len(gold)
        for clause in set(gold) | set(parsed):
            expected = Counter(_duty_key(duty) for duty in gold.get(clause, {"duties": []})["duties"])
            held = parsed.get(clause)
            found = Counter(_duty_key(d) for d in ((*held.responsibilities, *held.in_text) if held else ()))
            tallies["duties"].hits += sum((expected & found).values())
            tallies["duties"].gold += sum(expected.values())
            tallies["duties"].found += sum(found.values())
        for field in FIELDS:
            wanted = _gold(path)["metadata"].get(field) or None
            value = getattr(_parsed(path).document.metadata, field) or None
            value = list(value) if isinstance(value, tuple) else value
            tallies["metadata"].hits += str(wanted) == str(value)
            tallies["metadata"].gold, tallies["metadata"].found = (
                tallies["metadata"].gold + 1,
                tallies["metadata"].found + 1,
            )
    return tallies


@pytest.mark.parametrize("group", ["open", "judging", "unseen"])
def test_shares(group: str) -> None:
    tallies = _tally(group)
    shares = {name: round(tally.f1, 4) for name, tally in tallies.items()}
    short = {name: share for name, share in shares.items() if share < LEAST[group, name]}
    assert not short, shares


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_offsets(path: Path) -> None:
    parsed = _parsed(path)
    text = parsed.document.text
    assert all(text[c.start : c.end] == c.text for c in parsed.clauses)
    assert all(
        text[d.start : d.end] == d.raw for c in parsed.clauses for d in (*c.responsibilities, *c.in_text)
    )
    assert all(text[r.start : r.end] == r.raw for r in (*parsed.references, *parsed.article_references))


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "open"], ids=lambda path: path.stem)
def test_references(path: Path) -> None:
    gold = _gold(path)
    tolerated = {
        entry["raw"] if isinstance(entry, dict) else entry for entry in gold.get("tolerated_references") or []
    }
    expected = [entry["raw"] for entry in gold.get("references") or []]
    found = [reference.raw for reference in _parsed(path).references]
    assert [raw for raw in expected if raw not in found] == []
    short_names = [raw for raw in found if raw.endswith("号文")]
    own = gold["metadata"].get("number")
    extra = [raw for raw in found if raw not in expected and raw not in tolerated and raw not in short_names]
    assert [raw for raw in extra if not own or "".join(raw.split())[-6:] != str(own)[-6:]] == []
