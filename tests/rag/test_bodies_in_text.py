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
        ("具体由市、县（市、区）人民政府财政部门负责。", ["市、县（市、区）人民政府财政部门"]),
        ("由市、县（市、区）人民政府制定补贴办法。", ["市、县（市、区）人民政府"]),
        ("可以向所在地县（市、区）供热主管部门投诉", ["所在地县（市、区）供热主管部门"]),
        ("由县级以上人民政府城乡建设主管部门责令限期改正", ["县级以上人民政府城乡建设主管部门"]),
        ("由城市管理综合执法组织责令改正", ["城市管理综合执法组织"]),
        ("应当取得畜牧兽医行政部门的许可，并向公安机关备案。", ["畜牧兽医行政部门", "公安机关"]),
        ("应当服从当地交通主管部门的统一安排", ["当地交通主管部门"]),
    ],
)
def test_names_begin_behind_the_verb(text: str, names: list[str]) -> None:
    assert _names_in(text) == names
