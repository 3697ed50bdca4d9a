"""Two small documents beside the shipped policy, and how answers are checked against documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.build import Assistant
from rag.context import Context
from rag.retrieve import Hit
from rag.types import Answer

SEED = "gansu-etdz-2015"
MEASURES = "yunling-2022-8"
ADVERTISING = "yunling-ads-2023"

# A city's measures: 1. 2. 3. through all parts, labelled bodies, a number and a term of validity.
MEASURES_TEXT = """云岭市人民政府关于支持小微企业发展的若干措施

云政发〔2022〕8号

各县区人民政府,市政府各部门:

  为帮助小微企业稳住经营、扩大就业,现提出以下措施。

  一、降低经营成本

  1. 减免房屋租金。对承租市属国有房屋的小微企业和个体工商户,免收3个月租金。(牵头单位:市国资委;责任单位:市财政局、市商务局)

  2. 首贷贴息。对首次取得银行贷款的小微企业,按贷款利率的30%给予贴息,单户最高20万元。(牵头单位:市财政局;责任单位:市金融办、市工信局)

  3. 下调用水价格。小微企业用水价格下调10%,期限6个月。(责任单位:市水务局)

  二、稳定就业岗位

  4. 发放稳岗补贴。对不裁员的小微企业,按每人1000元发放稳岗补贴。(牵头单位:市人社局;责任单位:市财政局、市民政局)

  5. 开展送工返岗。组织包车、专列,接送外出务工人员返岗。(牵头单位:市交通运输局;责任单位:市人社局、市公安局)

  本措施自2022年3月1日起施行,有效期至2024年2月29日。

  云岭市人民政府

  2022年2月18日
"""

# A regulation in chapters and articles, whose bodies stand in the sentences.
ADVERTISING_TEXT = """云岭市户外广告设施管理办法

云政办发〔2023〕5号

  第一章 总则

  第一条 为规范户外广告设施的设置,维护市容市貌,根据有关法律法规,制定本办法。

  第二条 本市城市建成区内户外广告设施的设置和管理,适用本办法。

  第三条 市城管局是户外广告设施的主管部门。市市场监管局依法监督管理广告内容。

  第二章 设置管理

  第四条 设置大型户外广告设施,应当向市城管局提出申请,并提交申请表、效果图和安全承诺书等材料。

  第五条 市城管局应当自受理之日起10个工作日内作出决定。

  第六条 户外广告设施的设置期限不超过5年。

  第三章 附则

  第七条 违反本办法规定,擅自设置大型户外广告设施的,处1万元以上3万元以下罚款。

  第八条 本办法自2023年7月1日起施行,有效期5年。

  云岭市人民政府办公室

  2023年6月12日
"""

ANSWER_KEYS = [
    "question", "answer", "refused", "status", "citations", "departments", "mode", "elapsed_ms",
]  # fmt: skip
CITATION_KEYS = [
    "document_id", "document_title", "document_number", "section", "path", "article", "label", "heading",
    "quote", "start", "end", "lead", "cooperating", "kind", "source",
]  # fmt: skip
STATUSES = {
    "answered", "not_in_corpus", "out_of_scope", "no_such_article", "no_such_role", "unsafe", "clarify", "error",
}  # fmt: skip


def write_documents(folder: Path) -> list[Path]:
    """The two documents as files named by their ids."""
    files = []
    for name, text in ((MEASURES, MEASURES_TEXT), (ADVERTISING, ADVERTISING_TEXT)):
        file = folder / f"{name}.txt"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


@contextmanager
def context_for(assistant: Assistant, question: str) -> Iterator[Context]:
    """What the steps of answering work with, for one question without a conversation."""
    with assistant._index.snapshot() as snapshot:
        knowledge = assistant._pipeline.known(snapshot)
        read = knowledge.reader.read(question)
        yield Context(question=read, topic=read.topic, snapshot=snapshot, knowledge=knowledge)


def articles(answer: Answer) -> list[int | None]:
    """The articles that an answer cites, each once, best first."""
    return list(dict.fromkeys(citation.article for citation in answer.citations))


def documents(answer: Answer) -> set[str]:
    """The documents that an answer cites."""
    return {citation.document_id for citation in answer.citations}


def given(answer: Answer) -> tuple[set[str], set[str]]:
    """The bodies that an answer gives: leading, cooperating."""
    return set(answer.departments.lead), set(answer.departments.cooperating)


def check_answer(assistant: Assistant, answer: Answer) -> None:
    """What holds for every answer whatever was asked: form, quotes, labels and roles."""
    data: dict[str, Any] = answer.to_json()
    assert list(data) == ANSWER_KEYS
    assert data["status"] in STATUSES
    assert data["refused"] is (data["status"] not in ("answered", "clarify"))
    assert data["answer"].strip()
    assert set(data["departments"]) == {"lead", "cooperating", "current"}
    texts = {stored.document.id: stored.document.text for stored in assistant.documents()}
    clauses = {(c.document_id, c.clause.path, c.clause.start): c.clause for c in assistant.clauses()}
    held: dict[str, set[str]] = {"lead": set(), "cooperating": set()}
    for citation, shown in zip(answer.citations, data["citations"], strict=True):
        assert list(shown) == CITATION_KEYS
        assert citation.quote
        assert citation.quote == texts[citation.document_id][citation.start : citation.end]
        if not citation.label:  # a line of the document outside its clauses
            assert not citation.path and citation.article is None
            continue
        clause = clauses[citation.document_id, citation.path, citation.clause_start]
        assert (citation.label, citation.article, citation.heading) == (
            clause.label, clause.article, clause.heading,
        )  # fmt: skip
        assert clause.start <= citation.start < citation.end <= clause.end
        for role in ("lead", "cooperating"):
            in_clause = {name for duty in clause.responsibilities for name in getattr(duty, role)}
            assert set(getattr(citation, role)) <= in_clause
            held[role] |= in_clause
    assert set(answer.departments.lead) <= held["lead"]
    assert set(answer.departments.cooperating) <= held["cooperating"]
    assert set(answer.departments.current) <= held["lead"] | held["cooperating"] | {
        name for c in answer.citations for name in c.responsible
    }


def first_as(hits: list[Hit], **values: float | None) -> list[Hit]:
    """The hits with values of the first one changed."""
    return [replace(hits[0], **values), *hits[1:]]  # type: ignore[arg-type]
