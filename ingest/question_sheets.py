"""A sheet (XLSX) of a document's clauses with room for everyday questions, written and read back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BadInput
from ingest.questions import place_of
from ingest.stores.catalogue import StoredClause
from ingest.types import Metadata

ROOM = 15
SHEET, ABOUT, UNANSWERED = "条文与问法", "说明", "没有找到答案的提问"
_FIXED = ("标识(请勿改动)", "条款", "标题", "原文", "牵头和配合部门")
_LONGEST_QUESTION = 200
_LONGEST_CELL = 32_000
_MAX_BYTES, _MAX_UNPACKED = 20_000_000, 200_000_000
_HELP = (
    "在“条文与问法”表里，每条后面的“问法”格子各写一个问题：老百姓、企业会怎样用大白话问到这一条。",
    "尽量不用条文里的词，用身边的例子；问“找谁”和问“怎么规定”的都要有。",
    "不要改动第一列。写完存盘，运行 python -m ingest questions import 文件。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One clause of a sheet with the questions written for it; `row` is its line in the sheet."""

    place: tuple[str, ...]
    digest: str
    questions: tuple[str, ...]
    row: int


def write_sheet(
    path: Path,
    document_id: str,
    metadata: Metadata,
    clauses: Sequence[tuple[StoredClause, str, tuple[str, ...]]],
    unanswered: Sequence[str] = (),
) -> None:
    """Write (clause, digest, questions so far) a line; the questions people asked in vain on a sheet of their own."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    most = max([ROOM, *(len(questions) + 5 for _, _, questions in clauses)])
    sheet.append([*_FIXED, *(f"问法{n}" for n in range(1, most + 1))])
    for stored, digest, questions in clauses:
        clause = stored.clause
        bodies = ";".join(
            "、".join(duty.names) + ("等" if duty.open_ended else "") for duty in clause.responsibilities
        )
        key = json.dumps({"place": place_of(clause), "digest": digest}, ensure_ascii=False)
        sheet.append(
            [_plain(v) for v in (key, clause.label, clause.heading, clause.text, bodies, *questions)]
        )
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.column_dimensions["A"].hidden = True
    for column, width in (("B", 10), ("C", 20), ("D", 70), ("E", 24)):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2, min_col=2, max_col=5):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "F2"
    about = book.create_sheet(ABOUT)
    about.append(["文件编号", document_id])
    about.append(["文件", _plain(metadata.title)])
    for line in _HELP:
        about.append([line])
    if unanswered:
        missed = book.create_sheet(UNANSWERED)
        for question in unanswered:
            missed.append([_plain(question)])
    try:
        book.save(path)
    except OSError as error:
        raise BadInput(f"{path}：写不了文件（{error.strerror or error}）") from None


def read_sheet(path: Path) -> tuple[str, tuple[SheetRow, ...]]:
    """The document's id and the lines of a sheet; raises BadInput naming file, line and fault."""
    from openpyxl import load_workbook

    _refuse_other_files(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        if SHEET not in book.sheetnames or ABOUT not in book.sheetnames:
            raise BadInput(f"{path}：不是导出的问法表（缺少“{SHEET}”或“{ABOUT}”）")
        first = next(book[ABOUT].iter_rows(min_row=1, max_row=1, max_col=2, values_only=True), (None, None))
        lines = list(book[SHEET].iter_rows(min_row=2, values_only=True))
        book.close()
    except BadInput:
        raise
    except Exception as error:  # openpyxl raises many kinds on damaged files
        raise BadInput(f"{path}：读不了这个表格（{type(error).__name__}）；请重新导出") from None
    if len(first) < 2 or not first[1]:
        raise BadInput(f"{path}：“{ABOUT}”里没有文件编号")
    rows = [_read_line(path, number, line) for number, line in enumerate(lines, start=2) if any(line)]
    return str(first[1]), tuple(rows)


def _refuse_other_files(path: Path) -> None:
    if not path.is_file():
        raise BadInput(f"{path}：没有这个文件")
    if path.stat().st_size > _MAX_BYTES:
        raise BadInput(f"{path}：表格超过 {_MAX_BYTES // 1_000_000} MB，没有处理")
    try:
        with zipfile.ZipFile(path) as package:
            unpacked = sum(member.file_size for member in package.infolist())
    except (zipfile.BadZipFile, OSError):
        raise BadInput(f"{path}：不是 .xlsx 表格") from None
    if unpacked > _MAX_UNPACKED:
        raise BadInput(f"{path}：展开后超过 {_MAX_UNPACKED // 1_000_000} MB，没有处理")


def _read_line(path: Path, number: int, line: Sequence[Any]) -> SheetRow:
    try:
        key = json.loads(str(line[0]))
        place, digest = tuple(map(str, key["place"])), str(key["digest"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{path} 第 {number} 行：第一列的标识被改动了，请重新导出") from None
    questions = []
    for column, value in enumerate(line[len(_FIXED) :], start=1):
        question = " ".join(str(value).split()) if value is not None else ""
        if not question:
            continue
        if not 2 <= len(question) <= _LONGEST_QUESTION:
            raise BadInput(f"{path} 第 {number} 行问法{column}：应有 2 到 {_LONGEST_QUESTION} 字")
        questions.append(question)
    return SheetRow(place=place, digest=digest, questions=tuple(dict.fromkeys(questions)), row=number)


def _plain(value: str) -> str:
    """Text that a spreadsheet shows as it is: no formula, no control characters, not too long."""
    text = "".join(c for c in value if c in "\n\t" or ord(c) >= 32)[:_LONGEST_CELL]
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
