"""Everything a body has to do: 省工信委牵头哪几条. Answered from the catalogue, complete."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.departments import Department, Directory
from ingest.stores.catalogue import Duty, StoredClause
from ingest.text import fold
from ingest.types import Responsibility
from rag.answers import clauses
from rag.context import Context
from rag.draft import Draft, Point, refusal
from rag.evidence import search, whole_point
from rag.messages import say
from rag.question import Question
from rag.types import Status
from rag.wording import bodies_sentence, label_of, merge_roles, names_for, present_names, role_word

# 是它牵头吗?还有哪些厅配合? asks for the others too.
ASKS_OTHERS = re.compile(
    r"(?:还有|另外|其他)[^,。?]{0,8}(?:哪|谁)[^,。?]{0,8}配合|[跟和与](?:谁|哪[些几]个?)[^,。?]{0,6}(?:一起|一块|一道|搭|合作|协作|配合)|(?:另外)?还有谁[?。]?$|配合它的(?:又|都)?(?:有|是)?(?:谁|哪)|(?:一起|一块儿?)(?:干|办|做|配合)的(?:又|都)?(?:有|是)?(?:谁|哪)|配合的(?:又)?(?:是|有)(?:谁|哪)"
    r"|(?:谁|哪些(?:部门|单位)?|哪几家)(?:来|给它?|跟着|负责)*(?:配合|协助)|配合(?:的)?(?:单位|部门)(?:都|又|分别)*(?:是|有)(?:谁|哪)"
    r"|(?:责任|配合|牵头|协办)(?:单位|部门)[^,。?]{0,6}(?:列|逐一|报一?下|说一?下|写全)|一起的?(?:还|都)?(?:有|是)(?:谁|哪)|牵头的?(?:单位|部门)?(?:又|到底)?是(?:谁|哪(?:个|家)(?:单位|部门|厅|局|委)?)(?!事|条|项)"
)
_LEAD = re.compile(r"牵头|带头|挑头|领头|当头|打头|领衔|主抓|挑大梁|组长单位|\blead")
# 不是打配合的那种 says which role is not meant.
_NOT_THAT_ROLE = re.compile(
    r"不(?:是|要|算|含|管)(?:打|当|做|那种|那些)?(?:配合|协助|牵头|打下手)[^,。?]{0,6}"
    r"|(?:配合|协助|牵头|参与)的?(?:都|就|一律)?不(?:要|用|算|列|含|计)[^,。?]{0,4}"
)
_COOPERATING = re.compile(r"配合|协助|协同|打下手|搭把?手|cooperat|assist")
# 参与 covers both roles.
_BOTH = re.compile(r"参与|参加|有份|都算|在内|有名字|出现|露面|点到名")
_EITHER = re.compile(
    r"参与|参加|有份|涉及|有关|相关|承担|分工|职责|任务|负责|(?:哪些|什么|啥|多少)(?:事|活|工作|任务)|(?:干|做|管|办)(?:些|点)?(?:什么|啥|哪些|别的|其他)"
)
_ABSENT = re.compile(
    r"(?<!有)没有|没让|没(?=被?列|提|写|出现|让|算|叫|份)|不(?:需要|用|要)?(?:参与|参加|配合|牵头|涉及|提|出现)|不含|除外|缺"
)
# 省工信委现在叫什么, 省质监局改成什么了
_NAME_NOW = re.compile(
    r"(?:叫|改(?:成|名|叫|为)|变成|并(?:到|入|进)|合并(?:到|成|进)?|更名为?)(?:了)?(?:什么|啥|哪)|现名|现在的名(?:字|称)|新名(?:字|称)"
    r"|改(?:过|了)?名|更(?:过|了)?名|改名为|名(?:字|称)(?:有没有|是不是)?(?:变|改)|(?:是不是|是否)[^,。?]{0,12}改(?:成|为|名|叫)|改(?:成|为)[^,。?]{0,14}(?:对不对|吗|是吧|对吧)|现在(?:归|并到|合到)(?:了)?(?:谁|哪)|还在(?:吗|不)|还有(?:没有)?(?:这个?)?(?:单位|局|厅|机构)|前身"
)
# 不牵头但配合, 配合但不牵头, 只配合不牵头
_ONE_OF_TWO = re.compile(
    r"不牵头[,，]?(?:但|只|而|却|光)[^,。]{0,12}配合|配合[^,。]{0,3}[,,]?(?:但|而|却)?不牵头|只配合"
)
# 不是省商务厅牵头的有哪些, 不由省商务厅牵头的
_NOT_ITS = re.compile(
    r"不(?:是|由|归)[^,。不]{2,14}(?:牵头|挑头|主抓)的?(?:条[款文]?|有|是)?[^,。]{0,3}(?:哪|几|多少|都|列)"
)
_ALONE = re.compile(
    r"只有[^,。]{2,14}?(?:一家|自己|一个(?:部门|单位)?)(?:牵头|配合|负责)|[^,。]{2,12}(?:单独|独自|一家)(?:牵头|配合)"
)
# 省科技厅牵头的那条,配合的是谁: one clause is meant by its body, and something asked about it.
_THAT_CLAUSE = re.compile(
    r"(?:牵头|挑头|配合|主抓|管)(?:管)?的?(?:那|这)(?:[一二两三四])?(?:条|件|项|个|块|几条)"
    r"|(?:牵头|挑头|主抓|抓)(?:的)?(?:是)?哪(?:一)?条(?=[^。]*[?,,?].*(?:配合|协助|一块|一起|搭把?手))"
)
# Words of such questions that are no topic, though a clause may hold them.
NO_TOPIC = frozenset(
    [
        "参加",
        "作为",
        "改成",
        "名称",
        "变成",
        "什么",
        "别的",
        "其他",
        "参与",
        "对应",
        "列出",
        "出来",
        "出现",
        "提到",
        "涉及",
        "分工",
        "职责",
        "任务",
        "哪里",
        "工作",
        "名下",
        "清单",
        "分开",
        "所有",
        "全部",
        "包括",
        "一份",
        "条目",
        "条款",
        "给我",
        "承担",
        "事情",
        "事项",
        "内容",
        "文件",
        "部门",
        "单位",
        "现在",
        "现名",
        "当时",
        "当年",
        "名字",
        "叫",
        "接手",
        "需要",
        "数一数",
        "总共",
        "一起",
        "跟谁",
        "我厅",
        "上班",
        "有关",
        "相关",
        "没有",
        "管",
        "谁",
        "统统",
        "逐条",
        "完整",
        "帮忙",
        "想",
        "知道",
        "分别",
        "机构",
        "改革",
        "改名",
        "合并",
        "标题",
        "哪个",
        "主要",
        "条文",
        "那条",
        "那个",
    ]
)
# …那一条,牵头是不是商务厅: what part a body has in the one article meant.
_OF_ONE = re.compile(
    r"[那这]一?条[^?]{0,12}(?:牵头|配合|主办)[^,，。?]{0,6}(?:是不是|是否)|[那这]一?条[^?]{0,12}(?:是不是|是否)[^,，。?]{0,10}(?:牵头|配合|主办)"
)
# Asks which body it is, so a body named in it is not what is asked about.
_ASKS_WHICH_BODY = re.compile(r"[哪那](?:个|家|一家)(?:厅|局|委|部门|单位|衙门)")


def applies(context: Context) -> bool:
    """Whether the question is about a body's duties as such, without a topic of its own."""
    question = context.question
    if not question.mentions or question.wants("contact", "person"):
        return False
    if context.continued and context.focus.kind == "department" and not _topic_words(context):
        return True
    if _names_alone(question) or question.means("body_now"):
        return True
    if _NAME_NOW.search(question.text) and not _topic_words(context):
        return True
    if context.pinned:
        return False
    if _OF_ONE.search(fold(question.text)) and _topic_words(context):
        # 整治乱招商那一条,牵头是不是商务厅,配合单位逐一列出 is about that article.
        return False
    if question.wants("which_clauses", "count_clauses"):
        return True
    if len(question.mentions) == 1 and _ASKS_WHICH_BODY.search(fold(question.text)):
        # 老供销社…哪个厅打头 asks for a body, and names a place.
        return False
    roles = (_LEAD, _COOPERATING, _EITHER)
    return not _topic_words(context) and any(pattern.search(question.text) for pattern in roles)


