"""What a follow-up is about: 那配合的呢, 下一条, 换个问题."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.chinese_numbers import to_int
from ingest.tokens import Tokenizer
from rag.context import Focus
from rag.question import Question

_FRESH = re.compile(
    r"^(?:(?:再)?回到|(?:还是)?(?:刚才|前面|最开始)(?:说|问|提)?(?:到)?(?:的)?(?:那个|那件)|换(?:个|一个)(?:问题|话题|事)|另外(?:问|再问)?|再问(?:一?个|一下)?(?:别的)?|说点别的|不说这个|别的问题)[,，:：\s]*"
)
_POINTS_BACK = re.compile(
    r"^(?:(?:要|如果|若)?不是(?:的话)?[,，]|那|那么|还有|它|这|该|此|其|上述|刚才|前面|以上)|(?:这|那|该|此)(?:一)?(?:条|项|款|个|种|类|事|块|方面|样|情况|办法|规定|部门)|它(?:们)?|他们|刚才|在(?:里头|里面|其中)|上面(?:说|提)?的|上述|前述|呢[?？]?$|^(?:and|what about|how about|then|who else|it|that|this|they)\b"
)
# 省商务厅牵头哪些工作 needs nothing from before.
_COMPLETE = re.compile(
    r"哪些|哪几|别的|其他的?|几条|多少|什么|全部|所有|\b(?:which|what|list)\b", re.IGNORECASE
)
# Words that ask about whatever was talked about, and bring no topic of their own.
_EMPTY_WORDS = frozenset(
    [
        "具体",
        "详细",
        "内容",
        "原文",
        "原话",
        "牵头",
        "配合",
        "部门",
        "单位",
        "条款",
        "条",
        "一条",
        "下",
        "上",
        "管",
        "找",
        "问",
        "需要",
        "依据",
        "全文",
        "完整",
        "再",
        "继续",
        "请",
        "好",
        "那么",
        "换",
        "问题",
        "另外",
        "还",
        "家",
        "名字",
        "全部",
        "列",
        "出来",
        "意思",
        "怎么回事",
        "知道",
        "告诉",
        "给",
        "看看",
        "看",
        "一遍",
        "发",
        "念",
        "帮",
        "调",
        "调出",
        "解释",
        "说明",
        "人",
        "东西",
        "事",
        "事情",
        "是谁",
        "有没有",
        "有无",
        "里面",
        "当中",
        "包括",
        "主管",
        "负责",
        "处理",
        "情况",
        "要求",
        "规定",
        "数额",
        "金额",
        "额度",
        "数目",
        "比例",
        "文件",
        "现在",
        "名称",
        "改名",
        "叫",
        "当时",
        "哪里",
        "地方",
        "位置",
        "出处",
        "头",
        "那条",
        "这条",
        "是不是",
        "是否",
        "一并",
        "顺便",
        "一块",
        "一起",
        "分别",
        "各自",
        "一样",
        "它们",
        "他们",
        "相同",
        "不同",
        "区别",
        "共同",
        "两条",
        "比",
    ]
)


# 它 for the body of the turn before, in questions about what a body has to do.
_BODY_PRONOUN = re.compile(
    r"(?<![其])(?:它们?|他们|该(?:部门|单位|局|厅|委)|这(?:个|家)?(?:部门|单位|局|厅|委))"
)
_ROLE = re.compile(r"牵头|配合|参与")
# 配合的呢, 不对,我问的是配合的: the role alone, of the body that the list before was about.
_ROLE_ALONE = re.compile(
    r"^(?:那么?|不对|不是|我?说错了|我(?:想)?问的?是?|应该是|是|它|[,,\s])*(?P<role>配合|牵头|参与)(?:的)?(?:条款?|有)?(?:呢|哪些|哪几条|一共几条|几条)?[??。!]*$"
)
_COUNT_ALONE = re.compile(r"^(?:那)?(?:一共|总共|共|合计)?(?:有|是)?(?:几|多少)条[??。]*$")
# 它还牵头哪几条 asks for a body's duties, 它的配合单位 for an article's.
_ITS_DUTIES = re.compile(
    r"(?:它|他们|这个?(?:部门|单位))(?:还|也|另外)?(?:牵头|配合|参与|负责|管|出现)[^,,。]{0,6}(?:哪|几|多少|什么|啥|别的|其他)"
)
_LISTED = re.compile(
    r"第(?P<n>[一二两三四五六七八九十\d]{1,3})个(?!部分|问题|方面)|(?P<last>最后一个)(?!部分|问题|方面)"
)
_OF_BODIES = re.compile(
    r"名称|名字|改名|更名|叫(?:什么|啥)|变成|还在|牵头|配合|参与|负责|出现|提到|哪[几些一]?条|几条|多少条|管(?:什么|哪些|啥)"
)


# 那一条都有谁配合它: the clause is meant, and 它 is the body in it.
_ONE_CLAUSE = re.compile(r"^(?:那|这|就)(?:么)?(?:一)?条")


def points_back(text: str) -> bool:
    """Whether a question points at what was said before: 第十条呢, 它配合哪几条."""
    return bool(_POINTS_BACK.search(text.strip().lower()))


# 是牵头还是配合, after 省教育厅有没有任务.
_WHICH_ROLE = re.compile(
    r"^(?:那么?|它|他们|都|到底|究竟|主要)*(?:是|算)?(?:牵头|主办)(?:的)?(?:还是|或者?|或是)(?:配合|协办|协助)(?:的)?(?:呢|啊|方|单位)?[?。!,， ]*(?:(?:都|分别|又)?(?:是|在)?哪几条)?[?。!]*$"
)
# 那这一条海关参加吗: it is about the clause, and says nothing else of a matter.
_TAKES_PART = frozenset("参加 参与 加入 介入 有份 掺和".split())


def name_the_body(text: str, focus: Focus, named: Sequence[str] = ()) -> str:
    """A follow-up with the body's name where it points to it or leaves it out.

    `named` are the bodies that the follow-up names itself: in 我说的是科技厅,它牵头哪条 the pronoun is its own.
    它还出现在哪一条 → 质监局还出现在哪一条; after 省商务厅牵头哪几条: 配合的呢 → 省商务厅配合哪几条.
    """
    if focus.kind == "department" and focus.body:
        if _WHICH_ROLE.match(text):
            return f"{focus.body}牵头哪几条,配合哪几条?"
        role = _ROLE_ALONE.match(text)
        if role:
            return f"{focus.body}{role.group('role')}哪几条?"
        if _COUNT_ALONE.match(text):
            held = _ROLE.search(focus.text)
            return f"{focus.body}{held.group() if held else '参与'}一共几条?"
    if not focus.body:
        return (
            _BODY_PRONOUN.sub(focus.lead, text, count=1) if focus.lead and _ITS_DUTIES.search(text) else text
        )
    if focus.body in text or not _OF_BODIES.search(text) or _ONE_CLAUSE.search(text):
        return text
    if any(0 <= text.find(name) < match.start() for match in _BODY_PRONOUN.finditer(text) for name in named):
        return text
    return _BODY_PRONOUN.sub(focus.body, text, count=1)


# 省国土厅现在叫什么: asked anew of the next body.
_CALLED = re.compile(r"叫(?:什么|啥)|改(?:成|名|叫)|现名|更名")
# 那国务院那份怎么说, 甘肃呢: all that is new is whose document is asked.
_ONLY_FORM = re.compile(
    r"那么?|呢|吗|嘛|啊|[??。!,,、]|(?:是|又|也|都|里|里面|里头|上|的|那份|这份|那个|文件|文|意见|通知|办法)"
    r"|(?:是)?(?:怎么|如何)(?:说|写|规定|讲|要求|定)(?:的)?|(?:说|写|讲|规定)(?:了)?(?:什么|啥)(?:呢)?|有(?:没有)?(?:说|写|提)?"
)
LEVEL = re.compile(
    r"(?:国务院|国家|国办|中央|上面|上头|上级)(?:办公厅)?(?:那份|那边|那儿|那个|的|层面)?(?:文件|意见)?"
)
_HOME = re.compile(
    r"甘肃(?:省)?(?:的|这份|那份|这边)?(?:意见|文件)?|(?:咱们?|我们?)?(?:本)?省里?(?:的|这份|那份|这边)?(?:意见|文件)?"
)


def only_names(text: str, words: Sequence[str]) -> bool:
    """Whether a follow-up says nothing but which document is meant: 国发11号呢."""
    rest = text
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, " ", 1)
    return len(rest) < len(text) and not _ONLY_FORM.sub(" ", rest).strip()


def asks_home(text: str) -> bool:
    """Whether a follow-up turns back to the policy: 甘肃呢, 那省里怎么说."""
    match = _HOME.search(text)
    return match is not None and only_names(text, [match.group()])


def asks_level(text: str) -> str:
    """The words with which a follow-up turns to the State Council's level: 那国务院那份怎么说; else empty."""
    match = LEVEL.search(text)
    return match.group() if match and only_names(text, [match.group()]) else ""


