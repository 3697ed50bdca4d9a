"""Who is responsible for a topic: 贷款贴息找谁. The heart of the product."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.departments import Department
from ingest.stores.catalogue import StoredClause
from ingest.text import fold
from rag.answers import clauses
from rag.answers.departments import ASKS_OTHERS, same_body
from rag.authority import ASKS_IN_GENERAL, general_authority, is_of_a_regulation
from rag.bodies_in_text import bodies_named, digest_bodies
from rag.closely import ranked_sentences
from rag.context import Context
from rag.draft import Draft, Point, refusal
from rag.enforcers import enforcer_of
from rag.evidence import join_spans, quote_point, search, whole_point, with_items
from rag.figures import figure_corrections
from rag.messages import say
from rag.missing import not_said_in, read_as_unanswered
from rag.penalties import ASKS_WHO_PUNISHES, asks_rule_and_penalty, penalty_for
from rag.retrieve import Hit
from rag.sufficiency import far_fetched, insufficient
from rag.types import Status
from rag.wording import bodies_sentence, introduced, label_of, merge_roles, names_for

# 省商务厅牵头, 省财政厅只是配合: what the question takes for granted about a body's role.
_CLAIM = re.compile(
    r"^(?:来|只是|是|只|才是|负责|不是|主要|在|那边|这边|是不是|是否|作为|也是|也|就是|应该是|该)*(?P<role>牵头|配合|(?:负责|主管|管)(?=(?:着|的)?(?:吗|么|吧|[,,]?(?:对吧|对不对|是吧))))"
)
_CLAIM_BEFORE = re.compile(r"(?P<role>牵头|配合)(?:的)?(?:单位|部门|方|机关)?(?:不)?(?:就)?是(?:不是)?$")
_WHO = re.compile(
    r"谁|哪(?!(?:些|几[样种份]|样)[^,。?]{0,6}(?:材料|资料|证件|文件|手续|凭证|条件|东西|情形|费用))|什么(?:部门|单位|机构)|牵头|配合|(?:责任|主管|负责)(?:部门|单位)(?:是|有)|\bwho\b|which",
    re.IGNORECASE,
)
# Below this the article found may be another than the one meant.
_LIKELY_MEANT = 0.4
# A topic of so few characters shares what follows the next one.
_BARE = 3
_SEVERAL = re.compile(r"分别|各自|各由|各是|各归|这(?:几|两|三|四|五|些)(?:件|个|项|块|样|方面)")
# 信用监管的牵头、配合单位分别是谁: two roles in one matter.
_EACH_ROLE = re.compile(
    r"(?:牵头|主办|主管)[^,，。]{0,4}?(?:配合|协办|协助|参与)(?:的)?(?:单位|部门|方)?[^,，。]{0,4}?(?:分别|各)"
)
_SPLIT = re.compile(r"[、,，;；]|(?:以及|还有|和|与|跟|及)(?=[^、,，]{2,})")
_EITHER = re.compile(
    r"牵头[^,，。]{0,6}(?:还是|或者?|或是)[^,，。]{0,4}配合|配合[^,，。]{0,6}(?:还是|或者?|或是)[^,，。]{0,4}牵头"
)
# A clause that names bodies goes before one that names none where it is nearly as good.
_NEARLY_AS_GOOD = 0.85
# A sentence of the same 款 that is no longer than this is told with the one before it.
_BESIDE = 60
# Of a policy at least so large a part of the clauses says who is responsible; then it is told of one that does not.
_USUALLY_SAID = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A role that the question ascribes to a body."""

    departments: tuple[Department, ...]
    role: str


def applies(context: Context) -> bool:
    """Whether the question wants bodies for a topic."""
    question = context.question
    # 主管部门报告情况那条,把原文给我 asks for no body.
    # Nor does 反映给主管部门以后几天受理, where it is a number that is wanted.
    otherwise = question.wants("original") or any(ask.needs for ask in question.asks)
    if otherwise and not _WHO.search(question.text):
        return False
    return question.asks_for_bodies and not question.wants("contact", "person", "post")


def applies_to_article(context: Context) -> bool:
    """Whether a part that a body has in one article is asked: 第十四条是省商务厅牵头的,对吧."""
    question = context.question
    asked = bool(question.mentions) and len(question.articles) == 1 and question.limb is None
    return asked and not question.sections and (question.wants("role_of") or bool(claims_in(context)))


def answer_for_article(context: Context) -> Draft:
    """The part that the named bodies have in the article, or that there is no such article."""
    held = context.snapshot.catalogue.articles(context.question.articles[0], context.document_ids)
    focused = {key.rpartition("#")[0] for key in context.focus.keys}
    clause = next((c for c in held if c.document_id in focused), held[0] if held else None)
    if clause is None:
        return clauses.answer(context)
    checked = role_of(context, Point(clause=clause, quotes=whole_point(clause).quotes))
    return checked if checked is not None else clauses.answer(context)


