"""Whether a question asks how the policy and the document above it correspond, and of which articles of which side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.alignment import Alignment, Pair
from ingest.stores.catalogue import StoredClause
from ingest.text import fold
from rag.articles import heads
from rag.context import Context
from rag.conversation import asks_home, asks_level, only_names, points_back
from rag.question import Question, article_places

PARENT = re.compile(
    r"国办发?(?:〔2014〕|\[2014\])?(?:第)?(?:54号)?(?:那份|的)?(?:文件|文|若干意见|意见)?|国务院(?:办公厅)?(?:的|那边|那份)?(?:54号)?(?:文件|文|意见)?"
    r"|54号(?:文件|文)?|上位依据|上面(?:是|对应)(?:的)?哪|国家(?=要求|规定|提)|(?:上位|上级|上头|上面|国家|中央)(?:的|那边|那份|层面)?(?:54号文?件?|文件|意见|条[款文]|管|哪)|(?:国家|中央)(?:那边|那份|层面)|若干意见"
)
# So likely must it be that the two are to be compared: by itself, and beside the parent's name.
_LIKELY, _LIKELY_BESIDE = 0.6, 0.35
# 国办发99号 is not the parent.
OTHER_NUMBER = re.compile(r"(?<!\d)(?!54号)\d{1,4}号")
OWN = re.compile(
    r"(?:甘肃|我们?省|咱们?省|省里|本省|省政府|我省|全省|(?<!各)省(?![事钱心力得下时却略级会外]))(?:的|那份|这份|这边|这)?(?:实施意见|意见|文件|那份|24条)?|实施意见|这份(?:意见|文件)"
)
_RELATES = re.compile(
    r"对应|对照|对得上|对上|对到|对的是|照着|照搬|承接(?:的是|了?哪)|由[^,。?]{0,10}承接|接的|落实(?:它|的|到|在|成)|落在|落到|落实国办|展开|抄(?:来|的|自)|出自|(?:依据|根据|来源|源头|上位)(?:的?是|于|条款|在|文件)|上位|管这(?:事|个|条)"
    r"|(?:又|也)?(?:是|写在|在)第?几条|哪(?:一|几)?条|第几条|自己?(?:另外?)?[加添]|自行加|另(?:外)?加|[加添]上?(?:去)?的|多写|多(?:出|加)|没有?对应|单[独列]|有没有|要求的"
)
# Without these, a question that names both is one of another kind: 国办54号文对人才怎么说.
_BOTH_WAYS = re.compile(
    r"对应|对照|对得上|对上|对到|照着|照搬|由[^,。?]{0,10}承接|接的|落实(?:它|到|在|成|国办|国务院)|落在|落到|展开|抄(?:来|的|自)|上位(?:条|依据|文件)|(?:比|与|跟|和)[^,。]{0,20}(?:比较|对比|相比|区别|不同|异同)|管这(?:事|个|条)[^,。]{0,8}(?:文件|条)|比较|对比|依据的?是|上位依据|从哪儿?来|来自|上面(?:是|对应)(?:的)?哪|还是[^,。?]{0,8}(?:国办|国务院|54号|国家|省里|甘肃|咱们?省|我们?省|省自己)|(?:两|各|分别)[^,。?]{0,6}第几|有(?:而|但|、|,)?(?:甘肃|省里|我省|我们省|本省)(?:的)?(?:意见|文件)?(?:却|里)?没"
)
ADDED = re.compile(
    r"自己?(?:另外?|新)?(?:加|添|增)|自行[加添]|另(?:外)?(?:加|添)|多(?:出|了)(?:什么|啥|哪些)|(?:甘肃|省里|本省|我省)(?:特有|独有|新增|多(?:出|写|加))|多写了|多出来"
)
WITHOUT = re.compile(r"(?<!有)没(?:有|给)?|(?<!有)无|缺|漏|未")
TITLE = re.compile(r"标题|题目|叫(?:什么|啥)|改成|名称|部分")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers in a question by whose they are."""

    parent: tuple[int, ...]
    own: tuple[int, ...]