def asks_name(question: Question) -> bool:
    """Whether what became of a body is asked: 省工信委现在叫什么, 金融办划到哪里去了."""
    return bool(_NAME_NOW.search(question.text)) or question.means("body_now")


def _names_alone(question: Question) -> bool:
    """Whether names of bodies are all that was typed: 省财政厅, but not 那省财政厅呢."""
    rest = list(question.text)
    for mention in question.mentions:
        rest[mention.start : mention.end] = " " * (mention.end - mention.start)
    return not re.search(r"\w", "".join(rest))


def _topic_words(context: Context) -> set[str]:
    """The words of the topic that some clause holds and that are not about duties as such."""
    return context.knowledge.retriever.known_words(context.snapshot, context.question.topic) - NO_TOPIC


def answer(context: Context) -> Draft:
    """The clauses a body leads or cooperates in; several bodies one after another."""
    roles = _roles(context)
    mentions = _apart(context)
    led = _clauses_led(context)
    if led:
        return clauses.answer_for(context, led)
    if len(mentions) == 1:
        departments = mentions[0]
        if _ALONE.search(context.question.text):
            return _alone(context, departments, roles or {"cooperating"})
        if _ONE_OF_TWO.search(context.question.text):
            return _cooperates_only(context, departments)
        if _NOT_ITS.search(context.question.text):
            return _without_body(context, departments, {"lead"})
        # 牵头的那种,不要配合的 leaves out a role, not the body.
        text = _NOT_THAT_ROLE.sub(" ", context.question.text)
        if _ABSENT.search(text) and not asks_name(context.question):
            return _without_body(context, departments, roles)
    if asks_name(context.question):
        roles = roles if context.question.wants("which_clauses", "count_clauses") else None
    parts = [_for_body(context, departments, roles) for departments in mentions]
    if asks_name(context.question):
        parts = [_with_name_now(context, part) for part in parts]
    found = [part for part in parts if part.points] or parts[:1]
    if len(found) == 1:
        return found[0]
    return Draft(
        status=Status.ANSWERED,
        opening="",
        points=tuple(p for part in found for p in _headed(part)),
        notes=tuple(dict.fromkeys(note for part in found for note in part.notes)),
        lead=tuple(dict.fromkeys(name for part in found for name in part.lead)),
        cooperating=tuple(dict.fromkeys(name for part in found for name in part.cooperating)),
    )


