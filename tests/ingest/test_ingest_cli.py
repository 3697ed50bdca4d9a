"""The commands as a user types them: what is printed, where, and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import shipped_index
from ingest_samples import CORPUS, POLICY, POLICY_FILE, notice

from ingest.cli import main
from ingest.errors import IndexBusy
from ingest.library import Library
from ingest.settings import ROOT


@dataclass
class Ran:
    code: int
    out: str
    err: str

    def failed_in_one_line(self, *words: str) -> None:
        """Exit code 2, nothing on stdout, exactly one line on stderr that says these words."""
        assert (self.code, self.out) == (2, "")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        assert "Traceback" not in self.err
        assert "出现意外错误" not in self.err
        for word in words:
            assert word in self.err


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """run("build", "--data", …): a command in a folder without settings."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return command


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with the shipped corpus, not to be changed."""
    yield shipped_index.copy_to(tmp_path_factory.mktemp("built") / "data")


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    """A copy of the built folder to change."""
    import shutil

    return Path(shutil.copytree(built, tmp_path / "data"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.txt"
    file.write_text(
        notice(
            "云岭市支持办法",
            "减免房屋租金。免收三个月租金。(市国资委牵头,市财政局配合)",
            "发放补贴。按月发放。",
        ),
        encoding="utf-8",
    )
    return file


def test_build_then_nothing_to_do(run: Run, tmp_path: Path) -> None:
    first = run("build", "--data", tmp_path / "data")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines()[-1] == "索引已更新"
    assert f"已编入 {POLICY}" in first.out
    second = run("build", "--data", tmp_path / "data")
    assert (second.code, second.out, second.err) == (0, "索引已是最新，没有需要做的事\n", "")


def test_add_status_remove(run: Run, data: Path, mine: Path) -> None:
    assert run("add", mine, "--data", data) == Ran(0, "已编入 mine\n索引已更新\n", "")
    assert run("add", mine, "--data", data) == Ran(0, "文件没有变化，没有需要做的事\n", "")
    status = run("status", "--data", data)
    assert (status.code, status.err) == (0, "")
    lines = status.out.splitlines()
    assert next(line for line in lines if line.startswith(f"{POLICY}\t")).split("\t")[1:3] == [
        "24 条",
        "自带",
    ]
    assert "mine\t2 条\t添加\t云岭市支持办法" in lines
    assert (
        lines[lines.index("mine\t2 条\t添加\t云岭市支持办法") + 1]
        == "\t部门表里没有的单位：市国资委、市财政局"
    )
    assert run("remove", "mine", "--data", data) == Ran(0, "已移除 mine\n索引已更新\n", "")
    assert "mine" not in run("status", "--data", data).out


@pytest.mark.slow
def test_add_with_an_id_and_a_folder(run: Run, data: Path, mine: Path, tmp_path: Path) -> None:
    assert "已编入 yunzhengfa-2022-8" in run("add", mine, "--id", "yunzhengfa-2022-8", "--data", data).out
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("b", "a"):
        (folder / f"{name}.md").write_text(notice(f"# {name}办法", "甲事。办理。"), encoding="utf-8")
    assert run("add", folder, "--data", data).out == "已编入 a\n已编入 b\n索引已更新\n"


def test_verify(run: Run, data: Path) -> None:
    assert run("verify", "--data", data) == Ran(0, "目录、词汇索引、向量索引一致\n", "")
    (generation,) = (data / "indexes").iterdir()
    for file in (generation / "lexical").iterdir():
        file.unlink()
    repaired = run("verify", "--data", data)
    assert (repaired.code, repaired.err) == (0, "")
    assert repaired.out.startswith("发现：词汇索引")
    assert repaired.out.endswith("已按目录重建索引\n")
    assert run("verify", "--data", data).out == "目录、词汇索引、向量索引一致\n"


def test_parse_prints_an_outline_and_touches_no_index(run: Run, tmp_path: Path) -> None:
    printed = run("parse", POLICY_FILE, "--data", tmp_path / "data")
    assert (printed.code, printed.err) == (0, "")
    assert "四、加快产业转型升级" in printed.out
    assert "(十四) 加强财政支持力度" in printed.out
    assert "牵头：省财政厅；配合：省发展改革委、省商务厅（等）" in printed.out
    assert not (tmp_path / "data").exists()


def test_the_parse_object_has_the_fixed_form(run: Run) -> None:
    parsed = json.loads(run("parse", POLICY_FILE, "--json").out)
    assert {
        "id",
        "title",
        "number",
        "issuer",
        "issued_on",
        "addressees",
        "clauses",
        "references",
    } <= parsed.keys()
    assert (parsed["id"], parsed["number"], parsed["issued_on"]) == (POLICY, None, "2015-01-27")
    assert parsed["issuer"] == "甘肃省人民政府办公厅"
    assert parsed["addressees"][0] == "各市、自治州人民政府"
    clause = parsed["clauses"][13]
    assert {"path", "article", "heading", "text", "start", "end", "responsibilities"} <= clause.keys()
    assert (clause["path"], clause["article"], clause["heading"]) == (
        ["四", "(十四)"],
        14,
        "加强财政支持力度",
    )
    text = POLICY_FILE.read_text(encoding="utf-8")
    assert text[clause["start"] : clause["end"]] == clause["text"]
    (duty,) = clause["responsibilities"]
    assert {key: duty[key] for key in ("lead", "cooperating", "open_ended", "raw")} == {
        "lead": ["省财政厅"],
        "cooperating": ["省发展改革委", "省商务厅"],
        "open_ended": True,
        "raw": "省财政厅牵头,省发展改革委、省商务厅等部门配合",
    }
    assert text[duty["start"] : duty["end"]] == duty["raw"]
    reference = parsed["references"][0]
    assert reference["number"] == "国办发〔2014〕54号"
    assert reference["title"] == "国务院办公厅关于促进国家级经济技术开发区转型升级创新发展的若干意见"
    assert text[reference["start"] : reference["end"]] == reference["raw"]


def test_bodies_without_a_lead_are_responsible_beside_empty_roles(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("意见\n\n一、扩大进口。优化结构。（商务部、外交部负责）\n", encoding="utf-8")
    (duty,) = json.loads(run("parse", file, "--json").out)["clauses"][0]["responsibilities"]
    assert (duty["lead"], duty["cooperating"], duty["responsible"]) == ([], [], ["商务部", "外交部"])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "命令"),
        (["bake"], "bake"),
        (["add"], "文件"),
        (["remove"], "编号"),
        (["parse"], "文件"),
        (["build", "--fast"], "--fast"),
        (["build", "--data"], "--data"),
        (["status", "extra"], "extra"),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], word: str) -> None:
    run(*arguments).failed_in_one_line(word)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.txt", None, ["none.txt", "没有这个文件"]),
        ("empty.txt", b"", ["empty.txt", "空"]),
        ("blank.txt", b" \r\n \n", ["blank.txt"]),
        ("binary.txt", bytes(range(256)) * 20, ["binary.txt"]),
        ("photo.jpg", b"\xff\xd8\xff", ["photo.jpg", "不支持的文件格式"]),
        ("noname", b"x", ["noname", "不支持的文件格式"]),
    ],
)
@pytest.mark.parametrize("command", ["add", "parse"])
def test_files_that_cannot_be_used(
    run: Run, built: Path, tmp_path: Path, command: str, name: str, content: bytes | None, words: list[str]
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    run(command, tmp_path / name, "--data", built).failed_in_one_line(*words)
    assert "mine" not in run("status", "--data", built).out


def test_a_file_name_with_blanks_makes_an_id_without(run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "某市 若干 措施.txt").write_text("一、加强领导。抓好落实。", encoding="utf-8")
    assert "已编入 某市-若干-措施" in run("add", tmp_path / "某市 若干 措施.txt", "--data", data).out


def test_a_wrong_id_removes_nothing(run: Run, data: Path) -> None:
    before = run("status", "--data", data).out
    run("remove", POLICY, "none", "--data", data).failed_in_one_line("none", POLICY)
    assert run("status", "--data", data).out == before
    assert run("verify", "--data", data).out == "目录、词汇索引、向量索引一致\n"


@pytest.mark.parametrize("command", [["status"], ["verify"], ["remove", "x"]])
def test_no_index_yet(run: Run, tmp_path: Path, command: list[str]) -> None:
    run(*command, "--data", tmp_path / "none").failed_in_one_line("python -m ingest build")
    assert not (tmp_path / "none").exists()


def test_a_damaged_catalogue(run: Run, data: Path) -> None:
    (data / "catalogue.sqlite3").write_bytes(b"broken" * 1000)
    run("status", "--data", data).failed_in_one_line("python -m ingest build")
    assert run("build", "--data", data).code == 0


def test_a_data_folder_that_is_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for command in ("build", "status"):
        run(command, "--data", tmp_path / "file").failed_in_one_line()


def test_a_setting_that_cannot_be_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYQA_PORT", "many")
    run("status").failed_in_one_line("POLICYQA_PORT")


def test_the_environment_says_where_the_index_lives(
    run: Run, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYQA_DATA", str(built))
    assert POLICY in run("status").out
    run("status", "--data", tmp_path / "none").failed_in_one_line("build")  # the command line wins
    monkeypatch.setenv("POLICYQA_CORPUS", str(tmp_path / "nowhere"))
    run("build", "--data", tmp_path / "data").failed_in_one_line("没有找到自带文件")


def test_other_failures_are_one_line_and_exit_1(
    run: Run, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_library: Library) -> None:
        raise IndexBusy("另一个程序正在更新索引，请稍后再试")

    def surprise(_library: Library) -> None:
        raise RuntimeError("a\nb")

    monkeypatch.setattr(Library, "status", busy)
    assert run("status", "--data", built) == Ran(1, "", "另一个程序正在更新索引，请稍后再试\n")
    monkeypatch.setattr(Library, "status", surprise)
    assert run("status", "--data", built) == Ran(1, "", "出现意外错误：RuntimeError: a b\n")


def test_help_ends_well(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("--help")
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("build", "add", "parse", "remove", "status", "verify"))


@pytest.mark.slow
def test_a_process_of_its_own(tmp_path: Path) -> None:
    """As a shell runs it: nothing but the answer on stdout, nothing at all on stderr."""
    command = [sys.executable, "-m", "ingest"]
    built = subprocess.run(
        [*command, "build", "--data", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (built.returncode, built.stderr) == (0, "")
    parsed = subprocess.run(
        [*command, "parse", str(CORPUS / f"{POLICY}.txt"), "--json"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert len(json.loads(parsed.stdout)["clauses"]) == 24


@pytest.mark.slow
def test_questions_by_sheet(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (tmp_path / "own.txt").write_text(notice("云岭市办法", "减免租金。免收三个月。"), encoding="utf-8")
    assert run("build", "--data", data).code == 0
    assert run("add", tmp_path / "own.txt", "--data", data).code == 0
    assert "1 条" in run("questions", "export", "own", tmp_path / "a.xlsx", "--data", data).out
    assert "没有需要做的事" in run("questions", "import", tmp_path / "a.xlsx", "--data", data).out
    run("questions", "import", tmp_path / "own.txt", "--data", data).failed_in_one_line("xlsx")
    run("questions", "generate", "own", "--data", data).failed_in_one_line("POLICYQA_MODEL", "export")
    run("questions", "export", "nope", "--data", data).failed_in_one_line("nope")
    assert run("questions", "unanswered", "--data", data) == Ran(0, "", "")
