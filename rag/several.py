"""Several questions in one message, answered one by one: 第九条谁牵头?第十条呢?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from rag.cited import cards_of
from rag.enumerated import counted_off
from rag.guard import as_typed
from rag.render import escape
from rag.types import Answer, Citation, Departments, Status

MOST = 4
_END = re.compile(r"(?<=[??;;\n])\s*|\s+(?=(?:\d{1,2}|[二三四五六])[、..))])")
_ASKS = re.compile(r"谁|哪|什么|啥|多少|几|吗|怎么|如何|[??]")
_NUMBER = re.compile(r"^(?:[((]?\d{1,2}[)).、.]|[一二三四五六][、.])\s*")
# Kinds that look one thing up: what one of them does not find is said, the others are still answered.
_LOOKED_UP = ("bodies", "clause", "department", "role")
# What follows the last question and asks nothing: 两个一起答, 谢谢.
_TAIL = re.compile(
    r"^(?:(?:[这那]?[两三几]?(?:个|边|头|样|方面)?(?:问题)?)?(?:请|麻烦|帮我)?(?:都|一起|一并|一块儿?|分别|分开|逐个|一个一个)?(?:说[说清]?|说明|讲讲?|回?答|告诉我|告知|指出|列明?)(?:一?下|清楚|一说|条款|条文|出处)?|(?:分别|各|都)+(?:写|规定|出)(?:在|自)(?:哪|第几)[^,。?]{0,4}\??|谢谢|多谢|急|在线等)[了啊哈。!,,\s]*$"
)
_SHORT_TAIL = 12
_SOURCE = re.compile(r"\d号|《|(?:文件|意见|办法|通知)里?(?:写|说|提|讲)")
# 放宽还是收紧? asks the question before it again.
_EITHER_OR = re.compile(r"^[一-龥]{1,6}还是[一-龥]{1,6}[??]$")
# 岚江省怎么说的? only tells where to look.
_SAYS_WHAT = re.compile(
    r"^[^,,。]{0,8}?(?:里|上|中|是|对此)?(?:怎么|如何|咋)(?:说|写|规定|讲|要求|定)的?[??]?$"
)
# 协助的单位是哪两家?, 定这种去留的是谁? are asked of what stands before them.
_OF_BEFORE = re.compile(
    r"^(?:(?:都|还|又|分别|一般|另外)*(?:需?要|得|该)?(?:准备|带|交|提交)?(?:什么|哪些|啥|多少钱?|多久|几天)[^,。?]{0,6}[??]?$"
    r"|(?:要是|如果|万一)?(?:没|不|未)(?:有)?(?:做到|达到|完成|按时|照办|达标)[^,。?]{0,6}(?:会怎|怎么办|怎么处|咋办|什么后果)[^,。?]{0,6}[??]?$"
    r"|[^,。?]{0,4}(?:这种|这类|这样|这事|此事|这个|这些|那种)"
    r"|(?:还有|又)?(?:哪些|哪几个|哪几家)(?:部门|单位|厅局)?(?:按职责(?:分工)?|分工|一起|共同)*(?:负责|配合|参与|协助|落实)[??]?$"
    r"|(?:又|还)?有?(?:几家|多少家|几个(?:部门|单位)?)(?:来)?(?:配合|参与|协助|协办)[??]?$"
    r"|(?:还有|还要|又|最后)*(?:谁|哪(?:个|家|些|几家)?(?:部门|单位)?)[^,。?]{0,3}(?:[,、](?:还要?|又|和|跟)*(?:找|有|问)?(?:谁|哪(?:个|家|些|几家)?(?:部门|单位)?)[^,。?]{0,3})?[??]?$"
    r"|(?:顺带|旁边|同时|此外|另外|边上|背后)?(?:还)?(?:有|是|要)?(?:哪些|哪几[个家]|哪家)(?:部门|单位|厅局|局|机关|机构)?(?:会|要|来|也|跟着)*(?:管得着|参与|配合|协助|一[起块道]|搭|打下手|帮)[^,。?]{0,6}[??]?$"
    r"|(?:请|麻烦)?(?:把|将)?(?:完整的?|全部的?|所有的?)?(?:责任|配合|牵头|协办)(?:单位|部门)(?:名单)?(?:逐一|一一|都|全部)?(?:列|写|报|发)[^?]{0,14}$"
    r"|那?(?:个人|单位|企业|公司|个体户|农户|集体|家庭|机构)呢[??]?$"
    r"|(?:还)?(?:要不要|需不需要|用不用|是不是要)(?:带|交|提供|出示)?[^,。?]{0,18}(?:证|复印件|材料|证明|户口本|照片|原件|表)[^,。?]{0,3}[??]?$"
    r"|(?:要|得|需要?)?[跟和同与](?:谁|哪)[^,。?]{0,6}(?:商量|协商|会商|商定|一起|一块|一道)[^,。?]{0,4}[??]?$"
    r"|那?(?:到底)?是?谁(?:打头|牵头|挑头|主办)[,,、](?:又是?)?谁(?:帮忙|配合|协助|协办|打下手)[??]?$"
    r"|(?:还有)?谁(?:来|跟着)?(?:一块儿?|一起|一道)(?:参与|配合|协助|参加|干|办|管|接待|接|出面|对接|落实)[^,。?]{0,3}[??]?$"
    r"|(?:那|难道|应该|按说)?不(?:是|该|应该)(?:由|归)?[^,。?]{2,14}?(?:来|在)?(?:牵头|主管|负责|管|配合)的?(?:吗|么)[??]?$"
    r"|(?:还有|又|再)?(?:是)?(?:打|当)?(?:协助|配合|参与|参加|牵头|主抓|协办|主办)(?:的|它的)?(?:有|是|又是|分别是|单位|部门|厅局|机构|叫)*(?:哪|谁|什么|几)[^,。?]{0,10}[??]?$)"
)
_MARK = re.compile(r"(?<!\\)\[(\d{1,3})\]")


def split_questions(text: str, has_topic: Callable[[str], bool]) -> tuple[str, ...]:
    """The single questions of a message; one where it is one.

    A question that brings no topic of its own (谁配合?) stays with the one before it, as a story does with the
    question that follows it.
    """
    counted = counted_off(text, has_topic)
    if counted:
        return counted
    pieces: list[str] = []
    waiting = ""
    for piece in _END.split(text.strip()):
        waiting += piece
        # What stands before a semicolon or line break and asks nothing belongs to what follows.
        if waiting.strip() and _ASKS.search(piece):
            pieces.append(_NUMBER.sub("", waiting.strip()).rstrip(";"))
            waiting = ""
    pieces += [waiting.strip()] if waiting.strip() else []
    if len(pieces) > 1 and not pieces[-1].endswith(("?", "?")):
        last = pieces.pop()
        if _SOURCE.search(last) and not _ASKS.search(last):
            # 听说39号文写过 tells more of the question before it.
            pieces[-1] = f"{pieces[-1]}{last}"
        elif len(last) <= _SHORT_TAIL and not _ASKS.search(last) and not _TAIL.match(last):
            # 有哪些事不许干?餐厨垃圾那个。 says what is meant.
            pieces[-1] = f"{pieces[-1]}{last}"
        elif not _TAIL.match(last):
            pieces.append(last)
    questions: list[str] = []
    for piece in pieces:
        if questions and (
            _EITHER_OR.match(piece)
            or _SAYS_WHAT.match(piece)
            or _OF_BEFORE.match(piece)
            or not has_topic(piece)
        ):
            questions[-1] = f"{questions[-1]}{piece}"
        else:
            questions.append(piece)
    if len(questions) > 1 and not has_topic(questions[0]):
        questions[:2] = [f"{questions[0]}{questions[1]}"]
    if len(questions) == 1:
        questions = _matters(questions[0], has_topic)
    return tuple(questions) if 1 < len(questions) <= MOST else (text,)


_ASKS_ITSELF = re.compile(
    r"谁|哪|什么|啥|多少|是[^,，。?]{1,10}还是|(?<![好这那前近])几[点天月号年成次档级条岁倍项种类折元块万户层家人米]|几个(?:月|工作日)|怎么|如何|咋|怎样|多久|多长|多大|多高|要不要|算不算"
)
_ASKS_WHETHER = re.compile(r"有没有|能不能|可不可以|行不行|是不是|会不会|要不要|算不算|[吗么]$")
_LEAST_PART = 5


def asking_parts(text: str) -> tuple[str, ...]:
    """The parts of a question that each ask for something other than whom, each after the story told before the first.

    资料交全了,最慢几天能批下来?对注册资金有没有卡? as 资料交全了,最慢几天能批下来 and 资料交全了,对注册资金有没有卡.
    """
    story, asking = "", []
    for piece in filter(None, map(str.strip, re.split(r"[?？;；,，。!！]", text))):
        asks = _ASKS_ITSELF.search(piece) or _ASKS_WHETHER.search(piece)
        if asks and len(piece) >= _LEAST_PART and not _ASKS_WHO.search(piece):
            asking.append(piece)
        elif not asking:
            story += f"{piece},"
    return tuple(f"{story}{piece}" for piece in asking[:MOST])


_STORY = re.compile(r"^.*[,，:：]", re.DOTALL)


def story_of(first: str) -> str:
    """What the first of several questions tells before it asks: 我们打算开地区总部, of 我们打算开地区总部,落户给多少."""
    parted = _STORY.match(first)
    if parted is None or _ASKS_ITSELF.search(parted.group()):
        return ""
    return parted.group() if _ASKS_ITSELF.search(first, parted.end()) else ""


# 警务室能不能搬到园区门口,这归谁管 is one question on a story.
_ASKS_WHO = re.compile(
    r"谁(?!出|来出|开)|哪(?:个|家|些|几家|几个|一家)?(?:部门|单位|厅|局|委|口子)|[找归]哪|牵头|配合|主管"
)
# 培训补贴的标准和驿站的数量,文件各是怎么定的: the same asked of two matters.
_EACH_OF_TWO = re.compile(
    r"^(?P<first>[^,,、。?]{3,26}?)(?:和|与|跟|以及|还有)(?P<second>[^,,、。?]{3,26}?)[,,]?"
    r"(?:(?:这)?(?:文件|政策|意见|办法|措施|两[样个件项])(?:里|中|上)?|[一每][亩个台家户人年月吨辆张])?(?:都)?(?:分别|各自?)(?:都)?(?P<asks>[^,,。?]{2,20}[??。]?)$"
)
# 原文怎么写的, 都叫什么 are asked of the part before them.
_OF_PART_BEFORE = re.compile(r"(?:原文|原话|条文|文件|文中|都|分别|各|是[哪第]|跑哪|怎么回事)")
_TWO_ROLES = re.compile(r"牵头|配合|主管|协办")
_SHORTEST_PART = 4
# 还有…, 另外…: what leads on to a further question, of which the story before the first tells nothing.
LEADS_ON = re.compile(
    r"^(?:还有|另外|此外|反过来|再就是|再问一下|以及|然后|顺便(?:再)?(?:问(?:一下)?)?)(?:就是)?[,,]?(?=.{6})"
)


def _listed(piece: str) -> list[str]:
    """项目上怎么合作、人员上怎么交流 as two; 、 parts nothing else that asks."""
    parts = piece.split("、")
    return parts if len(parts) > 1 and all(_ASKS_ITSELF.search(part) for part in parts) else [piece]


def asked_apart(text: str) -> tuple[str, ...]:
    """The parts of one sentence that ask each for itself: 便利店一家补多少,每年什么时候能申报; the text alone where there are not several.

    What stands before the first and asks nothing is told of it: 我在夜市摆摊,….
    """
    asked, end, tail = text.strip().partition("?")
    bare = f"{asked}{end}" if end and _TAIL.match(tail.strip()) else text.strip()
    # 生意不好,在纠结怎么办好。 tells of what follows.
    story, stop, rest = bare.rpartition("。")
    if stop and rest and not _ASKS_ITSELF.search(story):
        first, *others = asked_apart(rest)
        return (f"{story}。{first}", *others) if others else (text,)
    each = _each_of_two(bare) if not _TWO_ROLES.search(text) else ()
    if each:
        return each
    found: list[str] = []
    waiting = ""
    pieces = [part for piece in re.split(r"[,,]", bare) for part in _listed(piece)]
    # …,一块说一下
    pieces = pieces[:-1] if len(pieces) > 2 and _TAIL.match(pieces[-1]) else pieces
    for piece in pieces:
        waiting = f"{waiting},{piece}" if waiting else piece
        # 房子怎么给,小孩读书能不能自己挑学校: the last may only ask whether.
        if _ASKS_ITSELF.search(piece) or (found and piece is pieces[-1] and _ASKS_WHETHER.search(piece)):
            found += _each_of_two(waiting) or (waiting,)
            waiting = ""
    whom = _whom_each(found)
    one = any(
        len(part) < _SHORTEST_PART or (_ASKS_WHO.search(part) and not whom) or "。" in part for part in found
    )
    if waiting or len(found) < 2 or one or any(_OF_PART_BEFORE.match(part) for part in found[1:]):
        return (text,)
    return tuple(found) if len(found) <= MOST else (text,)


def _each_of_two(text: str) -> tuple[str, ...]:
    """Two questions where the last words ask the same of two matters, each after the story told before them."""
    story, comma, last = "", "", text
    match = _EACH_OF_TWO.match(last)
    if match is None:
        story, comma, last = text.rpartition(",")
        match = _EACH_OF_TWO.match(last)
    if match is None or _ASKS_ITSELF.search(story):
        return ()
    return tuple(
        f"{story}{comma}{match.group(matter)}{match.group('asks')}" for matter in ("first", "second")
    )


# 审批由谁牵头下放,招技工又归谁: each names its matter before it asks whom.
_WHOM_OF_MATTER = re.compile(
    r"^(?!这|那|它|此|该|由|归|谁|哪|找|还|又|牵头|配合|协助|主管).{2,}?(?:又|则|归|由|是|找|该)*(?:谁|哪(?:个|家|一家)?(?:部门|单位|厅|局|委)).{0,12}$"
)


def _whom_each(parts: Sequence[str]) -> bool:
    """Whether every part asks whom, each of a matter of its own, and none for the role of another."""
    last = [part.rpartition(",")[2] if n else part for n, part in enumerate(parts)]
    return (
        len(parts) > 1
        and all(_WHOM_OF_MATTER.match(part) for part in last)
        and not any(re.search(r"配合|协助|协办", part) for part in parts)
    )


# 招不到熟练工,贷款又批不下来,这两桩事分别归谁管: the last words ask the same of each matter before them.
_OF_EACH = re.compile(
    r"^(?P<matters>.+?)[,,、]?\s*(?:[这那]?(?P<count>[两二三四])(?:桩|件|个|样|项|条|类|方面|回|头)(?:事情?|问题|工作)?(?:儿)?(?:上)?[,,]?)?"
    r"(?P<asks>(?:省里|市里|在省里|[一-龥]{2})?(?:两[边头])?(?:牵头的|主管的|管的|负责的)?(?:分别|各|分由)(?:自)?[^,,、。]{1,14}[??。]?)$"
)
_BOTH = re.compile(
    r"[,,;;]?(?:我|我们)?(?:既|一边|一头)(?:想|要)?|[,,;;]\s*(?:又|还|也|另外|同时|一边|一头)?"
)
_WHO = re.compile(r"谁|哪|何部门|何单位|多少|几")
_ROLES = re.compile(
    r"(?:牵头|主抓|主办|主管)[^?]*(?:配合|协助|协办|参与)|(?:配合|协助|协办|参与)[^?]*(?:牵头|主抓|主办|主管)"
)


def _matters(text: str, has_topic: Callable[[str], bool]) -> list[str]:
    """One question for each matter of which the same is asked; the text itself where there are not several."""
    asked, mark, tail = text.partition("?")
    match = _OF_EACH.match(f"{asked}{mark}" if mark and _TAIL.match(tail.strip()) else text)
    if match is None or not _WHO.search(match.group("asks")):
        return [text]
    matters = [part for part in _BOTH.split(match.group("matters")) if part]
    if len(matters) == 1 and match.group("count"):
        # 贷款贴息、闲置土地分别由谁牵头 is one question on several topics (rag/answers/bodies.py).
        matters = [part for whole in matters for part in re.split("、|与|和|跟", whole) if part]
    told = match.group("count")
    count = "零一二三四".find(told.replace("两", "二")) if told else 0
    if 2 <= count < len(matters):
        # 我的厂在园区,修路贷款想要贴息,公司又想上市,这两件事: what stands before both tells of the first.
        story = "，".join(matters[: len(matters) - count])
        matters = [f"{story}，{matters[-count]}", *matters[len(matters) - count + 1 :]]
    # 牵头的和配合的分别是谁 asks two things of one matter.
    if told is None and (_ROLES.search(match.group()) or "既" not in text):
        return [text]
    fits = told is None or len(matters) == count
    if not 2 <= len(matters) <= MOST or not fits or not all(map(has_topic, matters)):
        return [text]
    asks = re.sub(r"两[边头]|分别|各自?|分(?=由)", "", match.group("asks"))
    return [f"{matter.strip()}，{asks}" for matter in matters]


def apart(answers: Sequence[Answer]) -> bool:
    """Whether the questions are about different things, so that each deserves an answer of its own."""
    cited = [frozenset((c.document_id, c.path) for c in answer.citations) for answer in answers]
    looked_up = all(answer.trace.get("kind") in _LOOKED_UP for answer in answers)
    if not any(cited) or (not all(cited) and not looked_up):
        return False
    return all(first != second for i, first in enumerate(cited) for second in cited[:i] if first)


# A further question is answered from another document only where that is so likely, by itself and beside the first.
_SURE, _SURELY = 0.5, 0.8


def leans_on(first: Answer, other: Answer) -> bool:
    """Whether a further question is one with the first: 到期了要不要重新办, answered from another document and not for sure."""
    documents, others = ({c.document_id for c in answer.citations} for answer in (first, other))
    before = first.trace.get("closeness") or (0.0,)
    sure = other.trace.get("closeness")
    apart_by_document = documents and others and not documents & others
    return bool(apart_by_document and sure and sure[0] < max(_SURE, _SURELY * before[0]))


def join(question: str, parts: Sequence[tuple[str, Answer]]) -> Answer:
    """One answer of several: each question as a line above its answer, the citations numbered through."""
    citations = [citation for _, answer in parts for citation in answer.citations]
    numbers = {_key(card.citation): card.number for card in cards_of(citations)}
    texts = []
    for asked, answer in parts:
        own = {card.number: numbers[_key(card.citation)] for card in cards_of(answer.citations)}
        texts.append(f"**{escape(as_typed(question, asked))}**\n\n{_renumbered(answer.text, own)}")
    answers = [answer for _, answer in parts]
    return replace(
        answers[0],
        question=question,
        text="\n\n".join(texts),
        # None of them answered: what the first one lacks is what the whole lacks.
        status=Status.ANSWERED if any(a.status is Status.ANSWERED for a in answers) else answers[0].status,
        citations=tuple(citations),
        departments=Departments(
            lead=_together(answer.departments.lead for answer in answers),
            cooperating=_together(answer.departments.cooperating for answer in answers),
            current={old: new for answer in answers for old, new in answer.departments.current.items()},
        ),
        mode="llm" if any(answer.mode == "llm" for answer in answers) else "extractive",
        elapsed_ms=sum(answer.elapsed_ms for answer in answers),
        trace={**answers[0].trace, "kind": "several", "parts": [answer.trace for answer in answers]},
    )


def _renumbered(text: str, numbers: dict[int, int]) -> str:
    return _MARK.sub(lambda match: f"[{numbers.get(int(match.group(1)), match.group(1))}]", text)


def _key(citation: Citation) -> tuple[object, ...]:
    return (citation.document_id, citation.path, citation.clause_start)


def _together(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in names for name in group))
