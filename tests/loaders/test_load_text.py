from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import UnreadableDocument
from ingest.loaders import load, load_file

SIMPLIFIED = "关于促进国家级经济技术开发区转型升级创新发展的实施意见\r\n\r\n  一、明确新形势下的发展方向\r\n(一)明确发展定位。由省发展改革委牵头。\n"
TRADITIONAL = "關於促進國家級經濟技術開發區轉型升級創新發展的實施意見\n一、明確新形勢下的發展方向\n（一）明確發展定位。由省發展改革委牽頭，省商務廳、省國土資源廳等部門配合。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_text_is_kept_as_stored(tmp_path: Path, encoding: str, suffix: str) -> None:
    file = tmp_path / f"文件{suffix}"
    file.write_bytes(SIMPLIFIED.encode(encoding))
    assert load(file) == SIMPLIFIED


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "cp950", "gb18030", "gbk"])
def test_traditional_text_is_told_apart_in_big5_and_gb18030(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(TRADITIONAL.encode(encoding))
    assert load(file) == TRADITIONAL


@pytest.mark.parametrize(
    "text", ["公告", "第一條 為規範管理，制定本辦法。", "省政府令", "國務院關於印發通知"]
)
def test_short_big5_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(text.encode("big5"))
    assert load(file) == text


@pytest.mark.parametrize(
    "text", ["通知", "第一条 为规范管理，制定本办法。", "省政府令", "王羲之、欧阳修、诸葛亮"]
)
def test_short_gb18030_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(text.encode("gb18030"))
    assert load(file) == text


def test_lines_in_two_encodings_are_refused_by_line_number(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("第一条 总则内容\n".encode() + "第二条 由省财政厅负责\n".encode("gb18030"))
    with pytest.raises(UnreadableDocument, match=r"第 2 行的编码与其他行不同"):
        load_file(file)


def test_text_cut_inside_a_character_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(("第一条 为规范管理,制定本办法。" * 5).encode()[:-1])
    with pytest.raises(UnreadableDocument, match="不完整"):
        load_file(file)
