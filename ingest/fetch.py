"""Official originals: downloaded from where corpus/sources.yaml says, held against title and number, put in.

`data/originals/` keeps each page as the site sent it, with a record of where, when and what beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ingest.download import SUFFIXES, Downloaded, Downloader, FetchFailed, allowed_address
from ingest.errors import BadInput, BrokenKnowledge, PolicyQAError
from ingest.knowledge import place, read_yaml, require
from ingest.references import normalise_number
from ingest.settings import Settings
from ingest.sources import file_source
from ingest.text import fold
from ingest.types import Metadata

Outcome = Literal["taken", "unchanged", "failed"]

# An id becomes a file name.
_ID = re.compile(r"\w[\w-]{0,99}")
# At least two labels: *.cn would be a whole country.
_SITE = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")
# A page about a document has the document's title in its own: 《…若干意见》解读.
_ABOUT = re.compile(r"解读|读懂|图解|问答|答记者问|发布会|吹风会|访谈|评论|解释|说明")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a document's official page is; `seen` where somebody found the document there."""

    document: str
    url: str
    title: str
    number: str | None
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The official pages there are, the sites that may be visited, and the pause between two requests."""

    entries: tuple[Entry, ...]
    hosts: tuple[str, ...]
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of an entry; `detail` is one line for the user."""

    document: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept beside an original; `indexed` once it was put into the index."""

    url: str
    final_url: str
    fetched_at: str
    file: str
    sha256: str
    bytes: int
    content_type: str
    title: str
    number: str | None
    indexed: bool


Take = Callable[[Path, Entry, str], object]
Progress = Callable[[Sequence[Entry]], Iterable[Entry]]


def read_sources(path: Path) -> Sources:
    """corpus/sources.yaml. Raises BrokenKnowledge naming the line."""
    data = read_yaml(path)
    hosts = require(data, "hosts", list, path)
    for host in hosts:
        if not isinstance(host, str) or not _SITE.fullmatch(host):
            raise BrokenKnowledge(f"{place(path, 'hosts:')}：hosts 里的 {host!r} 不是网站名，应像 www.gov.cn")
    delay = data.get("delay_s", 2)
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 1 <= delay <= 60:
        raise BrokenKnowledge(f"{place(path, 'delay_s:')}：delay_s 应是 1 到 60 的秒数")
    entries: dict[str, Entry] = {}
    for row in require(data, "sources", list, path):
        entry = _read_entry(row, hosts, path)
        if entry.document in entries:
            raise BrokenKnowledge(f"{place(path, row)}：编号 {entry.document} 出现了两次")
        entries[entry.document] = entry
    return Sources(entries=tuple(entries.values()), hosts=tuple(hosts), delay_s=float(delay))


def _read_entry(row: Any, hosts: Sequence[str], path: Path) -> Entry:
    entry = Entry(
        document=require(row, "document", str, path),
        url=require(row, "url", str, path),
        title=require(row, "title", str, path),
        number=row.get("number"),
        seen=require(row, "seen", bool, path),
    )
    where = place(path, row)
    if not _ID.fullmatch(entry.document):
        raise BrokenKnowledge(f"{where}：编号 {entry.document!r} 不可用，只能用文字、数字和短横")
    # Left out by mistake, it would let any page with a similar title pass.
    if "number" not in row or not isinstance(entry.number, str | None) or entry.number == "":
        raise BrokenKnowledge(f"{where}：{entry.document} 缺少 number；没有文号的写 null")
    if not _letters(entry.title):
        raise BrokenKnowledge(f"{where}：{entry.document} 的 title 是空的")
    try:
        allowed_address(entry.url, hosts)
    except FetchFailed as fault:
        raise BrokenKnowledge(f"{where}：{entry.document} 的 url 不可用，{fault}") from None
    return entry


def run_fetch(
    settings: Settings,
    take: Take,
    *,
    also_unverified: bool,
    again: bool,
    ids: Sequence[str],
    downloader: Downloader | None = None,
) -> tuple[Fetched, ...]:
    """Fetch what corpus/sources.yaml lists, or what `ids` names of it. Raises BadInput; failures are results."""
    path = settings.corpus / "sources.yaml"
    sources = read_sources(path)
    entries = _chosen(sources.entries, path, also_unverified=also_unverified, ids=ids)
    return fetch_originals(
        entries,
        settings.data / "originals",
        downloader or Downloader(sources.hosts, delay_s=sources.delay_s),
        take,
        show_progress,
        again=again,
    )


def _chosen(
    entries: Sequence[Entry], path: Path, *, also_unverified: bool, ids: Sequence[str]
) -> tuple[Entry, ...]:
    known = {entry.document for entry in entries}
    unknown = [document for document in ids if document not in known]
    if unknown:
        raise BadInput(f"{path} 里没有这些编号：{'、'.join(unknown)}；有的是：{'、'.join(sorted(known))}")
    named = [entry for entry in entries if not ids or entry.document in ids]
    unseen = [entry.document for entry in named if not entry.seen]
    if ids and unseen and not also_unverified:
        raise BadInput(f"这些文件的网址还没有人核对过：{'、'.join(unseen)}；加上 --also-unverified 才下载")
    return tuple(entry for entry in named if entry.seen or also_unverified)


def show_progress(entries: Sequence[Entry]) -> Iterable[Entry]:
    """The entries one by one, counted on stderr where a person looks at it."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    counted: Iterable[Entry] = tqdm(entries, desc="下载原文", unit="份", file=sys.stderr, disable=None)
    return counted