def applies(context: Context) -> bool:
    """Whether how the policy and the document above it correspond is asked, and both are held."""
    alignment, documents = context.knowledge.around.alignment, context.snapshot.documents
    if not alignment.pairs or alignment.document not in documents or alignment.parent not in documents:
        return False
    question = context.question
    text = fold(question.text)
    if question.asks_for_bodies and not _BOTH_WAYS.search(text) and not _means_it(context):
        return False
    if context.snapshot.national and not context.named.ids and OWN.search(text) is None:
        # 国家层面哪个部挑头 is asked of the national document that a user added.
        return False
    if re.search(r"上位文件(?:是|叫|有)(?:什么|啥|哪(?:个|份|些|一份))|哪(?:个|份|些)上位文件", text):
        return False
    parent, own = PARENT.search(text), OWN.search(text)
    others = [i for i in context.named.ids if i not in (alignment.document, alignment.parent)]
    if others and alignment.parent not in context.named.ids:
        return bool(question.articles and "对应" in text)
    if parent and own is None and _about_focus(context):
        return True
    key = (context.focus.keys or ("",))[0].rpartition("#")[0]
    if (
        re.search(r"它|这条|那条|这一条", text)
        and ADDED.search(text)
        and key in (alignment.document, alignment.parent)
    ):
        return True
    if ADDED.search(text) and re.search(r"甘肃|省里|本省|我省|咱们?省|我们省", text):
        return bool(parent or re.search(r"什么|哪|啥", text))
    if _means_it(context):
        return True
    if parent is None:
        # 那我省实施意见里是哪几条落实它的, with the parent's article in focus.
        focused = context.focus.keys and context.focus.keys[0].startswith(f"{alignment.parent}#")
        few = len(context.focus.keys) <= _FEW
        return bool(focused and own and (_RELATES.search(text) or (few and asks_home(text))))
    if _BOTH_WAYS.search(text) or (own and question.sections and TITLE.search(text)):
        return True
    if any(_is_own(context, quoted) for quoted in question.quoted):
        return True
    if own is None and _asks_whether(question) and added_in(context, text):
        return True
    return bool(own and _RELATES.search(text.replace(parent.group(), " ")))


def _means_it(context: Context) -> bool:
    """Whether the wording as a whole asks how the two correspond, with words that say of which matter or article."""
    question = context.question
    # 住建厅对应的是哪几条 asks for a body's clauses.
    of_a_body = any(not PARENT.search(mention.text) for mention in question.mentions)
    text = fold(question.text)
    # Where the parent is named and an article asked for, less is needed.
    least = _LIKELY_BESIDE if PARENT.search(text) and question.wants("which_clauses") else _LIKELY
    if not question.means("alignment", least) or question.wants("original", "document_basis"):
        return False
    if OTHER_NUMBER.search(text):
        return False
    if PARENT.search(text):
        # 国办54号文第九条怎么写 is a look-up.
        whether = question.quoted and _asks_whether(question)
        return bool(OWN.search(text) or whether) or not numbers_of(text).parent
    # 甘肃这几家排第几 names one side only and asks for something else.
    asks_else = [ask for ask in question.asks if ask.id not in ("which_clauses", "above")]
    return bool(OWN.search(text) and question.topic) and not of_a_body and not asks_else


def _about_focus(context: Context) -> bool:
    """Whether the policy's article just talked about is asked of the parent: 那国办那份里是哪一条."""
    key, text = (context.focus.keys or ("",))[0], context.question.text
    talked_about = key.startswith(f"{context.knowledge.around.alignment.document}#")
    if asks_level(text) or only_names(text, context.named.words):
        return talked_about
    asks = re.search(r"哪一?条|第几条|有没有|有这|怎么(?:说|写|讲|规定)|也(?:有|是|这么)|对应|原文", text)
    return talked_about and points_back(text) and bool(asks)


def tables_of(context: Context) -> Alignment:
    return context.knowledge.around.alignment


