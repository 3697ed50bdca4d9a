"""What readers think of answers: what is kept and what is not, at once from many sides, and over a broken file."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.errors import BadInput, PolicyQAError
from ingest.settings import ROOT, load_settings
from rag.cli import main
from rag.types import Answer, Citation, Status
from rag.web.feedback import (
    FILE,
    MOST_TEXT,
    REASONS,
    VERDICTS,
    Feedback,
    FeedbackStore,
    Verdict,
    feedback_on,
    figures,
    keep_feedback,
    overview,
)

DAY = date(2026, 11, 26)
THANKS = "已记下，谢谢。只记问题和意见，不记是谁提的。"
BROKEN = f"意见文件 {FILE} 已损坏或版本不对，请管理员把它改名，之后会新建一份"
BUSY = f"意见文件 {FILE} 正被占用，请稍后再试"
SHUT = f"意见文件 {FILE} 打不开或写不进去，请管理员检查磁盘和权限"

# One more process that stores verdicts while others do.
WRITER = """
import sys
from datetime import date
from pathlib import Path
from rag.web.feedback import Feedback, FeedbackStore

store = FeedbackStore(Path(sys.argv[1]), wait_s=60)
for number in range(int(sys.argv[3])):
    store.add(Feedback(day=date(2026, 11, 26), question=f"{sys.argv[2]}-{number}", status="answered",
                       articles=("甲:1",), verdict="useful"))
