"""Choosing what to quote: which clause, and which of its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.stores.catalogue import StoredClause
from ingest.text import compact, fold, opens_items, sentences
from ingest.types import Responsibility
from rag.articles import parts
from rag.closely import answering, ranked_sentences, read_closely
from rag.context import Context
from rag.draft import Point, Span
from rag.grades import by_grade
from rag.penalties import ASKS_BREACH, ASKS_FINE, PENAL
from rag.retrieve import Hit, Sentence
from rag.several import asking_parts

# A further sentence is quoted when it is this close to the best one.
_NEAR_BEST = 0.62
_MAX_SENTENCES = 3
# Where all of something is asked for (哪几样,列全), sentences further from the best one count too.
_ALL_SENTENCES, _FAR_FROM_BEST = 6, 0.3
_WANTS_ALL = re.compile(
    r"(?:怎么|如何|咋)(?:规定|要求|说)的?[?。]?$|哪几[样种项类点方面]|(?:有|是|包括|提出|给)(?:了)?哪些|哪些(?:方面|措施|要求|内容|条件|优惠|情形|行为|材料)|一[样条项个]一[样条项个]|逐[一条项]|列(?:全|出|一下|举)|都(?:有|是)(?:啥|什么|哪)|全(?:部|都)?(?:列|说|写)"
)
_ALL_ITEMS = re.compile(
    r"哪些|哪几[样种项类点条]|什么(?:情况|情形|行为|条件|材料)|都(?:有|是)(?:啥|什么|哪)|列(?:全|出|一下|举|给)"
)
# A sentence that holds a time limit asked for may be so much less close than the closest one.
_HOLDING = 0.5
# … and where the clause already holds another thing that was asked for (补多少钱,哪天之前发).
HOLDING_BESIDE = 0.15
# Lines that end in a semicolon and the one that ends the list.
_UNNUMBERED = re.compile(r"(?:\s*\n[^\n]{2,200}[;；]){1,20}(?:\s*\n[^\n]{2,200}。)?")
# What a clause of a replaced document counts beside others.
_REPLACED = 0.8
# What follows a semicolon is quoted with what stands before it up to so many characters.
_SHORT_REST = 60
# 第三条 本办法所称建筑垃圾,是指…: what it counts beside others where no meaning is asked.
_DEFINES = re.compile(
    r"(?:^(?:第[^条]{1,6}条)?|[。\n])\s*(?:本(?:办法|规定|条例|细则|意见|措施|通知)|前款|本条)(?:所称|中的|所指)[^。]{1,40}是指"
)
_ASKS_MEANING = re.compile(
    r"是指|指的?是|所称|所说的|什么是|什么叫|才算|是什么|叫什么|定义|含义|意思|包括|哪几?[类种]|分[为成几]|算不算|属不属于|范围"
)
_DEFINITION = 0.8
# （五）港口非深水岸线，是指…: an item of 本条例下列用语的含义:.
_GLOSSED = re.compile(
    r"^[（(][一二三四五六七八九十]{1,3}[)）]\s*[“\"]?[^，。,]{2,16}[”\"]?[，,]?(?:是指|指的?是|系指)"
)
# 第一条 为了…,制定本条例; 第二条 …适用本条例: they answer little else than what they are for.
_GENERAL = re.compile(r"^第[一二三]条\s.*(?:制定本|适用于?本)", re.DOTALL)
_OF_GENERAL = 0.6
_ASKS_SCOPE = re.compile(
    r"适用|算不算(?!违|犯)|属不属于|范围|包括|管不管|管得着|归不归|在不在内|也(?:要|得|归|受)|受不受|目的|依据|根据|为什么|为啥|制定|是指|什么是"
)
# A topic of so many characters that stands whole in a heading gives its clause so much more.
_WHOLE_TOPIC, _HEADED = 4, 0.05
# What a clause of the document talked about gets on top.
_SAME_DOCUMENT = 0.08
# 本措施自2024年7月1日起施行,有效期至…: a date of the document, and no answer to when else something is due.
_IN_FORCE = re.compile(
    r"(?:^|。)\s*本(?:措施|办法|意见|规定|条例|细则|方案|政策|通知|文件)[^。]{0,8}自[^。]{2,24}起(?:施行|实施|执行)"
    r"|(?:政策|措施|补助|补贴|奖励)(?:有效期?|执行|实施)(?:期限|时间)?至\d{4}年"
)
_ASKS_IN_FORCE = re.compile(
    r"施行|实施|实行|生效|执行|有效|失效|废止|作废|管用|到期|起止|什么时候(?:开始|起)|从(?:哪|什么)|哪年|哪一年|期限|截止|为止|[补发领]到哪|到哪一?[天年月]"
)
# 几月开始交材料,几月截止 is not until when the policy applies.
_ASKS_TO_HAND_IN = re.compile(r"材料|[报交]上去")
# So many items are quoted below a lead-in.
_MOST_ITEMS = 20


def search(context: Context, topic: str | None = None, limit: int = 10) -> list[Hit]:
    """Hits for the topic; a clause that the conversation is about comes first while it fits."""
    wanted = context.topic if topic is None else topic
    retriever = context.knowledge.retriever
    hits = retriever.search(context.snapshot, wanted, limit, context.document_ids, context.question.foreign)
    if not context.named.ids:
        hits = _in_force_first(context, hits)
    hits = _by_what_they_are(context, hits, wanted)
    if not context.focus.keys:
        hits = read_closely(context, hits) if topic is None else hits
        context.trace.searched(wanted, hits)
        return hits
    # What was talked about weighs in; a follow-up that points back rests on it.
    weight, bonus = (0.5, 0.15) if context.continued else (0.2, 0.04)
    # Among several documents, a conversation stays with the one it is about.
    talked_about = {key.rpartition("#")[0] for key in context.focus.keys}
    stays = _SAME_DOCUMENT if len(context.document_ids) > 1 else 0.0
    both = f"{context.focus.topic} {wanted}"
    wider = retriever.search(context.snapshot, both, limit, context.document_ids, context.question.foreign)
    alone = {hit.clause.key: hit for hit in hits}
    merged = []
    for hit in wider:
        own = alone.get(hit.clause.key)
        merged.append(
            replace(
                hit,
                score=weight * hit.score
                + (1 - weight) * (own.score if own else 0.0)
                + (bonus if hit.clause.key in context.focus.keys else 0.0)
                + (stays if hit.clause.document_id in talked_about else 0.0),
                # What was talked about before must not make a new question look unlike its clause.
                coverage=max(hit.coverage, own.coverage if own else 0.0),
                similarity=max(hit.similarity, own.similarity if own else 0.0),
            )
        )
    merged.sort(key=lambda hit: -hit.score)
    merged = read_closely(context, merged) if topic is None else merged
    context.trace.searched(both, merged)
    return merged


def _in_force_first(context: Context, hits: list[Hit]) -> list[Hit]:
    """Hits in documents that a later one replaced stand back behind equally close ones."""
    documents = context.snapshot.documents
    held_back = [
        replace(hit, score=hit.score * _REPLACED)
        if documents[hit.clause.document_id].document.metadata.ended
        else hit
        for hit in hits
    ]
    return sorted(held_back, key=lambda hit: -hit.score)


# 有哪些事不许干 is answered where 禁止下列行为 stands.
ASKS_FORBIDDEN = re.compile(
    r"(?:不准|不许|不让|不能|不可以|不得)(?:去)?(?:干|做|有)的(?:那些)?(?:事|行为)|(?:不准|不许|不让|不能|不可以|禁止|严禁|明令)[^,。?]{0,10}(?:哪些|哪几|什么|啥)|(?:哪些|什么|啥)[^,。?]{0,10}(?:不准|不许|不让|不能|不可以|禁止|严禁)"
)
# What a clause on penalties counts beside others where no breach is asked about.
_PENALTY = 0.85
# Nor is one of these put before others of its document because it reads like an answer, unless surely.
_BEFORE_READ = 0.25
_FORBIDS_LIST = re.compile(r"(?:禁止|不得有?|严禁)(?:从事|实施)?(?:下列|以下|有下列)|下列(?:禁止|行为)")


def _by_what_they_are(context: Context, hits: list[Hit], topic: str) -> list[Hit]:
    """Hits that only say what a word means stand back; one whose heading holds the whole topic (招商引资) stands forward."""
    whole = compact(fold(topic))
    meaning = bool(_ASKS_MEANING.search(context.question.text))
    forbidden = bool(ASKS_FORBIDDEN.search(context.question.text))
    fined = bool(ASKS_FINE.search(context.question.text))
    scope = bool(_ASKS_SCOPE.search(context.question.text))
    breach = bool(ASKS_BREACH.search(context.question.text))
    held_back = []
    for hit in hits:
        clause = hit.clause.clause
        lists_them = (forbidden and _FORBIDS_LIST.search(clause.text)) or (fined and "罚款" in clause.text)
        defines = not meaning and (_only_defines(clause.text) or bool(_GLOSSED.match(clause.text)))
        headed = len(whole) >= _WHOLE_TOPIC and whole in compact(fold(clause.heading))
        share = _DEFINITION if defines else 1.0
        if not scope and _GENERAL.match(clause.text):
            share *= _OF_GENERAL
        if not breach and PENAL.search(clause.text):
            share *= _PENALTY
        score = (hit.score + (_HEADED if headed or lists_them else 0.0)) * share
        held_back.append(replace(hit, score=score, within=hit.within - _BEFORE_READ * (1 - share)))
    held_back = by_grade(context.question.text, held_back)
    held_back.sort(key=lambda hit: -hit.score)
    held_back = _likely_first(context, held_back)
    # How likely the first one answers is known of the first of its kind as found.
    if held_back and held_back[0].probability is None:
        asked = bool(held_back[0].clause.questions)
        alike = (hit.probability for hit in hits if bool(hit.clause.questions) is asked)
        likely = next((each for each in alike if each is not None), None)
        held_back[0] = replace(held_back[0], probability=likely)
    return held_back


def _likely_first(context: Context, hits: list[Hit]) -> list[Hit]:
    """Where the clause of the shipped policy found first hardly answers and one of an added document may, the latter first."""
    if not hits or not hits[0].clause.questions:
        return hits
    limits, likely = context.knowledge.thresholds, hits[0].probability
    enough = limits.bodies if context.question.asks_for_bodies else limits.plain
    others = [hit for hit in hits if not hit.clause.questions]
    may = any(hit.probability is not None and hit.probability >= enough for hit in others)
    if likely is None or likely >= limits.asked or not may:
        return hits
    return [*others, *(hit for hit in hits if hit.clause.questions)]


def _only_defines(text: str) -> bool:
    """Whether what a word means is most of what a clause says, or what it begins with."""
    match = _DEFINES.search(text)
    if match is None:
        return False
    sentence = text[match.start() :].lstrip("。\n").split("。")[0]
    return match.start() == 0 or 2 * len(sentence) >= len(text)


def best_sentences(
    context: Context, clause: StoredClause, topic: str | None = None, most: int = _MAX_SENTENCES
) -> list[Sentence]:
    """The sentences of a clause closest to the topic, in reading order."""
    ranked = ranked_sentences(context, clause, topic)
    # The heading alone is never the answer where the clause has more to say.
    bare = [s for s in ranked if len(s.text) > len(clause.clause.label) + len(clause.clause.heading) + 2]
    ranked = bare or ranked
    if not ranked:
        return []
    near = _NEAR_BEST
    if most == _MAX_SENTENCES and _WANTS_ALL.search(context.question.text):
        most, near = _ALL_SENTENCES, _FAR_FROM_BEST
    best = max(sentence.score for sentence in ranked)
    chosen = sorted(ranked, key=lambda sentence: -sentence.score)[:most]
    return sorted((s for s in chosen if s.score >= best * near), key=lambda s: s.start)


def join_spans(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch or are split by white space only made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def quote_point(
    context: Context, clause: StoredClause, topic: str | None = None, most: int = _MAX_SENTENCES
) -> Point:
    """A point that quotes the clause's best sentences; a digest, which is short, as a whole."""
    if context.snapshot.documents[clause.document_id].document.metadata.kind == "digest":
        return whole_point(clause)
    chosen = best_sentences(context, clause, topic, most)
    text = context.snapshot.documents[clause.document_id].document.text
    told = [(sentence.start, sentence.end) for sentence in chosen]
    if topic is None and most > 1:
        told += _of_each_part(context, clause)
    whole = [_to_full_stop(text, span, clause) for span in dict.fromkeys(told)]
    spans = [_without_label(clause, text, span) for span in whole]
    quotes = join_spans(text, [span for span in spans if span[0] < span[1]]) or (whole_span(clause),)
    return Point(clause=clause, quotes=quotes, duties=duties_near(clause, quotes))


