"""Cards and messages as HTML: escaping, marking, grouping."""

from __future__ import annotations

from dataclasses import replace

from rag.types import Answer, Citation, Departments, Status
from rag.web.cards import (
    answer_html,
    card_html,
    cards_of,
    empty_evidence_html,
    evidence_html,
    growing,
    marked_html,
    of_answer_html,
    question_html,
)

TEXT = "(十四)加强财政支持力度。积极组织申报贷款贴息。省级财政安排专项资金。(省财政厅牵头,省商务厅等部门配合)"
BASE = 3886


def citation(quote: str = "积极组织申报贷款贴息。", **changes: object) -> Citation:
    start = BASE + TEXT.index(quote)
    made = Citation(
        document_id="gansu-etdz-2015",
        document_title="关于促进开发区创新发展的实施意见",
        document_number=None,
        section="四、加快产业转型升级",
        path=("四", "(十四)"),
        article=14,
        label="(十四)",
        heading="加强财政支持力度",
        quote=quote,
        start=start,
        end=start + len(quote),
        lead=("省财政厅",),
        cooperating=("省商务厅", "省建设厅"),
        kind="original",
        source="转载页全文",
        clause_text=TEXT,
        clause_start=BASE,
        open_ended=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def answer(*citations: Citation, **current: str) -> Answer:
    return Answer(
        question="?",
        text="。",
        status=Status.ANSWERED,
        citations=citations,
        departments=Departments(current=current),
    )


def test_exactly_the_quote_is_marked() -> None:
    cited = citation()
    marked = marked_html(cited, [(cited.start, cited.end)])
    assert marked == TEXT.replace(cited.quote, f"<mark>{cited.quote}</mark>")


def test_the_right_one_of_two_equal_wordings_is_marked() -> None:
    cited = citation(clause_text="甲甲甲", clause_start=10)
    assert marked_html(cited, [(11, 12)]) == "甲<mark>甲</mark>甲"


def test_touching_and_overlapping_quotes_become_one_mark() -> None:
    cited = citation(clause_text="一二三四五六", clause_start=0)
    assert marked_html(cited, [(3, 5), (0, 2), (1, 3)]) == "<mark>一二三四五</mark>六"
    assert marked_html(cited, [(4, 6), (0, 1)]) == "<mark>一</mark>二三四<mark>五六</mark>"


def test_a_quote_outside_the_clause_marks_nothing() -> None:
    cited = citation(clause_text="一二三", clause_start=100)
    assert marked_html(cited, [(0, 50), (200, 210)]) == "一二三"


def test_a_clause_without_its_text_shows_the_quote() -> None:
    cited = citation(clause_text="")
    assert marked_html(cited, [(cited.start, cited.end)]) == f"<mark>{cited.quote}</mark>"


def test_marking_escapes_without_moving_the_offsets() -> None:
    cited = citation(clause_text="<b>&甲</b>乙", clause_start=0)
    assert marked_html(cited, [(3, 5)]) == "&lt;b&gt;<mark>&amp;甲</mark>&lt;/b&gt;乙"


def test_quotes_of_one_clause_share_a_card_and_clauses_keep_their_order() -> None:
    other = citation(path=("四", "(十五)"), label="(十五)", clause_start=BASE + 900)
    cards = cards_of([citation(), citation("省级财政安排专项资金。"), other])
    assert [(card.number, card.citation.label, len(card.quotes)) for card in cards] == [
        (1, "(十四)", 2),
        (2, "(十五)", 1),
    ]


def test_a_card_says_where_the_clause_stands_and_who_is_responsible() -> None:
    shown = evidence_html(
        answer(citation(document_number="甘政办发〔2015〕9号"), 省建设厅="甘肃省住房和城乡建设厅")
    )
    for part in (
        "[1]</span> (十四)加强财政支持力度",
        "第 14 条",
        "《关于促进开发区创新发展的实施意见》",
        "甘政办发〔2015〕9号",
        "四、加快产业转型升级",
        '<li class="pq-lead">省财政厅</li>',
        '<li class="pq-cooperating">省商务厅</li>',
        '<li class="pq-cooperating">省建设厅<small>现为甘肃省住房和城乡建设厅</small></li>',
        "等部门",
        ">原文</span> 转载页全文",
    ):
        assert part in shown


def test_bodies_without_a_lead_and_digests_are_named_as_such() -> None:
    shown = evidence_html(answer(citation(lead=(), cooperating=(), responsible=("省科技厅",), kind="digest")))
    assert "<span>负责</span>" in shown
    assert "牵头</span>" not in shown
    assert "提要，非原文" in shown


def test_text_outside_the_numbering_has_a_name_too() -> None:
    shown = evidence_html(answer(citation(label="", heading="", article=None, section=None, path=())))
    assert "文件开头或落款" in shown
    assert "pq-article" not in shown
    assert "pq-section" not in shown


def test_only_the_first_cards_are_open() -> None:
    many = [citation(path=(str(n),), clause_start=n) for n in range(24)]
    shown = evidence_html(answer(*many))
    assert shown.count("<article") == 24
    assert shown.count("<details open>") == 3


def test_nothing_from_a_document_becomes_markup() -> None:
    evil = '"><img src=x onerror=alert(1)>'
    fields = ("document_title", "document_number", "section", "label", "heading", "source", "clause_text")
    cited = citation(lead=(evil,), cooperating=(evil,), responsible=(evil,), **dict.fromkeys(fields, evil))
    shown = card_html(cards_of([cited])[0], {evil: evil + "2"}, opened=True)
    assert "<img" not in shown
    assert '"&gt;' not in shown
    assert "<img" not in empty_evidence_html(evil)


def test_an_answer_without_clauses_says_so() -> None:
    assert "没有可以引用的条文" in evidence_html(answer())


def test_a_question_is_shown_as_typed() -> None:
    assert question_html("<b>甲</b>\n**乙** [丙](x)") == (
        '<div class="pq-question">&lt;b&gt;甲&lt;/b&gt;<br>**乙** [丙](x)</div>'
    )
    assert "（共 10000 字）" in question_html("财" * 10_000)
    assert len(question_html("财" * 10_000)) < 1000


def test_answers_keep_their_quotes_lists_and_numbers() -> None:
    text = "**省财政厅牵头**,配合。\n\n> 甲\n> 乙 [1]\n\n- (七)“招商” [2]\n- (八)“合作” [3]"
    assert answer_html(text) == (
        '<div class="pq-answer"><p><strong>省财政厅牵头</strong>,配合。</p>'
        "<blockquote>甲<br>乙 [1]</blockquote>"
        "<ul><li>(七)“招商” [2]</li><li>(八)“合作” [3]</li></ul></div>"
    )
    linked = answer_html(text, position=2)
    assert linked.startswith('<div class="pq-answer pq-of-2">')
    assert '<a class="pq-cite" href="#pq-card-1"' in linked


def test_an_earlier_answers_cards_say_whose_they_are() -> None:
    assert of_answer_html("<b></b>", 1, None) == '<div data-answer="1"><b></b></div>'
    shown = of_answer_html("<b></b>", 0, "<i>谁\n牵头" + "?" * 60)
    assert shown.startswith(
        '<div data-answer="0" data-back><p class="pq-back" role="status">第 1 问的依据：&lt;i&gt;谁 牵头?'
    )
    assert shown.endswith("…</p><b></b></div>")


def test_escaped_characters_and_foreign_markup_in_answers_stay_text() -> None:
    shown = answer_html(r"> \[1\] \*甲\* \<b\>" + "\n\n<script>x</script> ![图](http://elsewhere/x.png)")
    assert "[1] *甲* &lt;b&gt;" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<a " not in shown


def test_messages_are_one_line_of_html() -> None:
    assert "\n" not in answer_html("甲\n\n乙\n\n- 丙\n\n> 丁")
    assert "\n" not in question_html("甲\n\n\n乙\r\n丙")


def test_growing_ends_with_the_whole_text_in_few_steps() -> None:
    text = "甲。乙;丙\n\n> 丁!\n\n" * 30 + "戊"
    steps = list(growing(text, 12))
    assert steps[-1] == text
    assert 2 < len(steps) <= 12
    assert all(text.startswith(step) for step in steps)
    assert list(growing("", 12)) == [""]
