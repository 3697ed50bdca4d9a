"""A question into an answer: the whole way on one screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import opencc

from ingest.stores.catalogue import StoredClause
from ingest.tokens import Tokenizer
from rag.answers import zones
from rag.context import Context, Focus, Knowledge
from rag.conversation import (
    LEVEL,
    asks_home,
    name_the_body,
    name_the_listed,
    own_words,
    points_back,
    resolve,
)
from rag.document_names import documents_named
from rag.draft import Draft
from rag.guard import Checked, check
from rag.index import Snapshot
from rag.messages import say
from rag.other_documents import asked_again, companions_in_focus, goes_on
from rag.penalties import rule_and_penalty, says_not_done
from rag.render import render
from rag.route import route
from rag.several import (
    LEADS_ON,
    apart,
    asked_apart,
    join,
    leans_on,
    split_questions,
    story_of,
)
from rag.spelling import Speller
from rag.trace import Trace
from rag.types import Answer, Status
from rag.verify import Verified, verify
from rag.write import Listener, Writer, Written, write

# Clauses whose words slips of the keyboard are put right with; reading them takes a second.
_SPELT_CLAUSES = 4000
# Kinds that look for words; what others do not find is not there.
_SEARCHING = ("bodies", "fact", "phrase")
# Figures that digests give; time limits and amounts they seldom do.
_FIGURES = {"rate", "figure", "statistic", "statistic_now"}
# An answer from less close a clause gives way to a document around the policy that is so much closer.
_FAR, _CLOSER, _CLOSE_AROUND = 0.4, 0.12, 0.48
# With what was told before the first, a further question has to come so much closer.
_STORY_CLOSER = 0.1
# An answer less likely than this may rest on a slip of the keyboard; put right, it has to be so much likelier.
_DOUBTFUL, _LIKELIER = 0.5, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One answered question of a conversation, and what the next one may refer to."""

    answer: Answer
    focus: Focus


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as it came, with the state it is answered from and whoever listens."""

    snapshot: Snapshot
    checked: Checked
    focus: Focus
    text: str
    began: float
    listener: Listener | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The steps with the parts they need."""

    knowledge: Knowledge
    tokenizer: Tokenizer
    max_chars: int
    writer: Writer | None = None

    def run(self, snapshot: Snapshot, text: str, focus: Focus, listener: Listener | None = None) -> Turn:
        """Check → understand → resolve → route → draft → write → verify → render.

        `listener` hears a language model's checked sentences while it writes.
        """
        began = time.perf_counter()
        checked = check(text, self.knowledge.forms, self.max_chars)
        if checked.ending is not None:
            return Turn(answer=_ended(text, checked.ending, began, unusable=checked.unusable), focus=focus)
        parts, of_one_sentence = self._parts(snapshot, checked.text)
        if len(parts) > 1:
            several = self._several(snapshot, parts, focus, text, listener, of_one_sentence=of_one_sentence)
            if several is not None:
                return several
        asked = Asked(
            snapshot=snapshot, checked=checked, focus=focus, text=text, began=began, listener=listener
        )
        return self._single(asked)

    def _parts(self, snapshot: Snapshot, text: str) -> tuple[tuple[str, ...], bool]:
        """The single questions of a message, and whether they are parts of one sentence.

        Told by its Simplified Chinese too: 由哪個單位帶頭、哪些單位協助 is one.
        """

        def parts_of(wording: str) -> tuple[tuple[str, ...], bool]:
            parts = split_questions(wording, lambda piece: self._has_topic(snapshot, piece))
            return (
                (parts, False)
                if len(parts) > 1
                else (rule_and_penalty(wording) or asked_apart(wording), True)
            )

        parts, of_one_sentence = parts_of(text)
        if len(parts) > 1:
            simplified = self.knowledge.reader.read(text).text
            if simplified != text and len(parts_of(simplified)[0]) == 1:
                return (text,), False
        return parts, of_one_sentence

    def _has_topic(self, snapshot: Snapshot, text: str) -> bool:
        """Whether a sentence says by itself what it is about: a clause, or words that the documents hold."""
        knowledge = self.known(snapshot)
        question = knowledge.reader.read(text)
        if question.articles or question.sections or question.references:
            return True
        own = own_words(question, self.tokenizer)
        if own and question.asks_for_bodies and question.language != "en":
            return True
        return bool(knowledge.retriever.known_words(snapshot, " ".join(own)))

    def _several(
        self,
        snapshot: Snapshot,
        parts: tuple[str, ...],
        focus: Focus,
        text: str,
        listener: Listener | None,
        *,
        of_one_sentence: bool = False,
    ) -> Turn | None:
        """Each question after the other, or None where they are one question asked in several sentences.

        The parts `of_one_sentence` lean on those before them, and each has to be answered.
        """
        turns: list[Turn] = []
        for part in parts:
            began = time.perf_counter()
            checked = check(part, self.knowledge.forms, self.max_chars)
            if checked.ending is not None or checked.dropped:
                return None
            # 高新企业找谁 after 贷款贴息找谁 stands alone, as 还有废料怎么处理 does; 第十条呢 does not.
            leans = points_back(LEADS_ON.sub("", part)) or says_not_done(part)
            own = focus if not turns or leans else Focus()
            among: tuple[str, ...] = ()
            if turns and of_one_sentence:
                # 要罚多少钱 is asked of what stands before it; 贷款最长多久 of the same document.
                among = tuple(dict.fromkeys(key.rpartition("#")[0] for key in focus.keys))
                own = own if self._has_topic(snapshot, part) else focus
            asked = Asked(
                snapshot=snapshot, checked=checked, focus=own, text=part, began=began, listener=listener
            )
            of_story = turns and not leans and not LEADS_ON.match(part)
            turns.append(self._after_story(asked, story_of(parts[0]) if of_story else "", among))
            focus = turns[-1].focus
        answers = [turn.answer for turn in turns]
        if not apart(answers) or any(answer.trace.get("kind") == "alignment" for answer in answers):
            return None
        if of_one_sentence and not all(answer.status is Status.ANSWERED for answer in answers):
            return None
        if any(leans_on(answers[0], answer) for answer in answers[1:]):
            return None
        # What follows from breaking a rule is looked up, not searched for.
        if of_one_sentence and says_not_done(parts[-1]) and answers[-1].trace.get("closeness") is not None:
            return None
        return Turn(answer=join(text, list(zip(parts, answers, strict=True))), focus=focus)

    def _after_story(self, asked: Asked, story: str, among: tuple[str, ...]) -> Turn:
        """The answer to one of several questions, with what was told before the first where that comes closer: 房租又贴多少 of a head office.

        A language model is asked once, when it is settled which.
        """
        wording = ""
        if story:
            plain = replace(self, writer=None)
            alone = plain._attempt(asked, among=among)
            if alone.answer.trace.get("kind") in _SEARCHING:
                told = plain._attempt(asked, wording=f"{story}{asked.checked.text}", among=among)
                missed = alone.answer.status is Status.NOT_IN_CORPUS
                closer = missed or _closeness(told) >= _closeness(alone) + _STORY_CLOSER
                if told.answer.status is Status.ANSWERED and closer:
                    wording = f"{story}{asked.checked.text}"
        return self._attempt(asked, wording=wording, among=among)

    def _single(self, asked: Asked) -> Turn:
        """One question; where it finds nothing, once more with its slips of the keyboard put right."""
        snapshot, wording = asked.snapshot, asked.checked.text
        question = self.knowledge.reader.read(wording)
        named = documents_named(question, snapshot).ids
        of_a_body = question.mentions and question.means("body_now")
        if (
            question.wants("above")
            and not question.articles
            and not named
            and not of_a_body
            and not snapshot.national
        ):
            told = self._around(asked, broad=True)
            if told is not None:
                return told
        turn = self._attempt(asked)
        missed = turn.answer.status is Status.NOT_IN_CORPUS
        talked_about = companions_in_focus(snapshot, asked.focus)
        if talked_about and goes_on(question) and not asks_home(wording):
            # 那怎么升级, after 2021年版考核办法怎么降级: the same document, where it is closer.
            told = self._around(
                asked, talked_about, close=lambda told: missed or _closeness(told) > _closeness(turn)
            )
            if told is not None:
                return told
        if turn.answer.trace.get("kind") not in _SEARCHING or not (missed or _closeness(turn) < _FAR):
            return turn
        # Digests name no bodies and few figures; what is asked of those is not looked for there unasked.
        needed = {ask.id for ask in question.asks if ask.needs is not None}
        if not question.asks_for_bodies and question.language != "en" and needed <= _FIGURES:
            least = self.knowledge.thresholds.around
            if needed or not missed:
                least = max(least, _CLOSE_AROUND, 0.0 if missed else _closeness(turn) + _CLOSER)
            told = self._around(asked, close=lambda told: _closeness(told) >= least)
            if told is not None:
                return told
        # What was turned away unjudged (another city's rule) was understood as it stands.
        judged = turn.answer.trace.get("closeness")
        # A clause surely meant that does not say it was not missed by a slip.
        doubtful = judged is not None and judged[0] < max(_DOUBTFUL, judged[1])
        written = self._speller(snapshot).suggest(wording) if doubtful else None
        asks_still = written is not None and needed <= {
            ask.id for ask in self.known(snapshot).reader.read(written).asks if ask.needs is not None
        }
        # What was asked for may not be lost with a slip: 近几年的 is no 紧几年的.
        if written is None or not asks_still:
            return turn
        again = self._attempt(asked, read_as=written)
        likelier = again.answer.trace.get("closeness")
        better = missed or bool(judged and likelier and likelier[0] >= judged[0] + _LIKELIER)
        return again if again.answer.status is Status.ANSWERED and better else turn

    def _around(
        self,
        asked: Asked,
        among: tuple[str, ...] = (),
        *,
        broad: bool = False,
        close: Callable[[Turn], bool] = lambda _: True,
    ) -> Turn | None:
        """The answer of the documents around the shipped policy, or of some of them; None where they have none.

        A language model is asked only for an answer that is `close` enough to be given.
        """
        snapshot, wording = asked.snapshot, asked.checked.text
        among = among or tuple(i for i in snapshot.companions if i != zones.DOCUMENT)
        if not among:
            return None
        # 国家层面 says where to look and is not looked for.
        bare = LEVEL.sub(" ", wording) if broad else wording
        if not self._has_topic(snapshot, bare):
            bare = wording
        tried = replace(self, writer=None)._attempt(asked, wording=bare, among=among, broad=broad)
        if tried.answer.status is not Status.ANSWERED or not close(tried):
            return None
        return tried if self.writer is None else self._attempt(asked, wording=bare, among=among, broad=broad)

    def _attempt(
        self,
        asked: Asked,
        *,
        wording: str = "",
        read_as: str = "",
        among: tuple[str, ...] = (),
        broad: bool = False,
    ) -> Turn:
        """The way from a checked question to its answer.

        `wording` where not all of it is looked for, `read_as` where slips in it were put right, `among` for documents
        that are asked only then, `broad` where all of them are meant.
        """
        snapshot, focus = asked.snapshot, asked.focus
        checked = wording or read_as or asked.checked.text
        trace = Trace()
        with trace.step("understand"):
            knowledge = self.known(snapshot)
            clauses = [snapshot.clause(key) for key in focus.keys]
            listed = name_the_listed(checked, [c.clause.article if c else None for c in clauses])
            question = knowledge.reader.read(listed)
            with_body = name_the_body(listed, focus, [mention.text for mention in question.mentions])
            if with_body != listed:
                question = knowledge.reader.read(with_body)
            named = documents_named(question, snapshot)
            again = asked_again(question, named, focus, knowledge, snapshot)
            if again:
                question = knowledge.reader.read(again)
                named = documents_named(question, snapshot)
            question = knowledge.reader.without(question, named.words)
        with trace.step("resolve"):
            resolved = resolve(question, focus, self.tokenizer)
            context = Context(
                question=question,
                topic=resolved.topic,
                snapshot=snapshot,
                knowledge=knowledge,
                focus=focus,
                named=named,
                among=among,
                broad=broad,
                pinned=_pinned(snapshot, focus) if resolved.pinned else (),
                continued=resolved.continued,
                trace=trace,
            )
        with trace.step("route"):
            kind = route(context)
        # Retrieving and choosing what to quote belong to the kind.
        with trace.step("draft"):
            draft = kind.answer(context)
        if read_as:
            draft = replace(draft, notes=(say("read_as", context.language, text=read_as), *draft.notes))
        with trace.step("write"):
            written = self._write(context, draft, asked.listener)
        with trace.step("verify"):
            verified = verify(context, written.draft)
        answer = _answer(context, verified, written, asked, kind.name)
        return Turn(answer=answer, focus=_next_focus(context, verified, kind.name))

    def known(self, snapshot: Snapshot) -> Knowledge:
        """The knowledge with the bodies that this index's documents name, made once a generation."""
        memory = snapshot.generation.memory
        held = memory.get("knowledge")
        if not isinstance(held, Knowledge):
            issuers = [stored.document.metadata.issuer or "" for stored in snapshot.documents.values()]
            held = self.knowledge.with_bodies(snapshot.generation.bodies, issuers)
            memory["knowledge"] = held
        return held

    def _speller(self, snapshot: Snapshot) -> Speller:
        """The words of this index by sound, read once a generation and only when a question found nothing."""
        memory = snapshot.generation.memory
        held = memory.get("speller")
        if not isinstance(held, Speller):
            clauses = snapshot.all_clauses[:_SPELT_CLAUSES]
            texts = [text for clause in clauses for text in (clause.clause.text, *clause.questions)]
            held = Speller(self.tokenizer, (word for text in texts for word in self.tokenizer.words(text)))
            memory["speller"] = held
        return held

    def _write(self, context: Context, draft: Draft, listener: Listener | None) -> Written:
        """The draft in the language model's words where one is configured."""
        if self.writer is None:
            return Written(draft=draft, used=False)
        return write(context, draft, self.writer, listener)