def _apart(context: Context) -> list[tuple[Department, ...]]:
    """The bodies named, each once: 人力资源社会保障部门(人社厅) is one."""
    found: list[tuple[Department, ...]] = []
    for departments in dict.fromkeys(mention.departments for mention in context.question.mentions):
        ids = {body.id for body in departments}
        if not any(ids & {body.id for body in each} for each in found):
            found.append(departments)
    return found


def _clauses_led(context: Context) -> list[StoredClause]:
    """The clauses meant by 人社厅牵头的那条, where more is asked of them than which they are."""
    question = context.question
    match = _THAT_CLAUSE.search(question.text)
    if not match or not question.mentions or match.start() > 60:
        return []
    role = "lead" if _LEAD.search(match.group()) else "cooperating"
    bodies = same_body(question.mentions[0].departments, context.knowledge.directory)
    # 地方金融监管局(就是以前的金融办) is one body by two names.
    ids = {body.id for body in bodies}
    if any(not ids & {body.id for body in mention.departments} for mention in question.mentions):
        return []
    duties = duties_of(context, bodies)
    found = list({duty.clause.key: duty.clause for duty in duties if duty.role == role}.values())
    return found if len(found) <= 3 else []


def _roles(context: Context) -> set[str] | None:
    """The role asked about, None for both; a follow-up 那省人社厅呢 keeps the role asked before."""
    text = _NOT_THAT_ROLE.sub(" ", context.question.text)
    keeps = context.continued and not _names_alone(context.question)
    if keeps and not any(p.search(text) for p in (_LEAD, _COOPERATING, _EITHER)):
        text = context.focus.text
    # 由他们牵头的是哪条?哪些部门配合? asks for what it leads; the others are told beside it.
    own = ASKS_OTHERS.sub(" ", text)
    text = own if _LEAD.search(own) else text
    lead, cooperating = bool(_LEAD.search(text)), bool(_COOPERATING.search(text))
    if lead == cooperating or _BOTH.search(text):
        return None
    return {"lead"} if lead else {"cooperating"}


