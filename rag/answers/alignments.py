"""What stands above an article, what stands below one, what was added: 第十四条对应国办发54号哪一条.

Answered from the alignment table, in both directions and completely; never from search alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.alignment import Alignment, Pair
from ingest.chinese_numbers import to_chinese
from ingest.stores.catalogue import StoredClause
from ingest.text import compact, fold
from rag.answers import facts
from rag.around import labelled, name_of, parent_label, short_label, unverified
from rag.articles import heads, in_section
from rag.context import Context
from rag.conversation import asks_home, asks_level, only_names, points_back
from rag.draft import Draft, Point, refusal
from rag.evidence import quote_point, search, whole_point
from rag.messages import say
from rag.question import Question, article_places
from rag.sufficiency import insufficient
from rag.types import Status
from rag.wording import bodies_sentence, introduced, label_of, merge_roles

_PARENT = re.compile(
    r"国办发?(?:〔2014〕|\[2014\])?(?:第)?(?:54号)?(?:那份|的)?(?:文件|文|若干意见|意见)?|国务院(?:办公厅)?(?:的|那边|那份)?(?:54号)?(?:文件|文|意见)?"
    r"|54号(?:文件|文)?|上位依据|上面(?:是|对应)(?:的)?哪|国家(?=要求|规定|提)|(?:上位|上级|上头|上面|国家|中央)(?:的|那边|那份|层面)?(?:54号文?件?|文件|意见|条[款文]|管|哪)|(?:国家|中央)(?:那边|那份|层面)|若干意见"
)
_OWN = re.compile(
    r"(?:甘肃|我们?省|咱们?省|省里|本省|省政府|我省|全省|省)(?:的|那份|这份|这边|这)?(?:实施意见|意见|文件|那份|24条)?|实施意见|这份(?:意见|文件)"
)
_RELATES = re.compile(
    r"对应|对照|对得上|对上|对到|对的是|照着|照搬|承接(?:的是|了?哪)|由[^,。?]{0,10}承接|接的|落实(?:它|的|到|在|成)|落在|落到|落实国办|展开|抄(?:来|的|自)|出自|(?:依据|根据|来源|源头|上位)(?:的?是|于|条款|在|文件)|上位|管这(?:事|个|条)"
    r"|(?:又|也)?(?:是|写在|在)第?几条|哪(?:一|几)?条|第几条|自己?(?:另外?)?[加添]|自行加|另(?:外)?加|[加添]上?(?:去)?的|多写|多(?:出|加)|没有?对应|单[独列]|有没有|要求的"
)
# Without these, a question that names both is one of another kind: 国办54号文对人才怎么说.
_BOTH_WAYS = re.compile(
    r"对应|对照|对得上|对上|对到|照着|照搬|由[^,。?]{0,10}承接|接的|落实(?:它|到|在|成|国办|国务院)|落在|落到|展开|抄(?:来|的|自)|上位(?:条|依据|文件)|(?:比|与|跟|和)[^,。]{0,20}(?:比较|对比|相比|区别|不同|异同)|管这(?:事|个|条)[^,。]{0,8}(?:文件|条)|比较|对比|依据的?是|上位依据|从哪儿?来|来自|上面(?:是|对应)(?:的)?哪|还是[^,。?]{0,8}(?:国办|国务院|54号|国家|省里|甘肃|咱们?省|我们?省|省自己)|(?:两|各|分别)[^,。?]{0,6}第几|有(?:而|但|、|,)?(?:甘肃|省里|我省|我们省|本省)(?:的)?(?:意见|文件)?(?:却|里)?没"
)
_ADDED = re.compile(
    r"自己?(?:另外?|新)?(?:加|添|增)|自行[加添]|另(?:外)?(?:加|添)|多(?:出|了)(?:什么|啥|哪些)|(?:甘肃|省里|本省|我省)(?:特有|独有|新增|多(?:出|写|加))|多写了|多出来"
)
_WITHOUT = re.compile(r"(?<!有)没(?:有|给)?|(?<!有)无|缺|漏|未")
_TITLE = re.compile(r"标题|题目|叫(?:什么|啥)|改成|名称|部分")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
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
    if question.asks_for_bodies and not _BOTH_WAYS.search(text):
        return False
    if re.search(r"上位文件(?:是|叫|有)(?:什么|啥|哪(?:个|份|些|一份))|哪(?:个|份|些)上位文件", text):
        return False
    parent, own = _PARENT.search(text), _OWN.search(text)
    others = [i for i in context.named.ids if i not in (alignment.document, alignment.parent)]
    if others and alignment.parent not in context.named.ids:
        return bool(question.articles and "对应" in text)
    if parent and own is None and _about_focus(context):
        return True
    key = (context.focus.keys or ("",))[0].rpartition("#")[0]
    if (
        re.search(r"它|这条|那条|这一条", text)
        and _ADDED.search(text)
        and key in (alignment.document, alignment.parent)
    ):
        return True
    if _ADDED.search(text) and re.search(r"甘肃|省里|本省|我省|咱们?省|我们省", text):
        return bool(parent or re.search(r"什么|哪|啥", text))
    if parent is None:
        # 那我省实施意见里是哪几条落实它的, with the parent's article in focus.
        focused = context.focus.keys and context.focus.keys[0].startswith(f"{alignment.parent}#")
        few = len(context.focus.keys) <= _FEW
        return bool(focused and own and (_RELATES.search(text) or (few and asks_home(text))))
    if _BOTH_WAYS.search(text) or (own and question.sections and _TITLE.search(text)):
        return True
    if any(_is_own(context, quoted) for quoted in question.quoted):
        return True
    if own is None and _asks_whether(question) and _added_in(context, text):
        return True
    return bool(own and _RELATES.search(text.replace(parent.group(), " ")))


def _about_focus(context: Context) -> bool:
    """Whether the policy's article just talked about is asked of the parent: 那国办那份里是哪一条."""
    key, text = (context.focus.keys or ("",))[0], context.question.text
    talked_about = key.startswith(f"{context.knowledge.around.alignment.document}#")
    if asks_level(text) or only_names(text, context.named.words):
        return talked_about
    asks = re.search(r"哪一?条|第几条|有没有|有这|怎么(?:说|写|讲|规定)|也(?:有|是|这么)|对应|原文", text)
    return talked_about and points_back(text) and bool(asks)