def answer(context: Context) -> Draft:
    """The best clause's bodies with the sentence that fits; several topics one after another."""
    own = tuple(clause for clause in context.pinned if clause.document_id in context.snapshot.primary)
    if own and len(own) < len(context.pinned):
        # Asked who leads after 54号 and Gansu's article beside it: only the policy names bodies.
        context = replace(context, pinned=own)
    topics = _topics(context)
    if len(topics) > 1:
        return _several(context, topics)
    if len(context.pinned) > 1:
        # One body may lead one of them and cooperate in another: each article has a line of its own.
        return clauses.answer_for(context, list(context.pinned))
    if context.pinned:
        return _from_clauses(context, list(context.pinned))
    hits = search(context)
    ending = insufficient(context, hits)
    if ending is not None:
        return ending
    draft = _punishing(context, hits)
    if draft is None:
        asked_generally = ASKS_IN_GENERAL.search(context.question.text) or context.question.mentions
        unanswered = None if asked_generally else read_as_unanswered(context, hits)
        if unanswered is not None:
            return unanswered
        draft = _with_authority(context, _from_hits(context, hits), hits)
    return replace(draft, notes=(*draft.notes, *far_fetched(context, hits)))


def _punishing(context: Context, hits: list[Hit]) -> Draft | None:
    """Who punishes a breach stands where the penalty does: 料场不盖布,谁来开罚单 of the article that asks for covers."""
    if not ASKS_WHO_PUNISHES.search(context.question.text) or context.question.mentions:
        return None
    fine = penalty_for(context, hits[0].clause)
    if fine is None:
        return None
    enforcing = (
        None if bodies_named(context, with_items(context, fine)) else enforcer_of(context, fine.clause)
    )
    both = asks_rule_and_penalty(context.question.text) and fine.clause.key != hits[0].clause.key
    rule = (quote_point(context, hits[0].clause, most=2),) if both else ()
    draft = _from_points(context, (*rule, fine, *((enforcing,) if enforcing is not None else ())))
    named = draft.lead or draft.responsible or enforcing is not None or bodies_named(context, [fine])
    return draft if named else None


def _with_authority(context: Context, draft: Draft, hits: list[Hit]) -> Draft:
    """Where the article found may not be the one meant, also the one that says in general who is in charge."""
    first, likely = hits[0].clause, hits[0].probability
    if context.question.mentions or not is_of_a_regulation(first):
        return draft
    in_general = ASKS_IN_GENERAL.search(context.question.text)
    if not in_general and (likely is None or likely >= _LIKELY_MEANT):
        return draft
    general = general_authority(context, first.document_id)
    if general is None or any(point.clause.key == general.clause.key for point in draft.points):
        return draft
    if in_general:
        return _from_points(context, (general,))
    before = say("in_general", context.language, label=label_of(general.clause, context.language))
    return replace(draft, points=(*draft.points, replace(general, before=before)))


def _from_hits(context: Context, hits: list[Hit]) -> Draft:
    """The best clause, or one nearly as good in the same document that names bodies, where the best names none."""
    first = hits[0]
    near = [
        hit
        for hit in hits
        if hit.clause.document_id == first.clause.document_id and hit.score >= _NEARLY_AS_GOOD * first.score
    ]
    if _lead_in_names(context, first):
        return _from_clauses(context, [first.clause])
    naming = next((hit for hit in near if hit.clause.clause.responsibilities), None)
    if naming is None:
        naming = next((hit for hit in near if _names_some(context, hit.clause)), first)
    return _from_clauses(context, [naming.clause])


def _names_some(context: Context, clause: StoredClause) -> bool:
    """Whether some sentence of a clause names a body: …,由区县市场监督管理部门协调处理."""
    return bool(bodies_named(context, [whole_point(clause)]))


def _lead_in_names(context: Context, hit: Hit) -> bool:
    """Whether an item's lead-in or the words of a clause without duties say which body acts."""
    return bool(bodies_named(context, with_items(context, quote_point(context, hit.clause))))


def _from_clauses(context: Context, chosen: list[StoredClause]) -> Draft:
    points = tuple(_telling(context, quote_point(context, clause, most=2)) for clause in chosen)
    return _from_points(context, points)


