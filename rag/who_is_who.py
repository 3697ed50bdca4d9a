"""Who leads and who cooperates, body by body over all documents, from the catalogue: complete, as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from ingest.departments import Directory
from ingest.errors import BadInput
from ingest.stores.catalogue import Duty
from ingest.text import fold
from rag.answers.departments import same_body
from rag.index import Snapshot
from rag.wording import present_names, role_word

COLUMNS = ("单位", "现名", "角色", "文件", "文号", "部分", "条号", "条名", "文件编号")
# A cell that begins so would be a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
ROLES = ("lead", "responsible", "cooperating")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A body's part in one clause: 省统计局 配合 (三)健全考核体系."""

    body: str
    present: str
    role: str
    title: str
    number: str
    section: str
    label: str
    heading: str
    document_id: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The part as a line of the table, in the order of COLUMNS."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One body with its parts, in reading order of the documents."""

    body: str
    parts: tuple[Part, ...]

    def count(self, role: str) -> int:
        """In how many clauses it has a role: 牵头, 负责 or 配合."""
        return sum(part.role == role for part in self.parts)


def profiles(snapshot: Snapshot, directory: Directory, name: str = "") -> tuple[Profile, ...]:
    """Every body that some clause names, those that lead most first; of one body, by any of its names.

    Raises BadInput for a name that is no known body's or that no document names.
    """
    duties = _duties(snapshot, directory, name)
    found: dict[str, dict[Part, None]] = {}
    for duty in duties:
        found.setdefault(duty.printed, {})[_part(snapshot, directory, duty)] = None
    every = [Profile(body=body, parts=tuple(parts)) for body, parts in found.items()]
    return tuple(sorted(every, key=lambda p: (-p.count("牵头"), -p.count("负责"), -len(p.parts), p.body)))


def _duties(snapshot: Snapshot, directory: Directory, name: str) -> tuple[Duty, ...]:
    catalogue = snapshot.catalogue
    if not name:
        printed = {body for _, _, body, _ in catalogue.bodies()}
        return catalogue.duties(printed=sorted(printed))
    mentions = directory.mentions(name)
    whole = [m for m in mentions if fold(m.text) == fold(name.strip())]
    if not whole:
        raise BadInput(f"没有认出“{name[:40]}”是哪个单位；不带名称运行可以列出全部单位")
    bodies = same_body(whole[0].departments, directory)
    listed = [body.id for body in bodies if not body.id.startswith("unlisted:")]
    duties = catalogue.duties(listed, [body.name for body in bodies])
    if not duties:
        raise BadInput(f"已收录的文件里，{name[:40]}没有牵头或配合任何条款")
    return duties


def _part(snapshot: Snapshot, directory: Directory, duty: Duty) -> Part:
    clause = duty.clause.clause
    metadata = snapshot.documents[duty.clause.document_id].document.metadata
    return Part(
        body=duty.printed,
        present="；".join(present_names([duty.printed], directory)),
        role=role_word(duty.role),
        title=metadata.title,
        number=metadata.number or "",
        section=clause.section,
        label=clause.label,
        heading=clause.heading,
        document_id=duty.clause.document_id,
    )


def summary(found: Sequence[Profile]) -> str:
    """One line a body: 省财政厅 牵头 1 条 配合 11 条:牵头(十四);配合(四)、…."""
    lines = []
    for profile in found:
        counted = [(role_word(role), profile.count(role_word(role))) for role in ROLES]
        told = " ".join(f"{role} {count} 条" for role, count in counted if count)
        lines.append(f"{profile.body}\t{told}")
        if len(found) == 1:
            lines += [f"  {part.role} {part.label}{part.heading}（{part.section}）" for part in profile.parts]
    return "\n".join(lines)


def export(found: Sequence[Profile], path: Path) -> int:
    """Write the table as .csv or .xlsx; how many lines. Raises BadInput."""
    rows = [tuple(map(_plain, part.cells)) for profile in found for part in profile.parts]
    try:
        if path.suffix.lower() == ".xlsx":
            _write_xlsx(rows, path)
        elif path.suffix.lower() == ".csv":
            text = io.StringIO()
            csv.writer(text).writerows([COLUMNS, *rows])
            # Spreadsheet programs take a file without the mark for another encoding.
            path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
        else:
            raise BadInput(f"{path}：只能写成 .csv 或 .xlsx")
    except OSError as error:
        raise BadInput(f"{path}：写不了文件（{error.strerror or error}）") from None
    return len(rows)


def _write_xlsx(rows: Sequence[Sequence[str]], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "部门职责"
    for row in (COLUMNS, *rows):
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGHI", (18, 34, 8, 50, 20, 26, 8, 28, 20), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    book.save(path)


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