def answer(context: Context) -> Draft:
    """The pairs asked for, with the articles of both sides."""
    forms, text = context.knowledge.forms, fold(context.question.text)
    away = any(f"{place}省" in text for place in context.knowledge.directory.other_provinces)
    if away or (forms.elsewhere.search(text) and not forms.unless_here.search(text)):
        return refusal(Status.NOT_IN_CORPUS, say("elsewhere", context.language))
    others = [i for i in context.named.ids if i not in (_tables(context).document, _tables(context).parent)]
    if others:
        name = name_of(context.snapshot, others[0])
        return refusal(Status.NOT_IN_CORPUS, say("no_table", context.language, name=name))
    named = _numbers(text)
    if context.question.sections and not named.parent and not named.own and _TITLE.search(text):
        return _sections(context)
    if named.parent and not named.own:
        return _below(context, [f"({to_label(n)})" for n in named.parent])
    if named.own:
        clauses = [c for n in named.own for c in _own_articles(context) if c.clause.article == n]
        return _above(context, clauses) if clauses else _no_article(context, named.own[0])
    if _WITHOUT.search(text) and re.search(r"哪|几条|什么|有没有", text) and not _subject(context):
        last = _owner_before(text, _WITHOUT)
        return (
            _not_singled_out(context)
            if last == "own"
            else _added(context, also_partly=bool(_ADDED.search(text)))
        )
    talked_about = context.focus.keys and (points_back(context.question.text) or not _subject(context))
    if context.pinned or (talked_about and not context.question.quoted):
        return _of_focus(context)
    added = _added_in(context, text)
    if added is not None:
        return _above(context, [c for c in _own_articles(context) if c.clause.label == added.clause])
    if not _subject(context):
        return _added(context, also_partly=True) if _ADDED.search(text) else _whole(context)
    return _by_topic(context)


def to_label(number: int) -> str:
    """9 → 九, as the parent numbers its articles."""
    return to_chinese(number) if 0 < number < 10000 else str(number)


def _tables(context: Context) -> Alignment:
    return context.knowledge.around.alignment


def _numbers(text: str) -> _Named:
    """Whose the numbered articles are: 甘肃第十四条 and 国办54号文的(九)."""
    owners = [(m.start(), "parent") for m in _PARENT.finditer(text)]
    owners += [(m.start(), "own") for m in _OWN.finditer(text)]
    found: dict[str, list[int]] = {"parent": [], "own": []}
    for place, number in article_places(text):
        # 24条里, 甘肃24条和…: how many there are, not which.
        if re.match(r"(?!第)[^条第(]{1,6}条(?:里|中|当中|之中|内|和|与|跟|对)", text[place:]):
            continue
        before = [owner for begin, owner in sorted(owners) if begin < place]
        found[before[-1] if before else "own"].append(number)
    return _Named(parent=tuple(dict.fromkeys(found["parent"])), own=tuple(dict.fromkeys(found["own"])))


