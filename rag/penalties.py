"""What follows from breaking an article: 违反本办法第十九条第四项规定的,处二百元以上一千元以下罚款."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.article_references import find_article_references
from ingest.chinese_numbers import NUMERAL, to_int
from ingest.stores.catalogue import StoredClause
from ingest.text import opens_items, sentences
from rag.context import Context
from rag.draft import Point
from rag.retrieve import Hit

# 弄坏了罚多少 is answered where 处五百元以上罚款 stands.
ASKS_FINE = re.compile(
    r"罚(?:[^,，。?？]{0,6}(?:多少|几)|什么|金|单)|(?:怎么|如何|咋|会|要|被|谁来?|挨)(?:处)?罚|处罚(?:的)?(?:依据|标准|是|有|怎么|又?按)"
)
# 谁来开罚单, 这种人归谁收拾: whoever punishes is asked for.
ASKS_WHO_PUNISHES = re.compile(
    r"罚(?!球)|收拾|惩|查处|谁(?:来|去|能)?查(?!一下|询|看)|处分|追究|整治(?!方案|工作)|叫停|敲打|责令|(?:叫|让|逼|盯着)(?:他|她|它|对方|人家|店家|老板|公司)(?:们)?(?:改|整改|停)"
)
# 违反本条例第三十五条规定,…处一万元以上罚款: what follows from a breach.
PENAL = re.compile(
    r"违反(?:本(?:条例|办法|规定|细则)|第)[^。]{0,80}?(?:罚款|责令|处分|没收|吊销)|(?:[,，;；]|可以|并)处[^。;；]{2,30}罚款"
)
ASKS_BREACH = re.compile(
    r"罚|处分|后果|违反|违法|违规|责任|追究|查处|吊销|没收|处置|怎么处理|怎么办|会怎|惩|不(?:办|交|报|做|改|按)|没(?:办|交|报|做|改|按|有?证)|未|擅自|私自|偷|瞒|乱|取消|撤"
)
# 能不能先存一下?真存了又会怎样 asks for the rule and for what follows from breaking it.
_ASKS_RULE = re.compile(
    r"[让准许][不没][让准许]|能不能|可不可以|行不行|允许|允不允|要不要|该不该|归谁|谁(?:来)?(?:配|装|建|出|交|办)|往哪|违反了?哪|哪一?条"
)
_ASKS_AFTER = re.compile(
    r"(?:不|没|未|真|偷|私|擅自|硬|乱|要是|万一)[^,。?]{0,14}(?:会怎|怎么罚|怎么处|什么后果|咋罚|咋办|怎么办|罚多少|被罚|挨罚|会(?:被)?罚)|(?:既|又|也)?会受什么|会被罚|又怎么罚"
)
_ASKS_OF_RULE = re.compile(
    r"谁|哪|什么|啥|多少|几|多久|怎么|如何|能不能|可不可以|行不行|要不要|该不该|[吗么][?？,，]?$"
)
# 没按规定留、逾期又不改的,罚多少: what follows from not doing what was spoken of.
_NOT_DONE = re.compile(
    r"^(?:那|要是|如果|万一|假如|若|我|我们|店家|企业|公司|商家|经营者)*(?:一直|硬是|硬|就是|老是|老|赖着|拖着|死活|还是|始终)*(?:没|不(?!同|仅|但|光)|未|违反|违规|逾期|限期|责令|(?:叫|让|要求)(?:我|我们|他|他们|其)?改|到期(?:了)?(?:还|仍)|被?(?:查|抓|发现|举报)|拒)"
)
# 真要开了车被抓,本子会怎样; 装了的话罚多少: what follows from doing it.
_DONE = re.compile(
    r"^(?:那|要是|如果|万一|若)*(?:真要?(?:是)?[^。?]{1,12}|[^,。?]{1,6}了的话)[,，]?[^,。?]{0,8}(?:罚|会怎|后果|怎么处|咋)"
)
# 那能罚他们多少, 另外要罚多少: the fine alone, of what was spoken of.
_FINE_ALONE = re.compile(
    r"^(?:那么?|另外|还|又|最后|到底|究竟|个人|单位|企业|公司|店家|他们?|她|它|我们?|能|会|要|该|得|可以|最多|最少|最高|被|对|给)*罚(?:款)?(?:他们?|她|它|我们?|店家|企业|公司|单位|人家)?(?:是|得|要)?(?:多少|几)[^,，。?？]{0,4}[?？。]?$"
)
_ASKS_WHAT_FOLLOWS = re.compile(r"会怎|后果|怎么处|怎么办|咋[办处罚]|[挨受](?:什么|啥)")
_PENALTY = re.compile(r"罚款|责令|处分|没收|吊销|追究")
# 违反前款规定,…罚款。 in the article itself.
_OF_ITSELF = re.compile(
    rf"违反(?:(?P<before>前款)|第(?P<of>{NUMERAL})款|规定)[^。]*?(?:罚款|没收|处罚)[^。]*。"
)
# 违反本条例规定,再生水经营单位擅自停供再生水的,由…: what is done, of a fine that names no article.
_DEED = re.compile(
    r"违反本(?:条例|办法|规定|细则)(?:的?(?:有关|相关)?规定)?[,，](?P<deed>[^。;；]{4,60}?)的?[,，](?:由|责令|处|可以|依照)[^。]*(?:罚款|责令)"
)
# So many of its words, and so much of them, have to stand in the article.
_LEAST_DEED, _SAME_DEED = 3, 0.75
# Of less, a fine found for 没做的罚多少 is that of another breach.
_LIKE_DEED = 0.4
# 第三项、第五项: the items behind the first.
_MORE_ITEMS = re.compile(rf"(?:[、和及,，]?第{NUMERAL}项)*")
_OF_THE_SAME = re.compile(r"(?:\s*(?!违反|有下列|未|擅自)[^。;；\n]+[。;；])+")
_FINED = re.compile(r"罚款|没收")
# The article broken may be so much further off than the one on fines, which speaks of fines as the question does.
_NEAR = 0.75
_ITEM = re.compile(rf"第({NUMERAL})项")


def asks_rule_and_penalty(text: str) -> bool:
    """Whether both a rule and what follows from breaking it are asked: 让不让养?偷偷养了会怎么样."""
    return bool(_ASKS_RULE.search(text) and _ASKS_AFTER.search(text))


def penalty_for(context: Context, clause: StoredClause) -> Point | None:
    """The part of a sentence that fines what an article (or this item of it) forbids; None where none names the article.

    Of 违反第十九条第四项规定的,…;违反第十九条第三项、第五项规定的,… only the part on the item is quoted.
    """
    number, item = clause.clause.article, item_of(clause)
    if number is None:
        return None
    asked = _paragraph(context, clause)
    own = _fine_in_itself(context, clause, asked)
    if own is not None:
        return own
    other: Point | None = None
    above: dict[tuple[str, ...], bool] = {}
    for held in context.snapshot.clauses_of(clause.document_id):
        path = held.clause.path
        # 有下列情形之一的,处…罚款: (三)违反第十九条规定的。 The lead-in fines what its items name.
        announced = above.get(path[:-1], False)
        above[path] = opens_items(held.clause.text) and bool(_PENALTY.search(held.clause.text))
        if held.clause.article == number or not (announced or _PENALTY.search(held.clause.text)):
            continue
        text = context.snapshot.documents[held.document_id].document.text
        for start, end in sentences(text, held.clause.start, held.clause.end):
            fines = announced or _PENALTY.search(text[start:end])
            if not fines or not _names(text[start:end], number, item):
                continue
            point = Point(clause=held, quotes=(_with_same(text, start, end, held),))
            paragraphs = _paragraphs(text[start:end], number)
            if not paragraphs or asked in paragraphs:
                return point
            other = other or point
    return other or _fine_by_words(context, clause)


def _of_deed(context: Context, clause: StoredClause, fine: str) -> float:
    """How much of what a sentence fines an article speaks of, by words, 0 to 1; 0 where it names an article instead or too little."""
    deed = _DEED.search(fine)
    if deed is None:
        return 0.0
    words = context.knowledge.retriever.content_words(deed.group("deed"))
    held = context.knowledge.retriever.content_words(clause.clause.text)
    return len(words & held) / len(words) if len(words) >= _LEAST_DEED else 0.0


def _with_same(text: str, start: int, end: int, clause: StoredClause) -> tuple[int, int]:
    """A sentence with what follows its semicolon and is still of it, up to the next breach: 责令改正;拒不改正的,处…罚款."""
    more = _OF_THE_SAME.match(text, end, clause.clause.end) if text[end - 1] in ";；" else None
    return start, more.end() if more else end


def _fine_by_words(context: Context, clause: StoredClause) -> Point | None:
    """The sentence that fines what an article forbids in its words, without its number: 违反本条例规定,擅自停供再生水的,…处罚款."""
    best: tuple[float, Point] | None = None
    for held in context.snapshot.clauses_of(clause.document_id):
        if held.clause.article == clause.clause.article or not _PENALTY.search(held.clause.text):
            continue
        text = context.snapshot.documents[held.document_id].document.text
        for start, end in sentences(text, held.clause.start, held.clause.end):
            share = _of_deed(context, clause, text[start:end])
            if share >= _SAME_DEED and (best is None or share > best[0]):
                best = share, Point(clause=held, quotes=(_with_same(text, start, end, held),))
    return best[1] if best else None


def _fine_in_itself(context: Context, clause: StoredClause, asked: int) -> Point | None:
    """What an article itself says of breaking one of its 款: 违反前款规定,…处五百元以上一千元以下罚款。"""
    text = context.snapshot.documents[clause.document_id].document.text
    start = clause.clause.start
    for number, line in enumerate(text[start : clause.clause.end].split("\n"), 1):
        match = _OF_ITSELF.search(line)
        if match is not None:
            of = number - 1 if match.group("before") else to_int(match.group("of") or "") or number
            if asked in (of, number):
                return Point(clause=clause, quotes=((start + match.start(), start + match.end()),))
        start += len(line) + 1
    return None


def _paragraph(context: Context, clause: StoredClause) -> int:
    """Which 款 of an article the question is about, from 1: a line for each."""
    topic = f"{context.focus.topic}{context.topic}" if context.continued else context.topic
    ranked = context.knowledge.retriever.rank_sentences(context.snapshot, clause, topic)
    best = max(ranked, key=lambda sentence: sentence.score, default=None)
    text = context.snapshot.documents[clause.document_id].document.text
    return 1 if best is None else text[clause.clause.start : best.start].count("\n") + 1


def _paragraphs(sentence: str, number: int) -> set[int]:
    """The 款 of an article that a sentence names; none where it names the article as a whole."""
    named = [each.paragraph for each in find_article_references(sentence) if each.article == number]
    return set() if None in named else {each for each in named if each is not None}


def says_not_done(text: str) -> bool:
    """Whether a question asks what follows from (not) doing something that it does not name: 逾期不改的罚多少, 装了的话罚多少."""
    asks = ASKS_FINE.search(text) or _ASKS_WHAT_FOLLOWS.search(text)
    bare = text.strip()
    return bool(asks and any(form.match(bare) for form in (_NOT_DONE, _DONE, _FINE_ALONE)))


def rule_and_penalty(text: str) -> tuple[str, ...]:
    """A question on a rule and one on what follows from breaking it: 多久要去登记?要是一直赖着不办会有什么后果; none where it is not such."""
    for mark in re.finditer(r"[?？,，。;；]", text):
        before, after = text[: mark.end()], text[mark.end() :].strip()
        if says_not_done(after):
            return (before, after) if _ASKS_OF_RULE.search(before) else ()
    return ()


def fine_of_before(context: Context) -> Point | None:
    """What not doing what was spoken of leads to: 交易记录留几年, then 没按规定留的罚多少. None where another deed is meant."""
    if not says_not_done(context.question.text):
        return None
    clauses = (context.snapshot.clause(key) for key in context.focus.keys)
    fines = (penalty_for(context, clause) for clause in clauses if clause is not None)
    return next((fine for fine in fines if fine is not None), None)


def fines_another(context: Context, hits: Sequence[Hit]) -> bool:
    """Whether the clause found fines what other articles forbid, and none fines the one that the question is about."""
    first = hits[0].clause
    if says_not_done(context.question.text) and _FINED.search(first.clause.text):
        before = [
            clause for key in context.focus.keys if (clause := context.snapshot.clause(key)) is not None
        ]
        if before and not any(
            _of_deed(context, clause, first.clause.text) >= _LIKE_DEED for clause in before
        ):
            return True
    named = {reference.article for reference in find_article_references(first.clause.text)} - {None}
    if not named or not _FINED.search(first.clause.text):
        return False
    deed = _deed_beside(hits)
    if deed is None:
        return False
    return penalty_for(context, deed) is None or penalty_without_fine(context, hits) is not None


def penalty_without_fine(context: Context, hits: Sequence[Hit]) -> Point | None:
    """What follows from breaking the article that the question is about, where that is no fine: 责令限期改正;…依法赔偿."""
    deed = _deed_beside(hits)
    fine = penalty_for(context, deed) if deed is not None else None
    return fine if fine is not None and not sets_fine(context, fine) else None


def _deed_beside(hits: Sequence[Hit]) -> StoredClause | None:
    """The article that is about the deed, found near one that fines what other articles forbid."""
    first = hits[0].clause
    named = {reference.article for reference in find_article_references(first.clause.text)}
    same = [hit for hit in hits[1:] if hit.clause.document_id == first.document_id]
    deed = next((hit for hit in same if not _FINED.search(hit.clause.clause.text)), None)
    if deed is None or deed.clause.clause.article in named or deed.score < _NEAR * hits[0].score:
        return None
    return deed.clause


def sets_fine(context: Context, point: Point) -> bool:
    """Whether what is quoted sets a fine."""
    text = context.snapshot.documents[point.clause.document_id].document.text
    return any(_FINED.search(text[start:end]) for start, end in point.quotes)


def _names(sentence: str, number: int, item: int | None) -> bool:
    """Whether a sentence names the article as a whole or with this item; any item of it where none is given."""
    for reference in find_article_references(sentence):
        more = _MORE_ITEMS.match(sentence, reference.end)
        items = {
            reference.item,
            *(to_int(found) for found in _ITEM.findall(more.group() if more else "")),
        } - {None}
        if reference.article == number and (not items or item is None or item in items):
            return True
    return False


def item_of(clause: StoredClause) -> int | None:
    """Which 项 of its article a clause is: 3 for 第五条(三); None for the article itself."""
    last = clause.clause.path[-1].strip("()（）") if clause.clause.path else ""
    return None if not last or last.startswith("第") else to_int(last)
