"""Answers and conversations as files: what they hold, and that no text breaks out of them."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from running_page import build_index

from ingest.departments import load_directory
from ingest.errors import BadInput
from ingest.settings import ROOT, load_settings
from rag.build import Assistant, open_assistant
from rag.types import Answer, Citation, Status
from rag.web.export import (
    DISCLAIMER,
    Format,
    Transcript,
    file_name,
    formal_citation,
    to_docx,
    to_markdown,
    transcript_of,
    write_transcript,
)

AT = datetime(2026, 11, 26, 9, 5, tzinfo=timezone(timedelta(hours=8)))
POLICY = "甘肃省人民政府办公厅关于促进国家级经济技术开发区转型升级创新发展的实施意见"
PARENT = "国务院办公厅关于促进国家级经济技术开发区转型升级创新发展的若干意见"
QUESTIONS = (
    "园区项目贷款想申请贴息，该找哪个部门？",
    "第十四条对应国办发〔2014〕54号的哪一条?",
    "省国土资源厅牵头哪几条？",
    "今天天气怎么样?",
)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[点这里](javascript:alert(1)) ![图](https://example.org/x.png) <https://example.org>",
    "[名]: https://example.org\n\n[名]",
    "# 标题\n\n***\n\n- 项\n+ 项\n1. 项\n2) 项\n> 引\n===\n---",
    "    代码\n\n```sh\nrm\n```\n~~~\n`代码`",
    "| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |",
    "A&lt;b&gt;&#60;R&D &amp;",
    "\\[1\\] \\<b\\> **粗** *斜* __粗__ ~~删~~ $x$",
    "甲\r乙\r\n丙\u2028丁\x85戊\x0b己\x0c庚",
    "\ud800孤\udfff \ufffe\uffff \x00\x01\x1f",
    "\u202e反写\u202c \u2066x\u2069 零\u200b宽",
    '=HYPERLINK("https://example.org")',
    "{{ INCLUDETEXT }} \\* MERGEFORMAT",
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    data = build_index(tmp_path_factory.mktemp("export") / "data")
    with open_assistant(load_settings(data=data)) as opened:
        yield opened


@pytest.fixture(scope="module")
def conversation(assistant: Assistant) -> Transcript:
    exchanges = [(question, assistant.ask([question])) for question in QUESTIONS]
    return transcript_of(exchanges, assistant.documents(), assistant.knowledge.directory, AT)


def citation(**changes: object) -> Citation:
    made = Citation(
        document_id="guobanfa-2014-54",
        document_title=PARENT,
        document_number="国办发〔2014〕54号",
        section="三、促进开放型经济发展",
        path=("三", "(九)"),
        article=9,
        label="(九)",
        heading="带动区域协调发展",
        quote="鼓励跨区域共建园区。",
        start=10,
        end=20,
        lead=("省国土资源厅",),
        cooperating=(),
        kind="original",
        source="公报",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def transcript(question: str, text: str = "好。", *citations: Citation) -> Transcript:
    answer = Answer(question=question, text=text, status=Status.ANSWERED, citations=citations)
    return transcript_of(answer, (), directory(), AT)


@cache
def directory() -> Any:
    return load_directory(ROOT / "corpus" / "departments.yaml")


def words_of_docx(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def words_of_markdown(text: str) -> str:
    """What a reader of the rendered Markdown sees; fails where anything but text was made of it."""
    seen = []
    allowed = {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "blockquote_open", "blockquote_close",
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "inline",
        "text", "softbreak", "hardbreak", "strong_open", "strong_close",
    }  # fmt: skip
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        for each in (token, *(token.children or ())):
            assert each.type in allowed, (each.type, each.content)
            if each.type == "text":
                seen.append(each.content)
            elif each.type in ("softbreak", "hardbreak", "paragraph_close", "heading_close"):
                seen.append("\n")
    return "".join(seen)


def letters(text: str) -> str:
    """What is to be seen of a text, white space aside."""
    return "".join(
        char for char in text if unicodedata.category(char)[0] in "LMNPS" and char not in ("\ufffe", "\uffff")
    )


# What must be found again exactly: all of Unicode but control, format and surrogate characters.
VISIBLE = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
)
ANYTHING = st.one_of(
    st.text(st.characters()), st.sampled_from(HOSTILE), st.text("*_[]()<>#|~`\\&-+=1.> \n甲")
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("suffix", ["md", "docx"])
def test_a_conversation_is_written_with_everything_that_is_cited(
    conversation: Transcript, suffix: str
) -> None:
    words = (
        words_of_docx(to_docx(conversation))
        if suffix == "docx"
        else words_of_markdown(to_markdown(conversation))
    )
    assert DISCLAIMER in words
    assert "仅供查阅，不是政府部门的正式答复" in words
    assert "2026-11-26 09:05+08:00" in words
    places = [words.index(f"问题 {number}：{question}") for number, question in enumerate(QUESTIONS, start=1)]
    assert places == sorted(places)
    cited = [c for _, answer in conversation.exchanges for c in answer.citations]
    assert {c.kind for c in cited} == {"original", "digest"}
    for each in cited:
        for part in (
            f"《{each.document_title}》",
            each.document_number or "文号：收录的文本没有载明",
            f"{each.label}{each.heading}",
            *each.quote.splitlines(),
            each.section or "",
            "、".join(each.lead),
            "、".join(each.cooperating),
            "性质：原文" if each.kind == "original" else "性质：提要，非原文",
            formal_citation(each),
        ):
            assert part in words


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, ["**省财政厅牵头**，省发展改革委、省商务厅等部门配合。", "- 配合：省发展改革委、省商务厅等部门", "- 牵头：省财政厅"]),
        (1, [r"#### \[2\] (九)带动区域协调发展（第 9 条）", "- 文号：国办发〔2014〕54号", "- 性质：提要，非原文"]),
        (2, ["- 部门现名：省国土资源厅自 2018 年起为甘肃省自然资源厅", r"- (十九)“加强土地节约集约利用” \[1\]"]),
        (3, ["这个回答没有引用条文。"]),
    ],
)  # fmt: skip
def test_one_answer_as_markdown(
    assistant: Assistant, conversation: Transcript, position: int, expected: list[str]
) -> None:
    answer = conversation.exchanges[position][1]
    one = transcript_of(answer, assistant.documents(), assistant.knowledge.directory, AT)
    lines = to_markdown(one).split("\n")
    assert lines[0] == "# 政策问答记录"
    assert [line for line in expected if line not in lines] == []


def test_the_versions_are_those_of_the_stored_texts(assistant: Assistant, conversation: Transcript) -> None:
    stored = {each.document.id: each.document for each in assistant.documents()}
    expected = [
        (POLICY, "", "2015-01-27", "原文", stored["gansu-etdz-2015"].text),
        (PARENT, "国办发〔2014〕54号", "2014-10-30", "提要，非原文", stored["guobanfa-2014-54"].text),
    ]
    assert [(v.title, v.number, v.issued_on, v.kind, v.digest) for v in conversation.versions] == [
        (title, number, day, kind, hashlib.sha256(text.encode()).hexdigest()[:12])
        for title, number, day, kind, text in expected
    ]
    assert "2014-10-30 成文或印发" in to_markdown(conversation).split("引用文件的版本")[1]


def test_a_document_that_is_gone_is_still_named() -> None:
    written = to_markdown(transcript("问", "好。", citation()))
    assert f"《{PARENT}》,国办发〔2014〕54号,成文日期没有载明,原文,导出时已不在库中" in written


def test_two_quotes_of_one_clause_stand_below_one_heading() -> None:
    other = citation(quote="第二句。", start=30, end=34)
    written = to_markdown(
        transcript("问", "好。 [1]", citation(), other, citation(path=("三", "(十)"), label="(十)"))
    )
    assert written.count("\n#### ") == 2
    assert written.index("第二句。") < written.index(r"#### \[2\]")


def test_what_nobody_checked_and_what_a_model_wrote_is_told() -> None:
    made = transcript("问", "好。", citation(kind="digest", unverified=True, address="https://example.org/a"))
    written = to_markdown(replace(made, exchanges=(("问", replace(made.exchanges[0][1], mode="llm")),)))
    assert "- 性质：提要，非原文，未核对\n" in written
    assert "原文见 https://example.org/a" in written
    assert "以上文字由语言模型根据下面的条文写成。" in written


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, f"《{PARENT}》（国办发〔2014〕54号）第(九)条“带动区域协调发展”"),
        ({"document_number": None, "heading": ""}, f"《{PARENT}》第(九)条"),
        ({"document_title": "甲", "path": ("第二章", "第十四条"), "article": 14, "heading": ""}, "《甲》（国办发〔2014〕54号）第十四条"),
        ({"document_title": "甲", "path": ("第四条", "(二)"), "article": 4, "heading": "", "document_number": None}, "《甲》第四条第(二)项"),
        ({"document_title": "甲", "path": ("四", "(十四)", "1"), "article": 14, "heading": "", "document_number": None}, "《甲》第(十四)条第1项"),
        ({"document_title": "甲", "path": ("四", "(二)", "1"), "article": None, "heading": "", "document_number": None}, "《甲》第四部分第(二)项第1目"),
        ({"document_title": "甲", "path": ("附件2", "三"), "article": None, "heading": "", "document_number": None}, "《甲》附件2第三部分"),
        ({"document_title": "甲", "path": ("3", "3.1", "3.1.2"), "article": None, "heading": "", "document_number": None}, "《甲》第3.1.2节"),
        ({"document_title": "甲", "path": (), "label": "", "article": None, "heading": "", "document_number": None}, "《甲》"),
        ({"document_title": "转发《乙》的通知", "document_number": None, "heading": "“三证合一”"}, "《转发〈乙〉的通知》第(九)条“‘三证合一’”"),
        ({"kind": "digest"}, f"《{PARENT}》（国办发〔2014〕54号）第(九)条“带动区域协调发展”（据提要，非原文）"),
        ({"document_title": "甲", "path": (), "label": "要点3", "article": None, "heading": "", "kind": "digest", "unverified": True}, "《甲》（国办发〔2014〕54号）提要要点3（据提要，非原文，未核对）"),
        ({"document_title": "甲\u202e\n乙", "document_number": "1\x00号", "heading": ""}, "《甲 乙》（1号）第(九)条"),
    ],
)  # fmt: skip
def test_a_clause_is_cited_formally(changes: dict[str, object], expected: str) -> None:
    assert formal_citation(citation(**changes)) == expected


def test_every_clause_cited_can_be_cited_formally(conversation: Transcript) -> None:
    made = {formal_citation(c) for _, answer in conversation.exchanges for c in answer.citations}
    assert f"《{POLICY}》第(十四)条“加强财政支持力度”" in made
    assert f"《{POLICY}》第(十九)条“加强土地节约集约利用”" in made


def test_the_answers_own_markdown_is_kept() -> None:
    text = "**省商务厅牵头**,由**《甲》**的部门配合。\n\n- 一\\*\n- 二 [1]\n\n> 引一\n> 引二"
    made = transcript("问", text)
    written = to_markdown(made)
    assert "**省商务厅牵头**,由《甲》的部门配合。\n\n- 一\\*\n- 二 \\[1\\]\n\n> 引一  \n> 引二\n" in written
    document = Document(io.BytesIO(to_docx(made)))
    kept = [(p.style.name, p.text) for p in document.paragraphs]
    for expected in (("List Bullet", "一*"), ("List Bullet", "二 [1]"), ("Quote", "引一\n引二")):
        assert expected in kept
    bold = [run.text for p in document.paragraphs for run in p.runs if run.bold]
    assert bold == [DISCLAIMER, "省商务厅牵头", "《甲》"]


def test_a_docx_file_has_headings_in_order_and_fonts_by_name(conversation: Transcript) -> None:
    document = Document(io.BytesIO(to_docx(conversation)))
    headings = [
        (int(p.style.name.removeprefix("Heading ")), p.text)
        for p in document.paragraphs
        if p.style.name.startswith("Heading")
    ]
    assert headings[:3] == [(1, "政策问答记录"), (2, f"问题 1：{QUESTIONS[0]}"), (3, "回答")]
    assert all(after - before <= 1 for (before, _), (after, _) in pairwise(headings))
    assert document.sections[0].footer.paragraphs[0].text == DISCLAIMER
    assert document.core_properties.created == AT.astimezone(UTC)
    styles = document.styles.element.xml
    assert 'w:eastAsia="宋体"' in styles
    assert 'w:eastAsia="黑体"' in styles
    assert "Theme=" not in styles.replace("w:themeColor", "")


def test_nothing_in_a_docx_file_can_be_followed_or_run(conversation: Transcript) -> None:
    cited = [citation(heading=text, quote=text, source=text, kind="digest", address=text) for text in HOSTILE]
    for made in (conversation, *(transcript(text, text, *cited) for text in HOSTILE)):
        with zipfile.ZipFile(io.BytesIO(to_docx(made))) as packed:
            names = packed.namelist()
            xml = {name: packed.read(name).decode() for name in names if name.endswith((".xml", ".rels"))}
        assert not [
            name for name in names if re.search(r"vba|macro|activeX|embeddings|\.bin$", name, re.IGNORECASE)
        ]
        assert not [name for name, content in xml.items() if 'TargetMode="External"' in content]
        body = xml["word/document.xml"]
        assert not re.search(
            r"<w:(hyperlink|fldSimple|fldChar|instrText|object|drawing|pict|altChunk)\b", body
        )


@quick
@given(VISIBLE, VISIBLE)
@example("", "")
@example("  甲\n\n乙  ", "- 项")
@pytest.mark.slow
def test_any_text_is_found_again_in_docx(question: str, quote: str) -> None:
    made = to_docx(transcript(question, "好。", citation(quote=quote)))
    words = words_of_docx(made)
    assert question.strip() in words
    assert not quote.strip() or quote in words


@quick
@given(VISIBLE, VISIBLE)
@example("1. 项", "\\")
def test_any_text_is_found_again_in_markdown(question: str, quote: str) -> None:
    words = words_of_markdown(to_markdown(transcript(question, "好。", citation(quote=quote))))
    assert letters(question) in letters(words)
    assert letters(quote) in letters(words)


@quick
@given(ANYTHING, ANYTHING, ANYTHING)
@pytest.mark.slow
def test_no_text_breaks_out_of_the_files(question: str, text: str, words: str) -> None:
    cited = citation(
        document_title=words, document_number=words, section=words, heading=words, quote=words, source=words, lead=(words,)
    )  # fmt: skip
    made = transcript(question, text, cited)
    seen = words_of_markdown(to_markdown(made))
    assert letters(question) in letters(seen)
    assert letters(words) in letters(seen)
    assert words_of_docx(to_docx(made)).startswith("政策问答记录\n导出时间：")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", seen)
    assert to_markdown(made).encode().decode() == to_markdown(made)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["question", "answer", "quote"])
def test_hostile_text_stays_text(text: str, place: str) -> None:
    made = (
        transcript(text)
        if place == "question"
        else transcript("问", text)
        if place == "answer"
        else transcript("问", "好。", citation(quote=text))
    )
    words_of_markdown(to_markdown(made))
    assert "<" not in to_markdown(made)
    words_of_docx(to_docx(made))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "园区项目贷款想申请贴息，该找哪个部门？",
            "政策问答-2026-11-26-园区项目贷款想申请贴息-该找哪个部门.docx",
        ),
        ("../../etc/passwd", "政策问答-2026-11-26-etc-passwd.docx"),
        ("CON", "政策问答-2026-11-26-CON.docx"),
        ("?!\u202e", "政策问答-2026-11-26.docx"),
        ("长" * 500, f"政策问答-2026-11-26-{'长' * 24}.docx"),
    ],
)
def test_a_file_is_named_after_day_and_first_question(question: str, expected: str) -> None:
    assert file_name(transcript(question), "docx") == expected


@quick
@given(st.text(st.characters()), st.sampled_from(["md", "docx"]))
def test_a_file_name_is_safe_on_every_system(question: str, suffix: Format) -> None:
    name = file_name(transcript(question), suffix)
    assert re.fullmatch(rf"政策问答-2026-11-26(-[^\W_]+)*\.{suffix}", name)
    assert len(name.encode()) <= 200
    assert unicodedata.normalize("NFC", name) == name


@pytest.mark.parametrize("suffix", ["md", "docx"])
def test_a_file_is_written_into_a_folder(tmp_path: Path, suffix: Format) -> None:
    made = transcript("谁牵头?", "省商务厅。")
    path = write_transcript(made, tmp_path, suffix)
    assert path == tmp_path / f"政策问答-2026-11-26-谁牵头.{suffix}"
    content = path.read_bytes()
    assert "省商务厅。" in (words_of_docx(content) if suffix == "docx" else content.decode())


def test_what_cannot_be_exported_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^还没有可以导出的问答$"):
        transcript_of([], (), directory(), AT)
    with pytest.raises(BadInput, match=r"^导出的文件没有写成（.+）$"):
        write_transcript(transcript("问"), tmp_path / "none", "md")