def _of_each_part(context: Context, clause: StoredClause) -> list[Span]:
    """Of a question that asks several things (最多能拿多少?最晚哪天签协议?), the sentence of the clause that answers each."""
    parts = asking_parts(context.question.text)
    found = (answering(context, clause, part) for part in parts) if len(parts) > 1 else ()
    return [span for span in found if span is not None]


def of_its_own_force(context: Context, sentence: str) -> bool:
    """Whether a sentence only says from when on the document itself applies, and that is not asked."""
    asked = context.question.text
    in_force = _ASKS_IN_FORCE.search(asked) and not _ASKS_TO_HAND_IN.search(asked)
    return bool(_IN_FORCE.search(sentence)) and not in_force


def quote_holding(
    context: Context, clause: StoredClause, needed: Sequence[re.Pattern[str]], least: float = _HOLDING
) -> Point | None:
    """The sentence of a clause's article that holds what is asked for (几天), where it is close enough to the question.

    The time limit of 第十一条 may stand below its items, where the lead-in was found. `least` is how close, by the closest.
    """
    found: list[tuple[float, StoredClause, Sentence]] = []
    best = 0.0
    for part in parts(context.snapshot, clause):
        for sentence in ranked_sentences(context, part):
            best = max(best, sentence.score)
            own = of_its_own_force(context, sentence.text)
            if not own and all(pattern.search(fold(sentence.text)) for pattern in needed):
                found.append((sentence.score, part, sentence))
    if not found:
        return None
    score, part, sentence = max(found, key=lambda each: each[0])
    if score < least * best:
        return None
    text = context.snapshot.documents[part.document_id].document.text
    span = _to_full_stop(text, (sentence.start, sentence.end), part)
    return Point(clause=part, quotes=(span,), duties=duties_near(part, [span]))