def ask_again(focus: Focus, name: str) -> str:
    """The question before, of another document: 54号文对用地怎么说 and 国发11号 → 国发11号对用地怎么说."""
    text = focus.text
    for word in sorted(focus.named, key=len, reverse=True):
        text = text.replace(word, " ", 1)
    if _ARTICLE_NAME.search(text):
        # Another document has its own numbers; the matter goes over.
        text = f"对{focus.topic}怎么规定?"
    return f"{name}{text.strip()}" if text.strip() else f"{name}?"


_ARTICLE_NAME = re.compile(r"第[一二三四五六七八九十百\d]+条|[(（][一二三四五六七八九十百]+[)）]")


def ask_alike(text: str, focus: Focus, bodies: Sequence[str]) -> str:
    """The question before, of the article or body that is all a follow-up names: 那第五条呢, 省环保厅呢; else empty."""
    article = _ARTICLE_NAME.search(text)
    before = _ARTICLE_NAME.search(focus.text)
    if article and before and only_names(text, [article.group()]):
        return focus.text.replace(before.group(), article.group(), 1)
    if len(bodies) == 1 and focus.body and only_names(text, bodies) and _CALLED.search(focus.text):
        return focus.text.replace(focus.body, bodies[0], 1)
    return ""


def name_the_listed(text: str, articles: Sequence[int | None]) -> str:
    """第二个的原文 after a list of articles, as 第十一条的原文; unchanged where the list has no such entry."""
    match = _LISTED.search(text)
    if match is None or len(articles) < 2:
        return text
    number = len(articles) if match.group("last") else to_int(match.group("n")) or 0
    article = articles[number - 1] if 1 <= number <= len(articles) else None
    return f"{text[: match.start()]}第{article}条{text[match.end() :]}" if article is not None else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A question's topic within the conversation, and whether it rests on the clauses in focus."""

    topic: str
    pinned: bool = False
    continued: bool = False


