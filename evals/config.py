"""What a run was made with, so that two reports can be told apart: settings, version, embedder, index."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evals.questions import Question, read_questions
from ingest.embedder import open_embedder
from ingest.errors import BadInput
from ingest.settings import ROOT, Settings
from ingest.stores.catalogue import Catalogue

OWN_SETS = ROOT / "evals" / "questions"
DEVELOPMENT_SET = ROOT.parent / "shared" / "evalset" / "seed_qa_dev.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """A named set of questions, as read from its file."""

    name: str
    path: Path
    questions: tuple[Question, ...]


def default_set_files() -> tuple[Path, ...]:
    """The project's own sets, and the development set where the checkout has it beside it."""
    own = sorted(OWN_SETS.glob("*.jsonl"))
    return (*own, DEVELOPMENT_SET) if DEVELOPMENT_SET.is_file() else tuple(own)


def read_sets(paths: Sequence[Path]) -> tuple[QuestionSet, ...]:
    """The sets, named by their files' stems; raises BadInput."""
    sets: dict[str, QuestionSet] = {}
    for path in paths:
        if path.stem in sets:
            raise BadInput(f"两个题集同名:{sets[path.stem].path} 与 {path}")
        sets[path.stem] = QuestionSet(name=path.stem, path=path, questions=read_questions(path))
    if not sets:
        raise BadInput(f"没有题集:{OWN_SETS} 里没有 .jsonl 文件,请用 --set 指定")
    return tuple(sets.values())


def describe_run(settings: Settings, sets: Sequence[QuestionSet]) -> dict[str, Any]:
    """The run's configuration, without secrets."""
    return {
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "version": project_version(),
        "machine": describe_machine(),
        "settings": _public(settings),
        "embedder": open_embedder(settings.embedder, allow_download=settings.allow_download).name,
        "index": _index_state(settings),
        "sets": [
            {
                "name": each.name,
                "questions": len(each.questions),
                "sha256": hashlib.sha256(each.path.read_bytes()).hexdigest(),
            }
            for each in sets
        ],
    }


def project_version() -> str:
    """The version in pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def describe_machine() -> dict[str, Any]:
    """Cores this process may use, CPU model, system and Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "cpu": _cpu_model(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
    }


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        named = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(encoding="utf-8"), re.MULTILINE)
        if named:
            return named[1].strip()
    return platform.processor() or platform.machine()


def _public(settings: Settings) -> dict[str, Any]:
    shown: dict[str, Any] = settings.model_dump(mode="json", exclude={"model_api_key"})
    if settings.catalogue_url:
        shown["catalogue_url"] = re.sub(r"//[^/@]*@", "//…@", settings.catalogue_url)
    return shown


def _index_state(settings: Settings) -> dict[str, Any]:
    catalogue = Catalogue(settings.database_url)
    try:
        with catalogue.reading() as reader:
            counted = [(d.document.id, len(reader.clauses(d.document.id))) for d in reader.documents()]
            state = {key: reader.state(key) for key in ("generation", "recipe")}
    finally:
        catalogue.close()
    return state | {"clauses": sum(count for _, count in counted), "documents": dict(counted)}