def numbers_of(text: str) -> Numbers:
    """Whose the numbered articles are: 甘肃第十四条 and 国办54号文的(九)."""
    owners = [(m.start(), "parent") for m in PARENT.finditer(text)]
    owners += [(m.start(), "own") for m in OWN.finditer(text)]
    found: dict[str, list[int]] = {"parent": [], "own": []}
    for place, number in article_places(text):
        # 24条里, 甘肃24条和…: how many there are, not which.
        if re.match(r"(?!第)[^条第(]{1,6}条(?:里|中|当中|之中|内|和|与|跟|对)", text[place:]):
            continue
        before = [owner for begin, owner in sorted(owners) if begin < place]
        found[before[-1] if before else "own"].append(number)
    return Numbers(parent=tuple(dict.fromkeys(found["parent"])), own=tuple(dict.fromkeys(found["own"])))


def owner_before(text: str, pattern: re.Pattern[str]) -> str:
    match = pattern.search(text)
    end = match.start() if match else len(text)
    owners = [(m.start(), "parent") for m in PARENT.finditer(text[:end])]
    owners += [(m.start(), "own") for m in OWN.finditer(text[:end])]
    return sorted(owners)[-1][1] if owners else "own"


def subject_of(context: Context) -> str:
    """What the question is about beyond the two documents: 引人才、校企合作."""
    if context.question.quoted:
        return context.question.quoted[0]
    text = fold(context.question.text)
    for pattern in (_BOTH_WAYS, ADDED, PARENT, OWN, _RELATES, WITHOUT, _FORM):
        text = pattern.sub(" ", text)
    topic = context.knowledge.reader.topic(text)
    words = context.knowledge.retriever.known_words(context.snapshot, topic)
    return topic if words - _NO_SUBJECT else ""


_FORM = re.compile(
    r"\d+条|反着|查一遍|当中|单条|压根|塞到|那块|内容|哪儿|去了|逐条|两级|两份|省级|条款|文件|意见|规定|这条|那条|这一条|那一条|里头|部分"
)
# A follow-up that turns home is about so many articles, not about a whole list.
_FEW = 3
_NO_SUBJECT = frozenset(
    "国家 国务院 国务院办公厅 甘肃 甘肃省 意见 文件 实施 要求 内容 关系 条款 省里 单列 依据 落实 增加".split()
)


def own_articles(context: Context) -> list[StoredClause]:
    return heads(context.snapshot.clauses_of(context.knowledge.around.alignment.document))


def headed_in_parent(context: Context) -> list[str]:
    """The parent's articles named by their whole heading after the parent: 54号文里“探索动态管理”放在哪儿了."""
    text = fold(context.question.text)
    parent = PARENT.search(text)
    alignment = tables_of(context)
    own = {fold(clause.clause.heading) for clause in own_articles(context)}
    return [
        clause.clause.label
        for clause in context.snapshot.clauses_of(alignment.parent)
        if parent
        and clause.clause.article is not None
        and (heading := fold(clause.clause.heading))
        and heading not in own
        and heading in text[parent.end() :]
    ]


def _asks_whether(question: Question) -> bool:
    return question.asserts or bool(re.search(r"吗|有没有|是不是|对不对", question.text))


def added_in(context: Context, text: str) -> Pair | None:
    """The pair whose addition by Gansu a question takes for the parent's: 主要负责人面向社会招聘."""
    for pair in tables_of(context).pairs:
        for words in re.split(r"[、,，和]|的(?=做法|目标|示范|方向)", pair.added):
            phrase = re.sub(r"^前面的四个|[“”\"]", "", words)
            if len(phrase) >= 4 and fold(phrase) in text:
                return pair
    return None


def _is_own(context: Context, quoted: str) -> bool:
    """Whether words in quotation marks stand in one article of the policy: “百亿企业、千亿产业”."""
    words = [word for word in re.split(r"[、,和与]", quoted) if word]
    texts = [fold(clause.clause.text) for clause in own_articles(context)]
    return len(quoted) >= 4 and any(all(word in text for word in words) for text in texts)
