"""Bodies that a quote names without laying down a duty."""

from __future__ import annotations

import pytest

from rag.bodies_in_text import _names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("由市商务主管部门责令改正", ["市商务主管部门"]),
        ("项目依法成立资格审查委员会、评标委员会的", ["资格审查委员会", "评标委员会"]),
        ("并将处理结果及时告知有关主管部门。", []),
        ("应当向县人民政府报告", ["县人民政府"]),
    ],
)
def test_names_begin_behind_the_verb(text: str, names: list[str]) -> None:
    assert _names_in(text) == names
