"""Official originals: which are fetched, what is checked of them, what is kept, and what one failure leaves alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import official_site
import pytest
from ingest_samples import CORPUS, make_settings, quick_library
from official_site import (
    ATTACHMENTS_PAGE,
    GB_PAGE,
    HOST,
    MISSING_PAGE,
    NUMBER,
    OTHER_PAGE,
    RECORD_PAGE,
    TITLE,
    Reply,
    Site,
    page,
    redirect,
)

from ingest.download import FetchFailed
from ingest.errors import BadInput, BrokenKnowledge, IndexBusy
from ingest.fetch import Entry, Fetched, fetch_originals, read_sources, report, run_fetch, show_progress
from ingest.sources import file_source

certificates, site = official_site.certificates, official_site.site

DOCUMENT = "yunzhengbanfa-2021-33"


@dataclass
class Desk:
    """A folder for originals, and what was handed over from it."""

    site: Site
    folder: Path
    taken: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, path: Path, entry: Entry, address: str) -> None:
        assert path.is_file()
        self.taken.append((path.name, entry.document, address))

    def fetch(self, *entries: Entry, again: bool = False, take: Any = None) -> tuple[Fetched, ...]:
        return fetch_originals(
            entries, self.folder, self.site.downloader(), take or self.take, iter, again=again
        )

    def one(self, entry: Entry, **more: Any) -> Fetched:
        (result,) = self.fetch(entry, **more)
        return result

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def record(self, document: str = DOCUMENT) -> dict[str, Any]:
        read = json.loads((self.folder / f"{document}.json").read_text(encoding="utf-8"))
        assert isinstance(read, dict)
        return read


@pytest.fixture
def desk(site: Site, tmp_path: Path) -> Desk:
    return Desk(site, tmp_path / "data" / "originals")


def entry(url: str, **more: Any) -> Entry:
    return Entry(**{"document": DOCUMENT, "url": url, "title": TITLE, "number": NUMBER, "seen": True} | more)


def test_an_original_is_kept_with_its_record_and_handed_over(desk: Desk) -> None:
    desk.site.put("/new", RECORD_PAGE)
    wanted = entry(desk.site.put("/old", redirect("/new")))
    assert desk.one(wanted) == Fetched(document=DOCUMENT, outcome="taken", detail=NUMBER)
    assert desk.taken == [(f"{DOCUMENT}.html", DOCUMENT, desk.site.url("/new"))]
    assert desk.files == [f"{DOCUMENT}.html", f"{DOCUMENT}.json"]
    content = (desk.folder / f"{DOCUMENT}.html").read_bytes()
    assert content == RECORD_PAGE.encode()
    record = desk.record()
    assert record.pop("fetched_at").endswith("+00:00")
    assert record == {
        "url": wanted.url,
        "final_url": desk.site.url("/new"),
        "file": f"{DOCUMENT}.html",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "content_type": "text/html; charset=utf-8",
        "title": TITLE,
        "number": NUMBER,
        "indexed": True,
    }


@pytest.mark.parametrize("content", [RECORD_PAGE, ATTACHMENTS_PAGE, GB_PAGE])
def test_layouts_of_government_sites(desk: Desk, content: str | bytes) -> None:
    assert desk.one(entry(desk.site.put("/a", content))).outcome == "taken"
    source = file_source(desk.folder / f"{DOCUMENT}.html", DOCUMENT)
    assert (source.document.metadata.title, source.document.metadata.number) == (TITLE, NUMBER)
    assert "（二）盘活存量土地。" in source.document.text
    assert ("附件2:园区名单" in source.document.text.replace("：", ":")) == (content == ATTACHMENTS_PAGE)


def test_a_text_file_is_named_so(desk: Desk) -> None:
    text = f"{TITLE}\n{NUMBER}\n\n各市、州人民政府:\n\n一、优化布局。科学编制规划。\n"
    url = desk.site.put("/a", Reply(body=text, content_type="text/plain; charset=utf-8"))
    assert desk.one(entry(url)).outcome == "taken"
    assert desk.files == [f"{DOCUMENT}.json", f"{DOCUMENT}.txt"]
    # The site changes to a page: one original stays.
    desk.site.put("/a", RECORD_PAGE)
    assert desk.one(entry(url), again=True).outcome == "taken"
    assert desk.files == [f"{DOCUMENT}.html", f"{DOCUMENT}.json"]


# Title and number


def test_another_documents_page_is_not_taken(desk: Desk) -> None:
    result = desk.one(entry(desk.site.put("/a", OTHER_PAGE)))
    assert result.outcome == "failed"
    assert result.detail.startswith("标题或文号对不上：")
    assert "防汛" in result.detail
    assert "云政办发〔2021〕35号" in result.detail
    assert (desk.files, desk.taken) == ([], [])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (MISSING_PAGE, "404 页面不存在|对不上|用不了"),
        (page(number="云政办发〔2021〕34号"), "对不上"),
        ("<html><body></body></html>", "下载的内容用不了：没有找到正文"),
        (Reply(body=b"%PDF-1.7\n%", content_type="application/pdf"), "下载的内容用不了"),
        (Reply(body=RECORD_PAGE, content_type="application/pdf"), "下载的内容用不了"),
        (Reply(status=404, body=MISSING_PAGE), "网站回答 404"),
        (b"", "空的"),
    ],
)
def test_pages_that_are_not_the_document(desk: Desk, content: Any, word: str) -> None:
    import re

    url = desk.site.put("/a", content)
    result = desk.one(entry(url))
    assert result.outcome == "failed"
    assert re.search(word, result.detail)
    assert result.detail.endswith(f"({url})")
    # Neither a line break nor a path of the temporary file.
    assert "\n" not in result.detail
    assert str(desk.folder) not in result.detail
    assert (desk.files, desk.taken) == ([], [])


@pytest.mark.parametrize(
    ("title", "number", "agrees"),
    [
        (TITLE, NUMBER, True),
        (TITLE, "云政办发[2021] 33 号", True),
        # The number decides where there are two.
        ("关于别的事情的若干意见", NUMBER, True),
        (TITLE, "云政办发〔2022〕33号", False),
        (TITLE, "云政发〔2021〕33号", False),
        # Only titles where the list knows no number.
        (TITLE, None, True),
        ("关于支持 产业园区,提质增效的若干意见", None, True),
        ("关于支持产业园区的若干意见", None, False),
        ("关于支持产业园区提质增效的若干意见(试行)", None, False),
    ],
)
def test_what_agrees_with_an_entry(desk: Desk, title: str, number: str | None, agrees: bool) -> None:
    result = desk.one(entry(desk.site.put("/a", RECORD_PAGE), title=title, number=number))
    assert (result.outcome == "taken") == agrees


@pytest.mark.parametrize(
    ("title", "agrees"),
    [
        (TITLE, True),
        ("云岭省人民政府办公厅 关于支持产业园区提质增效的若干意见", True),
        (TITLE.removeprefix("云岭省人民政府办公厅"), False),
        (f"《{TITLE}》政策解读", False),
        (f"一图读懂{TITLE}", False),
    ],
)
def test_a_page_without_a_number_is_known_by_its_title(desk: Desk, title: str, agrees: bool) -> None:
    result = desk.one(entry(desk.site.put("/a", page(title=title, number=None))))
    assert (result.outcome == "taken") == agrees


# Runs


def test_a_second_run_asks_the_site_nothing(desk: Desk) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    asked = len(desk.site.requests)
    assert desk.one(wanted) == Fetched(document=DOCUMENT, outcome="unchanged", detail=NUMBER)
    assert len(desk.site.requests) == asked
    # Handed over again all the same: the index may be a new one.
    assert len(desk.taken) == 2


def test_again_downloads_what_is_there(desk: Desk) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    assert desk.one(wanted, again=True).outcome == "unchanged"
    desk.site.put("/a", ATTACHMENTS_PAGE)
    assert desk.one(wanted, again=True).outcome == "taken"
    assert (desk.folder / f"{DOCUMENT}.html").read_text(encoding="utf-8") == ATTACHMENTS_PAGE
    assert desk.site.asked == ["/a"] * 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (f"{DOCUMENT}.html", b"<html>changed</html>"),
        (f"{DOCUMENT}.html", None),
        (f"{DOCUMENT}.json", None),
        (f"{DOCUMENT}.json", b"{broken"),
        (f"{DOCUMENT}.json", b"[]"),
        (f"{DOCUMENT}.json", b'{"file": "../../secret"}'),
    ],
)
def test_what_was_tampered_with_is_downloaded_again(desk: Desk, name: str, content: bytes | None) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    if content is None:
        (desk.folder / name).unlink()
    else:
        (desk.folder / name).write_bytes(content)
    assert desk.one(wanted).outcome == "taken"
    assert desk.site.asked == ["/a", "/a"]
    assert desk.record()["sha256"] == hashlib.sha256(RECORD_PAGE.encode()).hexdigest()


def test_a_record_cannot_name_a_file_elsewhere(desk: Desk, tmp_path: Path) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    (tmp_path / "data" / "elsewhere.html").write_text(RECORD_PAGE, encoding="utf-8")
    record = desk.record() | {"file": "../elsewhere.html"}
    (desk.folder / f"{DOCUMENT}.json").write_text(json.dumps(record), encoding="utf-8")
    desk.one(wanted)
    assert desk.site.asked == ["/a", "/a"]
    assert desk.record()["file"] == f"{DOCUMENT}.html"


def test_an_entry_with_a_new_address_is_downloaded_again(desk: Desk) -> None:
    desk.one(entry(desk.site.put("/a", RECORD_PAGE)))
    desk.one(entry(desk.site.put("/b", RECORD_PAGE)))
    assert desk.site.asked == ["/a", "/b"]


def test_a_stored_page_that_no_longer_agrees_is_removed(desk: Desk) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    assert "对不上" in desk.one(replace(wanted, number="云政办发〔2021〕34号")).detail
    assert (desk.files, len(desk.taken)) == ([], 1)


def test_a_good_original_outlives_a_bad_page(desk: Desk) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    for bad in (OTHER_PAGE, Reply(status=404), Reply(body=RECORD_PAGE[:200], length=9999, drop=True)):
        desk.site.put("/a", bad)
        assert desk.one(wanted, again=True).outcome == "failed"
        assert (desk.folder / f"{DOCUMENT}.html").read_text(encoding="utf-8") == RECORD_PAGE
    assert desk.one(wanted).outcome == "unchanged"
    assert desk.files == [f"{DOCUMENT}.html", f"{DOCUMENT}.json"]


def test_one_failure_does_not_stop_the_others(desk: Desk) -> None:
    site = desk.site
    robots = "User-agent: *\nDisallow: /forbidden"
    site.put("/robots.txt", Reply(body=robots, content_type="text/plain"))
    entries = [
        entry(site.url("/none"), document="a-1"),
        entry(site.put("/forbidden", RECORD_PAGE), document="a-2"),
        entry(site.put("/other", OTHER_PAGE), document="a-3"),
        entry(site.put("/good", RECORD_PAGE), document="a-4"),
        entry("https://evil.example/", document="a-5"),
        entry(site.put("/also-good", RECORD_PAGE), document="a-6"),
    ]
    results = desk.fetch(*entries)
    assert [r.document for r in results] == ["a-1", "a-2", "a-3", "a-4", "a-5", "a-6"]
    assert [r.outcome for r in results] == ["failed", "failed", "failed", "taken", "failed", "taken"]
    assert desk.files == ["a-4.html", "a-4.json", "a-6.html", "a-6.json"]
    lines = report(results)
    assert lines[0] == f"a-1：没有取到，网站回答 404({site.url('/none')})"
    assert "robots.txt 不允许" in lines[1]
    assert lines[3] == f"a-4:已下载并编入索引({NUMBER})"
    assert all("\n" not in line for line in lines)
    assert report(desk.fetch(entries[3])) == (f"a-4:没有变化({NUMBER})",)


def test_an_index_that_does_not_take_it_is_asked_again(desk: Desk) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))

    def busy(path: Path, entry: Entry, address: str) -> None:
        raise IndexBusy("另一个程序正在更新索引，请稍后再试")

    result = desk.one(wanted, take=busy)
    assert result.outcome == "failed"
    assert result.detail.startswith("另一个程序正在更新索引")
    assert desk.record()["indexed"] is False
    # Taken now, without asking the site.
    assert desk.one(wanted).outcome == "taken"
    assert desk.one(wanted).outcome == "unchanged"
    assert desk.site.asked == ["/a"]


def test_a_run_cut_short_leaves_no_half_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted)
    before = {name: (desk.folder / name).read_bytes() for name in desk.files}
    desk.site.put("/a", ATTACHMENTS_PAGE)
    original = Path.replace

    def killed(path: Path, target: Any) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        desk.one(wanted, again=True)
    assert {name: (desk.folder / name).read_bytes() for name in desk.files} == before

    # Between the page and its record: the checksum tells.
    def killed_at_record(path: Path, target: Path) -> Path:
        if target.suffix == ".json":
            raise KeyboardInterrupt
        return original(path, target)

    monkeypatch.setattr(Path, "replace", killed_at_record)
    with pytest.raises(KeyboardInterrupt):
        desk.one(wanted, again=True)
    monkeypatch.undo()
    assert desk.one(wanted).outcome == "taken"
    assert desk.site.asked == ["/a"] * 4


def test_a_full_disk_is_a_failure_in_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result = desk.one(entry(desk.site.put("/a", RECORD_PAGE)))
    assert (result.outcome, desk.files) == ("failed", [])
    assert "No space left" in result.detail


@pytest.mark.slow
def test_the_index_takes_a_fetched_page(desk: Desk, tmp_path: Path) -> None:
    library = quick_library(tmp_path / "data")
    library.build()
    wanted = entry(desk.site.put("/a", RECORD_PAGE))
    desk.one(wanted, take=lambda path, entry, address: library.add([path], entry.document))
    assert DOCUMENT in {status.id for status in library.status()}
    library.close()


# corpus/sources.yaml


def write_sources(site: Site, corpus: Path, entries: Sequence[Entry]) -> None:
    rows = [
        {"document": e.document, "url": e.url, "title": e.title, "number": e.number, "seen": e.seen}
        for e in entries
    ]
    corpus.mkdir(exist_ok=True)
    content = {"hosts": [HOST], "sources": rows}
    (corpus / "sources.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def test_run_fetch_takes_what_was_seen(site: Site, tmp_path: Path, capsys: Any) -> None:
    # The list names the site without a port; a downloader for the test server knows it with one.
    settings = make_settings(tmp_path / "data", tmp_path / "corpus")
    put = [site.put(f"/{name}", RECORD_PAGE).replace(f":{site.port}", "") for name in ("a", "b", "c")]
    entries = [
        entry(put[0], document="a"),
        entry(put[1], document="b", seen=False),
        entry(put[2], document="c"),
    ]
    write_sources(site, tmp_path / "corpus", entries)

    class Ported:
        def download(self, url: str) -> Any:
            found = site.downloader().download(url.replace(HOST, f"{HOST}:{site.port}"))
            return replace(found, url=url)

    taken: list[str] = []

    def run(*ids: str, also_unverified: bool = False, again: bool = False) -> list[tuple[str, str]]:
        results = run_fetch(
            settings,
            lambda path, entry, address: taken.append(entry.document),
            also_unverified=also_unverified,
            again=again,
            ids=ids,
            downloader=Ported(),  # type: ignore[arg-type]
        )
        return [(r.document, r.outcome) for r in results]

    assert run() == [("a", "taken"), ("c", "taken")]
    assert run(also_unverified=True) == [("a", "unchanged"), ("b", "taken"), ("c", "unchanged")]
    assert run("c") == [("c", "unchanged")]
    assert run("b", also_unverified=True) == [("b", "unchanged")]
    assert run("c", again=True) == [("c", "unchanged")]
    assert site.asked == ["/a", "/c", "/b", "/c"]
    assert (tmp_path / "data" / "originals" / "b.html").is_file()
    with pytest.raises(BadInput, match="--also-unverified"):
        run("b")
    with pytest.raises(BadInput, match="没有这些编号：x；有的是：a、b、c"):
        run("a", "x")
    # No progress where nobody watches.
    assert capsys.readouterr().err == ""


def test_run_fetch_is_guarded_by_default(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed name that leads to this machine is refused, whatever the environment says."""
    import socket

    settings = make_settings(tmp_path / "data", tmp_path / "corpus")
    write_sources(site, tmp_path / "corpus", [entry(f"https://{HOST}/a")])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *a, **k: [(socket.AF_INET, 1, 6, "", ("127.0.0.1", site.port))]
    )
    (result,) = run_fetch(settings, lambda *a: None, also_unverified=False, again=False, ids=())
    assert result.outcome == "failed"
    assert f"地址不是公网地址：{HOST} → 127.0.0.1" in result.detail


