"""Public bodies: names, candidates, successors, and what a broken file says."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ingest_samples import CORPUS, POLICY_FILE, directory, parse_text

from ingest.departments import load_directory
from ingest.errors import BrokenKnowledge
from ingest.knowledge import read_yaml

_DATA = read_yaml(CORPUS / "departments.yaml")
EXAMPLES = [(row["text"], row["expect"]) for row in _DATA["examples"]]

# Printed in the policy → present name of the one body, or None where the old one is not gone.
CURRENT = [
    ("省国土资源厅", ["甘肃省自然资源厅"]),
    ("省工商局", ["甘肃省市场监督管理局"]),
    ("省质监局", ["甘肃省市场监督管理局"]),
    ("省环保厅", ["甘肃省生态环境厅"]),
    ("省工信委", ["甘肃省工业和信息化厅"]),
    ("省国税局", ["国家税务总局甘肃省税务局"]),
    ("省地税局", ["国家税务总局甘肃省税务局"]),
    ("省建设厅", ["甘肃省住房和城乡建设厅"]),
    ("省发展改革委", ["甘肃省发展和改革委员会"]),
    ("省财政厅", ["甘肃省财政厅"]),
    ("省统计局", ["甘肃省统计局"]),
]

SENTENCES = [
    ("省财政厅和省商务厅谁牵头?", ["省财政厅", "省商务厅"]),
    ("（省国土资源厅）负责什么", ["省国土资源厅"]),
    ("海关特殊监管区怎么申报", []),
    ("海关配合哪几条", ["海关"]),
    ("工商登记制度改革", []),
    ("今天天气怎么样", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_examples_of_the_data_file(text: str, expected: list[str]) -> None:
    (mention,) = directory().mentions(text)
    assert mention.text == text
    assert {department.id for department in mention.departments} == set(expected)


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_bodies_in_a_sentence(text: str, expected: list[str]) -> None:
    found = directory().mentions(text)
    assert [mention.text for mention in found] == expected
    assert all(text[m.start : m.end] == m.text for m in found)


@pytest.mark.parametrize("text", ["浙江省商务厅", "四川商务厅", "北京市财政局"])
def test_bodies_of_other_provinces_are_none_of_ours(text: str) -> None:
    (mention,) = directory().mentions(text)
    assert mention.text == text
    assert [department.id for department in mention.departments] == [f"unlisted:{text}"]


def test_every_body_in_the_policy_is_known_and_means_one_body() -> None:
    clauses = parse_text(POLICY_FILE.read_text(encoding="utf-8")).clauses
    printed = {name for clause in clauses for duty in clause.responsibilities for name in duty.names}
    assert len(printed) == 22  # with 省发展改革 as printed in (十八)
    assert [name for name in sorted(printed) if directory().resolve(name) is None] == []


@pytest.mark.parametrize(("printed", "names"), CURRENT)
def test_what_a_body_is_called_today(printed: str, names: list[str]) -> None:
    department = directory().resolve(printed)
    assert department is not None
    assert [body.name for body in directory().current(department)] == names


def test_the_construction_department_is_an_old_short_name_not_an_older_body() -> None:
    department = directory().resolve("省建设厅")
    assert department is not None
    assert department.name == "甘肃省住房和城乡建设厅"
    assert department.successors == ()
    assert directory().current(department) == (department,)


@pytest.mark.parametrize(
    ("printed", "id_"),
    [("省财政厅", "gansu-caizheng"), ("财政厅", "gansu-caizheng"), ("财政部", "central-caizheng"), ("市教育局", None),
     ("发改委", None), ("", None)],
)  # fmt: skip
def test_a_printed_name_means_one_body_or_none(printed: str, id_: str | None) -> None:
    found = directory().resolve(printed)
    assert (found.id if found else None) == id_


def test_lineage_holds_predecessors_not_siblings() -> None:
    new = directory().by_id["gansu-shichang-jianguan"]
    ids = {department.id for department in directory().lineage(new)}
    assert {"gansu-shichang-jianguan", "gansu-gongshang", "gansu-zhijian"} <= ids
    old = {d.id for d in directory().lineage(directory().by_id["gansu-gongshang"])}
    assert "gansu-zhijian" not in old


def test_bodies_that_only_a_document_prints_can_be_asked_for() -> None:
    wider = directory().with_printed(["市水务局", "省财政厅"], ["云岭市人民政府"])
    (mention,) = wider.mentions("市水务局管什么")
    assert [d.id for d in mention.departments] == ["unlisted:市水务局"]
    assert len(wider.departments) == len(directory().departments) + 1


def test_written_forms_mean_one_body_on_each_level() -> None:
    for level in ("central", "province", "local", "zone"):
        bodies = [d for d in directory().departments if d.level == level]
        counts = Counter(name for d in bodies for name in d.written)
        assert [name for name, count in counts.items() if count > 1] == []


def test_successors_come_after_and_end_somewhere() -> None:
    for department in directory().departments:
        current = directory().current(department)
        assert current
        for body in current:
            assert directory().current(body) == (body,)
        assert not department.successors or department.exists_to is not None


@given(st.text(st.sampled_from("省市县财政商务厅局委发改国土资源海关 ,。a（")))
def test_mentions_are_spans_in_order(text: str) -> None:
    found = directory().mentions(text)
    assert all(text[m.start : m.end] == m.text and m.departments for m in found)
    assert all(a.start <= b.start for a, b in itertools.pairwise(found))


_GOOD: dict[str, Any] = {"id": "a", "name": "甲厅", "short": "甲", "level": "province"}


def rows(**changes: Any) -> str:
    row = {key: value for key, value in (_GOOD | changes).items() if value is not ...}
    return yaml.safe_dump({"departments": [row]}, allow_unicode=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows(level="town"), "a 的 level 应是"),
        (rows(level="town", id=...), "level 应是"),
        (rows(name=...), "a 缺少 name"),
        (rows(name=3), "a 缺少 name，或类型不对"),
        (rows(id=...), "缺少 id"),
        (rows(aliases="甲局"), "a 的 aliases 应是一列文字"),
        (rows(nicknames=[1]), "a 的 nicknames 应是一列文字"),
        (rows(exists=2018), "a 的 exists 应是"),
        (rows(successors=[{"id": "b"}]), "a 的后继 b 不存在"),
        (rows(successors=[{"year": 2018}]), "缺少 id"),
        ("departments: [甲]\n", "甲 缺少 level"),
        ("departments: 甲\n", "缺少 departments"),
        ("- 甲\n", "应是“名称: 内容”的形式"),
        ("departments:\n\t- id: a\n", "第 2 行不是有效的 YAML"),
        ("departments: []\nother_provinces: 浙江\n", "other_provinces 应是一列文字"),
        (rows() + rows().removeprefix("departments:\n"), "同一个 id"),
    ],
)
def test_a_broken_data_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "departments.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenKnowledge, match=said) as caught:
        load_directory(file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_an_unreadable_data_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "departments.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BrokenKnowledge, match="读不到数据文件"):
        load_directory(file)


@pytest.mark.parametrize(
    ("printed", "short"),
    [
        ("发展改革委", "国家发展改革委"),
        ("能源局", "国家能源局"),
        ("财政部", "财政部"),
        ("测试局", None),
        ("省财政厅", "省财政厅"),
    ],
)
def test_bare_names_in_a_central_document_are_the_national_bodies(printed: str, short: str | None) -> None:
    found = directory().resolve(printed, central=True)
    assert (found.short if found else None) == short


def test_bare_names_elsewhere_stay_open() -> None:
    assert directory().resolve("发展改革委") is None