def _from_points(context: Context, points: tuple[Point, ...]) -> Draft:
    """The bodies of what is quoted, each in its part."""
    question, language = context.question, context.language
    # What an item does not say, its lead-in may: 有下列情形之一的,由市商务局责令改正.
    points = tuple(
        replace(
            point, duties=tuple(d for each in with_items(context, point)[:1] for d in each.responsibilities)
        )
        if not point.responsibilities
        else point
        for point in points
    )
    if question.mentions:
        checked = role_of(context, points[0])
        if checked is not None:
            return checked
    duties = [duty for point in points for duty in point.responsibilities]
    lead, cooperating, responsible, _ = merge_roles(duties)
    opening = bodies_sentence(
        duties,
        context.knowledge.directory,
        language,
        cooperating_first=question.wants("cooperating") and not question.wants("lead"),
    )
    if not duties:
        points = _with_naming(context, points)
        named = bodies_named(context, [each for point in points for each in with_items(context, point)])
        opening = say("bodies_named", language, names="、".join(named)) if named else opening
        enforcing = enforcer_of(context, points[0].clause) if not named else None
        if enforcing is not None and enforcing.clause.key not in {point.clause.key for point in points}:
            return _from_points(context, (*points, enforcing))
        if not named and len(points) == 1 and _left_out(context, points[0].clause):
            return replace(not_said_in(context, None, points[0].clause), opening=say("left_out", language))
        kinds = {context.snapshot.documents[p.clause.document_id].document.metadata.kind for p in points}
        if kinds == {"digest"}:
            opening = digest_bodies(context, [point.clause for point in points])
    opening = " ".join(filter(None, (figure_corrections(context, points), opening)))
    return Draft(
        status=Status.ANSWERED,
        opening=opening,
        points=tuple(each for point in _introduced(context, points) for each in with_items(context, point)),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )


def _left_out(context: Context, clause: StoredClause) -> bool:
    """Whether a policy that says of its clauses who is responsible does not say it of this one, and names nobody in it."""
    document = context.snapshot.documents[clause.document_id].document
    if document.metadata.kind == "digest" or is_of_a_regulation(clause) or clause.clause.responsibilities:
        return False
    numbered = [each for each in context.snapshot.clauses_of(clause.document_id) if each.clause.article]
    said = sum(bool(each.clause.responsibilities) for each in numbered)
    return said >= _USUALLY_SAID * len(numbered) > 0 and not _names_some(context, clause)


def _telling(context: Context, point: Point) -> Point:
    """The point with the sentence that tells a duty, where the best sentences tell none: 省网信部门牵头,…."""
    told = [duty for duty in point.clause.clause.responsibilities if duty.source == "text"]
    if point.responsibilities or not told:
        return point
    ranked = context.knowledge.retriever.rank_sentences(context.snapshot, point.clause, context.topic)
    telling = [s for s in ranked if any(s.start <= duty.start < s.end for duty in told)]
    if not telling:
        return point
    best = max(telling, key=lambda sentence: sentence.score)
    text = context.snapshot.documents[point.clause.document_id].document.text
    return replace(
        point,
        quotes=join_spans(text, [*point.quotes, (best.start, best.end)]),
        duties=tuple(duty for duty in told if best.start <= duty.start < best.end),
    )