def test_the_shipped_list() -> None:
    sources = read_sources(CORPUS / "sources.yaml")
    assert (sources.hosts, sources.delay_s) == (("www.gov.cn",), 2.0)
    assert {e.document: e.number for e in sources.entries if e.seen} == {
        "guobanfa-2016-14": "国办发〔2016〕14号",
        "guofa-2018-38": "国发〔2018〕38号",
        "guofa-2019-3": "国发〔2019〕3号",
    }
    series = {"国办发": "guobanfa", "国发": "guofa"}
    for e in sources.entries:
        assert e.number is not None
        name, year, number = e.number.replace("〔", " ").replace("〕", " ").removesuffix("号").split()
        assert e.document == f"{series[name]}-{year}-{number}"
        assert e.url.startswith("https://www.gov.cn/")
        assert e.title.startswith("国务院办公厅" if name == "国办发" else "国务院")
        assert "（memory" not in e.url


_GOOD = """\
hosts: [www.gov.cn]
sources:
  - document: a-1
    url: https://www.gov.cn/1.htm
    title: 若干意见
    number: 国发〔2019〕3号
    seen: true
"""


def test_a_small_list(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(_GOOD.replace("国发〔2019〕3号", "null"), encoding="utf-8")
    (only,) = read_sources(file).entries
    assert only == Entry(
        document="a-1", url="https://www.gov.cn/1.htm", title="若干意见", number=None, seen=True
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("hosts: [www.gov.cn]", "", ["hosts"]),
        ("[www.gov.cn]", "['*']", ["第 1 行", "'*'"]),
        ("[www.gov.cn]", "['*.cn']", ["第 1 行", "*.cn"]),
        ("[www.gov.cn]", "[127.0.0.1]", ["第 1 行", "127.0.0.1"]),
        ("[www.gov.cn]", "[localhost]", ["第 1 行", "localhost"]),
        ("[www.gov.cn]", "['www.gov.cn:8443']", ["第 1 行", "8443"]),
        ("[www.gov.cn]", "['https://www.gov.cn']", ["第 1 行"]),
        ("[www.gov.cn]", "[1]", ["hosts"]),
        ("sources:", "delay_s: 0\nsources:", ["第 2 行", "delay_s"]),
        ("sources:", "delay_s: true\nsources:", ["delay_s"]),
        ("sources:", "delay_s: .nan\nsources:", ["delay_s"]),
        ("sources:", "pages:", ["sources"]),
        ("document: a-1", "id: a-1", ["第 3 行", "document"]),
        ("document: a-1", "document: ../a", ["第 3 行", "../a"]),
        ("document: a-1", "document: a/b", ["第 3 行"]),
        ("document: a-1", "document: ''", ["第 3 行"]),
        ("https://www", "http://www", ["第 3 行", "a-1", "https"]),
        ("https://www.gov.cn/", "https://evil.example/", ["第 3 行", "evil.example"]),
        ("title: 若干意见", "title: ''", ["第 3 行", "title"]),
        ("    number: 国发〔2019〕3号\n", "", ["第 3 行", "number"]),
        ("国发〔2019〕3号", "''", ["第 3 行", "number"]),
        ("国发〔2019〕3号", "3", ["第 3 行", "number"]),
        ("seen: true", "seen: 是", ["第 3 行", "seen"]),
        ("    seen: true\n", "", ["第 3 行", "seen"]),
        ("seen: true\n", "seen: true\n  - just text\n", ["document"]),
        ("seen: true\n", "seen: [\n", ["YAML"]),
    ],
)
def test_entries_that_cannot_be_used(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(_GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(BrokenKnowledge) as broken:
        read_sources(file)
    for word in (str(file), *words):
        assert word in str(broken.value)


def test_an_id_twice(tmp_path: Path) -> None:
    file = tmp_path / "sources.yaml"
    again = _GOOD.split("sources:\n")[1].replace("1.htm", "2.htm")
    file.write_text(_GOOD + again, encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=r"第 8 行：编号 a-1 出现了两次"):
        read_sources(file)


def test_no_list_at_all(tmp_path: Path) -> None:
    with pytest.raises(BrokenKnowledge):
        read_sources(tmp_path / "sources.yaml")


def test_a_failure_is_exit_code_1() -> None:
    assert FetchFailed("x").exit_code == 1


def test_progress_is_shown_to_a_person_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    entries = [entry("https://www.gov.cn/1.htm")]

    def shown() -> tuple[list[Entry], str]:
        return list(show_progress(entries)), capsys.readouterr().err

    assert shown() == (entries, "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    passed, err = shown()
    assert passed == entries
    assert "下载原文" in err
    assert capsys.readouterr().out == ""