def _closeness(turn: Turn) -> float:
    """How close the question is to what answered it; 1 where that was not a matter of degree."""
    confidence, sure = turn.answer.trace.get("confidence"), turn.answer.trace.get("closeness")
    if confidence is not None:
        return float(confidence)
    return float(sure[0]) if sure else 1.0


def _pinned(snapshot: Snapshot, focus: Focus) -> tuple[StoredClause, ...]:
    held = snapshot.clauses(focus.keys)
    return tuple(held[key] for key in focus.keys if key in held)


def _answer(context: Context, verified: Verified, written: Written, asked: Asked, kind: str) -> Answer:
    with context.trace.step("render"):
        shown = render(context, verified, dropped_input=asked.checked.dropped)
    if written.dropped and not written.used:
        shown += "\n\n" + say("model_failed", context.language)
    elif written.fault:
        shown += "\n\n" + say("model_broke_off", context.language)
    if context.language == "zh-Hant":
        shown = _traditional(shown)
    return Answer(
        question=asked.text,
        text=shown,
        status=verified.draft.status,
        citations=verified.citations,
        departments=verified.departments,
        mode="llm" if written.used else "extractive",
        elapsed_ms=(time.perf_counter() - asked.began) * 1000,
        trace={
            "kind": kind,
            "topic": context.topic,
            "dropped": [*written.dropped, *verified.dropped],
            **({"prompt_tokens": written.tokens, "model_fault": written.fault} if written.tokens else {}),
            **verified.draft.trace,
            **context.trace.to_json({point.clause.key for point in verified.draft.points}),
        },
    )


