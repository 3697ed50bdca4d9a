"""What the bodies that the policy prints are called in a given year."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml
from ingest_samples import CORPUS, POLICY_FILE, parse_text

from ingest.departments import Department, Directory, Present, load_directory
from rag.wording import current_names, present_names


@cache
def in_year(year: int | None) -> Directory:
    """The shipped bodies as things stood in a year."""
    return load_directory(CORPUS / "departments.yaml", year)


def present(printed: str, year: int | None) -> tuple[list[str], Present]:
    """What a printed body is in a year: full names, and all that is known."""
    department = in_year(year).resolve(printed)
    assert department is not None
    found = in_year(year).present(department)
    return [body.name for body in found.bodies], found


# Printed in the policy → what it became in 2018.
RENAMED = [
    ("省国土资源厅", "甘肃省国土资源厅", "甘肃省自然资源厅"),
    ("省环保厅", "甘肃省环境保护厅", "甘肃省生态环境厅"),
    ("省工信委", "甘肃省工业和信息化委员会", "甘肃省工业和信息化厅"),
    ("省工商局", "甘肃省工商行政管理局", "甘肃省市场监督管理局"),
    ("省质监局", "甘肃省质量技术监督局", "甘肃省市场监督管理局"),
    ("省国税局", "甘肃省国家税务局", "国家税务总局甘肃省税务局"),
    ("省地税局", "甘肃省地方税务局", "国家税务总局甘肃省税务局"),
    ("省政府金融办", "甘肃省人民政府金融工作办公室", "甘肃省地方金融监督管理局"),
    ("甘肃出入境检验检疫局", "中华人民共和国甘肃出入境检验检疫局", "中华人民共和国兰州海关"),
]
UNCHANGED = [
    ("省人社厅", "甘肃省人力资源和社会保障厅"),
    ("省发展改革委", "甘肃省发展和改革委员会"),
    ("省商务厅", "甘肃省商务厅"),
    ("省财政厅", "甘肃省财政厅"),
    ("省教育厅", "甘肃省教育厅"),
    ("省科技厅", "甘肃省科学技术厅"),
    ("省公安厅", "甘肃省公安厅"),
    ("省统计局", "甘肃省统计局"),
    ("省建设厅", "甘肃省住房和城乡建设厅"),
    ("兰州海关", "中华人民共和国兰州海关"),
]


@pytest.mark.parametrize("year", [2018, 2019, 2026, None])
@pytest.mark.parametrize(("printed", "_old", "new"), RENAMED)
def test_the_reform_of_2018(printed: str, _old: str, new: str, year: int | None) -> None:
    names, found = present(printed, year)
    assert (names, found.since) == ([new], 2018)


@pytest.mark.parametrize("year", [2015, 2016, 2017])
@pytest.mark.parametrize(("printed", "old", "_new"), RENAMED)
def test_before_the_reform_all_were_themselves(printed: str, old: str, _new: str, year: int) -> None:
    names, found = present(printed, year)
    assert (names, found) == ([old], Present(bodies=found.bodies))


@pytest.mark.parametrize("year", [2015, 2018, 2026, None])
@pytest.mark.parametrize(("printed", "name"), UNCHANGED)
def test_bodies_that_did_not_change(printed: str, name: str, year: int | None) -> None:
    names, found = present(printed, year)
    assert (names, found) == ([name], Present(bodies=found.bodies))


@pytest.mark.parametrize(
    ("year", "later", "later_since"),
    [(2018, [], None), (2023, [], None), (2024, ["中共甘肃省委金融委员会办公室"], 2024), (None, ["中共甘肃省委金融委员会办公室"], 2024)],
)  # fmt: skip
def test_a_later_change_that_nobody_checked_is_told_apart(
    year: int | None, later: list[str], later_since: int | None
) -> None:
    for printed in ("省政府金融办", "省地方金融监管局"):
        names, found = present(printed, year)
        assert names == ["甘肃省地方金融监督管理局"]
        assert [body.name for body in found.unchecked] == later
        assert found.unchecked_since == later_since


def test_the_construction_department_is_an_old_name_and_no_older_body() -> None:
    directory = in_year(None)
    department = directory.resolve("省建设厅")
    assert department is not None and department == directory.resolve("省住房城乡建设厅")
    assert "省建设厅" in department.aliases and department.successors == ()
    assert not any(s.id == department.id for d in directory.departments for s in d.successors)


def test_the_tables_hold_every_body_of_the_policy_and_no_other() -> None:
    told = {printed for printed, *_ in (*RENAMED, *UNCHANGED)}
    assert told < policy_bodies()
    assert policy_bodies() - told == {"省发展改革", "相关市州政府", "国家级经开区管委会"}


@cache
def policy_bodies() -> frozenset[str]:
    clauses = parse_text(POLICY_FILE.read_text(encoding="utf-8")).clauses
    return frozenset(name for c in clauses for duty in c.responsibilities for name in duty.names)


@pytest.mark.parametrize("year", [2015, 2018, 2024, None])
def test_what_a_body_became_has_not_itself_gone_by_then(year: int | None) -> None:
    directory = in_year(year)
    for department in directory.departments:
        found = directory.present(department)
        assert found.bodies
        assert all(directory.present(body).bodies == (body,) for body in found.bodies)
        assert (found.since is None) == (found.bodies == (department,))
        assert year is None or found.since is None or found.since <= year


def test_several_steps_are_followed_as_far_as_the_year_goes() -> None:
    assert present("甘肃银监局", 2017)[0] == ["中国银行业监督管理委员会甘肃监管局"]
    assert present("甘肃银监局", 2018)[0] == ["中国银行保险监督管理委员会甘肃监管局"]
    names, found = present("甘肃银监局", 2023)
    assert names != ["中国银行保险监督管理委员会甘肃监管局"] and found.since == 2023


def test_a_part_that_went_elsewhere_is_not_the_successor() -> None:
    assert present("省食品药品监管局", None)[0] == ["甘肃省市场监督管理局"]


SMALL = {
    "departments": [
        {"id": "a", "name": "甲厅", "short": "甲厅", "level": "province", "successors": [{"id": "b", "year": 2018}]},
        {"id": "b", "name": "乙厅", "short": "乙厅", "level": "province", "successors": [{"id": "a", "year": 2020}]},
        {"id": "c", "name": "丙厅", "short": "丙厅", "level": "province", "successors": [{"id": "a"}, {"id": "d", "conf": "medium"}]},
        {"id": "d", "name": "丁厅", "short": "丁厅", "level": "province", "successors": [{"id": "a", "year": 2019, "scope": "一部分"}]},
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "year", "ids", "since"),
    [
        ("a", 2017, ["a"], None),
        ("a", 2019, ["b"], 2018),
        # A year that nobody knows counts as past; a part that went elsewhere counts as nothing.
        ("c", 2017, ["a"], None),
        ("c", 2019, ["b"], 2018),
        ("d", None, ["d"], None),
    ],
)
def test_small_successions(tmp_path: Path, id_: str, year: int | None, ids: list[str], since: int) -> None:
    file = tmp_path / "departments.yaml"
    file.write_text(yaml.safe_dump(SMALL, allow_unicode=True), encoding="utf-8")
    directory = load_directory(file, year)
    found = directory.present(directory.by_id[id_])
    assert ([body.id for body in found.bodies], found.since) == (ids, since)


def test_a_succession_that_runs_in_a_circle_ends(tmp_path: Path) -> None:
    file = tmp_path / "departments.yaml"
    file.write_text(yaml.safe_dump(SMALL, allow_unicode=True), encoding="utf-8")
    directory = load_directory(file, 2026)
    assert all(isinstance(b, Department) for d in directory.departments for b in directory.present(d).bodies)


@pytest.mark.parametrize(
    ("year", "told"),
    [
        (2017, []),
        (2018, ["省国土资源厅自 2018 年起为甘肃省自然资源厅", "省政府金融办自 2018 年起为甘肃省地方金融监督管理局"]),
        (
            2024,
            [
                "省国土资源厅自 2018 年起为甘肃省自然资源厅",
                "省政府金融办自 2018 年起为甘肃省地方金融监督管理局（约 2024 年又有调整，可能是中共甘肃省委金融委员会办公室，未核对）",
            ],
        ),
    ],
)  # fmt: skip
def test_how_present_names_are_told(year: int, told: list[str]) -> None:
    names = ["省国土资源厅", "省商务厅", "省政府金融办", "省建设厅", "没有这个厅"]
    assert present_names(names, in_year(year)) == told
    assert len(current_names(names, in_year(year))) == len(told)
