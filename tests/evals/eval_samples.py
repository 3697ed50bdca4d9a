"""Hand-made questions, answers and clauses for the tests of scoring."""

from __future__ import annotations

from typing import Any

from evals.questions import Gold, Question
from evals.recorded import Recorded
from evals.truth import Truth, TruthClause

SEED = "gansu-etdz-2015"
SUBSIDY = (
    "(十四)加强财政支持力度。省级财政安排专项资金,对贷款予以贴息。"
    "(省财政厅牵头,省发展改革委、省商务厅等部门配合)"
)
APPRAISAL = "(三)健全考核体系。突出对新增债务的考核评价。(省发展改革委牵头,省商务厅、省统计局等部门配合)"
TRUTH = Truth(
    clauses=(
        TruthClause(
            document_id=SEED,
            path=("四", "(十四)"),
            article=14,
            text=SUBSIDY,
            lead=("省财政厅",),
            cooperating=("省发展改革委", "省商务厅"),
        ),
        TruthClause(
            document_id=SEED,
            path=("一", "(三)"),
            article=3,
            text=APPRAISAL,
            lead=("省发展改革委",),
            cooperating=("省商务厅", "省统计局"),
        ),
        TruthClause(document_id=SEED, path=("二", "(五)"), article=5, text="(五)总投资额3亿美元以下。"),
        TruthClause(document_id="guofa-2019-11", path=("二", "(五)"), article=5, text="(五)另一份文件。"),
    ),
    documents={
        SEED: f"{SUBSIDY}\n{APPRAISAL}\n甘肃省人民政府办公厅\n2015年1月27日",
        "guofa-2019-11": "(五)另一份文件。",
    },
)
GOLD = Gold(
    articles=(14,),
    acceptable=(3,),
    lead=("省财政厅",),
    cooperating=("省发展改革委", "省商务厅"),
    must_contain=(("贴息", "补息"),),
    must_not_contain=("省教育厅",),
)


def cite(article: int | None = 14, quote: str = "对贷款予以贴息", **more: Any) -> dict[str, Any]:
    """A citation object with the fields that scoring reads."""
    return {"document_id": SEED, "path": [], "article": article, "quote": quote} | more


def answer(**changes: Any) -> dict[str, Any]:
    """A right answer object to the subsidy question, with changes."""
    right = {
        "question": "补利息归谁管?",
        "answer": "第(十四)条:对贷款予以贴息。省财政厅牵头,省发展改革委、省商务厅配合。",
        "refused": False,
        "status": "answered",
        "citations": [cite()],
        "departments": {"lead": ["省财政厅"], "cooperating": ["省商务厅", "省发展改革委"], "current": {}},
        "mode": "extractive",
        "elapsed_ms": 5.0,
    }
    return right | changes


REFUSAL = answer(answer="文件没有规定。", refused=True, status="not_in_corpus", citations=[], departments={})


def recorded(
    given: dict[str, Any] | None = None, gold: Gold = GOLD, kind: str = "department", set_name: str = "own"
) -> Recorded:
    """A recorded answer; the right one to the subsidy question by default."""
    question = Question(id="Q1", kind=kind, asker="investor", turns=("补利息归谁管?",), gold=gold)
    return Recorded(
        set_name=set_name, question=question, answer=answer() if given is None else given, wall_ms=6.0
    )