"""


def citation(document_id: str, path: tuple[str, ...], article: int | None, label: str) -> Citation:
    return Citation(
        document_id=document_id,
        document_title="甲",
        document_number=None,
        section=None,
        path=path,
        article=article,
        label=label,
        heading="",
        quote="乙",
        start=0,
        end=1,
        lead=(),
        cooperating=(),
        kind="original",
        source="",
    )


ANSWER = Answer(
    question="园区贷款贴息找谁?",
    text="省财政厅。",
    status=Status.ANSWERED,
    citations=(
        citation("gansu-etdz-2015", ("四", "(十四)"), 14, "(十四)"),
        citation("gansu-etdz-2015", ("四", "(十四)"), 14, "(十四)"),
        citation("zones", (), None, "要点3"),
        citation("own", ("一", "(二)"), None, "(二)"),
    ),
)


def feedback(
    verdict: Verdict = "useful", reason: str = "", day: date = DAY, question: str = "问?", text: str = ""
) -> Feedback:
    return Feedback(
        day=day,
        question=question,
        status="answered",
        articles=("甲:1",),
        verdict=verdict,
        reason=reason,
        text=text,
    )


def test_the_verdicts_are_those_of_the_type() -> None:
    assert tuple(VERDICTS) == get_args(Verdict)


def test_what_is_kept_is_the_question_the_answer_and_the_day(tmp_path: Path) -> None:
    given_before = date.today()
    kept = keep_feedback(load_settings(data=tmp_path), ANSWER, "useless", "wrong_body", " 应该是\n省商务厅 ")
    assert (kept.kept, kept.line) == (True, THANKS)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.row_factory = sqlite3.Row
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        (row,) = map(dict, connection.execute("SELECT * FROM feedback"))
    assert date.fromisoformat(row.pop("day")) in (given_before, date.today())
    assert row == {
        "id": 1,
        "question": "园区贷款贴息找谁?",
        "status": "answered",
        "articles": '["gansu-etdz-2015:14", "zones:要点3", "own:一/(二)"]',
        "verdict": "useless",
        "reason": "wrong_body",
        "text": "应该是 省商务厅",
    }


@pytest.mark.parametrize(
    ("verdict", "reason", "text", "line"),
    [
        ("", "", "", "请先选“有用”或“没用”"),
        ("有用", "", "", "请先选“有用”或“没用”"),
        ("useless", "不喜欢", "", "请从列出的原因里选一个"),
        ("useless", "other", "长" * 501, "说明最多 500 个字，现在有 501 个，请改短一点"),
    ],
)
def test_what_the_page_does_not_offer_is_not_kept(
    tmp_path: Path, verdict: str, reason: str, text: str, line: str
) -> None:
    outcome = keep_feedback(load_settings(data=tmp_path), ANSWER, verdict, reason, text)
    assert (outcome.kept, outcome.line) == (False, line)
    assert list(tmp_path.iterdir()) == []


def test_the_longest_text_is_counted_as_it_is_kept(tmp_path: Path) -> None:
    text = "\u200b" * 100 + "长" * MOST_TEXT + "\x00"
    assert keep_feedback(load_settings(data=tmp_path), ANSWER, "useful", "", text).kept
    assert FeedbackStore(tmp_path).all()[0].text == "长" * MOST_TEXT


def test_a_reason_belongs_to_an_answer_of_no_use() -> None:
    assert feedback_on(ANSWER, "useful", "unclear").reason == ""
    assert {feedback_on(ANSWER, "useless", reason).reason for reason in REASONS} == set(REASONS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("请打13800138000找我", "请打[号码]找我"),
        ("138 0013 8000,138-0013-8000", "[号码],[号码]"),
        ("身份证62010219900101123X", "身份证[号码]"),
        ("电话0931-8465000", "电话[号码]"),
        ("写信到li.ming+a@mail.example.org。", "写信到[邮箱]。"),
        ("国办发〔2014〕54号第(十四)条,2015-01-27,24条,投资100000000元", None),
        ("2014 2015 2016年的贴息", None),
        ("a@b", None),
        ("\x00甲\u202e乙\x1b[31m\ud800", "甲乙[31m"),
        ("甲\t乙\r\n丙\u2028丁", "甲 乙 丙 丁"),
        ("<script>'; DROP TABLE feedback; --", None),
    ],
)
def test_nothing_personal_and_nothing_invisible_is_kept(typed: str, kept: str | None) -> None:
    made = feedback_on(Answer(question=typed, text="", status=Status.NOT_IN_CORPUS), "useful", "", typed)
    assert made.question == made.text == (typed if kept is None else kept)
    assert made.status == "not_in_corpus"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(categories=None)), st.text(st.characters(categories=None), max_size=MOST_TEXT))
@example("\ud800", "\x00")
@example("问" * 3000, "")
def test_any_question_and_text_can_be_stored_and_read(question: str, text: str) -> None:
    made = feedback_on(Answer(question=question, text="", status=Status.ANSWERED), "useful", "", text, DAY)
    with tempfile.TemporaryDirectory() as folder:
        store = FeedbackStore(Path(folder))
        store.add(made)
        assert store.all() == (made,)
    assert not {unicodedata.category(char) for char in made.question + made.text} & {"Cc", "Cf", "Cs"}
    assert len(made.question) <= 2000


def test_turned_off_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(data=tmp_path).keep_feedback
    monkeypatch.setenv("POLICYQA_KEEP_FEEDBACK", "false")
    outcome = keep_feedback(load_settings(data=tmp_path), ANSWER, "useful")
    assert (outcome.kept, outcome.line) == (False, "这里没有开启意见记录，没有保存")
    assert list(tmp_path.iterdir()) == []


def garbage(path: Path) -> None:
    path.write_bytes(b"no database, but long enough to be read as one" * 100)


def another_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")


def without_table(path: Path) -> None:
    FeedbackStore(path.parent).add(feedback())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE feedback")
        connection.commit()


def cut_short(path: Path) -> None:
    FeedbackStore(path.parent).add(feedback(question="长" * 2000))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("breaks", [garbage, another_version, without_table, cut_short])
def test_a_broken_file_is_told_in_one_line_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], breaks: Callable[[Path], None]
) -> None:
    path = tmp_path / FILE
    breaks(path)
    before = path.read_bytes()
    outcome = keep_feedback(load_settings(data=tmp_path), ANSWER, "useful")
    assert (outcome.kept, outcome.line) == (False, BROKEN)
    assert main(["feedback", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [BROKEN]
    assert path.read_bytes() == before
    path.rename(tmp_path / "old")
    for left in tmp_path.glob(f"{FILE}-*"):
        left.unlink()
    assert keep_feedback(load_settings(data=tmp_path), ANSWER, "useful").kept


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", "'gestern'"),
        ("articles", "'{'"),
        ("articles", "'5'"),
        ("verdict", "'?'"),
        ("articles", "x'ff'"),
        ("day", "x'00'"),
    ],
)
def test_a_damaged_row_is_told_in_one_line(tmp_path: Path, column: str, value: str) -> None:
    store = FeedbackStore(tmp_path)
    store.add(feedback())
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute(f"UPDATE feedback SET {column} = {value}")
        connection.commit()
    with pytest.raises(PolicyQAError, match=BROKEN):
        store.all()
    # What comes next is kept all the same.
    store.add(feedback())


def test_a_file_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert keep_feedback(load_settings(data=tmp_path), ANSWER, "useful").line == SHUT
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert keep_feedback(load_settings(data=tmp_path / "file" / "below"), ANSWER, "useful").line == SHUT


@pytest.mark.parametrize("begun", [True, False], ids=["a file in use", "a new file"])
def test_a_locked_file_is_told_in_one_line(tmp_path: Path, begun: bool) -> None:
    if begun:
        FeedbackStore(tmp_path).add(feedback())
    impatient = FeedbackStore(tmp_path, wait_s=0)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(PolicyQAError) as told:
            impatient.add(feedback(question="later"))
        assert str(told.value) == BUSY
        other.execute("ROLLBACK")
    impatient.add(feedback(question="later"))
    assert FeedbackStore(tmp_path).all()[-1].question == "later"


def test_threads_and_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    processes, threads, each = 3, 4, 25
    # The file is made by whoever comes first.
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), f"process {n}", str(each)], cwd=ROOT)
        for n in range(processes)
    ]
    store = FeedbackStore(tmp_path, wait_s=60)

    def write(thread: int) -> None:
        for number in range(each):
            store.add(feedback(question=f"thread {thread}-{number}"))
            assert f"thread {thread}-{number}" in {kept.question for kept in store.all()}

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))
    assert [process.wait(timeout=60) for process in running] == [0] * processes
    kept = [row.question for row in store.all()]
    expected = {
        f"{who} {n}-{number}"
        for who, count in (("process", processes), ("thread", threads))
        for n in range(count)
        for number in range(each)
    }
    assert len(kept) == len(expected)
    assert set(kept) == expected


def test_a_new_file_is_made_once_by_many_threads(tmp_path: Path) -> None:
    for attempt in range(10):
        store = FeedbackStore(tmp_path / str(attempt), wait_s=60)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n, store=store: store.add(feedback(question=str(n))), range(8)))
        assert sorted(row.question for row in store.all()) == [str(n) for n in range(8)]


LATER = date(2026, 11, 28)
GIVEN = (
    feedback("useful", day=LATER),
    feedback("useless", "unclear"),
    feedback("useless", "wrong_body", day=LATER, text="是省商务厅"),
    feedback("useless", "wrong_body"),
    feedback("useless"),
    feedback("useful"),
)


def test_figures_are_by_verdict_by_reason_and_by_day() -> None:
    counted = figures(GIVEN)
    assert counted.verdicts == {"useful": 2, "useless": 4}
    assert list(counted.reasons.items()) == [("wrong_body", 2), ("unclear", 1), ("", 1)]
    assert list(counted.days.items()) == [
        (DAY, {"useful": 1, "useless": 3}),
        (LATER, {"useful": 1, "useless": 1}),
    ]
    assert overview(counted).splitlines() == [
        "有用 2 条，没用 4 条",
        "没用的原因：部门不对 2 条；看不懂 1 条；没有说明 1 条",
        "2026-11-26\t有用 1 条，没用 3 条",
        "2026-11-28\t有用 1 条，没用 1 条",
    ]


@given(
    st.lists(
        st.builds(feedback, st.sampled_from(list(VERDICTS)), st.sampled_from(["", *REASONS]), st.dates())
    )
)
def test_figures_add_up(kept: list[Feedback]) -> None:
    counted = figures(tuple(kept))
    assert sum(counted.verdicts.values()) == len(kept)
    assert sum(counted.reasons.values()) == counted.verdicts["useless"]
    assert sum(sum(day.values()) for day in counted.days.values()) == len(kept)
    assert list(counted.days) == sorted({row.day for row in kept})


def test_the_command_line_tells_figures_and_writes_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "data", tmp_path / "out.jsonl"
    store = FeedbackStore(data)
    for row in GIVEN:
        store.add(row)
    assert main(["feedback", "--data", str(data)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "有用 2 条，没用 4 条"
    assert main(["feedback", "--data", str(data), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"已写出 {out}：6 条\n"
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines == [row.to_json() for row in GIVEN]
    assert lines[2] == {
        "day": "2026-11-28",
        "question": "问?",
        "status": "answered",
        "articles": ["甲:1"],
        "verdict": "useless",
        "reason": "wrong_body",
        "text": "是省商务厅",
    }


def test_without_feedback_the_command_line_says_so_and_makes_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "还没有收到意见\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.txt", FILE, "none/out.jsonl"])
def test_a_place_that_cannot_be_written_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    FeedbackStore(tmp_path).add(feedback())
    before = (tmp_path / FILE).read_bytes()
    assert main(["feedback", "--data", str(tmp_path), "--out", str(tmp_path / name)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (tmp_path / FILE).read_bytes() == before


def test_a_wrong_verdict_raises_for_other_callers() -> None:
    with pytest.raises(BadInput):
        feedback_on(ANSWER, "perhaps")