def _with_naming(context: Context, points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points, with what names a body where nothing quoted does: …的具体办法,由市商务局制定.

    What stands beside it in the same 款 and names one too is told with it: 由人民政府制定补贴办法。具体由财政部门负责.
    """
    if len(points) != 1:
        return points
    point = points[0]
    text = context.snapshot.documents[point.clause.document_id].document.text
    naming = [
        sentence
        for sentence in ranked_sentences(context, point.clause)
        if bodies_named(context, [Point(clause=point.clause, quotes=((sentence.start, sentence.end),))])
    ]
    if not naming:
        return points
    added: list[tuple[int, int]] = []
    if not bodies_named(context, with_items(context, point)):
        best = max(naming, key=lambda sentence: sentence.score)
        added.append((best.start, best.end))
    added += [
        (sentence.start, sentence.end)
        for sentence in naming
        if sentence.end - sentence.start <= _BESIDE
        and any(_in_one_paragraph(text, sentence.start, end) for _, end in (*point.quotes, *added))
    ]
    return (replace(point, quotes=join_spans(text, [*point.quotes, *added])),) if added else points


def _in_one_paragraph(text: str, start: int, end: int) -> bool:
    """Whether a sentence follows another in the same 款."""
    return end <= start and "\n" not in text[end:start]


def _introduced(context: Context, points: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple(replace(point, before=introduced(context, point.clause, "says")) for point in points)


def _topics(context: Context) -> list[str]:
    """The single topics of a question that asks for several: 外资审批、贷款贴息、工业用地分别由谁牵头."""
    if (
        context.pinned
        or not _SEVERAL.search(context.question.text)
        or _EACH_ROLE.search(context.question.text)
    ):
        return [context.topic]
    folded = fold(context.question.text)
    end = _SEVERAL.search(folded)
    if end is None or end.start() < 4:
        return [context.topic]
    listed = context.question.text[: end.start()]
    clauses = re.split(r"[,，。;；!?！？]", listed.rstrip(",， "))
    # The list stands in the last clause before 分别; what precedes it tells the story.
    listed = clauses[-1]
    parts = [context.knowledge.reader.topic(part) for part in _SPLIT.split(listed)]
    topics = [part for part in parts if context.knowledge.retriever.content_words(part)]
    if len(topics) == 2 and len(topics[0]) <= _BARE < len(topics[1]) - len(topics[0]):
        # 国企和民企安排残疾人就业: the rest is said of both.
        topics[0] += topics[1][len(topics[0]) :]
    return topics if len(topics) > 1 else [context.topic]


def _several(context: Context, topics: list[str]) -> Draft:
    language = context.language
    points: list[Point] = []
    for topic in topics:
        hits = search(context, topic, limit=3)
        if not hits:
            continue
        point = quote_point(context, hits[0].clause, topic, most=1)
        sentence = bodies_sentence(
            point.responsibilities,
            context.knowledge.directory,
            language,
        )
        heading = say("topic_heading", language, topic=topic.strip('“”" '))
        before = f"{heading}{sentence} {say('says', language, label=label_of(point.clause, language))}"
        points.append(Point(clause=point.clause, quotes=point.quotes, before=before, duties=point.duties))
    if not points:
        return refusal(Status.NOT_IN_CORPUS, say("not_found", language))
    lead, cooperating, responsible, _ = merge_roles([d for p in points for d in p.responsibilities])
    return Draft(
        status=Status.ANSWERED,
        points=tuple(points),
        lead=lead,
        cooperating=cooperating,
        responsible=responsible,
    )


def claims_in(context: Context) -> list[Claim]:
    """Roles that the question takes for granted: 既然贴息是省商务厅牵头."""
    folded = fold(context.question.text)
    if _EITHER.search(folded):
        return []
    found = []
    for mention in context.question.mentions:
        match = _CLAIM.match(folded[mention.end :]) or _CLAIM_BEFORE.search(folded[: mention.start])
        if match:
            role = {"牵头": "lead", "配合": "cooperating"}.get(match.group("role"), "any")
            found.append(Claim(departments=mention.departments, role=role))
    return found


def role_of(context: Context, point: Point, *, asked: bool = False) -> Draft | None:
    """The part that the named bodies have in the clause; None where none of it was `asked` nor taken for granted."""
    question, language = context.question, context.language
    claims = claims_in(context)
    if not claims and not asked and not question.wants("role_of"):
        return None
    lead, cooperating, responsible, _ = merge_roles(point.responsibilities)
    sentences: list[str] = []
    given_lead: list[str] = []
    given_cooperating: list[str] = []
    label = label_of(point.clause, language)
    wrong = False
    for mention in dict.fromkeys(mention.departments for mention in question.mentions):
        bodies = same_body(mention, context.knowledge.directory)
        ids = {body.id for body in bodies}

        def named(names: tuple[str, ...], ids: set[str] = ids) -> list[str]:
            resolved = ((name, context.knowledge.directory.resolve(name)) for name in names)
            return [name for name, department in resolved if department and department.id in ids]

        as_lead, as_cooperating = named(lead), named((*cooperating, *responsible))
        claimed = {claim.role for claim in claims if claim.departments == mention}
        held = "lead" if as_lead else "cooperating" if as_cooperating else None
        given_lead += as_lead
        given_cooperating += as_cooperating
        tail = say("role_lead_tail", language, lead="、".join(lead)) if lead and held != "lead" else ""
        name = "、".join(as_lead or as_cooperating) or names_for(mention)
        called = names_for(mention)
        if name != called and not set(name.split("、")) <= {n for d in mention for n in d.written}:
            name = f"{called}（文件里是{name}）" if language == "zh" else f"{called} (printed {name})"
        if held is None:
            sentences.append(say("role_none", language, name=name, label=label, lead=tail))
            wrong = wrong or bool(claimed)
        else:
            role = _role_word(held, language)
            mistaken = bool(claimed - {"any"}) and held not in claimed
            wrong = wrong or mistaken
            key = "role_wrong" if mistaken else "role_is"
            sentences.append(say(key, language, name=name, role=role, lead=tail, label=label))
    if wrong or not given_lead:
        given_lead = [*lead]
    if wrong or ASKS_OTHERS.search(question.text):
        given_cooperating = [*cooperating]
        sentences.append(bodies_sentence(point.responsibilities, context.knowledge.directory, language))
    return Draft(
        status=Status.ANSWERED,
        opening=" ".join(sentences) if language == "en" else "".join(dict.fromkeys(sentences)),
        points=_introduced(context, (point,)),
        lead=tuple(dict.fromkeys(given_lead)),
        cooperating=tuple(dict.fromkeys(given_cooperating)),
    )


def _role_word(role: str, language: str) -> str:
    return {"lead": ("牵头", "the lead"), "cooperating": ("配合", "a cooperating body")}[role][
        1 if language == "en" else 0
    ]