def fetch_originals(
    entries: Sequence[Entry],
    folder: Path,
    downloader: Downloader,
    take: Take,
    progress: Progress = show_progress,
    again: bool = False,
) -> tuple[Fetched, ...]:
    """Each entry's page into `folder`, checked and handed to `take(path, entry, final_url)`; one's failure stops no other.

    A page that is there and whole is not downloaded again unless `again`, yet checked and handed over: the
    index may have been removed, or the entry corrected, since.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_fetch(entry, folder, downloader, take, again) for entry in progress(entries))


def _fetch(entry: Entry, folder: Path, downloader: Downloader, take: Take, again: bool) -> Fetched:
    try:
        held = _held(folder, entry)
        if held is None or again:
            record = _download(entry, folder, downloader)
        else:
            record = held
            try:
                _check(folder / record.file, entry)
            except FetchFailed:
                _remove(folder, entry)
                raise
        path = folder / record.file
        take(path, entry, record.final_url)
        if not record.indexed:
            record = replace(record, indexed=True)
            _write_record(folder, entry, record)
    except PolicyQAError as fault:
        return Fetched(document=entry.document, outcome="failed", detail=f"{fault}({entry.url})")
    except OSError as fault:
        reason = f"读写 {folder} 出错：{fault.strerror or fault}"
        return Fetched(document=entry.document, outcome="failed", detail=reason)
    same = held is not None and held.indexed and held.sha256 == record.sha256
    return Fetched(
        document=entry.document,
        outcome="unchanged" if same else "taken",
        detail=record.number or record.title,
    )


def _held(folder: Path, entry: Entry) -> Record | None:
    """The record of a page that is there, of this address and as it was downloaded; None otherwise."""
    try:
        record = Record(**json.loads(_record_path(folder, entry).read_text(encoding="utf-8")))
        if record.url != entry.url or record.file not in _names(entry):
            return None
        content = (folder / record.file).read_bytes()
    except (OSError, ValueError, TypeError):
        return None
    return record if hashlib.sha256(content).hexdigest() == record.sha256 else None


def _download(entry: Entry, folder: Path, downloader: Downloader) -> Record:
    page = downloader.download(entry.url)
    name = entry.document + page.suffix
    # Only a page that was checked takes the place of an earlier one.
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as aside:
        new = Path(aside) / name
        new.write_bytes(page.content)
        found = _check(new, entry)
        record = _record(page, name, found)
        _replace(new, folder / name)
    for other in _names(entry) - {name}:
        (folder / other).unlink(missing_ok=True)
    _write_record(folder, entry, record)
    return record


def _record(page: Downloaded, name: str, found: Metadata) -> Record:
    return Record(
        url=page.url,
        final_url=page.final_url,
        fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        file=name,
        sha256=hashlib.sha256(page.content).hexdigest(),
        bytes=len(page.content),
        content_type=page.content_type,
        title=found.title,
        number=found.number,
        indexed=False,
    )


def _check(path: Path, entry: Entry) -> Metadata:
    """What the page says of itself; raises FetchFailed where it is not the document of the entry."""
    try:
        found = file_source(path, entry.document).document.metadata
    except PolicyQAError as fault:
        raise FetchFailed(f"下载的内容用不了：{str(fault).removeprefix(f'{path}：')}") from None
    # Where a page has no title, the id stands for it.
    title = "" if found.title == entry.document else found.title
    if entry.number is not None and found.number is not None:
        agrees = normalise_number(found.number) == normalise_number(entry.number)
    else:
        agrees = _same_title(entry.title, title)
    if not agrees:
        said = " ".join(filter(None, (title[:80], found.number)))
        wanted = " ".join(filter(None, (entry.title, entry.number)))
        raise FetchFailed(f"标题或文号对不上：页面是“{said or '没有标题'}”，应是“{wanted}”")
    return found


def _same_title(wanted: str, found: str) -> bool:
    """Whether a page's title is the document's, maybe with the issuer before it, and not that of a page about it."""
    before, title, after = _letters(found).partition(_letters(wanted))
    return bool(title) and not _ABOUT.search(before + after)


def _letters(title: str) -> str:
    """A title without blanks and punctuation, which pages set differently."""
    return re.sub(r"[\W_]+", "", fold(title))


def _names(entry: Entry) -> set[str]:
    return {entry.document + suffix for suffix in SUFFIXES.values()}


def _record_path(folder: Path, entry: Entry) -> Path:
    return folder / f"{entry.document}.json"


def _write_record(folder: Path, entry: Entry, record: Record) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as aside:
        new = Path(aside) / "record.json"
        new.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        _replace(new, _record_path(folder, entry))


def _replace(new: Path, path: Path) -> None:
    """Put a complete file in place at once, on disk before it has the name."""
    with new.open("rb+") as file:
        os.fsync(file.fileno())
    new.replace(path)


def _remove(folder: Path, entry: Entry) -> None:
    for name in (*_names(entry), _record_path(folder, entry).name):
        (folder / name).unlink(missing_ok=True)


def report(results: Sequence[Fetched]) -> tuple[str, ...]:
    """One line for each result, in their order: guofa-2019-3:已下载并编入索引(国发〔2019〕3号)."""
    said = {"taken": "已下载并编入索引", "unchanged": "没有变化"}
    return tuple(
        f"{result.document}：没有取到，{result.detail}"
        if result.outcome == "failed"
        else f"{result.document}:{said[result.outcome]}" + (f"({result.detail})" if result.detail else "")
        for result in results
    )