def _owner_before(text: str, pattern: re.Pattern[str]) -> str:
    match = pattern.search(text)
    end = match.start() if match else len(text)
    owners = [(m.start(), "parent") for m in _PARENT.finditer(text[:end])]
    owners += [(m.start(), "own") for m in _OWN.finditer(text[:end])]
    return sorted(owners)[-1][1] if owners else "own"


def _subject(context: Context) -> str:
    """What the question is about beyond the two documents: 引人才、校企合作."""
    if context.question.quoted:
        return context.question.quoted[0]
    text = fold(context.question.text)
    for pattern in (_BOTH_WAYS, _ADDED, _PARENT, _OWN, _RELATES, _WITHOUT, _FORM):
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


def _own_articles(context: Context) -> list[StoredClause]:
    return heads(context.snapshot.catalogue.clauses(context.knowledge.around.alignment.document))


def _asks_whether(question: Question) -> bool:
    return question.asserts or bool(re.search(r"吗|有没有|是不是|对不对", question.text))


def _added_in(context: Context, text: str) -> Pair | None:
    """The pair whose addition by Gansu a question takes for the parent's: 主要负责人面向社会招聘."""
    for pair in _tables(context).pairs:
        for words in re.split(r"[、,，和]|的(?=做法|目标|示范|方向)", pair.added):
            phrase = re.sub(r"^前面的四个|[“”\"]", "", words)
            if len(phrase) >= 4 and fold(phrase) in text:
                return pair
    return None


def _is_own(context: Context, quoted: str) -> bool:
    """Whether words in quotation marks stand in one article of the policy: “百亿企业、千亿产业”."""
    words = [word for word in re.split(r"[、,和与]", quoted) if word]
    texts = [fold(clause.clause.text) for clause in _own_articles(context)]
    return len(quoted) >= 4 and any(all(word in text for word in words) for text in texts)


def _no_article(context: Context, number: int) -> Draft:
    articles = _own_articles(context)
    title = context.snapshot.documents[articles[0].document_id].document.metadata.title
    text = say(
        "no_such_article",
        context.language,
        title=title,
        asked=f"第{to_label(number)}条",
        first=articles[0].clause.label,
        last=articles[-1].clause.label,
        count=len(articles),
    )
    return refusal(Status.NO_SUCH_ARTICLE, text)