def _to_full_stop(text: str, span: Span, clause: StoredClause) -> Span:
    """A part of a sentence that ends in a semicolon, with the rest of it where that is short: …整改完毕;逾期未整改的,停业整顿。

    One that announces items, with those that stand below it in the same clause.
    """
    start, end = span
    if text[end - 1 : end] in (":", "："):
        # 有下列情形之一的: with items that bear no numbers, each on its line.
        items = _UNNUMBERED.match(text, end, clause.clause.end)
        return (start, items.end()) if items else span
    if text[end - 1 : end] not in (";", "；"):
        return span
    rest = re.match(rf"[^。\n]{{0,{_SHORT_REST}}}。", text[end : clause.clause.end])
    return (start, end + rest.end()) if rest else span


def with_items(context: Context, point: Point) -> tuple[Point, ...]:
    """A point with the items that it announces, or, for an item, with its lead-in before it.

    提交下列材料: without the list is no answer, and an item (处1万元罚款) does not say who fines whom.
    """
    clause = point.clause
    if opens_items(clause.clause.text):
        announcing = _ending(context, clause)
        said = point.quotes[-1][1] >= announcing[1]
        lead_in = point if said else replace(point, quotes=(*point.quotes, announcing))
        items = [
            Point(clause=below, quotes=(whole_span(below),), duties=())
            for below in _neighbours(context, clause, range(1, _MOST_ITEMS + 1))
            if below.clause.path[: len(clause.clause.path)] == clause.clause.path
        ]
        return (lead_in, *items)
    above = _lead_in(context, clause)
    if above is None:
        return (point,)
    if _ALL_ITEMS.search(context.question.text):
        # 哪些情况要先停下来 asks for all that stands below the lead-in, whichever item was found.
        return with_items(context, replace(point, clause=above, quotes=(_ending(context, above),)))
    return (
        Point(clause=above, quotes=(_ending(context, above),), before=point.before),
        replace(point, before=""),
    )


