"""What a question says: the clauses and bodies it names, what it asks for, and its topic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ingest.chinese_numbers import NUMERAL, to_int
from ingest.departments import Directory, Mention
from ingest.references import find_references
from ingest.text import fold
from ingest.types import Reference
from rag.forms import Ask, QuestionForms
from rag.glossary import Translator
from rag.intents import Intents, mask

# Asks whose wording says nothing of the topic and is cut from what is searched for.
_FORM_ONLY = frozenset({"lead", "cooperating", "original", "content", "which_clauses", "count_clauses"})
# 廿四 is how some write 二十四.
_HAN_N = rf"(?:[廿卅]{NUMERAL}|[廿卅]|{NUMERAL})"
_N = rf"(?:{_HAN_N}|\d{{1,4}})"
_ARTICLE = re.compile(
    rf"第\s*[(]?\s*(?P<a>{_N})\s*[)]?\s*(?:条|款(?!项))|(?<![第\d.])(?P<b>{_N})条(?!件|例|线|路|龙|腿|鱼|街|短信)|"
    rf"[(](?P<c>{_HAN_N}|\d{{1,3}})[)]|(?:article|art\.)\s*(?:no\.?\s*)?(?P<d>\d{{1,4}})"
)
_SECTION = re.compile(
    rf"第\s*(?P<a>{_N})\s*(?:部分|章|大条|大点|大项|大块|节)|(?:section|part|chapter)\s*(?P<b>\d{{1,3}})"
)
# 第三条第二款, 第五条第(三)项: what stands behind the article's number.
_LIMB = re.compile(
    rf"(?<=[条)])\s*[的中里]?\s*(?:第\s*(?P<paragraph>{_N})\s*款)?\s*的?\s*(?:(?:第\s*[(]?|[(])\s*(?P<item>{_N})\s*[)]?\s*项(?!目))?"
)
_COUNTING = re.compile(r"(?:几|多少|哪|每|各|这|那|两|一)$")
_RANGE = re.compile(rf"第?\s*[(]?(?P<a>{_N})[)]?\s*条?\s*(?:到|至|-|~)\s*第?\s*[(]?(?P<b>{_N})[)]?\s*条")
_FIRST_SO_MANY = re.compile(rf"前\s*(?!一\s*条)(?P<n>{_N})\s*条")
# 第1、3、5条: one 第 and one 条 for several numbers.
_SERIES = re.compile(
    rf"第\s*(?P<all>{_N}(?:\s*[、,和与及]\s*{_N})+)\s*条|articles?\s+(?P<english>\d{{1,3}}(?:\s*(?:,|and|&)\s*\d{{1,3}})+)"
)
_FROM_END = re.compile(rf"倒数第\s*(?P<n>{_N})\s*条")
_RELATIVE = re.compile(
    r"(?P<around>前后(?:各)?[一两二]?条|前一条[和与、]后一条|上一条[和与、]下一条|相邻的?条[款文]?|(?:the )?neighbou?ring articles)"
    r"|(?P<last>(?:最后|末尾|末|最末)(?:的)?(?:那)?一?条|last article)|(?P<first>(?<![牵带挑领])(?<!第)头一条|开头(?:的)?那?一?条)"
    r"|(?P<next>(?<!一)下一?条(?!号)|后一?条|后面(?:的)?(?:那)?一条|接下来(?:的)?(?:那)?一?条|next article)"
    r"|(?P<previous>上一?条(?!线|生产|流水|设备|[^,。?]{0,8}(?:设备|生产线|产线|流水线))|前一?条|前面(?:的)?(?:那)?一条|previous article)"
)
_FILLER = re.compile(
    r"^(?:请问|麻烦|想问(?:一?下)?|我想(?:知道|问|了解|咨询)(?:一?下)?|咨询(?:一?下)?|帮(?:我|忙)(?:看看|查查|查一?下|看一?下|找一?下)?|能不能告诉我|那(?:么)?|请)[,，]?"
)
# Words that stand in nearly every question and tell no clause from another.
_FILLER_WORDS = re.compile(
    r"(?:这|该|本|那)?(?:份|个|部)?(?:实施意见|文件|政策|意见|规定|条文|条款)(?:里|中|上|里面|当中)?(?:有没有|是否|有无)?"
    r"|(?:我们|咱们|咱|我|你们|你|他们|人家|省里的?|公家|政府)|(?:请问|麻烦|到底|究竟|具体|分别|各自|各是|都有|都是|听说|据说|现在|如今|目前|平时|老是|总是)"
    r"|(?:部门|单位|厅局|衙门|牵头|挑头|带头|打头阵|配合|负责(?!人)|主管)|(?:是什么|是啥|怎么回事|什么意思|有哪些|是哪些|是哪|哪些|哪个|什么|怎么样|怎么办|怎么|如何|为什么|能不能|可不可以|可以吗|行不行|行吗|对吗|对不对|对吧|吗|呢|吧)"
    r"|我?(?:没|有没有)?记错了?吧?|(?:这件事|这些事|这事儿?|这块儿?|这种|这项|这个|那个|这类|这方面|有关|相关|方面|事情|工作(?!日|人员|时间|单位|场所|站)|情况)"
    r"|请?(?:全部?|都|逐一|逐条|一一)?(?:列|说|讲|写)(?:全|清楚|具体|详细|明白|出来|一下)(?:点|些|一点)?|一[样条项]一[样条项]地?|具体点|详细点|一并"
    r"|(?:国家级|全省|省里|省内|甘肃省?)?(?<!省级)(?:经济技术开发区|经开区|开发区|园区|园子)(?:里|内|里面)?"
)
_FIGURE = re.compile(
    r"(?P<n>\d+(?:\.\d+)?|[一二三四五六七八九十两百千]+)\s*(?P<unit>万亿美元|亿美元|千万美元|万美元|亿元|万元|美元|亿|万|%|年(?!级|轻|底|初|度)|个月|个工作日|工作日|天|日|家|倍|亩)"
)
# Words of a question that cling to a document number.
_BEFORE_NUMBER = re.compile(
    r"^.*(?:是不是|是否|出自|听说|要引|引用?|对应的?|对到|照着?|是|请问|看看|查|关于|这个|那个|说的|里的?|在)(?=[一-鿿]{2,8}〔)"
)
# From here on a question is taken to want what its wording as a whole says.
_LIKELY = 0.6
_ASSERTS = re.compile(
    r"对不对|对吗|对吧|是吗|是吧|没错吧|是不是|不是说|说的是|既然|文件(?:里)?(?:说|规定|写)|意见(?:里)?(?:说|规定|写)|听说|是从|就行了吧|吧\?*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its unit in a question: 5亿美元."""

    text: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limb:
    """A part of an article that a question names: 第三条第二款第(一)项 → paragraph 2, item 1."""

    paragraph: int | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question read: its wording, what it names, what it asks for, what it is about."""

    original: str
    text: str
    language: str
    topic: str
    # The whole of a question in English, some of whose words expected questions may hold.
    foreign: str = ""
    asks: tuple[Ask, ...] = ()
    articles: tuple[int, ...] = ()
    limb: Limb | None = None
    sections: tuple[int, ...] = ()
    relative: str | None = None
    # 倒数第二条 → 2
    from_end: int | None = None
    mentions: tuple[Mention, ...] = ()
    references: tuple[Reference, ...] = ()
    figures: tuple[Figure, ...] = ()
    asserts: bool = False
    quoted: tuple[str, ...] = field(default=())
    # How likely each of rag.intents.INTENTS is what it wants.
    intents: Mapping[str, float] = field(default_factory=dict)

    def wants(self, *ids: str) -> bool:
        """Whether it asks for any of these (ids of corpus/question_forms.yaml)."""
        return any(ask.id in ids for ask in self.asks)

    def means(self, intent: str, least: float = _LIKELY) -> bool:
        """Whether it likely wants this, by its wording as a whole (rag.intents.INTENTS)."""
        return self.intents.get(intent, 0.0) > least

    @property
    def asks_for_bodies(self) -> bool:
        """Whether the answer it wants is who leads, cooperates or is responsible."""
        return self.wants("lead", "cooperating", "role_of")


# 市里是哪家挑大梁 says at which level a body is looked for, and names none.
# Asks that are told in the unit asked for; a date, by its day.
_IN_UNITS, _OF_DATE, _BY_DAY = ("duration", "count"), "when", "in_dates"
# 讲招工的那条是几号 asks for an article; 是哪一级定的, for a body.
_POINTS = re.compile(r"[这那哪]一?条|哪一?级|第几|原文|文件里")
# From here on a thing is taken to be asked for whose wording no form knows (models/train_asks.py).
_SURELY_ASKED = 0.6
# Without a word of asking (工本费), surer.
_SURELY_MEANT = 0.8
_WONDERS = re.compile(r"[?吗么呢]|多|几|哪|谁|什么|啥|怎|咋|如何|是否|有没有|何")
_LEVELS = ("市里", "州里")
_REMEMBERED = 64
_ASKS_WHICH = re.compile(r"(?:到底|究竟|又)?(?:是|归|由|该)?(?:哪|谁|什么(?:部门|单位))")


class QuestionReader:
    """Reads questions with the forms, the known bodies and the translator."""

    def __init__(
        self,
        forms: QuestionForms,
        directory: Directory,
        translator: Translator,
        intents: Intents,
        things: Intents | None = None,
    ) -> None:
        self._forms = forms
        self._directory = directory
        self._translator = translator
        self._intents = intents
        # What thing is asked for, where the forms do not know the wording.
        self._things = things
        # The steps of one answer read the same words several times.
        self._remembered = lru_cache(_REMEMBERED)(self._read)

    def read(self, question: str) -> Question:
        """Everything that one question says by itself, without the conversation."""
        return self._remembered(question)

    def _read(self, question: str) -> Question:
        wording = self._translator.read(question)
        folded = fold(wording.text)
        mentions = tuple(
            mention
            for mention in self._directory.mentions(wording.text)
            if not (mention.text in _LEVELS and _ASKS_WHICH.match(folded, mention.end))
        )
        references = tuple(map(_without_words, find_references(wording.text)))
        masked = mask(wording.text, mentions, references)
        asks = self._asks(folded, masked if wording.language != "en" else "", of_a_body=bool(mentions))
        relative = _RELATIVE.search(folded)
        limb, whole = _limb(folded)
        articles = _articles(whole)
        from_end = _FROM_END.search(folded)
        return Question(
            original=question,
            text=wording.text,
            language=wording.language,
            topic=_telling(wording.chinese) or self._topic(wording.text, folded, asks, mentions),
            foreign=wording.text if wording.chinese else "",
            asks=asks,
            articles=articles,
            limb=limb,
            sections=_numbers(_SECTION, folded),
            relative=relative.lastgroup if relative else None,
            from_end=to_int(from_end.group("n")) if from_end else None,
            mentions=mentions,
            references=references,
            figures=_figures(folded),
            asserts=bool(_ASSERTS.search(folded)),
            quoted=tuple(re.findall(r'"([^"]{2,30})"', folded)),
            intents=self._intents.read(masked),
        )

    def _asks(self, folded: str, masked: str, *, of_a_body: bool) -> tuple[Ask, ...]:
        """What a question asks for; a time asked in a unit (几年) is not told by one in another (三十日内)."""
        asks = [ask for ask in self._forms.asks if ask.match.search(folded)]
        if self._things is not None and masked and not asks and not _POINTS.search(folded):
            thing, likely = max(self._things.read(masked).items(), key=lambda each: each[1])
            sure = likely >= (_SURELY_ASKED if _WONDERS.search(folded) else _SURELY_MEANT)
            # 省工信委现在叫什么名字 asks for a body's name.
            sure = sure and not (of_a_body and thing == "person")
            asks += [ask for ask in self._forms.asks if ask.id == thing and sure]
        unit = next((unit for unit in self._forms.units if unit.match.search(folded)), None)
        return tuple(
            replace(ask, needs=unit.needs) if unit is not None and _told_in(ask, unit) else ask
            for ask in asks
        )

    def with_directory(self, directory: Directory) -> QuestionReader:
        """The same reader knowing other bodies."""
        return QuestionReader(self._forms, directory, self._translator, self._intents, self._things)

    def without(self, question: Question, words: Sequence[str]) -> Question:
        """The question with some words, which name a document, out of its topic.

        Of a story with a question, the sentence that names the document and asks is what it is about.
        """
        text = question.text
        asking = [
            piece
            for piece in re.split(r"(?<=[。!?！？])", text)
            if any(word in piece for word in words)
            and re.search(r"怎么|如何|什么|哪|吗|谁|多少|几|有没有", piece)
        ]
        text = asking[-1] if asking else text
        for word in sorted(words, key=len, reverse=True):
            text = text.replace(word, " ")
        if not words:
            return question
        folded = fold(question.text)
        named = [m.span() for word in words for m in re.finditer(re.escape(fold(word)), folded)]
        # 国务院 in 国务院2017年39号文 is part of a name, and no body that is asked about.
        mentions = tuple(
            mention
            for mention in question.mentions
            if not any(start <= mention.start and mention.end <= end for start, end in named)
        )
        topic = question.topic if question.foreign else self.topic(text)
        return replace(question, topic=topic, mentions=mentions)

    def topic(self, text: str) -> str:
        """What a piece of a question is about."""
        folded = fold(text)
        asks = tuple(ask for ask in self._forms.asks if ask.match.search(folded))
        return self._topic(text, folded, asks, self._directory.mentions(text))

    def _topic(self, text: str, folded: str, asks: tuple[Ask, ...], mentions: tuple[Mention, ...]) -> str:
        """The question without its form: 贷款贴息谁牵头 → 贷款贴息. Same script, blanks for cuts."""
        chars = list(text)

        def cut(start: int, end: int) -> None:
            chars[start:end] = " " * (end - start)

        for mention in mentions:
            cut(mention.start, mention.end)
        for ask in asks:
            if ask.id in _FORM_ONLY:
                for match in ask.match.finditer(folded):
                    cut(match.start(), match.end())
        for pattern in (
            _LIMB,
            _SERIES,
            _RANGE,
            _FIRST_SO_MANY,
            _FROM_END,
            _RELATIVE,
            _ARTICLE,
            _SECTION,
            _FILLER,
            _FILLER_WORDS,
        ):
            for match in pattern.finditer(fold("".join(chars))):
                cut(match.start(), match.end())
        return re.sub(r"[\s,，。?？!！、;；:：]+", " ", "".join(chars)).strip()


def _told_in(ask: Ask, unit: Ask) -> bool:
    """Whether what is asked for is told in this unit: 最晚哪天 by a day, 几年有效 in years."""
    return ask.id == _OF_DATE if unit.id == _BY_DAY else ask.id in _IN_UNITS


def _telling(terms: str) -> str:
    """The terms of an English question without those that stand in nearly every clause; all where no other is left."""
    return (
        " ".join(term for term in terms.split() if term != "省" and not _FILLER_WORDS.fullmatch(term))
        or terms
    )


def _without_words(reference: Reference) -> Reference:
    """A document number without the words of the question before it: 是不是出自商资发〔2010〕209号."""
    match = _BEFORE_NUMBER.match(reference.number or "")
    if match is None or reference.title is not None:
        return reference
    number, begin = reference.number or "", match.end()
    raw = reference.raw[begin:] if reference.raw[:begin] == number[:begin] else reference.raw
    return replace(reference, raw=raw, number=number[begin:])


def article_places(folded: str) -> list[tuple[int, int]]:
    """The article numbers of a folded question with where they stand: 甘肃第十四条 → (2, 14)."""
    return _places(_ARTICLE, folded)


def _numbers(pattern: re.Pattern[str], folded: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for _, number in _places(pattern, folded)))


def _places(pattern: re.Pattern[str], folded: str) -> list[tuple[int, int]]:
    found = []
    for match in pattern.finditer(folded):
        numeral = next(group for group in match.groups() if group)
        # 几条, 这一条, 哪一条 count or point; they name no number.
        if match.lastgroup == "b" and (
            _COUNTING.search(folded[: match.start()]) or numeral in ("一", "几", "两", "1")
        ):
            continue
        number = to_int(numeral)
        if number is not None:
            found.append((match.start(), number))
    return found


def _limb(folded: str) -> tuple[Limb | None, str]:
    """The part of an article that a question names, and the question without it."""
    for match in _LIMB.finditer(folded):
        paragraph, item = match.group("paragraph"), match.group("item")
        if paragraph or item:
            limb = Limb(
                paragraph=to_int(paragraph) if paragraph else None, item=to_int(item) if item else None
            )
            return limb, f"{folded[: match.start()]} {folded[match.end() :]}"
    return None, folded


def _articles(folded: str) -> tuple[int, ...]:
    """Article numbers named singly or as a range: 第一条到第三条, 前三条 → 1, 2, 3."""
    text = _FROM_END.sub(" ", folded)
    spans: list[int] = []
    for match in _FIRST_SO_MANY.finditer(text):
        spans += range(1, min(to_int(match.group("n")) or 0, 60) + 1)
    for match in _SERIES.finditer(text):
        numbers = re.findall(_N, match.group("all") or match.group("english"))
        spans += [number for number in map(to_int, numbers) if number]
    for match in _RANGE.finditer(text):
        first, last = to_int(match.group("a")), to_int(match.group("b"))
        if first and last and 0 < last - first < 60:
            spans += range(first, last + 1)
    return (
        tuple(sorted(dict.fromkeys((*spans, *_numbers(_ARTICLE, text)))))
        if spans
        else _numbers(_ARTICLE, text)
    )


_SCALE = {"万亿": 1e12, "亿": 1e8, "千万": 1e7, "万": 1e4}


def _figures(folded: str) -> tuple[Figure, ...]:
    return tuple(figure for _, figure in find_figures(folded))


def find_figures(folded: str) -> list[tuple[int, Figure]]:
    """Numbers with units and where they stand: 3亿美元 → 3e8 美元."""
    found = []
    for match in _FIGURE.finditer(folded):
        number = match.group("n")
        value = float(number) if number[0].isdigit() else float(to_int(number) or 0)
        unit = match.group("unit")
        for prefix, scale in _SCALE.items():
            if unit.startswith(prefix):
                value, unit = value * scale, unit[len(prefix) :] or "元"
                break
        found.append((match.start(), Figure(text=match.group(), value=value, unit=unit)))
    return found
