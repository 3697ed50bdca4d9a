"""`python -m rag`: ask, batch and search, and one line for everything that cannot be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rag_samples import ANSWER_KEYS, STATUSES

from rag.build import Assistant
from rag.cli import main
from rag.types import Answer


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env of the project is read."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data(policy_data: Path) -> list[str]:
    return ["--data", str(policy_data), "--profile", "extractive"]


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The single line on stderr, where nothing was printed on stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and "Traceback" not in err
    return err.strip()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_ask_prints_the_text(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "贷款贴息由谁牵头?", *data]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("**省财政厅牵头**") and err == ""


def test_ask_prints_the_object(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "贷款贴息由谁牵头?", "--json", *data]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ANSWER_KEYS
    assert answer["status"] == "answered" and answer["citations"][0]["path"] == ["四", "(十四)"]


def test_a_refusal_is_an_answer(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "第三十条", *data]) == 0
    assert "没有第三十条" in capsys.readouterr().out


@pytest.mark.parametrize("question", ["", "  ", "\x00\x01\x02\x03\x04", "贴" * 5000])
def test_input_that_is_no_question_is_wrong_usage(
    data: list[str], capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert main(["ask", question, *data]) == 2
    assert one_line(capsys)


def test_batch_answers_the_last_turn_of_each_line(data: list[str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"id": "one", "turns": ["贷款贴息由谁牵头?"]},
        {"id": 2, "turns": ["第十四条谁牵头", "那配合的呢?", "下一条"]},
        {"id": "三", "turns": ["天气怎么样"], "more": True},
        {"id": None, "turns": [""]},
    ]
    source.write_text(
        "\ufeff" + "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8"
    )
    assert main(["batch", str(source), str(target), *data]) == 0
    answers = lines(target)
    assert [answer["id"] for answer in answers] == ["one", 2, "三", None]
    assert all(set(answer) == {*ANSWER_KEYS, "id"} and answer["status"] in STATUSES for answer in answers)
    assert answers[0]["departments"]["lead"] == ["省财政厅"]
    assert answers[1]["question"] == "下一条" and answers[1]["citations"][0]["article"] == 15
    assert answers[2]["status"] == "out_of_scope" and answers[3]["status"] == "clarify"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_conversations_of_a_batch_know_nothing_of_each_other(data: list[str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"id": 1, "turns": ["第十四条谁牵头"]}, {"id": 2, "turns": ["下一条"]}]
    source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert main(["batch", str(source), str(target), *data]) == 0
    assert lines(target)[1]["status"] == "clarify"


def test_an_empty_batch_gives_an_empty_file(data: list[str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n", encoding="utf-8")
    assert main(["batch", str(source), str(target), *data]) == 0
    assert target.read_text() == ""


@pytest.mark.parametrize(
    "line",
    ["{", "[1]", '"text"', '{"id": 1}', '{"turns": ["a"]}', '{"id": 1, "turns": []}', '{"id": 1, "turns": "a"}', '{"id": 1, "turns": [1]}'],
)  # fmt: skip
def test_a_malformed_line_is_named_and_no_output_is_left(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f'{{"id": 1, "turns": ["第一条"]}}\n{line}\n', encoding="utf-8")
    assert main(["batch", str(source), str(target), *data]) == 2
    error = one_line(capsys)
    assert "in.jsonl" in error and "第 2 行" in error
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_an_older_output_survives_a_malformed_input(data: list[str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("{", encoding="utf-8")
    target.write_text("kept", encoding="utf-8")
    assert main(["batch", str(source), str(target), *data]) == 2
    assert target.read_text(encoding="utf-8") == "kept"


@pytest.mark.slow
def test_input_and_output_files_that_cannot_be_used_are_named(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, latin = tmp_path / "in.jsonl", tmp_path / "latin.jsonl"
    good.write_text('{"id": 1, "turns": ["第一条"]}', encoding="utf-8")
    latin.write_bytes('{"id": 1, "turns": ["第一条"]}'.encode("gb18030"))
    for source, target, named in (
        (tmp_path / "absent.jsonl", tmp_path / "out.jsonl", "absent.jsonl"),
        (latin, tmp_path / "out.jsonl", "latin.jsonl"),
        (tmp_path, tmp_path / "out.jsonl", str(tmp_path)),
        (good, tmp_path / "no" / "folder" / "out.jsonl", "out.jsonl"),
    ):
        assert main(["batch", str(source), str(target), *data]) == 2
        assert named in one_line(capsys)


def test_search_prints_ranked_clauses(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "贷款贴息", "--limit", "3", *data]) == 0
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 3 and out[0].startswith("1. ") and "四 (十四) 加强财政支持力度" in out[0]


def test_search_prints_objects(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "贷款贴息", "--json", "--limit", "2", *data]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["query"] == "贷款贴息"
    assert [list(hit) for hit in found["hits"]] == [["document_id", "path", "article", "score"]] * 2
    assert found["hits"][0]["document_id"] == "gansu-etdz-2015" and found["hits"][0]["article"] == 14


def test_search_in_a_batch(data: list[str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"id": "a", "query": "云计算"}, {"id": "b", "query": "闲置土地"}]
    source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert main(["search", "--batch", str(source), str(target), "--limit", "4", *data]) == 0
    found = lines(target)
    assert [list(row) for row in found] == [["id", "hits"]] * 2
    assert [row["hits"][0]["article"] for row in found] == [16, 19]
    assert all(len(row["hits"]) == 4 for row in found)


@pytest.mark.parametrize("line", ["{", '{"id": 1}', '{"id": 1, "query": 3}', '{"query": "x"}'])
def test_a_malformed_query_is_named(
    data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(line, encoding="utf-8")
    assert main(["search", "--batch", str(source), str(target), *data]) == 2
    assert "第 1 行" in one_line(capsys) and not target.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ask"],
        ["answer", "x"],
        ["ask", "x", "--unknown"],
        ["ask", "x", "--profile", "best"],
        ["search"],
        ["search", "x", "--limit", "0"],
        ["search", "x", "--limit", "-1"],
        ["search", "x", "--limit", "1001"],
        ["search", "x", "--limit", "many"],
        ["search", "x", "--batch", "a", "b"],
        ["batch", "a"],
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert one_line(capsys)


@pytest.mark.parametrize("arguments", [["ask", "第一条"], ["search", "土地"]])
def test_without_an_index_the_way_to_one_is_told(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--data", str(tmp_path / "none")]) == 2
    assert "python -m ingest build" in one_line(capsys)
    assert not (tmp_path / "none").exists()


def test_a_catalogue_that_is_no_database_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalogue.sqlite3").write_bytes(b"not a database at all" * 100)
    assert main(["ask", "第一条", "--data", str(tmp_path / "data")]) == 2
    assert "python -m ingest build" in one_line(capsys)


@pytest.mark.parametrize(
    ("name", "value"),
    [("POLICYQA_PORT", "many"), ("POLICYQA_MODEL_TIMEOUT_S", "-3"), ("POLICYQA_PROFILE", "best"), ("POLICYQA_MAX_QUESTION_CHARS", "0")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named(
    policy_data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["ask", "第一条", "--data", str(policy_data)]) == 2
    assert name in one_line(capsys)


def test_a_language_model_that_is_asked_for_but_not_named(
    policy_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "第一条", "--data", str(policy_data), "--profile", "llm"]) == 2
    assert "POLICYQA_MODEL" in one_line(capsys)


def test_an_embedding_model_that_is_not_here_is_named(
    policy_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICYQA_EMBEDDER", "nobody/no-such-model")
    assert main(["ask", "第一条", "--data", str(policy_data)]) == 2
    assert "no-such-model" in one_line(capsys)


def test_one_question_that_goes_wrong_costs_no_other_its_answer(
    data: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Assistant.ask

    def fails(self: Assistant, turns: list[str]) -> Answer:
        if turns == ["坏"]:
            raise ZeroDivisionError
        return asked(self, turns)

    monkeypatch.setattr(Assistant, "ask", fails)
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"id": "a", "turns": ["坏"]}, {"id": "b", "turns": ["第十四条谁牵头"]}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["batch", str(source), str(target), *data]) == 1
    answers = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [answer["status"] for answer in answers] == ["error", "answered"]
    assert "有 1 题没有答成：a" in capsys.readouterr().err
