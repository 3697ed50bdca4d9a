"""What is asked for that the clauses found do not hold (a sum, a day, a telephone number), and how that is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.stores.catalogue import StoredClause
from ingest.text import fold, opens_items
from rag.closely import ranked_sentences
from rag.context import Context
from rag.doubt import doubted
from rag.draft import Draft, refusal
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
from rag.sufficiency import MIN_CONFIDENCE, READ_ANSWERS, best_confidence, read_as_answering
from rag.types import Status
from rag.wording import label_of, merge_roles

# Words that measure whatever is asked about.
_MEASURES = re.compile(r"比例|到期|期满|标准|额度|金额|期限|时限|上限|下限|最[高低多少]|幅度|总额|单价|费用")
# A time limit is told by its clause, whatever words it is asked in: 上牌 of one on 登记.
_OF_ONE_THING = ("amount", "rate", "figure", "area", "score")
_OF_TIME = ("duration", "deadline", "when")
_SURELY_MEANT = 0.95
# 今年 asks for a statistic of whatever sum is asked for.
_STATISTICS = ("statistic", "statistic_now")
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
# 竣工后第一个绿化季节 is a time, though no pattern knows it: read as so likely to answer, the sentence is believed.
_SURELY_ANSWERS, _IN_MANY_WORDS = 0.75, ("when", "deadline", "times")
# 最晚几月几号 wants a day.
_ON_WHICH_DAY = re.compile(r"几月|几[号日](?!线)|哪一?[天日]")
_ASKS = re.compile(
    r"[?？吗么呢]|多少|几|哪|谁|什么|啥|怎|咋|如何|能不能|可不可以|行不行|要不要|是否|有没有|多久|多[大高长远]"
)


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
    rest = [
        ask
        for ask in context.question.asks
        if ask.needs is not None and ask not in missing and ask.id not in _STATISTICS
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
        # 公交线路改道提前多少天公告: what was surely read as answering is not doubted for words that look alike.
        sure = (hits[0].article_answers or 0.0) >= _SURELY_ANSWERS and _read_to_answer(context, hits[0], ask)
        of_another = (
            of_another_level(context, hits[0])
            or of_a_sibling(context, near, ask)
            or (not sure and not context.continued and of_a_namesake(context, hits[0], ask))
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
    if context.question.wants("original", "content") and best_confidence(hits) >= MIN_CONFIDENCE:
        # 资金保障那条具体写了什么 asks for the words, whatever they say.
        return None
    if opens_items(hits[0].clause.clause.text):
        # 乘电梯有哪些事不许做: what answers is the list as a whole, none of its sentences.
        return None
    if not doubted(context, hits[0]) or any(read_as_answering(hit) for hit in nearly_as_close(hits)[1:]):
        return None
    if best_confidence(hits) < MIN_CONFIDENCE:
        return refusal(Status.NOT_IN_CORPUS, say("not_found", context.language))
    return not_said_in(context, None, hits[0].clause)


def may_not_answer(hit: Hit) -> bool:
    """Whether a clause's article was read, and not as answering for sure."""
    return hit.article_answers is not None and hit.article_answers < READ_ANSWERS


def _read_to_answer(context: Context, hit: Hit, ask: Ask) -> bool:
    """Whether a clause was read as answering, by a sentence that holds what is asked for."""
    if hit.answers is None or hit.answers < READ_ANSWERS or ask.needs is None:
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
