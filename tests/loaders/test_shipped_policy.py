"""The shipped policy set as a Word file, a PDF and a page gives the same paragraphs as its text file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from loader_files import NEEDS_FONT, Pdf, docx, level, numbering, p
from pages import BODY, RECORD_PAGE, TITLE

from ingest.loaders import load
from ingest.sources import file_source

CORPUS = Path(__file__).parents[2] / "corpus" / "gansu-etdz-2015.txt"
NUMERAL = "[一二三四五六七八九十]+"


@pytest.fixture(scope="module")
def policy() -> list[str]:
    """The title and the body; what the page added (发布日期, 分享到) is left out."""
    lines = [line.strip() for line in load(CORPUS).splitlines() if line.strip()]
    return [line for line in lines if not line.startswith(("发布日期", "分享到"))]


def test_as_a_word_file_numbered_by_word(tmp_path: Path, policy: list[str]) -> None:
    lists = numbering(
        {
            "0": level(0, "chineseCounting", "%1、")
            + level(1, "chineseCounting", "(%2)", extra='<w:lvlRestart w:val="0"/>')
        },
        {"1": ("0", "")},
    )
    body = ""
    for line in policy:
        part = re.match(f"{NUMERAL}、", line)
        article = re.match(rf"\({NUMERAL}\)", line)
        if part:
            body += p(line[part.end() :], num="1")
        elif article:
            body += p(line[article.end() :], num="1", level=1)
        else:
            body += p(line)
    assert load(docx(tmp_path / "a.docx", body, numbering=lists)).split("\n") == policy


@pytest.mark.parametrize("size", [16, 14])
@NEEDS_FONT
def test_as_a_pdf_of_many_pages(tmp_path: Path, policy: list[str], size: float) -> None:
    file = Pdf(tmp_path / "a.pdf")
    for line in policy[1:]:
        file.paragraph(line, size, indent=0 if line.endswith(":") else 2)
    file.page(file.number + 1, 99)
    assert load(file.save()).split("\n") == policy[1:]


def test_a_page_gives_its_record_to_the_document(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(RECORD_PAGE, encoding="utf-8")
    document = file_source(tmp_path / "a.html").document
    metadata = document.metadata
    assert (metadata.title, metadata.number) == (TITLE, "甘政办发〔2015〕10号")
    assert (metadata.issued_on, metadata.posted_on) == ("2015-01-27", "2015-03-13")
    assert metadata.issuer == "甘肃省人民政府办公厅"
    assert metadata.source == "用户添加的文件 a.html(https://www.example.gov.cn/c1/content_1.html)"
    assert document.text.endswith("\n".join(BODY))
