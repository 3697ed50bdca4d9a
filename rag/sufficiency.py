"""Whether what was found can answer: closeness to the topic, and whether it holds the thing asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.stores.catalogue import StoredClause
from ingest.text import fold, opens_items
from rag.articles import parts
from rag.closely import ranked_sentences
from rag.context import Context
from rag.draft import Draft, refusal
from rag.elsewhere import asked_of_elsewhere
from rag.evidence import HOLDING_BESIDE, of_its_own_force, quote_holding, quote_point, with_items
from rag.forms import Ask
from rag.messages import say
from rag.named_figures import (
    lacks_fee,
    lacks_known_figure,
    lacks_named_figure,
    lacks_unit,
    of_a_namesake,
    of_a_sibling,
    of_another_level,
)
from rag.penalties import ASKS_BREACH
from rag.retrieve import Hit
from rag.types import Status
from rag.wording import label_of, merge_roles

# Below these the best clause shares so little with the question that it is not about it. Asking
# which body is in charge is itself a question of government business; other talk is not.
MIN_CONFIDENCE = 0.15
MIN_CONFIDENCE_FOLLOW_UP = 0.06
MIN_CONFIDENCE_BODIES = 0.05
# Where the best clause has expected questions, what is further from it than this is said to be far-fetched.
_CLOSE_ASKED = 0.32
# Least closeness of a clause with expected questions where no probability is known.
_LEAST_ASKED = 0.26
# How much closer other talk than government business has to be, from where it begins (docs/adr/0010).
_OTHER_TALK, _BUSINESS = 0.05, 1.5
# How much further a question which body is in charge may be, being government business in itself.
_FOR_BODIES = 0.05
# Another matter of government (驾照, 低保) shares form words with many clauses; surer than this it is not one.
_SURE_OF_MATTER = 0.46
# Nor is it one where the clause is so likely: 先不交税就能存货的库 of one on 保税仓库, though 税 has an office of its own.
_LIKELY_OURS = 0.4
# A wrong amount or time limit costs more than a wrong topic: where one is asked for, the clause has to be this likely.
_SURE_FOR_FIGURE = 0.2
# English is searched for by its known words only; a clause less likely than this is as often of another matter.
_SURE_IN_ENGLISH = 0.13
# Below this the clause was found by likeness of meaning rather than by its words.
_CLOSE = 0.15
# Words that measure whatever is asked about.
_MEASURES = re.compile(r"比例|到期|期满|标准|额度|金额|期限|时限|上限|下限|最[高低多少]|幅度|总额|单价|费用")
# A time limit is told by its clause, whatever words it is asked in: 上牌 of one on 登记.
_OF_ONE_THING = ("amount", "rate", "figure", "area", "score")
_OF_TIME = ("duration", "deadline", "when")
_SURELY_MEANT = 0.95
_BROAD = 0.8
_OF_MONEY, _FINES = ("amount", "rate"), re.compile(r"罚款|罚金|没收")
_ASKS_PRICE = re.compile(
    r"(?:收|交|缴|花|租金|票价|价格|价钱)[^,，。?？]{0,8}(?:多少|几[块元万千百])|多少钱一[斤个张次年月天]|一[斤个张次月天年]多少钱"
)
_ASKS_GIVEN = re.compile(r"补|奖|贴|给|领|拿|退|返|资助|扶持|到手")
_GIVEN = re.compile(r"补助|补贴|奖励|奖补|资助|扶持")
_PRICED = re.compile(r"收费|缴|费用|价|租金|收取|保费|押金|金额|交[纳付]")
# A second clause may hold the amount or date only if it fits nearly as well.
_NEAR, _NEAR_ELSEWHERE, _MOST_NEAR = 0.85, 0.75, 3
# Nor where it was read as answering no more likely than this.
_NEAR_READ = 0.2
# Read word by word, a clause this likely answers though a rule doubts it; one less likely does not.
_READ_ANSWERS, _READ_NOT = 0.6, 0.08
# Who is in charge of 申花主场跟谁踢 is no matter of a clause so unlikely, with which it shares so little.
_NOT_OF_IT, _NO_WORD = 0.1, 0.03
# 竣工后第一个绿化季节 is a time, though no pattern knows it: read as so likely to answer, the sentence is believed.
_SURELY_ANSWERS, _IN_MANY_WORDS = 0.75, ("when", "deadline", "times")
# 最晚几月几号 wants a day.
_ON_WHICH_DAY = re.compile(r"几月|几[号日](?!线)|哪一?[天日]")
# Where it was read as answering, so likely by closeness is enough, but not for a figure: other talk is read as answered at times.
_READ_ENOUGH = 0.07
_ASKS = re.compile(
    r"[?？吗么呢]|多少|几|哪|谁|什么|啥|怎|咋|如何|能不能|可不可以|行不行|要不要|是否|有没有|多久|多[大高长远]"
)
# Of the clauses found, so many may name what is asked about by name.
_MOST_NAMING = 5
# Words that point to a clause, though they name none.
_POINTING = ("这", "那", "它", "这条", "那条", "条", "第", "原文")
# An off-topic word counts unless the clauses hold most of the question (天气预报 in a policy on weather).
_OFF_TOPIC_UNLESS = 0.35
# Nor where all of the question is government business (开火锅店必须装滤油的那套东西吗).
_CLEARLY_OURS = 1.5
# What part a named body has in a matter is answered where the matter is less sure.
_OF_A_BODY = 0.5


def confidence(hit: Hit) -> float:
    """How close the clause is to the topic, 0 to 1."""
    return 0.5 * hit.coverage + 0.5 * max(0.0, hit.similarity)


def best_confidence(hits: Sequence[Hit]) -> float:
    """The confidence of the best of the first hits, 0 where there is none."""
    return max((confidence(hit) for hit in hits[:3]), default=0.0)


def far_fetched(context: Context, hits: Sequence[Hit]) -> tuple[str, ...]:
    """What a reader is told where question and clause share few words: check it, and who usually handles it."""
    if not hits or best_confidence(hits) >= (_CLOSE_ASKED if hits[0].clause.questions else _CLOSE):
        return ()
    language, folded = context.language, fold(context.question.text)
    notes = [say("far_fetched", language)]
    directory = context.knowledge.directory
    handling = [
        today.short
        for body in directory.departments
        if body.level == "province" and any(topic in folded for topic in body.handles)
        for today in directory.current(body)
    ]
    usual = tuple(dict.fromkeys(handling))
    if 1 <= len(usual) <= 2 and language != "en":
        notes.append(say("usually", language, names="、".join(usual)))
    return tuple(notes)


def insufficient(context: Context, hits: Sequence[Hit]) -> Draft | None:
    """The refusal where nothing found is about the question, or it is none for these documents."""
    if context.pinned:
        return None
    folded, language, forms = fold(context.question.text), context.language, context.knowledge.forms
    if not re.search(r"[一-龥a-zA-Z0-9]{2}", context.topic) and not context.question.quoted:
        bare = re.sub(r"\W", "", context.question.text)
        if len(bare) <= 2 and not context.question.asks and bare not in _POINTING:
            return refusal(Status.CLARIFY, say("too_little", language, text=bare))
        # 那配合的呢, with nothing before it.
        return refusal(Status.CLARIFY, say("no_focus", language))
    sure = best_confidence(hits)
    clearly_ours = bool(hits) and hits[0].business >= _CLEARLY_OURS
    if (
        sure < _OFF_TOPIC_UNLESS
        and not clearly_ours
        and any(pattern.search(folded) for pattern in forms.off_topic)
    ):
        return refusal(Status.OUT_OF_SCOPE, say("out_of_scope", language))
    if asked_of_elsewhere(context, hits):
        return refusal(Status.NOT_IN_CORPUS, say("elsewhere", language))
    other = _named_but_not_held(context, hits)
    if other:
        usual = _other_matter(context) if hits and hits[0].clause.questions else ()
        known = say("usually", language, names="、".join(usual) or other)
        return refusal(Status.NOT_IN_CORPUS, say("not_found", language), known if language != "en" else "")
    least = MIN_CONFIDENCE_FOLLOW_UP if context.continued else MIN_CONFIDENCE
    if context.question.asks_for_bodies:
        least = min(least, MIN_CONFIDENCE_BODIES)
    if hits and not context.continued:
        likely, limits = _likely(hits), context.knowledge.thresholds
        asked = bool(hits[0].clause.questions)
        own = hits[0].clause.document_id in context.snapshot.primary
        doubted = sure < _SURE_OF_MATTER and (likely is None or likely < _LIKELY_OURS)
        usual = _other_matter(context) if asked and own and doubted else ()
        if usual:
            known = say("usually", language, names="、".join(usual))
            return refusal(
                Status.NOT_IN_CORPUS, say("not_found", language), known if language != "en" else ""
            )
        if likely is not None and (own or not asked):
            context.trace.confidence = sure if asked else likely
            if asked:
                # 省统计局牵头考核开发区,是不是 is told yes or no, and who does.
                of_a_body = bool(context.question.mentions) and context.question.wants("role_of")
                enough = limits.asked * (_OF_A_BODY if of_a_body else 1)
                context.trace.judged(likely, enough)
                return None if likely >= enough else _nothing(context)
            if context.question.asks_for_bodies and _read_as_other(hits[0]):
                context.trace.judged(likely, 1.0)
                return _nothing(context)
            enough = limits.bodies if context.question.asks_for_bodies else limits.plain
            of_figure = any(ask.needs for ask in context.question.asks)
            if not context.question.asks_for_bodies and of_figure:
                enough = max(enough, _SURE_FOR_FIGURE)
            elif _read_as_answering(hits[0]):
                enough = min(enough, limits.bodies if context.question.asks_for_bodies else _READ_ENOUGH)
            if context.question.foreign:
                enough = max(enough, _SURE_IN_ENGLISH)
            context.trace.judged(likely, enough)
            return None if likely >= enough else _nothing(context)
        if asked:
            # A digest's clause, or one whose embedder is another: closeness has to do.
            least = _LEAST_ASKED + _OTHER_TALK * max(0.0, _BUSINESS - hits[0].business)
            if context.question.asks_for_bodies:
                least -= _FOR_BODIES
    if context.broad:
        # Where the State Council's level is asked for, the nearest of its documents is worth showing.
        least *= _BROAD
    context.trace.judged(sure, least)
    return _nothing(context) if not hits or sure < least else None


def _likely(hits: Sequence[Hit]) -> float | None:
    """How likely the first hit answers; one that reading put first without being sure of it, as likely as the one before."""
    first = hits[0]
    if first.probability is None and _read_as_answering(first):
        return None
    known = (
        hit.probability
        for hit in hits
        if hit.probability is not None
        and bool(hit.clause.questions) == bool(first.clause.questions)
        and hit.clause.document_id == first.clause.document_id
    )
    return next(known, None)


def _read_as_answering(hit: Hit) -> bool:
    return hit.answers is not None and hit.answers >= _READ_ANSWERS


def _read_as_other(hit: Hit) -> bool:
    """Whether a clause that shares no word with the question, and was not the likeliest found, was not read as answering it either."""
    unread = hit.answers is not None and hit.answers < _NOT_OF_IT
    return hit.probability is None and unread and hit.coverage < _NO_WORD


def _nothing(context: Context) -> Draft:
    return refusal(Status.NOT_IN_CORPUS, say("not_found", context.language))


def _other_matter(context: Context) -> tuple[str, ...]:
    """Who usually handles a matter that the question names and no clause or expected question does."""
    folded, directory = fold(context.question.text), context.knowledge.directory
    handling = [
        (topic, body)
        for body in directory.departments
        if body.level == "province"
        for topic in body.handles
        if len(topic) >= 2 and topic in folded
    ]
    spoken = {
        topic
        for topic, _ in handling
        for clause in context.scope
        if topic in clause.clause.text or any(topic in question for question in clause.questions)
    }
    if not handling or spoken:
        return ()
    return tuple(dict.fromkeys(today.short for _, body in handling for today in directory.current(body)))[:2]


def _named_but_not_held(context: Context, hits: Sequence[Hit]) -> str:
    """Who usually handles what the question asks about by a name (公积金) that no clause found, nor an expected question, holds."""
    question = context.question
    of_figure = any(ask.needs for ask in question.asks) and not question.asks_for_bodies
    # Of the policy's own clauses the nearest is worth showing: 高新技术企业的所得税税率.
    if context.continued or (hits and hits[0].clause.questions and of_figure):
        return ""
    near = [hit.clause for hit in hits[:_MOST_NAMING]]
    texts = (
        fold(text)
        for clause in near
        for part in parts(context.snapshot, clause)
        for text in (part.clause.heading, part.clause.text, *part.questions)
    )
    return context.knowledge.named_matters.unspoken(fold(context.question.text), texts)


def nearly_as_close(hits: Sequence[Hit]) -> list[Hit]:
    """The first hit and those that fit nearly as well: an amount or a date stands in one of the best clauses, not always in the very best.

    Another document that speaks of the same matter (贴息) may be a little further off.
    """
    first = hits[0]
    return [
        hit
        for place, hit in enumerate(hits[:_MOST_NEAR])
        if hit.score
        >= first.score * (_NEAR if hit.clause.document_id == first.clause.document_id else _NEAR_ELSEWHERE)
        and (not place or hit.answers is None or hit.answers >= _NEAR_READ)
    ]


def missing_thing(context: Context, hits: Sequence[Hit]) -> Ask | None:
    """The first thing asked for (an amount, a phone number) that no good sentence found holds."""
    return next(_missing(context, hits), None)


def missing_beside(context: Context, hits: Sequence[Hit]) -> tuple[Ask, ...]:
    """What is not said of several things asked for in words of their own: 补多少,几天到账 of a clause that states the sum.

    Empty where none of them is said, or nothing is missing.
    """
    missing = tuple(_missing(context, hits))
    # 今年 asks for a statistic of whatever sum is asked for.
    rest = [
        ask
        for ask in context.question.asks
        if ask.needs is not None and ask not in missing and ask.id != "statistic"
    ]
    folded = fold(context.question.text)
    spans = [match.span() for ask in missing if (match := ask.match.search(folded))]
    apart = any(
        (match := ask.match.search(folded)) and all(match.end() <= a or b <= match.start() for a, b in spans)
        for ask in rest
    )
    return missing if apart else ()


def _missing(context: Context, hits: Sequence[Hit]) -> Iterator[Ask]:
    for ask in context.question.asks:
        if ask.needs is None:
            continue
        near = nearly_as_close(hits)
        of_time = ask.id in _OF_TIME
        of_another = (
            of_another_level(context, hits[0])
            or of_a_sibling(context, near, ask)
            or (not context.continued and of_a_namesake(context, hits[0], ask))
        )
        if of_another or (of_time and all(lacks_unit(context, hit) for hit in near)):
            yield ask
            continue
        if lacks_known_figure(context, hits[0]) or all(lacks_fee(context, ask, hit) for hit in near):
            yield ask
            continue
        if any(_read_to_answer(context, hit, ask) for hit in near):
            continue
        if near and all(lacks_named_figure(context, ask, hit) for hit in near):
            yield ask
            continue
        if (
            ask.id in _OF_ONE_THING
            and not context.continued
            and all(_of_another_matter(context, h) for h in near)
        ):
            yield ask
            continue
        others = [other for other in context.question.asks if other.needs is not None and other != ask]
        if not any(_holds(context, hit, ask) or _holds_beside(context, hit, ask, others) for hit in near):
            yield ask


def read_as_unanswered(context: Context, hits: Sequence[Hit]) -> Draft | None:
    """The refusal where no clause that fits was read as answering: 批下来能挂几年 of one on how soon it is decided."""
    if context.continued or not _ASKS.search(context.question.text):
        return None
    if hits[0].clause.key in context.focus.keys:
        # A further question on the clause talked about leaves out what it is about.
        return None
    if opens_items(hits[0].clause.clause.text):
        # 乘电梯有哪些事不许做: what answers is the list as a whole, none of its sentences.
        return None
    if not all(hit.answers is not None and hit.answers < _READ_NOT for hit in nearly_as_close(hits)):
        return None
    return not_said_in(context, None, hits[0].clause)


def _read_to_answer(context: Context, hit: Hit, ask: Ask) -> bool:
    """Whether a clause was read as answering, by a sentence that holds what is asked for."""
    if hit.answers is None or hit.answers < _READ_ANSWERS or ask.needs is None:
        return False
    if (
        ask.id in _IN_MANY_WORDS
        and hit.answers >= _SURELY_ANSWERS
        and not _ON_WHICH_DAY.search(context.question.text)
    ):
        return True
    ranked = ranked_sentences(context, hit.clause)
    best = max(ranked, key=lambda sentence: sentence.score, default=None)
    if best is None or of_its_own_force(context, best.text) or _of_other_money(context, ask, best.text):
        return False
    return bool(ask.needs.search(fold(best.text)))


def _of_another_matter(context: Context, hit: Hit) -> bool:
    """Whether a figure is asked of something that the clause does not speak of: 机票补多少 of one on 展位费."""
    if hit.clause.questions and (hit.probability or 0.0) >= _SURELY_MEANT:
        # 打扰一下,老板的项目被划到限制类了 tells much beside the matter.
        return False
    topic = _MEASURES.sub(" ", fold(context.topic))
    for ask in context.question.asks:
        topic = ask.match.sub(" ", topic)
    return bool(context.knowledge.retriever.unlike_words(context.snapshot, hit.clause, topic))


def _holds(context: Context, hit: Hit, ask: Ask) -> bool:
    assert ask.needs is not None
    text = context.snapshot.documents[hit.clause.document_id].document.text
    holding = quote_holding(context, hit.clause, (ask.needs,))
    points = with_items(context, holding or quote_point(context, hit.clause, most=2))
    quotes = [text[start:end] for point in points for start, end in point.quotes]
    return any(
        ask.needs.search(fold(q))
        for q in quotes
        if not of_its_own_force(context, q) and not _of_other_money(context, ask, q)
    )


def _of_other_money(context: Context, ask: Ask, sentence: str) -> bool:
    """Whether a sentence states money of another kind: a fine where 保养一个月收多少钱 is asked, or a subsidy."""
    if ask.id not in _OF_MONEY:
        return False
    asked = context.question.text
    fine = bool(_FINES.search(sentence)) and not ASKS_BREACH.search(asked)
    priced = bool(_ASKS_PRICE.search(asked)) and not _ASKS_GIVEN.search(asked)
    return fine or (priced and bool(_GIVEN.search(sentence)) and not _PRICED.search(sentence))


def _holds_beside(context: Context, hit: Hit, ask: Ask, others: Sequence[Ask]) -> bool:
    """Whether the article holds it in another sentence than the other things asked for: 补多少钱,哪天之前发下来."""
    beside = any(_holds(context, hit, other) for other in others)
    if not beside or ask.needs is None:
        return False
    return quote_holding(context, hit.clause, (ask.needs,), HOLDING_BESIDE) is not None


def not_said(context: Context, ask: Ask, hits: Sequence[Hit]) -> Draft:
    """The documents do not state it: the nearest clause, and who is likely to know."""
    language = context.language
    text = say("not_said", language, what=ask.what if language != "en" else ask.id)
    bodies = tuple(dict.fromkeys(mention.departments for mention in context.question.mentions))
    if hits and best_confidence(hits) >= MIN_CONFIDENCE and not bodies:
        return not_said_in(context, ask, hits[0].clause)
    return refusal(Status.NOT_IN_CORPUS, text + say("who_knows", language, who=ask.who_knows))


def not_said_in(context: Context, ask: Ask | None, clause: StoredClause) -> Draft:
    """The nearest clause does not state what is asked for: its words, and who leads and may know."""
    language = context.language
    text = say("not_said_of_it", language)
    if ask is not None:
        text = say("not_said", language, what=ask.what if language != "en" else ask.id)
    point = quote_point(context, clause, most=1)
    lead, _, responsible, _ = merge_roles(point.responsibilities)
    nearest = say("nearest", language, label=label_of(clause, language))
    knows = say("ask_lead", language, lead="、".join(lead)) if lead else ""
    if ask is not None and ask.who_knows and not lead:
        knows += say("who_knows", language, who=ask.who_knows)
    return Draft(
        status=Status.NOT_IN_CORPUS,
        opening=f"{text} {nearest}" if language == "en" else f"{text}{nearest}",
        points=(point,),
        notes=(knows,) if knows else (),
        lead=lead,
        responsible=responsible,
    )
