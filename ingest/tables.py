"""Tables of tasks and responsible bodies: rows of the stored text whose cells are joined by tabs.

    序号	主要任务	责任单位	完成时限
    1	公布收费清单	市财政局	6月底前

Each row under a header that names a column of bodies becomes a clause with those bodies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.chinese_numbers import to_int
from ingest.duties import split_bodies
from ingest.numbering import Marker, NumberingForm
from ingest.text import fold
from ingest.types import Responsibility

Span = tuple[int, int]

_ROLES = (
    ("lead", re.compile(r"牵头|主办")),
    ("cooperating", re.compile(r"配合|协同|协办|参与|参加")),
    ("responsible", re.compile(r"(?:责任|负责|实施|承办|落实)(?:单位|部门|主体|处室|机构)|责任分工")),
)
_UNTIL = re.compile(r"时限|时间|进度")
_NUMBER = re.compile(r"序号|编号")
_TASK = re.compile(r"任务|事项|内容|措施|工作|项目|要求|目标")
_FORM = NumberingForm(name="row", rank=9, pattern=re.compile(r"(?!)"), label="{n}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row read as a clause: its number, its task as heading, its bodies."""

    marker: Marker
    heading: str
    duties: tuple[Responsibility, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    roles: dict[int, str]
    until: int | None
    number: int | None
    task: int | None


def read_table_rows(text: str, spans: Sequence[Span]) -> dict[int, TableRow | None]:
    """Paragraph start → its row, None for a header row; paragraphs outside such tables are left out."""
    rows: dict[int, TableRow | None] = {}
    columns: _Columns | None = None
    count = 0
    for start, end in spans:
        if "\t" not in text[start:end].strip("\t"):
            columns = None
            continue
        cells = _cells(text, start, end)
        header = _header([fold(text[a:b]) for a, b in cells])
        if header is not None:
            columns, count = header, 0
            rows[start] = None
        elif columns is not None:
            count += 1
            rows[start] = _row(text, cells, columns, count)
    return rows


def _cells(text: str, start: int, end: int) -> list[Span]:
    """The spans of a row's cells; the paragraph's span has lost the tabs at its ends, an empty first cell too."""
    begin = text.rfind("\n", 0, start) + 1
    return [
        (begin + match.start(), begin + match.start() + len(match.group().rstrip("\t")))
        for match in re.finditer(r"[^\t]*(?:\t|$)", text[begin:end])
        if match.group() or match.start() < end - begin
    ]


def _header(cells: Sequence[str]) -> _Columns | None:
    """The columns of a header row, or None for any other row: short cells, one of them of bodies."""
    if any(len(cell) > 16 for cell in cells):
        return None
    roles = {}
    for index, cell in enumerate(cells):
        role = next((role for role, pattern in _ROLES if pattern.search(cell)), None)
        if role and re.search(r"单位|部门|主体|处室|机构|分工", cell):
            roles[index] = role
    if not roles:
        return None
    return _Columns(
        roles=roles,
        until=_column(cells, _UNTIL),
        number=_column(cells, _NUMBER),
        task=_column(cells, _TASK, besides=roles),
    )


def _column(
    cells: Sequence[str], pattern: re.Pattern[str], besides: Sequence[int] | dict[int, str] = ()
) -> int | None:
    return next((i for i, cell in enumerate(cells) if i not in besides and pattern.search(cell)), None)


def _row(text: str, cells: Sequence[Span], columns: _Columns, count: int) -> TableRow:
    def cell(index: int | None) -> str:
        return text[slice(*cells[index])].strip() if index is not None and index < len(cells) else ""

    number = to_int(re.sub(r"[.、．\s]", "", cell(columns.number))) or count
    lists: dict[str, tuple[str, ...]] = {"lead": (), "cooperating": (), "responsible": ()}
    open_ended = False
    used = []
    for index, role in columns.roles.items():
        if cell(index):
            shown = re.sub(r"[\s。;;]+", "", cell(index))
            names, is_open = split_bodies(fold(shown), shown)
            lists[role] = (*lists[role], *names)
            open_ended = open_ended or is_open
            used.append(cells[index])
    if lists["lead"] and lists["responsible"]:
        lists["cooperating"], lists["responsible"] = (*lists["responsible"], *lists["cooperating"]), ()
    duties: tuple[Responsibility, ...] = ()
    if used:
        start, end = used[0][0], used[-1][1]
        duties = (
            Responsibility(
                lead=lists["lead"],
                cooperating=lists["cooperating"],
                responsible=lists["responsible"],
                open_ended=open_ended,
                until=cell(columns.until) or None,
                raw=text[start:end],
                start=start,
                end=end,
                source="label",
            ),
        )
    marker = Marker(form=_FORM, number=number, label=str(number), printed=str(number), length=0)
    return TableRow(marker=marker, heading=cell(columns.task)[:40], duties=duties)