def _lead_in(context: Context, clause: StoredClause) -> StoredClause | None:
    path = clause.clause.path
    if len(path) < 2:
        return None
    before = reversed(_neighbours(context, clause, range(-_MOST_ITEMS, 0)))
    above = next((c for c in before if c.clause.path == path[:-1]), None)
    return above if above is not None and opens_items(above.clause.text) else None


def _ending(context: Context, clause: StoredClause) -> Span:
    """The last sentence of a lead-in, which announces the items; whole: 责令限期改正;逾期不改的,处以罚款:"""
    text = context.snapshot.documents[clause.document_id].document.text
    spans = sentences(text, clause.clause.start, clause.clause.end)
    first = len(spans) - 1
    while first and text[spans[first - 1][1] - 1] in ";；":
        first -= 1
    return spans[first][0], spans[-1][1]


def _neighbours(context: Context, clause: StoredClause, steps: Iterable[int]) -> list[StoredClause]:
    """The clauses at some distances from one, as far as there are any, in their order."""
    keys = [f"{clause.document_id}#{clause.position + step}" for step in steps if clause.position + step >= 0]
    held = context.snapshot.clauses(keys)
    return [held[key] for key in keys if key in held]


def whole_span(clause: StoredClause) -> Span:
    """The clause as published, without the bracket of bodies where that ends it."""
    return clause.clause.start, clause.clause.end


