"""Everyday questions for a user's own document: the sheet out and in, and the language model's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ingest_samples import notice, quick_library
from openpyxl import Workbook, load_workbook
from test_library import index_folder, make_corpus

from ingest.chat import ChatFailed
from ingest.errors import BadInput, UnknownDocument
from ingest.generate import read_reply
from ingest.library import Library
from ingest.question_sheets import SHEET, read_sheet, write_sheet
from ingest.stores.lexical import LexicalIndex
from ingest.unanswered import FILE, note_unanswered, read_unanswered

TEXT = notice("云岭市办法", "减免房屋租金。免收国有房屋租金三个月。", "发放稳岗补贴。对不裁员企业发放补贴。")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    corpus = make_corpus(tmp_path / "corpus", {"tax": notice("云岭市甲办法", "甲事项。办理甲。")})
    opened = quick_library(tmp_path / "data", corpus)
    opened.build()
    (tmp_path / "own.txt").write_text(TEXT, encoding="utf-8")
    opened.add([tmp_path / "own.txt"])
    yield opened
    opened.close()


def fill(path: Path, row: int, *questions: str, column: int = 6) -> Path:
    book = load_workbook(path)
    for offset, question in enumerate(questions):
        book[SHEET].cell(row=row, column=column + offset, value=question)
    book.save(path)
    return path


def asked(library: Library, document_id: str = "own") -> list[tuple[str, ...]]:
    with library.catalogue.reading() as reader:
        return [stored.questions for stored in reader.clauses(document_id)]


def found(library: Library, query: str) -> str:
    lexical = LexicalIndex(index_folder(library) / "lexical", library.tokenizer)
    return lexical.search(query, 1)[0].key


def test_a_sheet_goes_out_and_comes_back(library: Library, tmp_path: Path) -> None:
    sheet = tmp_path / "a.xlsx"
    assert library.export_questions("own", sheet, ["铺面关门了找谁"]) == 2
    book = load_workbook(sheet)
    assert book[SHEET].cell(row=2, column=3).value == "减免房屋租金"
    assert [cell.value for cell in book["没有找到答案的提问"]["A"]] == ["铺面关门了找谁"]
    fill(sheet, 2, "生意淡了铺面钱能不能少交", "房东是公家的能免几个月")
    taken = library.import_questions(sheet)
    assert (taken.questions, taken.changed) == (2, 1)
    assert asked(library) == [("生意淡了铺面钱能不能少交", "房东是公家的能免几个月"), ()]
    assert found(library, "生意淡了铺面钱") == "own#0"
    # Nothing new: no work, and a second sheet shows what is there.
    assert library.import_questions(sheet).changed == 0
    library.export_questions("own", sheet)
    assert load_workbook(sheet)[SHEET].cell(row=2, column=7).value == "房东是公家的能免几个月"


def test_questions_outlive_a_build_and_go_with_their_clause(library: Library, tmp_path: Path) -> None:
    sheet = tmp_path / "a.xlsx"
    library.export_questions("own", sheet)
    library.import_questions(fill(fill(sheet, 2, "铺面钱能少交吗"), 3, "不赶人走给钱吗"))
    library.build()
    assert asked(library) == [("铺面钱能少交吗",), ("不赶人走给钱吗",)]
    # One clause is written anew: its questions no longer hold, the other's do.
    (tmp_path / "own.txt").write_text(TEXT.replace("三个月", "六个月"), encoding="utf-8")
    library.add([tmp_path / "own.txt"])
    assert asked(library) == [(), ("不赶人走给钱吗",)]
    with pytest.raises(BadInput, match=r"第 2 行.*变化"):
        library.import_questions(sheet)
    library.remove(["own"])
    (tmp_path / "own.txt").write_text(TEXT, encoding="utf-8")
    library.add([tmp_path / "own.txt"])
    assert asked(library) == [(), ()]


def test_shipped_questions_are_not_taken_in_twice(tmp_path: Path) -> None:
    corpus = make_corpus(
        tmp_path / "corpus", {"tax": notice("云岭市甲办法", "甲事项。办理甲。", "乙事项。办理乙。")}
    )
    (corpus / "questions").mkdir()
    (corpus / "questions" / "tax.jsonl").write_text(
        '{"article": 1, "question": "甲找谁"}\n', encoding="utf-8"
    )
    library = quick_library(tmp_path / "data", corpus)
    library.build()
    sheet = tmp_path / "a.xlsx"
    library.export_questions("tax", sheet)
    assert library.import_questions(fill(sheet, 2, "乙找谁", column=7)).questions == 1
    assert asked(library, "tax") == [("甲找谁", "乙找谁"), ()]
    (corpus / "questions" / "tax.jsonl").write_text(
        '{"article": 1, "question": "丙找谁"}\n', encoding="utf-8"
    )
    library.build()
    assert set(asked(library, "tax")[0]) == {"丙找谁", "乙找谁"}
    library.close()


def _other_book(path: Path) -> None:
    Workbook().save(path)


def _no_key(path: Path) -> None:
    fill(path, 2, "x", column=1)


def _too_long(path: Path) -> None:
    fill(path, 3, "长" * 300)


def _unknown(path: Path) -> None:
    fill(path, 2, json.dumps({"place": ["九"], "digest": "0"}), column=1)


BROKEN: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: path.write_bytes(b"not a sheet"), "不是 .xlsx"),
    (lambda path: path.write_bytes(path.read_bytes()[:3000]), "不是 .xlsx|读不了"),
    (lambda path: path.unlink(), "没有这个文件"),
    (_other_book, "不是导出的问法表"),
    (_no_key, "第 2 行.*标识"),
    (_too_long, "第 3 行问法1.*字"),
    (_unknown, "第 2 行.*没有这一条"),
]


@pytest.mark.parametrize(("harm", "fault"), BROKEN)
def test_a_bad_sheet_is_named_and_changes_nothing(
    library: Library, tmp_path: Path, harm: Callable[[Path], object], fault: str
) -> None:
    sheet = tmp_path / "a.xlsx"
    library.export_questions("own", sheet)
    fill(sheet, 2, "好问题有没有")
    harm(sheet)
    with pytest.raises(BadInput, match=fault):
        library.import_questions(sheet)
    assert asked(library) == [(), ()]


def test_unknown_documents(library: Library, tmp_path: Path) -> None:
    with pytest.raises(UnknownDocument, match="nope"):
        library.export_questions("nope", tmp_path / "a.xlsx")
    library.export_questions("own", tmp_path / "a.xlsx")
    library.remove(["own"])
    with pytest.raises(UnknownDocument, match="own"):
        library.import_questions(tmp_path / "a.xlsx")


def test_no_cell_becomes_a_formula(library: Library, tmp_path: Path) -> None:
    with library.catalogue.reading() as reader:
        stored = reader.clauses("own")
        metadata = reader.document("own").document.metadata
    write_sheet(tmp_path / "a.xlsx", "own", metadata, [(stored[0], "0", ("=1+1", "-2"))])
    cells = load_workbook(tmp_path / "a.xlsx")[SHEET][2]
    assert [cell.data_type for cell in cells[5:7]] == ["s", "s"]
    assert read_sheet(tmp_path / "a.xlsx")[0] == "own"


class Writer:
    """A model that writes one question a clause and fails when told to."""

    def __init__(self, fails_after: int = 99) -> None:
        self.left, self.prompts = fails_after, list[str]()

    def complete(self, prompt: str) -> str:
        self.prompts.append(prompt)
        self.left -= 1
        if self.left < 0:
            raise ChatFailed("语言模型没有答复（Timeout)")
        return '```json\n{"questions": ["这事' + str(len(self.prompts)) + '归谁管", 7, "嗯"]}\n```'


def test_the_model_writes_questions_and_goes_on_where_it_stopped(library: Library) -> None:
    steps: list[tuple[int, int]] = []
    first = library.generate_questions("own", Writer(fails_after=1), lambda *step: steps.append(step))
    assert (first.done, first.total, steps) == (1, 2, [(1, 2)])
    assert "Timeout" in first.fault
    assert asked(library) == [("这事1归谁管",), ()]
    assert found(library, "这事1归谁管") == "own#0"
    again = Writer()
    second = library.generate_questions("own", again, lambda *step: None)
    assert (second.done, second.total, second.fault) == (1, 1, "")
    assert "稳岗补贴" in again.prompts[0]
    assert asked(library) == [("这事1归谁管",), ("这事1归谁管",)]
    assert library.generate_questions("own", again, lambda *step: None).total == 0


@pytest.mark.parametrize("reply", ["", "好的", "{", '{"questions": 3}', '{"questions": [1, "x"]}', "[]"])
def test_a_reply_without_questions(reply: str) -> None:
    with pytest.raises(ChatFailed):
        read_reply(reply)


def test_unanswered_questions_are_listed_newest_first(tmp_path: Path) -> None:
    assert read_unanswered(tmp_path) == ()
    asked_before: Sequence[str] = ["甲", "乙", "甲"]
    for question in asked_before:
        note_unanswered(tmp_path, question)
    with (tmp_path / FILE).open("a") as file:
        file.write("damaged\n")
    assert read_unanswered(tmp_path) == ("甲", "乙")
