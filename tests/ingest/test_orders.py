"""Orders (令), page records and default bodies: what stands around the clauses."""

from __future__ import annotations

import pytest
from ingest_samples import parse_text

from ingest.metadata import read_frame

ORDERS = [
    (
        "中华人民共和国国务院令\n第799号\n《测试管理条例》已经国务院常务会议通过，现予公布，自2018年10月1日起施行。\n总理　某某\n2018年6月29日\n测试管理条例\n第一条　为了测试，制定本条例。\n",
        ("测试管理条例", "国令第799号", "国务院", "2018-06-29"),
    ),
    (
        "甘肃省人民政府令\n第112号\n《甘肃省测试办法》已经省政府常务会议讨论通过，现予公布。\n省长　某某\n2015年3月2日\n甘肃省测试办法\n第一条　为了测试，制定本办法。\n",
        ("甘肃省测试办法", "甘肃省人民政府令第112号", "甘肃省人民政府", "2015-03-02"),
    ),
    (
        "索引号：000014349/2019-00052　主题分类：农业\n发文机关：国务院办公厅　成文日期：2019年08月15日\n发布日期：2019年09月02日\n国务院办公厅关于印发试点方案的通知\n国办发〔2019〕47号\n各省、自治区、直辖市人民政府：\n一、开展试点。先行先试。\n国务院办公厅\n2019年8月15日\n",
        ("国务院办公厅关于印发试点方案的通知", "国办发〔2019〕47号", "国务院办公厅", "2019-08-15"),
    ),
    (
        "HHCR—2019—01011\n某州人民政府关于印发《提速方案》的通知\n州政发〔2019〕5号\n各县市人民政府：\n一、提速。减环节。\n",
        ("某州人民政府关于印发《提速方案》的通知", "州政发〔2019〕5号", "某州人民政府", None),
    ),
    ("国家粮食应急预案\n1 总则\n1.1 目的\n应对波动。\n1.2 原则\n分级负责。\n1.3 依据\n有关法律。\n", ("国家粮食应急预案", None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ORDERS)
def test_title_number_issuer_and_date(text: str, expected: tuple[str | None, ...]) -> None:
    metadata = read_frame(text).metadata
    assert (metadata.title, metadata.number, metadata.issuer, metadata.issued_on) == expected


def test_a_body_that_answers_for_all_that_follows_is_kept_once() -> None:
    parsed = parse_text(
        "某试点方案\n(一)建立制度。明确要求。（生态环境部指导，试点城市政府负责落实。以下均需试点城市政府落实，不再列出）\n"
        "(二)推广经验。总结做法。（自然资源部、工业和信息化部指导）\n"
    )
    (default,) = parsed.default_bodies
    assert default.name == "试点城市政府"
    assert parsed.document.text[default.start : default.end] == default.raw
    (duty,) = parsed.clauses[1].responsibilities
    assert duty.guiding == ("自然资源部", "工业和信息化部")
    assert duty.lead == duty.cooperating == duty.responsible == ()
