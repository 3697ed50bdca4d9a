from __future__ import annotations

from pathlib import Path

import docx as python_docx
import pytest
from loader_files import cell, docx, level, numbering, p, restart, table, wrap

from ingest.loaders import load, load_file
from ingest.loaders.docx_numbering import format_number


def lines(path: Path) -> list[str]:
    return load(path).split("\n")


def test_labels_of_an_official_document(tmp_path: Path) -> None:
    lists = numbering(
        {
            "0": level(0, "chineseCounting", "%1、")
            + level(1, "chineseCounting", "（%2）")
            + level(2, "decimal", "%3．")
            + level(3, "decimal", "(%4)")
        },
        {"1": ("0", "")},
    )
    body = (
        p("关于某事的意见")
        + p("总体要求", num="1")
        + p("指导思想。", num="1", level=1)
        + p("基本原则。", num="1", level=1)
        + p("坚持统筹", num="1", level=2)
        + p("2019年起实行", num="1", level=2)
        + p("细目", num="1", level=3)
        + p("重点任务", num="1")
        + p("加强支持。", num="1", level=1)
    )
    assert lines(docx(tmp_path / "a.docx", body, numbering=lists)) == [
        "关于某事的意见",
        "一、总体要求",
        "（一）指导思想。",
        "（二）基本原则。",
        "1．坚持统筹",
        "2． 2019年起实行",
        "(1)细目",
        "二、重点任务",
        "（一）加强支持。",
    ]


def test_numbers_that_run_on_from_part_to_part(tmp_path: Path) -> None:
    lists = numbering(
        {
            "0": level(0, "chineseCountingThousand", "%1、")
            + level(1, "japaneseCounting", "(%2)", extra='<w:lvlRestart w:val="0"/>')
        },
        {"1": ("0", "")},
    )
    body = "".join(
        p(f"部分{n}", num="1") + p("条甲", num="1", level=1) + p("条乙", num="1", level=1) for n in range(6)
    )
    labels = [
        line for line in lines(docx(tmp_path / "a.docx", body, numbering=lists)) if line.startswith("(")
    ]
    assert labels[0] == "(一)条甲"
    assert labels[-1] == "(十二)条乙"


def test_articles_from_styles_and_chapters(tmp_path: Path) -> None:
    lists = numbering(
        {
            "3": level(
                0, "chineseCountingThousand", "第%1章", extra='<w:pStyle w:val="1"/><w:suff w:val="space"/>'
            )
            + level(
                1, "chineseCountingThousand", "第%2条", extra='<w:lvlRestart w:val="0"/><w:pStyle w:val="2"/>'
            )
        },
        {"7": ("3", "")},
    )
    styles = wrap(
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="1"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>',
        "styles",
    )
    body = (
        p("总则", style="1")
        + p("为规范管理,制定本办法。", style="2")
        + p("分则", style="1")
        + p("本办法自发布之日起施行。", style="2")
    )
    assert lines(docx(tmp_path / "a.docx", body, numbering=lists, styles=styles)) == [
        "第一章 总则",
        "第一条 为规范管理,制定本办法。",
        "第二章 分则",
        "第二条 本办法自发布之日起施行。",
    ]


def test_start_overrides_and_lists_that_share_one_count(tmp_path: Path) -> None:
    lists = numbering(
        {"0": level(0, "decimal", "%1.", start=3)},
        {"1": ("0", ""), "2": ("0", ""), "3": ("0", restart(0)), "4": ("0", restart(0, 9))},
    )
    body = "".join(p("项", num=n) for n in ("1", "1", "2", "3", "3", "4"))
    assert lines(docx(tmp_path / "a.docx", body, numbering=lists)) == [
        "3.项",
        "4.项",
        "5.项",
        "1.项",
        "2.项",
        "9.项",
    ]


def test_legal_numbers_none_and_bullets(tmp_path: Path) -> None:
    lists = numbering(
        {
            "0": level(0, "chineseCounting", "%1、") + level(1, "decimal", "%1.%2", extra="<w:isLgl/>"),
            "1": level(0, "bullet", "\uf0b7"),
            "2": level(0, "none", ""),
        },
        {"1": ("0", ""), "2": ("1", ""), "3": ("2", "")},
    )
    body = (
        p("甲", num="1") + p("乙", num="1", level=1) + p("丙", num="2") + p("丁", num="3") + p("戊", num="0")
    )
    assert lines(docx(tmp_path / "a.docx", body, numbering=lists)) == ["一、甲", "1.1 乙", "• 丙", "丁", "戊"]


@pytest.mark.parametrize(
    ("value", "form", "printed"),
    [
        (12, "chineseCounting", "十二"),
        (20, "japaneseCounting", "二十"),
        (105, "chineseCountingThousand", "一百零五"),
        (10, "ideographDigital", "一〇"),
        (3, "chineseLegalSimplified", "叁"),
        (11, "chineseLegalSimplified", "壹拾壹"),
        (2, "ideographTraditional", "乙"),
        (3, "ideographZodiac", "寅"),
        (4, "decimalEnclosedCircleChinese", "④"),
        (21, "decimalEnclosedCircle", "㉑"),
        (5, "decimalFullWidth", "５"),
        (7, "decimalZero", "07"),
        (9, "upperRoman", "IX"),
        (27, "lowerLetter", "aa"),
        (3, "decimalEnclosedParen", "⑶"),
        (99, "decimalEnclosedParen", "99"),
        (3, "none", ""),
        (3, "unheardOf", "3"),
    ],
)
def test_number_formats(value: int, form: str, printed: str) -> None:
    assert format_number(value, form) == printed