def _without_body(context: Context, departments: Sequence[Department], roles: set[str] | None) -> Draft:
    """The clauses in which a body has no part: 哪一条没有省发展改革委参与."""
    language = context.language
    duties = duties_of(context, same_body(departments, context.knowledge.directory))
    taken = {duty.clause.key for duty in duties if roles is None or duty.role in roles}
    documents = {duty.clause.document_id for duty in duties}
    missing = [
        clause
        for clause in context.scope
        if clause.document_id in documents and clause.key not in taken and clause.clause.responsibilities
    ]
    if not missing:
        return refusal(Status.NO_SUCH_ROLE, say("absent_nowhere", language, name=names_for(departments)))
    key = "absent" if roles is None else f"absent_{next(iter(roles))}"
    return listing(context, say(key, language, name=names_for(departments), count=len(missing)), missing)


def _alone(context: Context, departments: Sequence[Department], roles: set[str]) -> Draft:
    """The clauses where a body is the only one in its role: 只有省商务厅一家配合的."""
    role, language = next(iter(roles)), context.language
    duties = duties_of(context, same_body(departments, context.knowledge.directory))
    own = {duty.clause.key: duty.clause for duty in duties if duty.role == role}
    found = [
        clause
        for clause in own.values()
        if all(len(getattr(d, role)) == 1 and not d.open_ended for d in clause.clause.responsibilities)
    ]
    names = names_for(departments)
    shown = role_word(role, language)
    if not found:
        return refusal(Status.NO_SUCH_ROLE, say("alone_none", language, name=names, role=shown))
    return listing(context, say("alone", language, name=names, role=shown, count=len(found)), found)


def _cooperates_only(context: Context, departments: Sequence[Department]) -> Draft:
    """The clauses in which a body cooperates and does not lead: 不牵头但配合的."""
    language = context.language
    duties = duties_of(context, same_body(departments, context.knowledge.directory))
    led = {duty.clause.key for duty in duties if duty.role == "lead"}
    found = {d.clause.key: d.clause for d in duties if d.role == "cooperating" and d.clause.key not in led}
    if not found:
        return refusal(Status.NO_SUCH_ROLE, say("both_roles_none", language))
    opening = say("cooperates_not_leads", language, name=names_for(departments), count=len(found))
    printed = tuple(dict.fromkeys(d.printed for d in duties if d.clause.key in found))
    return replace(listing(context, opening, list(found.values())), cooperating=printed)


def listing(context: Context, opening: str, found: Sequence[StoredClause]) -> Draft:
    """Clauses as a list that is complete."""
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(Point(clause=c, quotes=whole_point(c).quotes, listed=True) for c in found),
        notes=(say("complete", context.language),),
    )


