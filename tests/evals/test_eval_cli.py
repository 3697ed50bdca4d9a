"""Commands: recorded answers are scored without answering, bad input ends in one line and exit code 2."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import shipped_index
from eval_samples import GOLD, REFUSAL, SEED, TRUTH, recorded

from evals.bench import resident_mib, summary
from evals.cli import main
from evals.config import describe_machine, project_version, read_sets
from evals.first_words import measure_first_words
from evals.generate import answer_set
from evals.questions import Question
from evals.recorded import read_recorded, write_jsonl
from evals.truth import load_truth
from ingest.errors import BadInput
from ingest.settings import load_settings
from rag.types import Answer, Status

_QUESTION = Question(id="Q1", kind="department", asker="investor", turns=("补利息归谁管?",), gold=GOLD)


class _Assistant:
    """Refuses everything, and breaks at 坏."""

    def ask(self, turns: Sequence[str]) -> Answer:
        if "坏" in turns[-1]:
            raise ValueError("broken")
        return Answer(question=turns[-1], text="文件没有规定。", status=Status.NOT_IN_CORPUS)


def _run(folder: Path) -> Path:
    write_jsonl(folder / "answers.jsonl", [recorded().to_json(), recorded(REFUSAL).to_json()])
    (folder / "truth.json").write_text(json.dumps(TRUTH.to_json(), ensure_ascii=False), encoding="utf-8")
    return folder


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def test_answers_and_truth_survive_being_stored(tmp_path: Path) -> None:
    _run(tmp_path)
    assert read_recorded(tmp_path / "answers.jsonl")[0] == recorded()
    assert load_truth(tmp_path / "truth.json") == TRUTH
    assert TRUTH.find(SEED, ("二", "(五)"), None) == TRUTH.clauses[2]


def test_one_crash_does_not_end_the_run() -> None:
    broken = Question(id="Q2", kind="fact", asker="investor", turns=("坏",), gold=GOLD)
    first, second = answer_set(_Assistant(), "own", [broken, _QUESTION])
    assert (first.answer["status"], first.error) == ("error", "ValueError: broken")
    assert (second.answer["status"], second.error) == ("not_in_corpus", None)
    assert first.refused


@pytest.mark.parametrize("given", [".", "answers.jsonl"])
def test_score_reads_a_folder_or_its_answers(
    tmp_path: Path, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _run(tmp_path)
    assert main(["score", str(folder / given)]) == 0
    assert "own:严格通过 1/2" in capsys.readouterr().out
    rows = [json.loads(line) for line in (folder / "scores.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["passed"] for row in rows] == [True, False]
    assert "未通过的题目(1)" in (folder / "report.md").read_text(encoding="utf-8")


def test_score_writes_elsewhere(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    assert main(["score", str(folder), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "report.md").is_file()
    assert not (folder / "report.md").exists()


def test_score_without_answers_or_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(tmp_path)]) == 2
    assert "answers.jsonl" in _one_line(capsys)
    write_jsonl(tmp_path / "answers.jsonl", [recorded().to_json()])
    assert main(["score", str(tmp_path)]) == 2
    assert "truth.json" in _one_line(capsys)


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"set": "a", "answer": {}}', ""])
def test_a_broken_record_is_named_by_line(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _run(tmp_path)
    good = json.dumps(recorded().to_json(), ensure_ascii=False)
    (folder / "answers.jsonl").write_text(f"{good}\n{line}\n", encoding="utf-8")
    assert main(["score", str(folder)]) == 2
    assert "answers.jsonl 第 2 行" in _one_line(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run", "--profile", "best"],
        ["score"],
        ["run", "--set", "none.jsonl"],
        ["generate", "--set"],
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    _one_line(capsys)


def test_a_malformed_set_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "mine.jsonl"
    questions.write_text('{"id": "Q1"}\n', encoding="utf-8")
    assert main(["run", "--set", str(questions), "--out", str(tmp_path / "out")]) == 2
    assert "mine.jsonl 第 1 行" in _one_line(capsys)
    assert not (tmp_path / "out").exists()


def test_running_without_an_index_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "mine.jsonl"
    write_jsonl(questions, [_QUESTION.to_json()])
    run = [
        "generate",
        "--set",
        str(questions),
        "--out",
        str(tmp_path / "out"),
        "--data",
        str(tmp_path / "none"),
    ]
    assert main(run) == 2
    assert "python -m ingest build" in _one_line(capsys)


def test_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_jsonl(tmp_path / folder / "same.jsonl", [_QUESTION.to_json()])
    with pytest.raises(BadInput, match="同名"):
        read_sets([tmp_path / "a" / "same.jsonl", tmp_path / "b" / "same.jsonl"])


def test_the_machine_is_stated() -> None:
    machine = describe_machine()
    assert machine["cores"] >= 1
    assert machine["cpu"]
    assert project_version().count(".") == 2
    resident = resident_mib()
    assert resident is None or resident > 1
    figures = {
        "warm_ask": {"questions": 3, "p50_ms": 4.5, "p95_ms": 9.0, "resident_mib": 200.0},
        "cold_ask": {"runs": 5, "median_ms": 900.0},
        "index_build": {"fresh_ms": 5000.0, "unchanged_ms": 600.0},
        "first_words": {"runs": 10, "median_ms": 6.5, "max_ms": 8.0},
    }
    text = summary({"machine": machine, "figures": figures})
    assert machine["python"] in text
    assert "p95 9.0 毫秒" in text
    assert "首句写完到显示:10 次的中位数 6.5 毫秒,最慢 8.0 毫秒" in text


@pytest.mark.slow
def test_a_first_sentence_is_shown_before_the_model_goes_on(tmp_path: Path) -> None:
    shipped_index.copy_to(tmp_path)
    figures = measure_first_words(load_settings(data=tmp_path), "基础设施项目贷款贴息由哪个部门牵头?", runs=1)
    # The endpoint goes on only when the sentence is shown; otherwise measuring ends in an error.
    assert figures["runs"] == 1 and 0 < figures["median_ms"] <= figures["max_ms"]


def test_a_set_is_answered_scored_and_reported(tmp_path: Path) -> None:
    pytest.importorskip("rag.build")
    out, questions = tmp_path / "out", tmp_path / "mine.jsonl"
    data = shipped_index.copy_to(tmp_path / "data")
    write_jsonl(questions, [_QUESTION.to_json()])
    assert main(["run", "--set", str(questions), "--data", str(data), "--out", str(out)]) == 0
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert config["index"]["documents"][SEED] == 24
    assert config["embedder"]
    assert {path.name for path in out.iterdir()} == {
        "answers.jsonl",
        "config.json",
        "report.md",
        "scores.jsonl",
        "truth.json",
    }
