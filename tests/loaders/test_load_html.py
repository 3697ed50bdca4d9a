from __future__ import annotations

from pathlib import Path

import pytest
from pages import BODY, MODERN_PAGE, OLD_PAGE, PARAGRAPHS, RECORD_PAGE, TITLE, TRS_PAGE

from ingest.errors import UnreadableDocument
from ingest.loaders import Loaded, load_file


def page(tmp_path: Path, html: str, encoding: str = "utf-8") -> Loaded:
    file = tmp_path / "a.html"
    file.write_bytes(html.encode(encoding))
    return load_file(file)


def test_page_with_a_record_table(tmp_path: Path) -> None:
    loaded = page(tmp_path, RECORD_PAGE)
    assert loaded.text.split("\n") == [TITLE, "甘政办发〔2015〕10号", *BODY]
    assert loaded.facts == {
        "title": TITLE,
        "posted_on": "2015-03-13",
        "source_url": "https://www.example.gov.cn/c1/content_1.html",
        "issuer": "甘肃省人民政府办公厅",
        "issued_on": "2015-01-27",
        "number": "甘政办发〔2015〕10号",
    }


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_page_whose_charset_may_be_wrong(tmp_path: Path, encoding: str) -> None:
    loaded = page(tmp_path, TRS_PAGE, encoding)
    assert loaded.text.split("\n") == [TITLE, *BODY, "附件1：重点任务分工表.docx", "附件2：名单.pdf"]
    assert loaded.facts["posted_on"] == "2015-03-13"
    assert loaded.facts["attachments"].split("\n") == [
        "附件1：重点任务分工表.docx P020150313.docx",
        "附件2：名单.pdf P020150314.pdf",
    ]


def test_old_page_of_layout_tables(tmp_path: Path) -> None:
    loaded = page(tmp_path, OLD_PAGE, "gb18030")
    assert loaded.text.split("\n") == [TITLE, *BODY]
    assert loaded.facts["posted_on"] == "2015-03-13"


def test_modern_page_with_a_table(tmp_path: Path) -> None:
    loaded = page(tmp_path, MODERN_PAGE)
    assert loaded.text.split("\n") == [
        "某省人民政府办公厅关于印发重点任务分工方案的通知",
        "某政办发〔2021〕93号",
        "各市、县人民政府：",
        "现将《重点任务分工方案》印发给你们，请认真贯彻执行。",
        "1. 切实加强领导。",
        "3. 及时报送进展。",
        "序号\t重点任务\t责任单位",
        "1\t健全考核体系\t省统计局 省财政厅",
        "2\t创新 体制机制\t省统计局 省财政厅",
        "（此件公开发布）",
    ]
    assert loaded.facts == {"number": "某政办发〔2021〕93号", "issued_on": "2021-10-09"}
    (table,) = loaded.tables
    assert [row.header for row in table.rows] == [True, False, False]
    for row in table.rows:
        for cell in row.cells:
            assert loaded.text[cell.start : cell.end] == cell.text


def test_big5_page(tmp_path: Path) -> None:
    body = "".join(f"<p>第{n}條　為規範行政機關之管理，特制定本辦法，並由各機關辦理。</p>" for n in "一二三")
    loaded = page(
        tmp_path,
        f"<html><head><meta charset=big5><title>管理辦法</title></head><body><div>{body}</div></body></html>",
        "big5",
    )
    assert loaded.text.startswith("管理辦法\n第一條　為規範行政機關")


def test_the_title_is_not_doubled_where_the_text_begins_with_it(tmp_path: Path) -> None:
    html = f'<html><head><meta name="ArticleTitle" content="{TITLE}"></head><body><div id="zoom"><p>{TITLE[:20]}</p><p>{TITLE[20:]}</p>{PARAGRAPHS}</div></body></html>'
    assert page(tmp_path, html).text.split("\n") == [TITLE[:20], TITLE[20:], *BODY]


def test_noise_lines_inside_the_container_go_and_leave_their_facts(tmp_path: Path) -> None:
    html = (
        f'<div class="news_content"><p>发布日期：2015-03-13　　浏览次数：3</p>{PARAGRAPHS}<p>分享到：</p><p>收藏本文</p><p>【打印本页】 【关闭窗口】</p>'
        '<p>相关链接</p><p><a href="/1">关于另一件事的通知</a></p></div>'
    )
    loaded = page(tmp_path, html)
    assert loaded.text.split("\n") == BODY
    assert loaded.facts == {"posted_on": "2015-03-13"}


def test_lines_that_only_look_like_noise_stay(tmp_path: Path) -> None:
    lines = [
        "审核中小企业申请材料，由省工信厅负责办理。",
        "来源于财政的资金，按规定管理，专款专用。",
        "首页盖章，骑缝盖章，由经办机构负责核验。",
    ]
    html = '<div id="zoom">' + "".join(f"<p>{line}</p>" for line in lines) + "</div>"
    assert page(tmp_path, html).text.split("\n") == lines


def test_a_teaser_in_a_known_container_is_not_taken_for_the_text(tmp_path: Path) -> None:
    html = f'<div class="news_content">摘要：本文件规定了若干事项，请各单位认真学习，遵照执行，不得有误。</div><div class="x9">{PARAGRAPHS * 2}</div>'
    assert page(tmp_path, html).text.split("\n") == BODY * 2


def test_scripts_comments_and_entities(tmp_path: Path) -> None:
    html = f"<div id='zoom'><script>alert('坏')</script><!-- 坏 --><noscript>坏</noscript>{PARAGRAPHS}<p>A&amp;B &lt;标签&gt; &#x4e00;</p></div>"
    assert page(tmp_path, html).text.split("\n") == [*BODY, "A&B <标签> 一"]


def test_xhtml_with_an_entity_bomb_expands_nothing(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;">]>'
    loaded = page(tmp_path, f"{bomb}<html><body><div id='zoom'>{PARAGRAPHS}<p>&b;</p></div></body></html>")
    assert "哈" not in loaded.text


@pytest.mark.parametrize("depth", [300, 5_000, 100_000])
def test_deep_nesting_is_read_or_refused(tmp_path: Path, depth: int) -> None:
    html = f"<html><body>{PARAGRAPHS}{'<div>' * depth}深{'</div>' * depth}</body></html>"
    try:
        loaded = page(tmp_path, html)
    except UnreadableDocument:
        return
    assert BODY[1] in loaded.text


def test_huge_spans_stay_small(tmp_path: Path) -> None:
    rows = '<tr><td rowspan="65534" colspan="9999">任务与责任单位</td><td>甲</td></tr><tr><td>乙</td></tr>'
    loaded = page(tmp_path, f'<div id="zoom">{PARAGRAPHS}<table>{rows}</table></div>')
    assert len(loaded.text) < 2000


def test_the_name_of_the_site_is_no_title(tmp_path: Path) -> None:
    html = f"<html><head><title>{TITLE} - 某省人民政府门户网站</title></head><body><header><h1>某省人民政府门户网站</h1></header><div id='zoom'>{PARAGRAPHS}</div></body></html>"
    assert page(tmp_path, html).text.split("\n") == [TITLE, *BODY]