def _with_name_now(context: Context, part: Draft) -> Draft:
    """The list of a body's clauses with what it is called today first."""
    directory, language = context.knowledge.directory, context.language
    printed = list(dict.fromkeys((*part.lead, *part.cooperating, *part.responsible)))
    told = present_names(printed, directory, language)
    for name in printed:
        body = directory.resolve(name)
        if body is None:
            continue
        if directory.current(body) == (body,):
            told.append(say("name_unchanged", language, name=name, full=body.name))
        if body.note and language != "en":
            told.append(body.note.rstrip("。"))
    said = say("semicolon", language).join(dict.fromkeys(told))
    return replace(part, opening=f"{said}。{part.opening}" if said else part.opening)


def _names_known(departments: Sequence[Department], directory: Directory, language: str) -> str:
    """What the table of bodies knows of their names; it is none of the documents."""
    told = present_names([body.name for body in departments], directory, language) or [
        say("name_unchanged", language, name=body.short, full=body.name) for body in departments
    ]
    return say("names_known", language, text=say("semicolon", language).join(told))


def _headed(part: Draft) -> list[Point]:
    """A part's points with its opening as a line of its own above the first."""
    first, *rest = part.points
    return [
        Point(
            clause=first.clause,
            quotes=first.quotes,
            before=f"{part.opening}\n{first.before}",
            listed=first.listed,
            duties=first.duties,
        ),
        *rest,
    ]


def _for_body(context: Context, departments: Sequence[Department], roles: set[str] | None) -> Draft:
    directory, language = context.knowledge.directory, context.language
    lineage = same_body(departments, directory)
    held = _as_named(departments, duties_of(context, lineage))
    duties = _on_topic(context, held)
    of_one = (
        duties is not held and asks_name(context.question) and not context.question.wants("which_clauses")
    )
    if of_one:
        duties = _closest(context, duties)
    asked = names_for(departments)
    if not duties:
        # A body that no document names may still have a known name today.
        told = _names_known(departments, directory, language) if asks_name(context.question) else ""
        unnamed = say("no_role", language, name=asked)
        return refusal(Status.NO_SUCH_ROLE, *((told, unnamed) if told else (unnamed,)))
    printed = tuple(dict.fromkeys(duty.printed for duty in duties))
    name = "、".join(printed)
    wanted = [duty for duty in duties if roles is None or duty.role in roles or duty.role == "responsible"]
    key, shown = _opening(duties, wanted, roles)
    lead_count = len({d.clause.key for d in shown if d.role == "lead"})
    cooperating_count = len({d.clause.key for d in shown if d.role == "cooperating"})
    opening = say(
        key,
        language,
        name=f"{asked}（文件里是{name}）"
        if language == "zh" and not set(printed) <= _written(departments)
        else name,
        count=len({d.clause.key for d in shown}),
        lead=lead_count,
        cooperating=cooperating_count,
        responsible=len({d.clause.key for d in shown if d.role == "responsible"}),
    )
    if of_one:
        opening = say("of_the_closest", language) + opening
    elif duties is not held:
        # 省商务厅牵头哪几条贴息的条款: it leads none of those, though it leads others.
        words = "、".join(sorted(_topic_words(context)))
        opening = say("on_topic", language, words=words) + opening
    points = []
    for clause_key in dict.fromkeys(duty.clause.key for duty in shown):
        own = [duty for duty in shown if duty.clause.key == clause_key]
        clause = own[0].clause
        role = "、".join(dict.fromkeys(role_word(duty.role, language) for duty in own))
        names = "、".join(dict.fromkeys(d.printed for d in own))
        who = say("in_brackets", language, text=names) if len(printed) > 1 else ""
        before = (
            f"{label_of(clause, language)}{say('colon', language)}{role}{who}"
            if roles is None or len(printed) > 1 or len({duty.role for duty in shown}) > 1
            else label_of(clause, language)
        )
        points.append(Point(clause=clause, quotes=whole_point(clause).quotes, before=before, listed=True))
    notes = (say("complete", language),) if (len(points) > 1 or wanted) and not of_one else ()
    together = _together(context, shown)
    if together:
        notes = (bodies_sentence(together, directory, language), *notes)
    lead, cooperating, _, _ = merge_roles(together)
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(points),
        notes=notes,
        lead=lead or tuple(dict.fromkeys(d.printed for d in shown if d.role == "lead")),
        cooperating=cooperating or tuple(dict.fromkeys(d.printed for d in shown if d.role == "cooperating")),
        responsible=tuple(dict.fromkeys(d.printed for d in shown if d.role == "responsible")),
    )