def _ended(text: str, draft: Draft, began: float, *, unusable: bool) -> Answer:
    return Answer(
        question=text,
        text=draft.opening,
        status=draft.status,
        elapsed_ms=(time.perf_counter() - began) * 1000,
        trace={"kind": "input", "unusable": unusable},
    )


def _next_focus(context: Context, verified: Verified, kind: str) -> Focus:
    """What the next question may point back to; one without an answer leaves only its topic."""
    focus = context.focus
    if verified.draft.status is not Status.ANSWERED:
        topic = f"{focus.topic} {context.topic}" if context.continued else context.topic
        return Focus(topic=topic.strip() or focus.topic, keys=focus.keys if context.continued else ())
    keys = [point.clause.key for point in verified.draft.points if point.clause.position >= 0]
    topic = (
        f"{focus.topic} {context.topic}".strip()
        if context.continued and context.topic != focus.topic
        else context.topic
    )
    lead = verified.draft.lead[0] if len(verified.draft.lead) == 1 and not context.question.mentions else ""
    heading = verified.draft.points[0].clause.clause.heading if verified.draft.points else ""
    return Focus(
        keys=tuple(dict.fromkeys(keys)) or focus.keys,
        topic=topic or heading or focus.topic,
        kind=kind,
        text=context.question.text,
        named=context.named.words,
        body=_body(context) or ("" if lead else focus.body),
        lead=lead,
    )


def _body(context: Context) -> str:
    """The one body that a question names, which the next one may call 它."""
    named = {mention.text for mention in context.question.mentions}
    return named.pop() if len(named) == 1 else ""


_TO_TRADITIONAL = opencc.OpenCC("s2t")


def _traditional(text: str) -> str:
    """Our own words in Traditional characters; quotes stay as published."""
    lines = [line if line.startswith(">") else _TO_TRADITIONAL.convert(line) for line in text.split("\n")]
    return "\n".join(lines)