def own_words(question: Question, tokenizer: Tokenizer) -> list[str]:
    """The words of a question that carry a topic; empty for 那配合的呢."""
    return [word for word in tokenizer.words(question.topic) if word not in _EMPTY_WORDS and len(word) > 1]


# 最多能赔多少, 要等几天: so short a question for a figure leaves out what it is about.
_SHORT_FIGURE = 12


# 那要是缺技术工人,又该找谁: a case of its own, unlike 那要是不合格呢.
_SUPPOSES = re.compile(r"^那?(?:么)?(?:要是|如果|假如|万一|假设)")
_OWN_MATTER = 2


# 我家棚多,一年加起来有没有封顶: the cap of what was talked about, where no payment is named.
_CAPPED = re.compile(
    r"^(?!.*(?:补[贴助偿]|奖[励金补]|贷|费|罚|券)).*(?:有没有|设不设|有|设)?(?:封顶|个?上限|最高限额|顶格)"
)


def _leaves_out_subject(question: Question) -> bool:
    """Whether a short question asks for a figure, a day or a rate of what was talked about."""
    if _CAPPED.search(question.text) and not question.mentions:
        return True
    asks_figure = any(ask.needs is not None for ask in question.asks)
    return asks_figure and len(question.text.strip("?？。!！ ")) <= _SHORT_FIGURE and not question.mentions


def _says_something(topic: str, tokenizer: Tokenizer) -> bool:
    """Whether single characters together say something of their own: 考砸了会怎么罚."""
    single = [word for word in tokenizer.words(topic) if len(word) == 1 and word not in _EMPTY_WORDS]
    return len(single) >= 3


def resolve(question: Question, focus: Focus, tokenizer: Tokenizer) -> Resolved:
    """Read a follow-up against what the conversation was about; rules only, nothing guessed.

    A question with a topic of its own that does not point back stands alone. One without a
    topic is about the clauses in focus; one that points back and adds words narrows the topic.
    """
    topic = _FRESH.sub("", question.topic)
    if not focus.topic and not focus.keys:
        return Resolved(topic=topic)
    if _FRESH.match(question.text.strip()):
        return Resolved(topic=topic)
    names_its_subject = bool(question.articles or question.sections or question.references)
    if names_its_subject:
        return Resolved(topic=topic)
    words = own_words(question, tokenizer)
    if _SUPPOSES.match(question.text) and len(words) >= _OWN_MATTER:
        return Resolved(topic=topic)
    back = points_back(question.text)
    if back and question.mentions and words and set(words) <= _TAKES_PART:
        return Resolved(topic=focus.topic, pinned=bool(focus.keys), continued=True)
    if not words:
        if question.mentions and (
            question.wants("which_clauses", "count_clauses") or _COMPLETE.search(question.text)
        ):
            return Resolved(topic=topic, continued=back)
        if _says_something(topic, tokenizer):
            return Resolved(topic=topic, continued=back or _leaves_out_subject(question))
        return Resolved(topic=focus.topic, pinned=bool(focus.keys), continued=True)
    if back or len(question.topic) <= 4 or _leaves_out_subject(question):
        return Resolved(topic=topic, continued=True)
    return Resolved(topic=topic)
