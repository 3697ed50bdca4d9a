"""What a sentence of a language model claims, held against the clauses it names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.chinese_numbers import to_int
from ingest.text import bigrams, compact, fold, han_share
from rag.context import Context
from rag.draft import Point
from rag.question import find_figures
from rag.reply import ModelSentence

_HANDLE = re.compile(r"\bS(\d{1,2})\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HUNDREDTHS = re.compile(r"百分之([〇零一二三四五六七八九十百两]+)")
_LABEL = re.compile(
    r"第\s*(?P<a>[〇零一二三四五六七八九十百\d]+)\s*条|[(（](?P<b>[一二三四五六七八九十百]+)[)）]"
    r"|\b(?:article|clause|art\.)\s*(?:no\.?\s*)?(?P<c>\d+)",
    re.IGNORECASE,
)
# 第十四、十五条, 第十四条和十五条: the further numbers of a list.
_FURTHER_LABEL = re.compile(
    r"第\s*[〇零一二三四五六七八九十百\d]+\s*条?(?P<rest>(?:\s*(?:[、,，和及与至到~-])\s*第?\s*[〇零一二三四五六七八九十百\d]+)+)\s*条"
)
# 第二款, 第四部分: a place in a document that only its words or the clause's own part can bear out.
_OTHER_LABEL = re.compile(r"第\s*[〇零一二三四五六七八九十百\d]+\s*(?:款|项|部分|章|节|编)")
# Counts and amounts in words or in another unit: 两千元, 三成, 三个百分点, 3亿欧元, 二〇二〇年.
_COUNT = re.compile(
    r"[〇零一二三四五六七八九十百千万亿两\d.]+\s*(?:个)?(?:元|成(?!为|立|果|效|长|功|本|员|分|熟|套|形|片)|百分点|次(?!性|日|年)|倍|欧元|日元|港元|英镑|人民币)"
    r"|[〇零一二三四五六七八九]{4}年"
    r"|\b(?:ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half)\b"
)
_NEGATES = re.compile(r"不予|不得|不能|不可以|不准|不再|不会|不符合|不受|不必|不用|无需|无须|禁止|严禁|除外")
_ROLE_WORDS = re.compile(r"牵头|配合|负责|主管|主导|带头|统筹|leads?|cooperat|responsible", re.IGNORECASE)
_IN_CHARGE = ("牵头", "主导", "带头")
# Nothing that a reader could click or a page could run.
_MARKUP = re.compile(r"https?://|www\.|[<>`]|\]\(")
# A body by its ending, whether or not corpus/departments.yaml knows it; 布局 and 大厅 are none.
_BODY = re.compile(r"[一-龥]{2}(?<!布)(?<!格)(?<!全)(?<!大)(?:局|厅|委员会|管委会|总局|署|海关|金融办)")
_NO_BODY = re.compile(r"布局|格局|全局|大局|大厅|开局|结局|时局|破局|部署|签署|署名")
_ALLOWS = re.compile(r"可以|允许|准许|能够|不用|无需|\b(?:may|can|allowed|permitted)\b", re.IGNORECASE)
_FORBIDS = re.compile(
    r"严禁|不得|禁止|不准|杜绝|不可|不能|不允许|\b(?:not|never|forbid|forbidden|prohibit)", re.IGNORECASE
)
_PROMISES = re.compile(r"保证|承诺|一定能|肯定能|包过|\bguarantee", re.IGNORECASE)
_SHORTEST_QUOTE = 4
# Least share of a Chinese sentence's character pairs that its clauses, their bodies or the question hold.
_COMMON = 0.3


def fault_in(context: Context, sentence: ModelSentence, points: Sequence[Point]) -> str:
    """Why a sentence may not be shown; empty where everything in it is held by its clauses."""
    cited = []
    for handle in sentence.handles:
        match = _HANDLE.fullmatch(handle.strip("[] "))
        if not match or not 1 <= int(match.group(1)) <= len(points):
            return f"unknown handle {handle}"
        cited.append(points[int(match.group(1)) - 1])
    if not cited:
        return "no handle"
    if not sentence.text or _MARKUP.search(sentence.text):
        return "empty or with markup"
    if any("\ud800" <= char <= "\udfff" for char in sentence.text + sentence.quote):
        return "broken characters"
    quote = compact(sentence.quote)
    if len(quote) < _SHORTEST_QUOTE or not any(quote in compact(point.clause.clause.text) for point in cited):
        return "quote not in the clause"
    text = _HANDLE.sub("", sentence.text)
    return (
        _wrong_language(context, text)
        or _unheld_label(text, cited)
        or _unheld_number(text, cited)
        or _wrong_body(context, _LABEL.sub(" ", fold(text)), cited)
        or _turned_round(text, quote, cited)
        or _foreign(context, text, cited)
    )


def _texts(cited: Sequence[Point]) -> str:
    return " ".join(f"{point.clause.clause.label} {point.clause.clause.text}" for point in cited)


def _wrong_language(context: Context, text: str) -> str:
    chinese = han_share(text) >= 0.3
    return "in another language" if chinese == (context.language == "en") else ""


def _unheld_label(text: str, cited: Sequence[Point]) -> str:
    labels = {point.clause.clause.label for point in cited}
    articles = {point.clause.clause.article for point in cited}
    for match in _LABEL.finditer(text):
        number = next(group for group in match.groups() if group)
        if to_int(number) not in articles and fold(match.group()) not in labels:
            return f"clause {match.group()} not cited"
    for match in _FURTHER_LABEL.finditer(text):
        numbers = re.findall(r"[〇零一二三四五六七八九十百\d]+", match.group("rest"))
        if any(to_int(number) not in articles for number in numbers):
            return f"clause {match.group()} not cited"
    held = compact(_texts(cited) + "".join(point.clause.clause.section for point in cited))
    for match in _OTHER_LABEL.finditer(text):
        if compact(match.group()) not in held:
            return f"{match.group()} not in the clause"
    return ""


def _unheld_number(text: str, cited: Sequence[Point]) -> str:
    """A number, amount or share, in digits or in Chinese, that no cited clause holds."""
    held = fold(_texts(cited))
    said = _LABEL.sub(" ", fold(text))
    for number in _NUMBER.findall(said):
        if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", held):
            return f"number {number} not in the clause"
    figures = {(figure.value, figure.unit) for _, figure in find_figures(held)}
    for _, figure in find_figures(said):
        if (figure.value, figure.unit) not in figures and compact(figure.text) not in compact(held):
            return f"figure {figure.text} not in the clause"
    for count in _COUNT.finditer(said):
        if compact(count.group()) not in compact(held):
            return f"figure {count.group()} not in the clause"
    for share in _HUNDREDTHS.finditer(said):
        if share.group() not in held and (float(to_int(share.group(1)) or 0), "%") not in figures:
            return f"figure {share.group()} not in the clause"
    return ""


def _wrong_body(context: Context, text: str, cited: Sequence[Point]) -> str:
    """A body the clauses do not name, or one put in another role than theirs."""
    directory = context.knowledge.directory
    duties = [duty for point in cited for duty in point.responsibilities]
    roles = {
        role: {d.id for duty in duties for name in getattr(duty, role) if (d := directory.resolve(name))}
        for role in ("lead", "cooperating", "responsible")
    }
    in_text = compact(_texts(cited) + "".join(duty.raw for duty in duties))
    for mention in directory.mentions(text):
        ids = {department.id for department in mention.departments}
        if not any(ids & held for held in roles.values()) and compact(mention.text) not in in_text:
            return f"{mention.text} not in the clause"
    known = [(mention.start, mention.end) for mention in directory.mentions(text)]
    for match in _BODY.finditer(_NO_BODY.sub(lambda m: "·" * len(m.group()), text)):
        if not any(start <= match.end() - 1 < end for start, end in known) and match.group() not in in_text:
            return f"{match.group()} not in the clause"
    # 市州政府 in a heading has no role: 严格实行市州政府主要领导负责制由省发展改革委牵头.
    for point in cited:
        text = text.replace(fold(point.clause.clause.heading), " ") if point.clause.clause.heading else text
    for piece in re.split(r"[,，;；。]", text):
        said = _ROLE_WORDS.findall(piece)
        for mention in directory.mentions(piece):
            ids = {department.id for department in mention.departments}
            leads = any(w in _IN_CHARGE or "lead" in w.lower() for w in said)
            wrong_lead = leads and not ids & roles["lead"]
            # Who only cooperates is not responsible for the matter.
            answers_for = any(w in ("负责", "主管", "统筹") or "responsible" in w.lower() for w in said)
            wrong_lead = wrong_lead or (answers_for and not ids & (roles["lead"] | roles["responsible"]))
            supports = any("配合" in w or "cooperat" in w.lower() for w in said)
            if wrong_lead or (supports and not ids & roles["cooperating"]):
                return f"{mention.text} in another role"
    return ""


def _turned_round(text: str, quote: str, cited: Sequence[Point]) -> str:
    """What the quoted words forbid told as allowed, or a promise that no clause makes."""
    if _FORBIDS.search(quote) and _ALLOWS.search(text) and not _FORBIDS.search(text):
        return "allows what the clause forbids"
    held = compact(_texts(cited))
    negated = next((m.group() for m in _NEGATES.finditer(text) if m.group() not in held), "")
    # 不可以 is another word for the 严禁 quoted; where nothing quoted forbids, it would be one of its own.
    if negated and not _FORBIDS.search(quote):
        return f"{negated} not in the clause"
    promise = _PROMISES.search(text)
    return "a promise of its own" if promise and promise.group() not in _texts(cited) else ""


def _foreign(context: Context, text: str, cited: Sequence[Point]) -> str:
    """A Chinese sentence that has little to do with its clauses, or Latin words that nothing holds."""
    if context.language == "en":
        return ""
    bodies = " ".join(duty.raw for point in cited for duty in point.responsibilities)
    held = fold(f"{_texts(cited)} {bodies} {context.question.text} {context.question.original}")
    latin = [word for word in re.findall(r"[a-z]{4,}", fold(text)) if word not in held]
    if latin:
        return f"{latin[0]} not in the clause"
    pairs = bigrams(fold(text))
    known = set(bigrams(held))
    if pairs and sum(pair in known for pair in pairs) < _COMMON * len(pairs):
        return "of another matter than the clause"
    return ""
