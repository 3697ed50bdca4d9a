"""The report of one run in Markdown: figures by set and kind, grounding, latency, every failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from evals import metrics
from evals.metrics import Scored
from evals.questions import KINDS

RULES = {
    "refuse": "该答未答或该拒未拒",
    "must_not_contain": "出现了不该有的内容",
    "cites": "漏引应引条款",
    "overcites": "引用无关条款过多",
    "lead": "牵头部门不对",
    "cooperating": "配合部门不对",
    "must_contain": "缺少应有内容",
    "quotes": "引文与条款不符",
}
CLAIMS = {
    "quotes": "不是原文的引文",
    "clause_numbers": "不存在的条号",
    "departments": "文件没有的部门",
    "roles": "所引条款没有给出的职责",
}
_FIGURES: tuple[tuple[str, Callable[[Iterable[Scored]], metrics.Rate]], ...] = (
    ("严格通过", metrics.pass_rate),
    ("首条引用正确", metrics.right_article_first),
    ("无据却答", metrics.false_answers),
    ("有据却拒", metrics.false_refusals),
)
_LONGEST_ANSWER = 1500


def render(scored: Sequence[Scored], config: dict[str, Any]) -> str:
    """The whole report."""
    by_set = metrics.grouped(scored, lambda each: each.recorded.set_name)
    parts = [
        "# 评测报告",
        _made_with(config),
        "## 总览",
        _overview(by_set),
        "## 按题型(严格通过)",
        _kinds(by_set),
        "## 未通过的原因",
        _rules(by_set),
        "## 拒答门槛(挪动门槛时)",
        _curve(by_set),
        "## 没有依据的说法",
        _claims(by_set),
        "## 耗时(毫秒)",
        _latency(by_set),
        _failures(scored),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _made_with(config: dict[str, Any]) -> str:
    machine, index, settings = config.get("machine", {}), config.get("index", {}), config.get("settings", {})
    facts = (
        ("时间", config.get("created")),
        ("版本", config.get("version")),
        ("方式", settings.get("profile")),
        ("语言模型", settings.get("model") or "无"),
        ("嵌入模型", config.get("embedder")),
        ("索引", f"{len(index.get('documents', {}))} 份文件,{index.get('clauses')} 条"),
        ("机器", f"{machine.get('cores')} 核,{machine.get('cpu')},Python {machine.get('python')}"),
    )
    return "\n".join(f"- {name}:{value}" for name, value in facts if value is not None)


def _overview(by_set: dict[str, tuple[Scored, ...]]) -> str:
    rows = [
        [name, str(len(members)), *(str(figure(members)) for _, figure in _FIGURES)]
        for name, members in by_set.items()
    ]
    return _table(["题集", "题数", *(title for title, _ in _FIGURES)], rows)


def _kinds(by_set: dict[str, tuple[Scored, ...]]) -> str:
    rates = {name: metrics.pass_rate_by_kind(members) for name, members in by_set.items()}
    kinds = [kind for kind in KINDS if any(kind in each for each in rates.values())]
    rows = [[kind, *(str(rates[name].get(kind, "—")) for name in by_set)] for kind in kinds]
    return _table(["题型", *by_set], rows)


def _rules(by_set: dict[str, tuple[Scored, ...]]) -> str:
    counts = {name: metrics.broken_rules(members) for name, members in by_set.items()}
    rows = [[title, *(str(counts[name][rule]) for name in by_set)] for rule, title in RULES.items()]
    return _table(["原因", *by_set], rows)


def _curve(by_set: dict[str, tuple[Scored, ...]]) -> str:
    """What a higher or lower threshold would refuse and answer, of the questions that it decides on."""
    curves = {name: metrics.operating_curve(members) for name, members in by_set.items()}
    heads = [f"{name} {title}" for name in by_set for title in ("有据却拒", "无据却答")]
    rows = [
        [f"{shift:+.2f}", *(str(rate) for name in by_set for rate in curves[name][number][1:])]
        for number, shift in enumerate(metrics.SHIFTS)
    ]
    return _table(["门槛", *heads], rows)


def _claims(by_set: dict[str, tuple[Scored, ...]]) -> str:
    counts = {name: metrics.ungrounded_counts(members) for name, members in by_set.items()}
    rows = [[title, *(str(counts[name][claim]) for name in by_set)] for claim, title in CLAIMS.items()]
    return _table(["说法", *by_set], rows)


def _latency(by_set: dict[str, tuple[Scored, ...]]) -> str:
    rows = []
    for name, members in by_set.items():
        times = metrics.latencies(members)
        shares = (metrics.percentile(times, share) for share in (0.5, 0.95, 1.0))
        rows.append([name, *("—" if value is None else f"{value:.1f}" for value in shares)])
    return _table(["题集", "p50", "p95", "最长"], rows)


def _failures(scored: Sequence[Scored]) -> str:
    failed = [each for each in scored if not each.verdict.passed or each.ungrounded]
    if not failed:
        return "## 未通过的题目\n\n无。"
    return f"## 未通过的题目({len(failed)})\n\n" + "\n\n".join(_failure(each) for each in failed)


def _failure(each: Scored) -> str:
    question, recorded = each.recorded.question, each.recorded
    why = [RULES[rule] for rule in each.verdict.failed]
    why += [
        f"{title}:{'、'.join(claims)}"
        for claim, title in CLAIMS.items()
        if (claims := getattr(each.ungrounded, claim))
        and not (claim == "quotes" and "quotes" in each.verdict.failed)
    ]
    cited = "、".join(
        f"{c.document_id}#{c.article or '/'.join(c.path) or '文首或落款'}" for c in recorded.citations
    )
    roles = ";".join(
        f"{title}:{'、'.join(names)}"
        for role, title in (("lead", "牵头"), ("cooperating", "配合"))
        if (names := recorded.departments(role))
    )
    lines = [
        f"### {recorded.set_name} {question.id}({question.kind})",
        f"- 问:{' → '.join(' '.join(turn.split()) for turn in question.turns)}",
        f"- 错在:{';'.join(why)}",
        f"- 应为:{_gold(each)}",
        f"- 状态:{recorded.answer['status']};引用:{cited or '无'};部门:{roles or '无'}",
    ]
    if recorded.error:
        lines.append(f"- 出错:{recorded.error}")
    return "\n".join([*lines, "", *_quoted(recorded.text)])


def _gold(each: Scored) -> str:
    gold = each.recorded.question.gold
    if gold.refuse:
        return "说明文件没有依据"
    said = [
        ("条款", [str(number) for number in gold.articles]),
        ("也可引", [str(number) for number in gold.acceptable] if len(gold.acceptable) < 10 else ["任意"]),
        ("牵头", gold.lead),
        ("配合", gold.cooperating),
        ("须含", ["或".join(group) for group in gold.must_contain]),
        ("不得含", gold.must_not_contain),
    ]
    return ";".join(f"{name} {'、'.join(values)}" for name, values in said if values)


def _quoted(text: str) -> list[str]:
    shown = text if len(text) <= _LONGEST_ANSWER else text[:_LONGEST_ANSWER] + "……"
    return [f"> {line}".rstrip() for line in shown.splitlines()] or ["> (空)"]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
