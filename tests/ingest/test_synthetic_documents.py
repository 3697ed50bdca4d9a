"""Documents made at random whose structure is known: the parser must give it back exactly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chinese_numbers import to_chinese
from ingest.duties import load_grammar
from ingest.metadata import read_frame
from ingest.parse import parse
from ingest.types import Document

GRAMMAR = load_grammar(Path(__file__).resolve().parents[2] / "corpus" / "duty_patterns.yaml")
BODIES = ("省财政厅", "省商务厅", "省发展改革委", "省教育厅", "省民政厅", "各市州人民政府")
HEADINGS = ("加强组织领导", "优化服务流程", "完善基础设施", "培育市场主体", "推进数据共享", "严格监督检查")
SENTENCES = (
    "各地要结合实际抓好落实。",
    "鼓励企业采用新技术、新工艺。",
    "到2025年，覆盖率达到90%以上。",
    "对符合条件的项目给予支持（含续建项目，下同）。",
    "按照《省级专项资金管理办法》执行。",
)
NOISE = ("分享到: 收藏本文", "发布日期:2019-03-04    浏览次数:12", "【打印本页】", "（此件公开发布）")


@dataclass(frozen=True)
class Expected:
    """One clause as written."""

    path: tuple[str, ...]
    heading: str
    lead: tuple[str, ...]
    cooperating: tuple[str, ...]
    responsible: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A document's text and what it holds."""

    text: str
    clauses: tuple[Expected, ...]


@st.composite
def documents(draw: st.DrawFn) -> Written:
    """A notice with sections and clauses; numbers run on or start again, brackets of either width."""
    wide = draw(st.booleans())
    running = draw(st.booleans())
    opening, closing, comma = ("（", "）", "，") if wide else ("(", ")", ",")
    indent = draw(st.sampled_from(("", "　　", "  ")))
    break_ = draw(st.sampled_from(("\n", "\r\n", "\n\n")))
    lines = [
        f"某某省人民政府关于{draw(st.sampled_from(HEADINGS))}的意见",
        "某政发〔2019〕3号",
        "各市、州人民政府:",
    ]
    lines.append("为做好有关工作，现提出以下意见。")
    clauses: list[Expected] = []
    number = 0
    for section in range(1, draw(st.integers(2, 4)) + 1):
        lines.append(f"{indent}{to_chinese(section)}、{draw(st.sampled_from(HEADINGS))}")
        number = number if running else 0
        for _ in range(draw(st.integers(1, 4))):
            number += 1
            label = f"({to_chinese(number)})"
            heading = draw(st.sampled_from(HEADINGS))
            body = "".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3)))
            names = draw(st.lists(st.sampled_from(BODIES), min_size=2, max_size=4, unique=True))
            form = draw(st.sampled_from(("lead", "responsible", "label", "none")))
            lead, cooperating, responsible = (names[0],), tuple(names[1:]), ()
            others = "、".join(names[1:])
            if form == "lead":
                duty = f"{opening}{names[0]}牵头{comma}{others}配合{closing}"
            elif form == "label":
                duty = f"{opening}牵头单位:{names[0]};配合单位:{others}{closing}"
            elif form == "responsible":
                duty = f"{opening}{'、'.join(names)}按职责分工负责{closing}"
                lead, cooperating, responsible = (), (), tuple(names)
            else:
                duty, lead, cooperating = "", (), ()
            printed = f"{opening}{to_chinese(number)}{closing}"
            lines.append(f"{indent}{printed}{heading}。{body}{duty}")
            if draw(st.integers(0, 9)) == 0:
                lines.append(draw(st.sampled_from(NOISE)))
            clauses.append(Expected((to_chinese(section), label), heading, lead, cooperating, responsible))
    lines += ["某某省人民政府", "2019年3月1日"]
    if draw(st.booleans()):
        lines.append(draw(st.sampled_from(NOISE)))
    return Written(break_.join(lines), tuple(clauses))


@settings(max_examples=60, deadline=None)
@given(documents())
def test_structure_comes_back_exactly(written: Written) -> None:
    metadata = read_frame(written.text).metadata
    parsed = parse(Document(id="made", text=written.text, metadata=metadata), GRAMMAR)
    assert metadata.number == "某政发〔2019〕3号"
    assert metadata.issued_on == "2019-03-01"
    assert metadata.issuer == "某某省人民政府"
    found = [
        Expected(
            clause.path,
            clause.heading,
            tuple(name for duty in clause.responsibilities for name in duty.lead),
            tuple(name for duty in clause.responsibilities for name in duty.cooperating),
            tuple(name for duty in clause.responsibilities for name in duty.responsible),
        )
        for clause in parsed.clauses
    ]
    assert found == list(written.clauses)
    assert all(written.text[c.start : c.end] == c.text for c in parsed.clauses)


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(
            "一二三十第章条款、（）()1234.．。;：:\n　 附件省财政厅牵头负责配合《》〔〕2019年号①"
        ),
        max_size=300,
    )
)
def test_any_text_parses_with_true_offsets(text: str) -> None:
    parsed = parse(Document(id="x", text=text, metadata=read_frame(text).metadata), GRAMMAR)
    for clause in parsed.clauses:
        assert text[clause.start : clause.end] == clause.text
        for duty in (*clause.responsibilities, *clause.in_text):
            assert text[duty.start : duty.end] == duty.raw
    for reference in (*parsed.references, *parsed.article_references):
        assert text[reference.start : reference.end] == reference.raw