def _together(context: Context, shown: Sequence[Duty]) -> tuple[Responsibility, ...]:
    """The duties of the one clause listed, where the bodies beside the one named are asked for: 牵头的是哪项,跟谁一起干."""
    keys = {duty.clause.key for duty in shown}
    if len(keys) != 1 or not ASKS_OTHERS.search(context.question.text):
        return ()
    return shown[0].clause.clause.responsibilities


def _on_topic(context: Context, duties: Sequence[Duty]) -> Sequence[Duty]:
    """Only the clauses about the topic that the question also names, if it names one."""
    words = _topic_words(context)
    if not words:
        return duties
    chosen = [duty for duty in duties if any(word in duty.clause.clause.text for word in words)]
    return chosen or duties


def _closest(context: Context, duties: Sequence[Duty]) -> Sequence[Duty]:
    """Those in the clause closest to the question: 文件上省国土资源厅管闲置地那一块,现在找哪个单位 asks of one matter."""
    keys = {duty.clause.key for duty in duties}
    best = next((hit.clause.key for hit in search(context) if hit.clause.key in keys), None)
    return [duty for duty in duties if duty.clause.key == best] if best else duties


def _opening(
    duties: Sequence[Duty], wanted: Sequence[Duty], roles: set[str] | None
) -> tuple[str, Sequence[Duty]]:
    """Which sentence opens the list, and the duties it lists; a wrong role is corrected."""
    if roles is None:
        held = {duty.role for duty in duties}
        only = {"lead": "leads", "cooperating": "no_lead", "responsible": "responsible_for"}
        if len(held) == 1:
            return only[held.pop()], duties
        return ("takes_part_and_responsible" if "responsible" in held else "takes_part"), duties
    if not wanted:
        return ("no_lead" if roles == {"lead"} else "no_cooperating"), duties
    if all(duty.role == "responsible" for duty in wanted):
        return "responsible_for", wanted
    beside = any(duty.role == "responsible" for duty in wanted)
    return ("leads" if roles == {"lead"} else "cooperates") + ("_and_responsible" if beside else ""), wanted


def duties_of(context: Context, bodies: Sequence[Department]) -> tuple[Duty, ...]:
    """All clauses in which one of these bodies has a part; unlisted ones go by their printed name."""
    listed = [body.id for body in bodies if not body.id.startswith("unlisted:")]
    printed = [body.name for body in bodies if body.id.startswith("unlisted:")]
    return context.snapshot.catalogue.duties(listed, printed, context.document_ids)


def _as_named(departments: Sequence[Department], duties: tuple[Duty, ...]) -> tuple[Duty, ...]:
    """Predecessors and successors only in documents that do not name the asked body itself.

    Where 兰州海关 and 甘肃出入境检验检疫局 stand side by side, each answers for itself.
    """
    ids = {department.id for department in departments}
    names = {department.name for department in departments}
    own = [duty for duty in duties if duty.department_id in ids or duty.printed in names]
    documents = {duty.clause.document_id for duty in own}
    return tuple(duty for duty in duties if duty in own or duty.clause.document_id not in documents)


def same_body(departments: Sequence[Department], directory: Directory) -> tuple[Department, ...]:
    """The asked bodies with what preceded them and what they are today: 省自然资源厅 and 省国土资源厅."""
    found: dict[str, Department] = {}
    for department in departments:
        for today in directory.current(department):
            # Asked by its old name, a body merged into another stands for itself alone.
            related = directory.lineage(department) if today == department else (department, today)
            found |= {body.id: body for body in related}
    return tuple(found.values())


def _written(departments: Sequence[Department]) -> set[str]:
    return {name for department in departments for name in department.written}