def _above(context: Context, clauses: Sequence[StoredClause]) -> Draft:
    """What stands above some articles: (十四) ← 54号 (九), in part."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    parent = around.alignment.parent
    sentences: list[str] = []
    own: list[Point] = []
    above: list[Point] = []
    for clause in clauses:
        pair = around.pair(clause, snapshot)
        if pair is None:
            continue
        sentences.append(_pair_sentence(context, clause, pair))
        topic = " ".join((pair.reason, pair.added, context.topic))
        point = quote_point(context, clause, topic, most=2)
        own.append(replace(point, before=introduced(context, clause, "says")))
        for label in pair.parents:
            found = labelled(snapshot, parent, label)
            if found is not None:
                above.append(whole_point(found))
    if not own:
        return refusal(Status.NOT_IN_CORPUS, say("not_aligned", language))
    duties = [duty for point in own for duty in point.clause.clause.responsibilities]
    asked = context.question.asks_for_bodies
    if asked:
        sentences.append(bodies_sentence(duties, context.knowledge.directory, language))
        own = [replace(point, duties=None) for point in own]
    lead, cooperating, responsible, _ = merge_roles(duties if asked else ())
    return Draft(
        status=Status.ANSWERED,
        opening="".join(sentences),
        points=(*own, *_once(above)),
        notes=(say("aligned_basis", language, basis=around.alignment.basis),),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
        told=frozenset({"alignment"}),
    )


def _once(points: Sequence[Point]) -> list[Point]:
    seen: dict[str, Point] = {}
    for point in points:
        seen.setdefault(point.clause.key, point)
    return list(seen.values())


def _pair_sentence(context: Context, clause: StoredClause, pair: Pair) -> str:
    """(十四)“加强财政支持力度”部分对应国办发〔2014〕54号(九)“带动区域协调发展”:….甘肃另加了省级贴息资金."""
    snapshot, language = context.snapshot, context.language
    parent = context.knowledge.around.alignment.parent
    label = label_of(clause, language)
    name = name_of(snapshot, parent)
    if not pair.parents:
        text = say("pair_none", language, label=label, name=name, reason=pair.reason)
    else:
        text = say(
            "pair_partial" if pair.strength == "partial" else "pair_direct",
            language,
            label=label,
            name=name,
            parents="、".join(parent_label(snapshot, parent, each) for each in pair.parents),
            reason=pair.reason,
        )
        if pair.added:
            text += say("pair_added", language, added=pair.added)
    return text if pair.verified else unverified(text, language)


def _below(context: Context, labels: Sequence[str]) -> Draft:
    """Where articles of the parent went: 54号 (九) → (六) (八) (九) (十四)."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    alignment = around.alignment
    own = {clause.clause.label: clause for clause in _own_articles(context)}
    name = name_of(snapshot, alignment.parent)
    sentences: list[str] = []
    points: list[Point] = []
    for label in labels:
        above = labelled(snapshot, alignment.parent, label)
        if above is None:
            sentences.append(say("parent_lacks", language, name=name, label=label))
            continue
        pairs = [pair for pair in alignment.below(label) if pair.clause in own]
        went = [c for c in alignment.went_into(label) if c in own and c not in {p.clause for p in pairs}]
        heading = parent_label(snapshot, alignment.parent, label)
        key = "below" if pairs or went else "below_none"
        sentences.append(say(key, language, name=name, label=heading, count=len(pairs) + len(went)))
        points.append(whole_point(above))
        points += [
            replace(
                whole_point(own[pair.clause]),
                listed=True,
                before=_line(context, own[pair.clause], pair),
            )
            for pair in pairs
        ]
        where = dict(alignment.not_singled_out).get(label, "")
        points += [
            replace(
                whole_point(own[each]),
                listed=True,
                before=f"{label_of(own[each], language)}:{say('went_in', language, where=where)}",
            )
            for each in went
        ]
    if not points:
        return refusal(Status.NO_SUCH_ARTICLE, "".join(sentences))
    return Draft(
        status=Status.ANSWERED,
        opening="".join(sentences),
        points=tuple(points),
        notes=(say("aligned_basis", language, basis=alignment.basis),),
        told=frozenset({"alignment"}),
    )


def _line(context: Context, clause: StoredClause, pair: Pair) -> str:
    """(八)“深化区域合作”——对应(九)、(三):信息平台…对应(九)."""
    language = context.language
    key = {"direct": "line_direct", "partial": "line_partial", "none": "line_none"}[pair.strength]
    text = say(
        key,
        language,
        label=label_of(clause, language),
        parents="、".join(short_label(each) for each in pair.parents),
        reason=pair.reason,
    )
    if pair.added and pair.parents:
        text += say("line_added", language, added=pair.added)
    return text if pair.verified else text + say("unverified", language)


def _added(context: Context, *, also_partly: bool) -> Draft:
    """What has no article above it, and what was added to articles that have one: 甘肃自己加了什么."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    alignment = around.alignment
    own = {clause.clause.label: clause for clause in _own_articles(context)}
    alone = [pair for pair in alignment.pairs if not pair.parents and pair.clause in own]
    partly = [pair for pair in alignment.pairs if pair.parents and pair.added and pair.clause in own]
    name = name_of(snapshot, alignment.parent)
    opening = say("added", language, name=name, count=len(own), alone=len(alone))
    shown = alone
    if not also_partly:
        opening += say("added_only", language)
    else:
        opening += say("added_partly", language, count=len(partly))
        shown = [*alone, *partly]
    points = tuple(
        replace(
            whole_point(own[pair.clause]),
            listed=also_partly,
            before=_line(context, own[pair.clause], pair),
        )
        for pair in shown
    )
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=points,
        notes=(say("aligned_basis", language, basis=alignment.basis),),
        told=frozenset({"alignment"}),
    )


def _not_singled_out(context: Context) -> Draft:
    """What the parent has and the policy gives no article of its own: 国办文件里有而甘肃没有的."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    alignment = around.alignment
    name = name_of(snapshot, alignment.parent)
    numbered = [c for c in snapshot.catalogue.clauses(alignment.parent) if c.clause.article is not None]
    missing = [c for c in numbered if not alignment.below(c.clause.label)]
    where = dict(alignment.not_singled_out)
    shown = [c for c in numbered if c.clause.label in where or c in missing]
    opening = say(
        "not_singled_out", language, name=name, count=len(numbered), missing=len(missing), alone=len(shown)
    )
    points = tuple(
        replace(
            whole_point(clause),
            before=say(
                "went_into",
                language,
                label=parent_label(snapshot, alignment.parent, clause.clause.label),
                where=where.get(clause.clause.label, say("nowhere", language)),
            ),
        )
        for clause in shown
    )
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=points,
        notes=(say("aligned_basis", language, basis=alignment.basis),),
        told=frozenset({"alignment"}),
    )


