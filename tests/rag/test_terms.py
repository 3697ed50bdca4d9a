"""A document's own term is honoured: once it is over, every answer from it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import shipped_index

from ingest.library import Library
from ingest.settings import Settings
from rag.build import open_assistant

RULES = """云溪市共享单车停放管理办法

第一条 本办法适用于云溪市城区共享单车的停放。
第二条 共享单车企业应当在划定区域内停放车辆,由市城管局牵头、市公安局配合管理。
第三条 本办法自2021年8月1日起施行,有效期5年。

云溪市人民政府
2021年7月15日
"""


@pytest.mark.parametrize(("today", "over"), [(date(2026, 7, 31), False), (date(2026, 8, 1), True)])
def test_an_answer_says_that_its_documents_term_is_over(
    make_settings: Callable[..., Settings], tmp_path: Path, today: date, over: bool
) -> None:
    file = tmp_path / "yunxi.txt"
    file.write_text(RULES, encoding="utf-8")
    settings = make_settings(shipped_index.copy_to(tmp_path / "data"), as_of=today)
    library = Library(settings)
    library.add([file])
    library.close()
    with open_assistant(settings) as assistant:
        text = assistant.ask(["共享单车停放由哪个部门牵头？"]).text
    assert "市城管局" in text
    assert ("到 2026-07-31 已经届满" in text) is over
