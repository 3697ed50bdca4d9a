"""How fast and how large: warm asks in one process, cold asks from the command line, index build, memory,
and how soon a language model's first sentence is shown."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.config import QuestionSet, describe_run
from evals.first_words import measure_first_words
from evals.metrics import percentile
from ingest.errors import PolicyQAError
from ingest.settings import ROOT, Settings

COLD_RUNS = 5
COLD_QUESTION = "基础设施项目贷款贴息由哪个部门牵头?"


def bench(settings: Settings, sets: Sequence[QuestionSet], out: Path) -> dict[str, Any]:
    """Measure, write bench.json and print the figures with the machine they hold for."""
    config = describe_run(settings, sets)
    figures = {
        "warm_ask": measure_warm(settings, sets),
        "cold_ask": measure_cold(settings),
        "index_build": measure_build(),
        "first_words": measure_first_words(settings, COLD_QUESTION),
    }
    result = {"machine": config["machine"], "figures": figures, "config": config}
    path = out / "bench.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(summary(result))
    print(f"数据:{path}")
    return result


def measure_warm(settings: Settings, sets: Sequence[QuestionSet]) -> dict[str, Any]:
    """Milliseconds per conversation of the sets in a process that is already up, and its memory in MiB."""
    from rag.build import open_assistant

    started = time.perf_counter()
    with open_assistant(settings) as assistant:
        opened_ms = (time.perf_counter() - started) * 1000
        assistant.ask([COLD_QUESTION])
        times = []
        for question in (question for each in sets for question in each.questions):
            started = time.perf_counter()
            assistant.ask(question.turns)
            times.append((time.perf_counter() - started) * 1000)
        memory = resident_mib()
    return {
        "open_ms": round(opened_ms, 1),
        "questions": len(times),
        "p50_ms": _rounded(percentile(times, 0.5)),
        "p95_ms": _rounded(percentile(times, 0.95)),
        "resident_mib": memory,
    }


def measure_cold(settings: Settings) -> dict[str, Any]:
    """The median of several `python -m rag ask`, each in a process of its own, in milliseconds."""
    command = [
        "rag",
        "ask",
        COLD_QUESTION,
        "--json",
        "--data",
        str(settings.data),
        "--profile",
        settings.profile,
    ]
    times = [_timed(command) for _ in range(COLD_RUNS)]
    return {"runs": COLD_RUNS, "median_ms": round(statistics.median(times), 1)}


def measure_build() -> dict[str, Any]:
    """Building the index of the shipped corpus into an empty folder, and the run that finds nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["ingest", "build", "--data", folder]
        return {"fresh_ms": round(_timed(command), 1), "unchanged_ms": round(_timed(command), 1)}


def summary(result: dict[str, Any]) -> str:
    """The figures in words, the machine first."""
    machine, figures = result["machine"], result["figures"]
    warm, cold, build = figures["warm_ask"], figures["cold_ask"], figures["index_build"]
    first = figures["first_words"]
    return "\n".join(
        (
            f"机器:{machine['cores']} 核,{machine['cpu']},{machine['system']},Python {machine['python']}",
            f"热启动提问({warm['questions']} 题):p50 {warm['p50_ms']} 毫秒,p95 {warm['p95_ms']} 毫秒",
            f"命令行冷启动提问:{cold['runs']} 次的中位数 {cold['median_ms']} 毫秒",
            f"建索引:{build['fresh_ms']} 毫秒;没有变化时 {build['unchanged_ms']} 毫秒",
            f"语言模型首句写完到显示:{first['runs']} 次的中位数 {first['median_ms']} 毫秒,最慢 {first['max_ms']} 毫秒",
            f"内存(常驻):{warm['resident_mib']} MiB",
        )
    )


def resident_mib() -> float | None:
    """This process's resident memory now; None where the system does not say."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    for line in status.read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return None


def _timed(module_and_arguments: Sequence[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *module_and_arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["没有说明"])[-1]
        raise PolicyQAError(f"命令 {' '.join(module_and_arguments[:2])} 失败:{reason}")
    return (time.perf_counter() - started) * 1000


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
