"""Figures with a name of their own (滞纳金, 年利率, 有效期), which another figure of the same clause is not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text import fold
from rag.articles import parts
from rag.context import Context
from rag.forms import Ask
from rag.retrieve import Hit

# 收多少滞纳金, 年利率是几个点: a figure of its own, which another amount or share is not.
_NAMED_FIGURE = re.compile(
    r"多少(?P<after>[一-龥]{1,5}[金费])|(?P<before>[一-龥]{1,4}[率金费])(?:现在|大概|[每一]个?(?:年|月|天|平方米?|平米?|亩|吨|户|人|次|立方米?|车))?(?:是|为|按|得|要|收|交|有)?(?:存|缴|押|付)?(?:多少|几|多高)"
)
# 三级召回, C级企业 and 3A级景区 beside a clause that has 一级、二级, A级 or 4A级、5A级 only.
_GRADE = re.compile(r"(?P<n>\d?[a-f]{1,5}|[一二三四五六特甲乙丙丁])(?P<kind>级|类|档)(?!别|似|型)")
# 县级综合博物馆 beside a clause on 市级综合性博物馆.
_LEVEL = re.compile(
    r"(?P<level>国家|[省市县区镇乡村])级(?P<of>(?!以上|以下|财政|有关|相关|政府|人民)[一-龥]{2})"
)
_RANGE = re.compile(r"[及含]?以[上下]|各[级类档]|不同[级类档]|至|到|[～~-]")
# A shorter run of characters is no name.
_LEAST_NAME = 3
# A measure of its own may stand behind a comma: …奖励50万元,鼓励制定团体标准.
_PIECES = re.compile(r"[;；。\n]|[,，](?=鼓励|支持|引导|推动|逐步|探索)")
_ENCOURAGED = re.compile(r"鼓励|支持|引导|推动|逐步|探索")
_OF_FIGURES = re.compile(r"[补奖贴罚每元年月日天]|一次性|最高|不超过|投资额|金额|总额|标准|比例")
_ANY_SUM = re.compile(r"[资奖现基罚][金]$|[收花缴交经消免家][费]$")


def lacks_named_figure(context: Context, ask: Ask, hit: Hit) -> bool:
    """Whether the figure asked for has a name that nothing in the clause's article holds."""
    asked = fold(context.question.text)
    held = _held(context, hit)
    name = _name_of(asked) if ask.id in ("amount", "rate") else ""
    if not name:
        return False
    name = name[-2:] if name.endswith("率") else name[-3:]
    return not any(name in text for text in held)


def lacks_fee(context: Context, ask: Ask, hit: Hit) -> bool:
    """Whether a fee is asked for by its name (学费, 物业费) that nothing in the clause's article holds."""
    name = _name_of(fold(context.question.text)) if ask.id == "amount" else ""
    return name.endswith("费") and not any(name[-2:] in text for text in _held(context, hit))


def _name_of(asked: str) -> str:
    """The name of the figure that a folded question asks for: 学费; empty for any sum (奖金)."""
    match = _NAMED_FIGURE.search(asked)
    name = (match.group("after") or match.group("before")) if match else ""
    return "" if _ANY_SUM.search(name) else name


def lacks_known_figure(context: Context, hit: Hit) -> bool:
    """Whether a figure of corpus/question_forms.yaml is asked for (how soon it is decided) that nothing in the clause's article holds."""
    return _lacks_one(context, hit, context.knowledge.forms.figures)


def _held(context: Context, hit: Hit) -> list[str]:
    """The folded texts of the clauses of a hit's article."""
    return [fold(part.clause.text) for part in parts(context.snapshot, hit.clause)]


def lacks_unit(context: Context, hit: Hit) -> bool:
    """Whether a time is asked in a unit (几分钟必须到) of which the clause's article states none."""
    return _lacks_one(context, hit, context.knowledge.forms.units)


def _lacks_one(context: Context, hit: Hit, rows: Sequence[Ask]) -> bool:
    """Whether one of the rows is asked for of which the clause's article holds nothing."""
    asked, held = fold(context.question.text), _held(context, hit)
    return any(
        row.needs is not None and row.match.search(asked) and not any(map(row.needs.search, held))
        for row in rows
    )


def of_another_level(context: Context, hit: Hit) -> bool:
    """Whether a thing of one level or grade is asked for, of which the clause's article has others only: 3A级 of 4A级 and 5A级."""
    asked, held = fold(context.question.text), "".join(_held(context, hit))
    return _other_level(asked, held) or _other_grade(asked, held)


def of_a_sibling(context: Context, near: Sequence[Hit], ask: Ask) -> bool:
    """Whether one thing of a kind is asked for (团体标准) of which the first article tells it of others only, and no near one does."""
    asked = fold(context.question.text)
    held = ["".join(_held(context, hit)) for hit in near]
    return any(
        other_sibling(asked, held[0], members, ask.needs)
        and not any(set(_wanted(asked, members)) & _told_of(text, members, ask.needs) for text in held)
        for members in context.knowledge.forms.siblings
    )


