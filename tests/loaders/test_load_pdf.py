from __future__ import annotations

from pathlib import Path

import pytest
from loader_files import NEEDS_FONT, Pdf
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption

from ingest.errors import UnreadableDocument
from ingest.loaders import load, load_file
from ingest.loaders.pdf_layout import read_layout
from ingest.loaders.pdf_pages import Char, Page, read_pages

SENTENCE = "深入贯彻党的十八大和十八届三中、四中全会精神,努力把我省国家级经开区建设成为带动地区经济发展和实施区域发展战略的重要载体,成为构建开放型经济新体制的排头兵。"
HEAD = "甘肃省人民政府公报 2015年第5期"


def test_paragraphs_run_over_lines_and_pages_without_heads_and_numbers(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.centred("甘肃省人民政府办公厅关于促进国家级经济技术")
    file.centred("开发区转型升级创新发展的实施意见")
    file.text(file.left, file.y, "各市、自治州人民政府:")
    file.y -= 28
    opening = "为贯彻落实《国务院办公厅关于促进国家级经济技术开发区转型升级创新发展的若干意见》(国办发〔2014〕54号),现提出如下意见。"
    file.paragraph(opening)
    file.paragraph("一、明确新形势下的发展方向")
    first = f"(一)明确发展定位。{SENTENCE}(省发展改革委牵头,省商务厅等部门配合)"
    file.paragraph(first)
    file.paragraph(SENTENCE[:52], indent=2)
    file.page(1, 3, head=HEAD)
    file.paragraph(SENTENCE[52:], indent=0)
    second = f"(二)转变发展方式。{SENTENCE * 3}"
    file.paragraph(second)
    file.page(2, 3, head=HEAD)
    file.paragraph("甘肃省人民政府办公厅", indent=14)
    file.paragraph("2015年1月27日", indent=16)
    file.page(3, 3, head=HEAD)
    assert load(file.save()).split("\n") == [
        "甘肃省人民政府办公厅关于促进国家级经济技术",
        "开发区转型升级创新发展的实施意见",
        "各市、自治州人民政府:",
        opening,
        "一、明确新形势下的发展方向",
        first,
        SENTENCE,
        second,
        "甘肃省人民政府办公厅",
        "2015年1月27日",
    ]


@pytest.mark.parametrize(
    "form", ["第 {n} 页 共 {total} 页", "{n}", "- {n} -", "{n} / {total}", "第{n}页", "·{n}·"]
)
def test_page_numbers_in_many_forms(tmp_path: Path, form: str) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.paragraph(SENTENCE)
    file.page(1, 1, form=form)
    assert load(file.save()) == SENTENCE


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.centred("关于两栏排版的通知")
    middle, top = (file.left + file.right) / 2, file.y
    left = ["一、总体要求", f"第一栏开始。{SENTENCE * 3}", f"第一栏末段。{SENTENCE}"]
    right = ["二、保障措施", f"第二栏末段。{SENTENCE * 3}"]
    for text in left:
        file.paragraph(text, 11, right=middle - 10)
    file.y = top - 4  # columns need not share baselines
    for text in right:
        file.paragraph(text, 11, left=middle + 10)
    file.page(1, 1)
    assert load(file.save()).split("\n") == ["关于两栏排版的通知", *left, *right]


def test_ruled_table_with_a_merged_cell(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.paragraph("现将分工印发给你们。")
    xs = [file.left, file.left + 40, file.left + 240, file.right]
    rows: list[list[str | None]] = [
        ["序号", "重点任务", "责任单位"],
        ["1", "健全考核体系", "省统计局"],
        ["2", "创新体制机制", None],
        ["3", "资金支持", "省财政厅"],
    ]
    file.ruled(xs, rows)
    file.paragraph("各单位要抓好落实。")
    file.page(1, 1)
    loaded = load_file(file.save())
    assert loaded.text.split("\n") == [
        "现将分工印发给你们。",
        "序号\t重点任务\t责任单位",
        "1\t健全考核体系\t省统计局",
        "2\t创新体制机制\t省统计局",
        "3\t资金支持\t省财政厅",
        "各单位要抓好落实。",
    ]
    assert [row.header for row in loaded.tables[0].rows] == [True, False, False, False]
    for row in loaded.tables[0].rows:
        assert all(loaded.text[c.start : c.end] == c.text for c in row.cells)


def test_table_that_goes_on_over_the_page(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    xs = [file.left, file.left + 200, file.right]
    file.ruled(xs, [["任务", "责任单位"], ["甲事项", "省统计局"]])
    file.page(1, 2)
    file.ruled(xs, [["任务", "责任单位"], ["乙事项", "省财政厅"]])
    file.page(2, 2)
    loaded = load_file(file.save())
    assert loaded.text.split("\n") == ["任务\t责任单位", "甲事项\t省统计局", "乙事项\t省财政厅"]
    assert len(loaded.tables) == 1


@NEEDS_FONT
def test_rotated_pages_are_read_as_shown(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    canvas = file.canvas
    canvas.setPageRotation(90)
    canvas.rotate(90)
    canvas.translate(0, -A4[0])
    file.y = 400
    file.paragraph(SENTENCE, right=700)
    canvas.showPage()
    assert load(file.save()) == SENTENCE


def test_watermarks_set_at_an_angle_are_left_out(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.paragraph(SENTENCE)
    file.canvas.saveState()
    file.canvas.rotate(45)
    file.text(300, 100, "内部资料", 40)
    file.canvas.restoreState()
    file.page(1, 1)
    assert load(file.save()) == SENTENCE


def scan(file: Pdf, folder: Path) -> None:
    image = folder / "scan.png"
    Image.new("L", (60, 80), 200).save(image)
    file.canvas.drawImage(str(image), 0, 0, file.width, file.height)
    file.canvas.showPage()


def test_a_scan_is_refused_with_advice(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    scan(file, tmp_path)
    scan(file, tmp_path)
    with pytest.raises(UnreadableDocument, match=r"a\.pdf：这是扫描件，只有图片没有文字；请先做文字识别"):
        load(file.save())


def test_a_single_scanned_page_is_noted(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    for number in (1, 2):
        file.paragraph(SENTENCE)
        file.page(number, 3)
    scan(file, tmp_path)
    loaded = load_file(file.save())
    assert loaded.facts == {"note": "第 3 页是扫描图片，没有读入"}


@pytest.mark.parametrize(("password", "opens"), [("", True), ("secret", False)])
def test_encryption(tmp_path: Path, password: str, opens: bool) -> None:
    file = Pdf(tmp_path / "a.pdf", encrypt=StandardEncryption(password, ownerPassword="owner", canPrint=0))
    file.paragraph(SENTENCE)
    file.page(1, 1)
    path = file.save()
    if opens:
        assert load(path) == SENTENCE
    else:
        with pytest.raises(UnreadableDocument, match="已加密"):
            load(path)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.paragraph(SENTENCE)
    file.page(1, 1)
    raw = file.save().read_bytes()
    file.path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(UnreadableDocument, match="不完整"):
        load(file.path)


def test_pages_are_characters_with_places(tmp_path: Path) -> None:
    file = Pdf(tmp_path / "a.pdf")
    file.text(100, 700, "甲乙", 20)
    file.canvas.showPage()
    (page,) = read_pages(file.save())
    assert "".join(char.text for char in page.chars) == "甲乙"
    assert (round(page.chars[0].x0), round(page.chars[0].y), round(page.chars[0].size)) == (100, 700, 20)


def lay(*lines: tuple[float, float, str]) -> list[str]:
    chars = tuple(
        Char(text, x + i * 10, x + i * 10 + 10, y, 10) for x, y, line in lines for i, text in enumerate(line)
    )
    page = Page(width=600, height=800, chars=chars, edges=(), image_share=0, unmapped=0)
    return [item.text for item in read_layout([page])]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # A clause number after a full stop begins a paragraph, even without an indent.
        ([(100, 600, "由省财政厅牵头负责。"), (100, 580, "(二)加强支持。省商务厅")], ["由省财政厅牵头负责。", "(二)加强支持。省商务厅"]),
        # A reference at the start of a line does not.
        ([(100, 600, "按照本办法有关规定及"), (100, 580, "第十条规定办理的。各市")], ["按照本办法有关规定及第十条规定办理的。各市"]),
        # A larger gap does.
        ([(100, 600, "第一段第一段第一段字"), (100, 580, "第一段第一段第一段字"), (100, 560, "第一段第一段第一段字"), (100, 500, "第二段第二段第二段字")],
         ["第一段第一段第一段字" * 3, "第二段第二段第二段字"]),
        # Bold that is printed twice is read once.
        ([(100, 600, "加粗"), (100.5, 600, "加粗")], ["加粗"]),
    ],
)  # fmt: skip
def test_paragraph_rules(lines: list[tuple[float, float, str]], expected: list[str]) -> None:
    assert lay(*lines) == expected
