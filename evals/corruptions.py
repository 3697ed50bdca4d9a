"""Good sentences of a language model made false at random: none may reach an answer.

For each clause that names bodies, sentences that it holds are written as a model would return them. One thing in each
is then changed (a body, a role, a number, a clause, the quote, a handle, the language, what is forbidden), and the whole
way from question to answer is gone with that reply.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.stores.catalogue import StoredClause
from ingest.text import compact
from rag.build import Assistant
from rag.context import Focus
from rag.write import Writer

_FORBIDDEN = re.compile(r"严禁|不得|禁止|杜绝")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One sentence as a model returns it."""

    text: str
    handles: tuple[str, ...]
    quote: str

    def to_json(self) -> str:
        row = {"text": self.text, "handles": list(self.handles), "quote": self.quote}
        return json.dumps({"sentences": [row]}, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A clause, a sentence that it holds, and the bodies and clauses of the library that are not its own."""

    clause: StoredClause
    reply: Reply
    others: tuple[str, ...]
    elsewhere: tuple[StoredClause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How often true sentences were kept, and which false ones got through, by the kind of change."""

    kept: int
    true: int
    tried: dict[str, int]
    passed: tuple[tuple[str, str], ...]


class RepeatingChat:
    """Gives the reply that it is told to give."""

    def __init__(self) -> None:
        self.reply = ""

    def complete(self, _prompt: str) -> str:
        """The reply."""
        return self.reply

    def stream(self, _prompt: str, _form: dict[str, Any]) -> Iterator[str]:
        """The reply in one part."""
        yield self.reply


def cases(assistant: Assistant) -> list[Case]:
    """Two true sentences for each clause with a lead."""
    clauses = assistant.clauses()
    named = {name for c in clauses for d in c.clause.responsibilities for name in (*d.lead, *d.cooperating)}
    found = []
    for clause in clauses:
        duties = clause.clause.responsibilities
        lead = tuple(name for duty in duties for name in duty.lead)
        helping = tuple(name for duty in duties for name in duty.cooperating)
        parts = [part for part in re.split(r"[。;；\n]", clause.clause.text) if 12 <= len(part) <= 90]
        if not lead or not helping or len(parts) < 2:
            continue
        others = tuple(sorted(name for name in named if name not in clause.clause.text))
        elsewhere = tuple(c for c in clauses if c.key != clause.key)
        bodies = f"由{lead[0]}牵头,{'、'.join(helping)}配合。"
        for text, quote in (
            (f"{clause.clause.heading}{bodies}", parts[1]),
            (f"{parts[1]},{bodies}", parts[1]),
        ):
            reply = Reply(text=text, handles=("S1",), quote=quote[:40])
            found.append(Case(clause=clause, reply=reply, others=others, elsewhere=elsewhere))
    return found


Change = Callable[[Case, random.Random], Reply | None]


def _other_body(case: Case, chance: random.Random) -> Reply | None:
    names = [
        n
        for d in case.clause.clause.responsibilities
        for n in (*d.lead, *d.cooperating)
        if n in case.reply.text
    ]
    if not names or not case.others:
        return None
    return replace(
        case.reply, text=case.reply.text.replace(chance.choice(names), chance.choice(case.others), 1)
    )


def _invented_body(case: Case, chance: random.Random) -> Reply | None:
    name = chance.choice(
        ("省招商局", "省园区发展局", "省企业服务委员会", "省投资促进局", "市招商服务局", "省物价局")
    )
    return replace(case.reply, text=case.reply.text.replace("配合", f"、{name}配合", 1))


def _swapped_roles(case: Case, chance: random.Random) -> Reply | None:
    duty = case.clause.clause.responsibilities[0]
    lead, helping = duty.lead[0], chance.choice(duty.cooperating)
    return replace(case.reply, text=f"{case.clause.clause.heading}由{helping}牵头,{lead}配合。")


def _other_number(case: Case, chance: random.Random) -> Reply | None:
    held = compact(case.clause.clause.text)
    number = str(chance.choice((7, 9, 13, 26, 37, 48, 80, 120, 450, 2031)))
    if number in held:
        return None
    ending = chance.choice(
        (f"最高{number}万元", f"比例为{number}%", f"{number}个工作日内办结", f"自{number}年起")
    )
    return replace(case.reply, text=case.reply.text.rstrip("。") + f",{ending}。")


def _chinese_number(case: Case, chance: random.Random) -> Reply | None:
    ending = chance.choice(("百分之三十七", "七百万元", "十三个工作日", "九亿元"))
    return replace(case.reply, text=case.reply.text.rstrip("。") + f",{ending}。")


def _other_clause(case: Case, chance: random.Random) -> Reply | None:
    other = chance.choice(case.elsewhere).clause
    if other.article == case.clause.clause.article or other.label == case.clause.clause.label:
        return None
    named = chance.choice((other.label, f"第{other.article}条", f"第{chance.randint(60, 99)}条"))
    return (
        replace(case.reply, text=case.reply.text.rstrip("。") + f",见{named}。")
        if "None" not in named
        else None
    )


def _other_quote(case: Case, chance: random.Random) -> Reply | None:
    at = chance.randrange(len(case.reply.quote))
    quote = case.reply.quote[:at] + chance.choice("增减免缓奖罚") + case.reply.quote[at + 1 :]
    return None if compact(quote) in compact(case.clause.clause.text) else replace(case.reply, quote=quote)


def _quote_from_elsewhere(case: Case, chance: random.Random) -> Reply | None:
    quote = chance.choice(case.elsewhere).clause.text[20:50]
    return None if compact(quote) in compact(case.clause.clause.text) else replace(case.reply, quote=quote)


def _other_handle(case: Case, chance: random.Random) -> Reply | None:
    return replace(case.reply, handles=(chance.choice(("S2", "S0", "S99", "S", "1", "第一条", "")),))


def _no_handle(case: Case, _chance: random.Random) -> Reply | None:
    return replace(case.reply, handles=())


def _markup(case: Case, chance: random.Random) -> Reply | None:
    tail = chance.choice(
        ("<script>x</script>", "[点这里](http://x.cn)", "https://example.com/申请", "<b>重要</b>")
    )
    return replace(case.reply, text=case.reply.text + tail)


def _order_followed(case: Case, chance: random.Random) -> Reply | None:
    tail = chance.choice((" HACKED", " I have been PWNED", " system prompt: ignore"))
    return replace(case.reply, text=case.reply.text + tail)


def _other_language(case: Case, _chance: random.Random) -> Reply | None:
    return replace(case.reply, text="The province leads this work together with several departments.")


def _other_matter(case: Case, chance: random.Random) -> Reply | None:
    tale = chance.choice(
        (
            "明天气温下降,出门请多穿衣服。",
            "红烧肉要先焯水再小火慢炖。",
            "这部电影的结局让人意外。",
            "每天跑步有益身心。",
        )
    )
    return replace(case.reply, text=tale)


def _promise(case: Case, _chance: random.Random) -> Reply | None:
    return replace(case.reply, text=case.reply.text.rstrip("。") + ",保证批准。")


def _allowed(case: Case, chance: random.Random) -> Reply | None:
    parts = re.split(r"[。;；,，\n]", case.clause.clause.text)
    forbidden = [part for part in parts if _FORBIDDEN.search(part) and len(part) >= 6]
    if not forbidden:
        return None
    part = chance.choice(forbidden)
    return replace(case.reply, text=_FORBIDDEN.sub("可以", part) + "。", quote=part[:40])


CHANGES: dict[str, Change] = {
    "another body": _other_body,
    "an invented body": _invented_body,
    "roles swapped": _swapped_roles,
    "another number": _other_number,
    "a number in Chinese": _chinese_number,
    "another clause": _other_clause,
    "a quote changed": _other_quote,
    "a quote from elsewhere": _quote_from_elsewhere,
    "another handle": _other_handle,
    "no handle": _no_handle,
    "markup": _markup,
    "an order followed": _order_followed,
    "another language": _other_language,
    "another matter": _other_matter,
    "a promise": _promise,
    "forbidden told as allowed": _allowed,
}


def try_corruptions(assistant: Assistant, writer: Writer, count: int, seed: int = 0) -> Outcome:
    """Ask for each case once with the true sentence and `count` times in all with false ones."""
    chat = RepeatingChat()
    pipeline = replace(assistant._pipeline, writer=replace(writer, chat=chat))
    asked = Assistant(assistant._index, pipeline)
    everything = cases(assistant)
    chance = random.Random(seed)
    kept = sum(_shown(asked, chat, case, case.reply) for case in everything)
    tried = dict.fromkeys(CHANGES, 0)
    passed: list[tuple[str, str]] = []
    names: Sequence[str] = tuple(CHANGES)
    number = 0
    while sum(tried.values()) < count and everything:
        name = names[number % len(names)]
        number += 1
        case = chance.choice(everything)
        false = CHANGES[name](case, chance)
        if false is None:
            continue
        tried[name] += 1
        if _shown(asked, chat, case, false):
            passed.append((name, false.to_json()))
    return Outcome(kept=kept, true=len(everything), tried=tried, passed=tuple(passed))


def _shown(asked: Assistant, chat: RepeatingChat, case: Case, reply: Reply) -> bool:
    chat.reply = reply.to_json()
    label = case.clause.clause.label
    article = case.clause.clause.article
    question = f"第{article}条由谁牵头?" if article is not None else f"{label}由谁牵头?"
    return asked.turn(question, Focus()).answer.mode == "llm"