def other_sibling(
    asked: str, held: str, members: Sequence[str], needs: re.Pattern[str] | None = None
) -> bool:
    """As `of_a_sibling`, of texts; what is held as a range (大专以上) may take in the one asked for."""
    wanted, given = set(_wanted(asked, members)), _told_of(held, members, needs)
    ranged = any(re.search(rf"{member}[^,，。;；]{{0,4}}以[上下]", held) for member in given)
    return bool(wanted) and bool(given) and not wanted & given and not ranged


def of_a_namesake(context: Context, hit: Hit, ask: Ask) -> bool:
    """Whether a thing is asked for that the article names without the figure, which it gives of one that is called alike.

    中医阁补几万 of 30%以上的村卫生室设置中医阁。对验收合格的中医馆,每个补助10万元。
    """
    if ask.needs is None:
        return False
    asked, held = fold(context.topic), "".join(_held(context, hit))
    sentences = [piece for piece in _PIECES.split(held) if piece]
    return namesake(asked, sentences, [s for s in sentences if ask.needs.search(s)])


def namesake(asked: str, sentences: Sequence[str], telling: Sequence[str]) -> bool:
    """As `of_a_namesake`, of texts: `telling` are the sentences that hold the figure."""
    shared = _shared(asked, "".join(f"{s}。" for s in sentences))
    names = [name for name in shared if len(name) >= _LEAST_NAME and not _OF_FIGURES.search(name)]
    # What the question shares with the sentence that holds the figure is what it is about.
    if not telling or any(name in sentence for name in names for sentence in telling):
        return False
    alike = any(_called_alike(name, sentence) for name in names for sentence in telling)
    return alike or _only_encouraged(names, sentences, telling)


def _only_encouraged(names: Sequence[str], sentences: Sequence[str], telling: Sequence[str]) -> bool:
    """Whether what is asked for stands only behind the figures, where it is encouraged: …每站最高30万元。支持通用机场建设加注设施."""
    last = max(place for place, sentence in enumerate(sentences) if sentence in telling)
    places = [place for place, sentence in enumerate(sentences) if any(name in sentence for name in names)]
    return bool(places) and all(place > last and _ENCOURAGED.match(sentences[place]) for place in places)


def _called_alike(name: str, sentence: str) -> bool:
    """Whether a sentence names another thing that begins alike and is as long: 中医馆 and 中医阁, 远程心电 and 远程影像."""
    begins, rest = re.escape(name[:2]), rf"(?!{re.escape(name[2])})[一-龥]"
    # 卫生服务中心 is no namesake of 卫生院.
    ends = rf"{{{len(name) - 2}}}(?=[,，、)）的])" if len(name) == _LEAST_NAME else ""
    return bool(re.search(rf"{begins}{rest}{ends}", sentence))


def _shared(asked: str, held: str) -> list[str]:
    """The longest runs of characters that a question shares with a text."""
    found: list[str] = []
    start = 0
    while start < len(asked):
        end = start
        while end < len(asked) and "一" <= asked[end] <= "龥" and asked[start : end + 1] in held:
            end += 1
        if end - start >= 2:
            found.append(asked[start:end])
        start = max(end, start + 1)
    return found


def _wanted(asked: str, members: Sequence[str]) -> list[str]:
    return [member for member in members if member in asked]


def _told_of(held: str, members: Sequence[str], needs: re.Pattern[str] | None) -> set[str]:
    """The members of a kind of which a text tells what is asked for: not 团体标准 of 国家标准奖20万元;鼓励制定团体标准."""
    pieces = [piece for piece in _PIECES.split(held) if needs is None or needs.search(piece)]
    return {member for member in members for piece in pieces if member in piece}


def _other_grade(asked: str, held: str) -> bool:
    """Whether a grade is asked for that the clause does not have, though it has others of its kind."""
    wanted = {(match.group("n"), match.group("kind")) for match in _GRADE.finditer(asked)}
    given = {(match.group("n"), match.group("kind")) for match in _GRADE.finditer(held)}
    kinds = {kind for _, kind in given}
    ranged = any(_RANGE.match(held, match.end()) for match in _GRADE.finditer(held))
    return bool(wanted) and not ranged and not wanted & given and {kind for _, kind in wanted} <= kinds


def _other_level(asked: str, held: str) -> bool:
    """Whether a thing of one level is asked for, of which the clause has another level only."""
    given: dict[str, set[str]] = {}
    for match in _LEVEL.finditer(held):
        given.setdefault(match.group("of"), set()).add(match.group("level"))
    return any(
        match.group("of") in given
        and match.group("level") not in given[match.group("of")]
        and f"{match.group('level')}级" not in held
        for match in _LEVEL.finditer(asked)
    )
