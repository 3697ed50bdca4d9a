"""The last day of a document by its own statement."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.validity import last_day, read_validity

TERMS = [
    ("2021-08-01", None, "5年", date(2026, 7, 31)),
    ("印发之日", "2020-03-15", "3年", date(2023, 3, 14)),
    ("2020-02-29", None, "1年", date(2021, 2, 28)),
    ("2020-01-01", None, "至2025-12-31", date(2025, 12, 31)),
    (None, None, "至2025-12-31", date(2025, 12, 31)),
    ("2021-08-01", None, None, None),
    ("印发之日", None, "5年", None),
    (None, None, "5年", None),
]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("本办法自2023年7月1日起施行，有效期5年。", "5年"),
        ("本措施有效期为2年。", "2年"),
        ("有效期至2028年7月31日。", "至2028-07-31"),
        ("认定有效期为3年，期满前60日内可以申请复核。", None),
        ("许可证有效期5年。", None),
        ("检验报告书有效期1年。", None),
    ],
)
def test_the_term_is_the_documents_own(text: str, term: str | None) -> None:
    assert read_validity(text).valid_for == term


@pytest.mark.parametrize(("effective_from", "issued_on", "valid_for", "last"), TERMS)
def test_the_last_day_follows_from_the_documents_own_words(
    effective_from: str | None, issued_on: str | None, valid_for: str | None, last: date | None
) -> None:
    assert last_day(effective_from, issued_on, valid_for) == last