def test_tracked_changes_are_read_as_accepted(tmp_path: Path) -> None:
    lists = numbering({"0": level(0, "chineseCounting", "%1、")}, {"1": ("0", "")})
    body = (
        "<w:p><w:r><w:t>由省财政厅</w:t></w:r><w:del><w:r><w:delText>配合</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>牵头</w:t></w:r></w:ins></w:p>"
        + p("留下", num="1")
        + '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>'
        "<w:del><w:r><w:delText>删去的一项</w:delText></w:r></w:del></w:p>"
        + p("也留下", num="1")
        + p("前半", mark='<w:rPr><w:del w:id="2"/></w:rPr>')
        + p("后半")
    )
    assert lines(docx(tmp_path / "a.docx", body, numbering=lists)) == [
        "由省财政厅牵头",
        "一、留下",
        "二、也留下",
        "前半后半",
    ]


def test_footnotes_fields_hidden_text_and_contents(tmp_path: Path) -> None:
    notes = wrap(
        '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
        f'<w:footnote w:id="2">{p("指省级以上经开区。")}</w:footnote>',
        "footnotes",
    )
    styles = wrap('<w:style w:type="paragraph" w:styleId="9"><w:name w:val="toc 1"/></w:style>', "styles")
    body = (
        p("一、总体要求 1", style="9")
        + '<w:p><w:r><w:t>经开区</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>要发展。</w:t></w:r></w:p>'
        + '<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DATE</w:instrText>'
        '<w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2015年</w:t></w:r><w:r><w:br/></w:r><w:r><w:t>下一行</w:t></w:r></w:p>'
    )
    assert lines(docx(tmp_path / "a.docx", body, footnotes=notes, styles=styles)) == [
        "经开区要发展。",
        "[注1]指省级以上经开区。",
        "2015年",
        "下一行",
    ]


def test_duty_table_keeps_rows_columns_and_merges(tmp_path: Path) -> None:
    body = (
        p("责任分工")
        + table(
            cell("序号") + cell("重点任务") + cell("责任单位", span=2),
            cell("1") + cell("健全考核体系") + cell("省统计局", merge="restart") + cell("6月底"),
            cell("2") + cell("创新体制机制") + cell("", merge="continue") + cell("年底"),
            cell("一、其他任务", span=4),
            cell("3") + cell("资金支持") + cell("") + cell("持续"),
        )
        + p("结尾")
    )
    loaded = load_file(docx(tmp_path / "a.docx", body))
    assert loaded.text.split("\n") == [
        "责任分工",
        "序号\t重点任务\t责任单位",
        "1\t健全考核体系\t省统计局\t6月底",
        "2\t创新体制机制\t省统计局\t年底",
        "一、其他任务",
        "3\t资金支持\t\t持续",
        "结尾",
    ]
    (found,) = loaded.tables
    assert [row.header for row in found.rows] == [True, False, False, False, False]
    assert [[c.text for c in row.cells] for row in found.rows] == [
        ["序号", "重点任务", "责任单位", "责任单位"],
        ["1", "健全考核体系", "省统计局", "6月底"],
        ["2", "创新体制机制", "省统计局", "年底"],
        ["一、其他任务"] * 4,
        ["3", "资金支持", "", "持续"],
    ]
    for row in found.rows:
        assert "\n" not in loaded.text[row.start : row.end]
        for held in row.cells:
            assert loaded.text[held.start : held.end] == held.text
            assert row.start <= held.start <= held.end <= row.end


def test_long_merged_cell_is_printed_once(tmp_path: Path) -> None:
    long = "健全考核体系" * 50
    body = table(
        cell("任务") + cell("单位"),
        cell(long, merge="restart") + cell("甲局"),
        cell("", merge="continue") + cell("乙局"),
    )
    loaded = load_file(docx(tmp_path / "a.docx", body))
    assert loaded.text.count(long) == 1
    last = loaded.tables[0].rows[-1].cells
    assert [c.text for c in last] == [long, "乙局"]
    assert all(loaded.text[c.start : c.end] == c.text for c in last)


def test_text_boxes_content_controls_and_alternate_content(tmp_path: Path) -> None:
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = f"<w:txbxContent>{p('甘肃省人民政府办公厅文件')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{p('控件里的段落')}</w:sdtContent></w:sdt>"
        f'<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>{p("目录")}</w:sdtContent></w:sdt>'
    )
    assert lines(docx(tmp_path / "a.docx", body)) == ["甘肃省人民政府办公厅文件", "控件里的段落"]


def test_a_document_that_word_would_write(tmp_path: Path) -> None:
    document = python_docx.Document()
    document.add_heading("关于促进发展的意见", 0)
    document.add_paragraph("各市人民政府:")
    document.add_paragraph("健全考核体系", style="List Number")
    document.add_paragraph("创新体制机制", style="List Number")
    grid = document.add_table(rows=2, cols=2)
    for row, texts in zip(grid.rows, (("任务", "责任单位"), ("考核", "省统计局")), strict=True):
        for held, text in zip(row.cells, texts, strict=True):
            held.text = text
    document.save(str(tmp_path / "a.docx"))
    assert lines(tmp_path / "a.docx") == [
        "关于促进发展的意见",
        "各市人民政府:",
        "1.健全考核体系",
        "2.创新体制机制",
        "任务\t责任单位",
        "考核\t省统计局",
    ]