def whole_point(clause: StoredClause) -> Point:
    """A point that quotes the whole clause."""
    return Point(clause=clause, quotes=(whole_span(clause),))


def _without_label(clause: StoredClause, text: str, span: Span) -> Span:
    """The first sentence without number and heading: (十四)加强财政支持力度。 is no quote."""
    start, end = span
    if start != clause.clause.start or not clause.clause.heading:
        return span
    begin = text.find(clause.clause.heading, start, end)
    after = begin + len(clause.clause.heading) if begin >= 0 else start
    rest = re.match(r"[。.\s]*", text[after:end])
    return (after + (rest.end() if rest else 0), end)


def duties_near(clause: StoredClause, quotes: Sequence[Span]) -> tuple[Responsibility, ...] | None:
    """Of several responsibility brackets, those that follow the quoted sentences."""
    duties = clause.clause.responsibilities
    if len(duties) <= 1:
        return None
    chosen = []
    for start, end in quotes:
        # A duty told in a sentence is of that sentence; a bracket is of what stands before it.
        told = [duty for duty in duties if duty.source == "text" and start <= duty.start < end]
        following = [duty for duty in duties if duty.source != "text" and duty.start >= end - 1]
        chosen += told or following[:1]
    return tuple(dict.fromkeys(chosen)) or (() if all(d.source == "text" for d in duties) else None)
