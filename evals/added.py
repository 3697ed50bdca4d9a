"""Questions to documents that a user adds: invented policies, and regulations of the data folder where it is there.

Each is added to the shipped documents by itself, or all of them to one index (`together`), and asked its own questions
(evals/added/): where it stands beside others, they take questions from each other.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.generate import answer_set
from evals.questions import Question, read_questions
from evals.recorded import Recorded
from evals.score import Verdict, score
from evals.truth import read_truth
from ingest.knowledge import read_yaml
from ingest.library import Library
from ingest.settings import ROOT, Settings

ADDED = ROOT / "evals" / "added"
REGULATIONS = ROOT.parent / "shared" / "data" / "regulations.jsonl.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One document with its questions; `name` is its id in the index."""

    name: str
    text: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answered question of one document."""

    name: str
    recorded: Recorded
    verdict: Verdict


def read_added(regulations: Path = REGULATIONS) -> list[Added]:
    """The invented policies, and the regulations as far as the data folder holds them."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(ADDED.glob("*.txt"))}
    texts |= _regulations(read_yaml(ADDED / "regulations.yaml"), regulations)
    return [
        Added(name=name, text=text, questions=read_questions(ADDED / f"{name}.jsonl"))
        for name, text in texts.items()
    ]


def _regulations(titles: dict[str, str], file: Path) -> dict[str, str]:
    """The text of each regulation, its articles one below the other."""
    if not file.is_file():
        return {}
    articles: dict[str, list[str]] = {title: [] for title in titles.values()}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["title"] in articles:
                articles[row["title"]].append(f"{row['article_no']}\u3000{row['text']}")
    return {
        name: f"{title}\n\n" + "\n".join(articles[title]) + "\n"
        for name, title in titles.items()
        if articles[title]
    }


def measure_added(settings: Settings, added: Sequence[Added], *, together: bool = False) -> Iterator[Outcome]:
    """Every question answered and judged; nothing of it stays in the user's own index."""
    from rag.build import open_assistant

    with TemporaryDirectory(prefix="policyqa-added-") as name:
        folder = Path(name)
        base = settings.model_copy(update={"data": folder / "base", "profile": "extractive"})
        _add(base, ())
        for number, group in enumerate([added] if together else [[each] for each in added]):
            data = Path(shutil.copytree(base.data, folder / f"with-{number}"))
            own = base.model_copy(update={"data": data})
            files = []
            for each in group:
                files.append(folder / f"{each.name}.txt")
                files[-1].write_text(each.text, encoding="utf-8")
            _add(own, files)
            truth = read_truth(own)
            with open_assistant(own) as assistant:
                for each in group:
                    for recorded in answer_set(assistant, each.name, each.questions):
                        verdict = score(recorded, truth, each.name)
                        yield Outcome(name=each.name, recorded=recorded, verdict=verdict)
            shutil.rmtree(data)


def _add(settings: Settings, files: Sequence[Path]) -> None:
    library = Library(settings)
    try:
        library.add(files) if files else library.build()
    finally:
        library.close()


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """A line for each document, and one for all: passed, answered that should not be, refused that should not be."""
    names = dict.fromkeys(outcome.name for outcome in outcomes)
    groups = [(name, [o for o in outcomes if o.name == name]) for name in names]
    return [_line(name, group) for name, group in [*groups, ("合计", list(outcomes))]]


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    refusals = [o for o in outcomes if o.recorded.question.gold.refuse]
    answers = [o for o in outcomes if not o.recorded.question.gold.refuse]
    passed = sum(o.verdict.passed for o in outcomes)
    wrongly_answered = sum(not o.recorded.refused for o in refusals)
    wrongly_refused = sum(o.recorded.refused for o in answers)
    return (
        f"{name}:严格通过 {passed}/{len(outcomes)}({passed / len(outcomes):.1%}),"
        f"不该答而答 {wrongly_answered}/{len(refusals)},该答未答 {wrongly_refused}/{len(answers)}"
    )
