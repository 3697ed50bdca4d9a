"""Claims without support are found, sound answers are left alone."""

from __future__ import annotations

from typing import Any

import pytest
from eval_samples import REFUSAL, TRUTH, answer, cite, recorded

from evals.grounding import ungrounded


def test_a_sound_answer_claims_nothing_without_support() -> None:
    assert not ungrounded(recorded(), TRUTH)


def test_a_quote_that_is_not_in_the_clause() -> None:
    assert ungrounded(recorded(answer(citations=[cite(quote="全额贴息")])), TRUTH).quotes == ("全额贴息",)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("见第二十五条", ("第二十五条",)),
        ("见第 25 条和第14条", ("第25条",)),
        ("见（二十五）", ("(二十五)",)),
        ("见第(十四)条、(三)", ()),
        ("(国办发〔2014〕54号)(2014)", ()),
        # Part 四 of the document is a label of a path, and so is (四) where a document has it.
        ("四、加快产业转型升级", ()),
    ],
)
def test_clause_numbers_that_the_document_does_not_hold(text: str, unknown: tuple[str, ...]) -> None:
    assert ungrounded(recorded(answer(answer=text)), TRUTH).clause_numbers == unknown


def test_numbers_inside_quotes_and_refusals_do_not_count() -> None:
    quoting = answer(answer="原文:依据该法第九十条", citations=[cite(quote="依据该法第九十条")])
    assert ungrounded(recorded(quoting), TRUTH).clause_numbers == ()
    assert ungrounded(recorded(REFUSAL | {"answer": "没有第二十五条"}), TRUTH).clause_numbers == ()


@pytest.mark.parametrize(
    ("departments", "unknown", "unsupported"),
    [
        ({"lead": ["省财政厅"], "cooperating": ["省商务厅"]}, (), ()),
        ({"lead": ["省水利厅"]}, ("省水利厅",), ("lead:省水利厅",)),
        # Known to the document, but not in this role in the cited clause.
        ({"lead": ["省商务厅"]}, (), ("lead:省商务厅",)),
        ({"cooperating": ["省统计局"]}, (), ("cooperating:省统计局",)),
        ({"cooperating": ["省发展改革"]}, (), ()),
    ],
)
def test_departments_and_their_roles(
    departments: dict[str, Any], unknown: tuple[str, ...], unsupported: tuple[str, ...]
) -> None:
    found = ungrounded(recorded(answer(departments=departments)), TRUTH)
    assert (found.departments, found.roles) == (unknown, unsupported)
