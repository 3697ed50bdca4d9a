"""The last day of a document by its own statement."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.validity import last_day

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


@pytest.mark.parametrize(("effective_from", "issued_on", "valid_for", "last"), TERMS)
def test_the_last_day_follows_from_the_documents_own_words(
    effective_from: str | None, issued_on: str | None, valid_for: str | None, last: date | None
) -> None:
    assert last_day(effective_from, issued_on, valid_for) == last