def _whole(context: Context) -> Draft:
    """The whole table, article by article."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    own = {clause.clause.label: clause for clause in _own_articles(context)}
    pairs = [pair for pair in around.alignment.pairs if pair.clause in own]
    name = name_of(snapshot, around.alignment.parent)
    return Draft(
        status=Status.ANSWERED,
        opening=say("aligned_whole", language, name=name, count=len(pairs)),
        points=tuple(
            replace(whole_point(own[pair.clause]), listed=True, before=_line(context, own[pair.clause], pair))
            for pair in pairs
        ),
        notes=(say("aligned_basis", language, basis=around.alignment.basis),),
        told=frozenset({"alignment"}),
    )


def _sections(context: Context) -> Draft:
    """A part of one document beside the part of the same number in the other: 第六部分标题改成啥了."""
    around, snapshot, language = context.knowledge.around, context.snapshot, context.language
    number = context.question.sections[0]
    own = in_section(snapshot, around.alignment.document, number)
    above = in_section(snapshot, around.alignment.parent, number)
    if not own or not above:
        return _whole(context)
    opening = say(
        "sections",
        language,
        own=own[0].clause.section,
        name=name_of(snapshot, around.alignment.parent),
        above=above[0].clause.section,
    )
    pairs = {pair.clause: pair for pair in around.alignment.pairs}
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(
            replace(
                whole_point(clause),
                listed=True,
                before=_line(context, clause, pairs[clause.clause.label])
                if clause.clause.label in pairs
                else label_of(clause, language),
            )
            for clause in own
        ),
        notes=(say("aligned_basis", language, basis=around.alignment.basis),),
        told=frozenset({"alignment"}),
    )


def _of_focus(context: Context) -> Draft:
    """The articles that the conversation is about, from whichever side they are."""
    alignment = context.knowledge.around.alignment
    clauses = context.pinned or tuple(
        clause for key in context.focus.keys if (clause := context.snapshot.clause(key)) is not None
    )
    above = [clause.clause.label for clause in clauses if clause.document_id == alignment.parent]
    own = [clause for clause in clauses if clause.document_id == alignment.document]
    asked_from_parent = bool(above) and clauses[0].document_id == alignment.parent
    if asked_from_parent:
        return _below(context, above)
    return _above(context, own) if own else _whole(context)


def _by_topic(context: Context) -> Draft:
    """The article on a matter, and what stands above or below it."""
    alignment, topic = context.knowledge.around.alignment, _subject(context)
    text = fold(context.question.text)
    parent, own = _PARENT.search(text), _OWN.search(text)
    # 国办说的“能进能出”,省里是哪条接的: the matter is told in the parent's words.
    from_parent = bool(
        parent
        and (own is None or parent.start() < own.start())
        and re.match(r"[里中上]?(?:面)?(?:说|讲|提|写|要求|规定)", text[parent.end() :])
        and own
    )
    where = alignment.parent if from_parent else alignment.document
    narrowed = replace(context, among=(where,), named=replace(context.named, ids=(where,)), topic=topic)
    hits = search(narrowed, topic)
    ending = insufficient(narrowed, hits)
    if ending is not None or not hits:
        # What is said of the parent as such stands in its own facts: 54号也逐条写责任部门吗.
        return facts.answer(replace(context, named=replace(context.named, ids=(alignment.parent,))))
    held = [
        hit
        for hit in hits
        if compact(topic) and compact(fold(topic)) in compact(fold(hit.clause.clause.text))
    ]
    best = (held or hits)[0].clause
    if held and context.question.quoted and not from_parent:
        # “区中园” stands in two articles.
        return _above(narrowed, [hit.clause for hit in held[:2]])
    return _below(context, [best.clause.label]) if from_parent else _above(narrowed, [best])
