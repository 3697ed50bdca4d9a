"""Whatever a file holds, a user gets text or one plain line; never a traceback, never unbounded memory."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loader_files import NEEDS_FONT, Pdf, docx, p, wrap

from ingest.errors import UnreadableDocument
from ingest.loaders import LOADERS, load, load_file, office, pdf
from ingest.loaders.pdf_worker import read_pdf

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BILLION = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


def package(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return held.getvalue()


def entity_bomb() -> bytes:
    document = wrap("<w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body>").partition("?>")[2]
    return package(word__document_xml=(BILLION + document).encode())


def zip_bomb() -> bytes:
    return package(
        word__document_xml=wrap(f"<w:body>{p('甲')}</w:body>").encode(), word__media=b"\0" * 60_000_000
    )


CASES: list[tuple[str, bytes | Callable[[], bytes], str]] = [
    ("a.txt", b"", "文件是空的"),
    ("a.txt", b" \n\t", "文件是空的"),
    ("a.txt", b"abc\x00def", "二进制内容"),
    ("a.txt", bytes(range(128, 256)) * 8, "不是文本文件"),
    ("a.txt", b"%PDF-1.7 ...", r"文件名是 \.txt，内容却是 PDF；请把扩展名改为 \.pdf"),
    ("a.md", b"\x89PNG\r\n\x1a\n", "内容却是 PNG 图片"),
    ("a.txt", b"<!DOCTYPE html><html><body>x</body></html>", "内容却是 网页"),
    ("a.html", b"%PDF-1.7 ...", "内容却是 PDF"),
    ("a.html", "只有文字,没有标记".encode(), "内容却是纯文本"),
    ("a.html", b"<html><body><script>var a=1;</script></body></html>", "没有找到正文"),
    ("a.html", b"<html>\x00\x00</html>", "不是网页"),
    ("a.docx", b"%PDF-1.7 ...", "内容却是 PDF"),
    ("a.docx", "纯文本".encode(), "内容却不是 DOCX"),
    ("a.docx", OLE + b"\x00" * 600, "内容却是 旧版 Office 文件"),
    ("a.docx", OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "文件已加密"),
    ("a.docx", package(xl__workbook_xml=b"<x/>"), "内容却是 Excel 表格"),
    ("a.docx", package(other=b"x"), "内容却不是 Word 文档"),
    ("a.docx", package(word__document_xml=b"<w:document"), "XML 不完整"),
    ("a.docx", package(word__document_xml=wrap("").encode()), "内容却不是 Word 文档"),
    ("a.docx", package(word__document_xml=wrap("<w:body/>").encode()), "里面没有文字"),
    ("a.docx", package(word__document_xml=wrap(f"<w:body>{p('甲')}</w:body>").encode())[:-30], "损坏或不完整"),
    ("a.docx", entity_bomb, "实体"),
    ("a.docx", zip_bomb, "压缩炸弹"),
    ("a.docx", lambda: package(**{f"m{n}": b"" for n in range(6000)}, word__document_xml=b"x"), "压缩炸弹"),
    ("a.docx", lambda: package(word__document_xml=wrap("<w:body>" + "<w:sdt>" * 5000 + "</w:sdt>" * 5000 + "</w:body>").encode()), "过深"),
    ("a.pdf", b"not a pdf", "内容却不是 PDF"),
    ("a.pdf", package(word__document_xml=b"x"), r"文件名是 \.pdf，内容却是 DOCX；请把扩展名改为 \.docx"),
    ("a.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\n", "不完整"),
    ("a.pdf", b"%PDF-1.7\n\n%%EOF\n", "损坏或不完整"),
    ("a.doc", "纯文本".encode(), "内容却不是 Word 或 WPS 文档"),
    ("a.doc", package(word__document_xml=b"x"), "内容却是 DOCX"),
    ("a.xlsx", b"x", r"不支持的文件格式，目前支持 \.doc、"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), CASES)
def test_bad_files_get_one_line(
    tmp_path: Path, name: str, content: bytes | Callable[[], bytes], reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content() if callable(content) else content)
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        load_file(file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "b.txt").mkdir()
    for name in ("a.txt", "b.txt"):
        with pytest.raises(UnreadableDocument, match="没有这个文件"):
            load_file(tmp_path / name)


@pytest.mark.parametrize("suffix", sorted(LOADERS))
def test_huge_files_are_refused_before_they_are_read(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    with file.open("wb") as sparse:
        sparse.truncate(200_000_000)
    with pytest.raises(UnreadableDocument, match=r"文件超过 .* MB"):
        load_file(file)


def test_a_member_that_unpacks_to_more_than_it_says(tmp_path: Path) -> None:
    raw = bytearray(package(word__document_xml=wrap(f"<w:body>{p('甲' * 1000)}</w:body>").encode()))
    # The size in the directory says 10 bytes.
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    (tmp_path / "a.docx").write_bytes(raw)
    with pytest.raises(UnreadableDocument, match=r"损坏|不完整"):
        load_file(tmp_path / "a.docx")


def test_a_pdf_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.paragraph("很短")
    file.page(1, 1)
    file.save()
    monkeypatch.setattr(pdf, "TIMEOUT_SECONDS", 0.01)
    with pytest.raises(UnreadableDocument, match="已停止"):
        load_file(file.path)


@NEEDS_FONT
def test_a_pdf_that_wants_too_much_memory_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.paragraph("很短")
    file.page(1, 1)
    file.save()
    monkeypatch.setattr(pdf, "MEMORY_BYTES", 5_000_000)
    with pytest.raises(UnreadableDocument, match="读取中断"):
        load_file(file.path)


def fake_office(folder: Path, script: str) -> None:
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_old_word_files_go_through_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = docx(tmp_path / "ready.docx", p("一、总体要求"))
    fake_office(
        tmp_path,
        'for a; do [ "$before" = --outdir ] && out=$a; before=$a; done\n'
        f'case "$*" in *-env:UserInstallation=file://*--headless*) mkdir -p "$out"; cp "{ready}" "$out/input.docx";; esac',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for suffix in (".doc", ".wps"):
        (tmp_path / f"a{suffix}").write_bytes(OLE + b"\x00" * 600)
        assert load(tmp_path / f"a{suffix}") == "一、总体要求"


@pytest.mark.parametrize(("script", "reason"), [("exit 1", "没有转换成功"), ("sleep 30", "已停止")])
def test_a_failing_libreoffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    fake_office(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(office, "TIMEOUT_SECONDS", 0.5)
    (tmp_path / "a.doc").write_bytes(OLE + b"\x00" * 600)
    with pytest.raises(UnreadableDocument, match=reason):
        load(tmp_path / "a.doc")


@pytest.mark.slow
@pytest.mark.skipif(office.find_office() is None, reason="LibreOffice is not installed")
def test_an_old_word_file_made_by_the_real_libreoffice(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("某某办法\n一、加强管理。落实责任。\n", encoding="utf-8")
    program = office.find_office()
    assert program is not None
    subprocess.run(
        [program, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "doc:MS Word 97",
         "--outdir", str(tmp_path), str(tmp_path / "a.txt")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert load(tmp_path / "a.doc").splitlines() == ["某某办法", "一、加强管理。落实责任。"]


def test_without_libreoffice_the_line_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    (tmp_path / "a.wps").write_bytes(OLE + b"\x00" * 600)
    with pytest.raises(UnreadableDocument, match="需要安装 LibreOffice"):
        load(tmp_path / "a.wps")


quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MARKUP = st.lists(
    st.sampled_from(["<p>", "</p>", "<table>", "<tr>", "<td rowspan=3>", "</table>", "<ol start=5>", "<li>", "<br>", "<pre>", "\n", "\t", "<a href=a.pdf>", "</a>",
                     "<div class=share>", "<div id=zoom>", "</div>", "一、总则,", "发布日期:2015-03-13", "&nbsp;", "<ruby>", "<rt>", "标题：", "<th colspan=2>", "\x01", "相关链接"]),
    max_size=60,
)  # fmt: skip


@quick
@given(
    raw=st.binary(min_size=1, max_size=400), suffix=st.sampled_from([".txt", ".md", ".html", ".docx", ".doc"])
)
def test_random_bytes(tmp_path: Path, raw: bytes, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    for start in (b"", b"<html>", b"PK\x03\x04", b"\xff\xfe"):
        file.write_bytes(start + raw)
        try:
            assert load(file).strip()
        except UnreadableDocument as error:
            assert "\n" not in str(error)


@quick
@given(parts=MARKUP)
def test_random_markup(tmp_path: Path, parts: list[str]) -> None:
    file = tmp_path / "a.html"
    file.write_text("<html>" + "".join(parts))
    try:
        loaded = load_file(file)
    except UnreadableDocument:
        return
    assert loaded.text.strip()
    for table in loaded.tables:
        assert len({len(row.cells) for row in table.rows}) == 1
        for row in table.rows:
            assert "\n" not in loaded.text[row.start : row.end]
            for cell in row.cells:
                assert loaded.text[cell.start : cell.end] == cell.text


@quick
@given(data=st.data())
def test_damaged_packages(tmp_path: Path, data: st.DataObject) -> None:
    file = docx(tmp_path / "a.docx", p("一、总体要求") + p("由省财政厅牵头"), styles=wrap("", "styles"))
    raw = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(raw)
    try:
        load(file)
    except UnreadableDocument as error:
        assert "\n" not in str(error)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_pdfs(tmp_path: Path, data: st.DataObject) -> None:
    made = Pdf(tmp_path / "a.pdf", pageCompression=0)
    made.paragraph("一、总体要求。由省财政厅牵头,各市配合。")
    made.page(1, 1)
    raw = bytearray(made.save().read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    made.path.write_bytes(raw)
    # In process here, for speed; load_pdf runs the same in a process of its own.
    assert {"error", "items"} & set(read_pdf(made.path))
