"""What programs call: ask, search, clause and department, over HTTP and as tools of the Model Context Protocol."""

# Gradio reads the annotations themselves, so they are not put off with `from __future__ import annotations`.

import inspect
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any, Protocol

import gradio as gr

from ingest.errors import BadInput, PolicyQAError
from ingest.stores.catalogue import StoredClause, StoredDocument
from rag.articles import article_label, article_level, heads
from rag.build import Assistant
from rag.context import Focus
from rag.messages import say
from rag.retrieve import Hit
from rag.web.limits import RateLimit
from rag.who_is_who import ROLES, Part, Profile
from rag.wording import current_names, merge_roles, role_word

log = logging.getLogger(__name__)

MOST_TURNS, MOST_HITS, LONGEST_TEXT = 40, 100, 2000
# Calls do not wait in Gradio's queue; so many are worked on at once, and the others wait so long.
_AT_ONCE, _PATIENCE_S = 4, 20.0
_ROLES = {role_word(role): role for role in ROLES}
_NO_BODY = "没有认出这个单位，或者已收录的文件没有写到它牵头、负责或配合；新旧名称、俗称都可以用"
_BUSY = "现在问的人太多，请稍后再试"
_TOO_FAST = "问得太快了，请过 {seconds} 秒再试"

Object = dict[str, Any]


class Desk(Protocol):
    """Whoever opens the index when it is first needed."""

    def assistant(self) -> Assistant:
        """The assistant; raises PolicyQAError where there is none."""
        ...


class Refused(gr.Error):  # type: ignore[misc]  # Gradio is not typed
    """A call that could not be answered, in one plain line."""

    def __init__(self, line: str) -> None:
        super().__init__(line, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)


class Endpoints:
    """The four calls. Each returns a JSON object, or raises gr.Error with one plain line in Chinese."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, question: str, history: list[str] | None = None) -> Object:
        """Answer a question about the Chinese government policy documents held here, from their text alone.

        Every quote is a span of a stored document; what the documents do not say is not said (`refused` is true). The
        answer is not an official reply.

        Parameters:
            question: One question in everyday words, Chinese or English: 园区项目贷款贴息找哪个部门?
            history: The user's earlier questions of the same conversation, oldest first, at most 40; what 那配合的呢? points back to. Leave it out for a question that stands alone.

        Returns:
            An object: question; answer (Markdown; [1] is the first clause cited);
            refused; status (answered, not_in_corpus, out_of_scope, no_such_article, no_such_role, unsafe, clarify);
            citations (document_id, document_title, document_number, section, path, article, label, heading, quote,
            start, end, lead, cooperating, kind: original or digest, source);
            departments (lead, cooperating, current: old name → present name); mode; elapsed_ms.
        """
        with _one_line():
            asked = _text(question, "question", empty_too=True)
            earlier = _turns(history)
            assistant = self._desk.assistant()
            before = assistant.retrace(earlier)
            answer = assistant.turn(asked, before[-1].focus if before else Focus()).answer
            if answer.trace.get("unusable"):
                raise Refused(answer.text)
            return answer.to_json()

    def search(self, query: str, limit: int = 10) -> Object:
        """Find clauses of the policy documents for a topic, best first, without answering anything.

        Parameters:
            query: A topic or a question, Chinese or English: 贷款贴息
            limit: How many clauses at most, 1 to 100.

        Returns:
            An object: query; hits, each with document_id, path (from the part to the clause),
            article (its number, or null where the document does not number its articles in one series), score (0 to 1).
        """
        with _one_line():
            wanted = _text(query, "query")
            most = _number(limit, "limit", MOST_HITS)
            hits = self._desk.assistant().search(wanted, most)
            return {"query": wanted, "hits": [_hit(hit) for hit in hits]}

    def clause(self, document_id: str, article: int) -> Object:
        """Give one article of a policy document word for word, with who is in charge of it.

        Parameters:
            document_id: The document's id as search and ask give it: gansu-etdz-2015
            article: The article's number: 14 for (十四) or 第十四条.

        Returns:
            An object: document_id; document_title; document_number; source; kind (original: the text as published,
            digest: its points in other words) and unverified (a digest nobody has checked);
            article; label; path; section; heading; text with start and end (character offsets in the document);
            lead, responsible, cooperating (bodies as printed), open_ended (等部门); current (old name → present name);
            previous and next (article, label, heading; null at the ends).
        """
        with _one_line():
            wanted = _text(document_id, "document_id")
            number = _number(article, "article", 100_000)
            assistant = self._desk.assistant()
            stored = next((d for d in assistant.documents() if d.document.id == wanted), None)
            if stored is None:
                raise Refused("没有收录编号是这个的文件；文件编号见 search 或 ask 的结果（document_id）")
            clauses = assistant.clauses(wanted)
            articles = heads([clause for clause in clauses if clause.clause.article is not None])
            at = next((n for n, head in enumerate(articles) if head.clause.article == number), None)
            if at is None:
                raise Refused(_no_article(stored, number, articles))
            return {
                **_document(stored),
                **_article(stored, articles[at], clauses, assistant),
                "previous": _neighbour(articles[at - 1]) if at else None,
                "next": _neighbour(articles[at + 1]) if at + 1 < len(articles) else None,
            }

    def department(self, name: str) -> Object:
        """List every clause that a public body leads, is responsible for or cooperates in; complete, not a search.

        Parameters:
            name: Any name of the body, of then or of today, or what people call it: 省国土资源厅, 甘肃省自然资源厅, 财政厅

        Returns:
            An object: name; bodies (the names the documents print); current (old name → present name);
            counts (lead, responsible, cooperating); clauses in reading order, each with body, role,
            document_id, document_title, document_number, section, article, label, heading.
        """
        with _one_line():
            wanted = _text(name, "name")
            assistant = self._desk.assistant()
            try:
                found = assistant.profiles(wanted)
            except BadInput as error:
                # Below BadInput are failures of the index, which tell themselves.
                raise Refused(_NO_BODY) if type(error) is BadInput else error from None
            bodies = [profile.body for profile in found]
            return {
                "name": wanted,
                "bodies": bodies,
                "current": current_names(bodies, assistant.knowledge.directory),
                "counts": {role: sum(p.count(word) for p in found) for word, role in _ROLES.items()},
                "clauses": _duties(found, assistant),
            }


def add_endpoints(desk: Desk, limit: RateLimit | None = None) -> None:
    """Register the four calls; to be called inside the page's gr.Blocks.

    `limit` is the page's own, so that a visitor's questions and calls count together.
    """
    endpoints = Endpoints(desk)
    places = threading.BoundedSemaphore(_AT_ONCE)
    for call in (endpoints.ask, endpoints.search, endpoints.clause, endpoints.department):
        # In the queue, a tool's call would be sent once more, to whatever host the request names.
        gr.api(_served(call, places, limit), api_name=call.__name__, queue=False)


def _served(
    call: Callable[..., Object], places: threading.BoundedSemaphore, limit: RateLimit | None
) -> Callable[..., Object | str]:
    """A call as Gradio makes it: with the request, an allowance for each visitor, and few at once."""

    def served(*arguments: Any) -> Object | str:
        *values, request = arguments
        client = request.client if request else None
        waiting = limit.seconds_to_wait(client.host if client else "") if limit else 0
        if waiting:
            raise Refused(_TOO_FAST.format(seconds=waiting))
        if not places.acquire(timeout=_PATIENCE_S):
            raise Refused(_BUSY)
        try:
            given = call(*values)
        finally:
            places.release()
        # Gradio shows a tool's caller str() of what is returned, and that of a dict is no JSON.
        by_tool = request is not None and "/gradio_api/mcp" in request.url.path
        return json.dumps(given, ensure_ascii=False) if by_tool else given

    update_wrapper(served, call)
    signature = inspect.signature(call)
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    optional = request.replace(default=None, annotation=gr.Request | None)
    parameters = [*signature.parameters.values(), optional]
    served.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    served.__annotations__ = {**inspect.get_annotations(call), "request": gr.Request | None}
    return served


@contextmanager
def _one_line() -> Iterator[None]:
    """Whatever goes wrong inside is told in one line; what was not foreseen goes to the log."""
    try:
        yield
    except gr.Error:
        raise
    except PolicyQAError as error:
        raise Refused(str(error)) from None
    except Exception:
        log.exception("a call failed")
        raise Refused(say("error")) from None


def _text(value: Any, name: str, *, empty_too: bool = False) -> str:
    """A text that a caller gave; `empty_too` where an empty one gets an answer of its own."""
    if not isinstance(value, str):
        raise Refused(f"{name} 应是一段文字")
    if not value.strip() and not empty_too:
        raise Refused(f"请给出 {name}")
    if len(value) > LONGEST_TEXT and not empty_too:
        raise Refused(f"{name} 太长，最多 {LONGEST_TEXT} 字")
    # Half of a character pair is no text and could not be sent back.
    return value.encode("utf-8", "replace").decode("utf-8")


def _turns(value: Any) -> list[str]:
    turns = [] if value is None else value
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise Refused("history 应是一列文字：以前问过的问题，先问的在前")
    if len(turns) > MOST_TURNS:
        raise Refused(f"history 最多 {MOST_TURNS} 个问题")
    return [_text(turn, "history", empty_too=True) for turn in turns]


def _number(value: Any, name: str, most: int) -> int:
    # True is an int to Python and no number to anybody else.
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise Refused(f"{name} 应是 1 到 {most} 的整数")
    return value


def _hit(hit: Hit) -> Object:
    clause = hit.clause.clause
    return {
        "document_id": hit.clause.document_id,
        "path": list(clause.path),
        "article": clause.article,
        "score": round(hit.score, 6),
    }


def _document(stored: StoredDocument) -> Object:
    metadata = stored.document.metadata
    return {
        "document_id": stored.document.id,
        "document_title": metadata.title,
        "document_number": metadata.number,
        "kind": metadata.kind,
        "source": metadata.source,
    }


def _article(
    stored: StoredDocument, head: StoredClause, clauses: Sequence[StoredClause], assistant: Assistant
) -> Object:
    """An article with the units below it: 第四条 is its lead-in and its items."""
    path = head.clause.path[: article_level(head) + 1]
    parts = [clause.clause for clause in clauses if clause.clause.path[: len(path)] == path]
    start, end = min(part.start for part in parts), max(part.end for part in parts)
    lead, cooperating, responsible, open_ended = merge_roles([d for p in parts for d in p.responsibilities])
    names = (*lead, *responsible, *cooperating)
    return {
        "unverified": any(part.label in stored.document.metadata.unverified for part in parts),
        "article": head.clause.article,
        "label": article_label(head),
        "path": list(path),
        "section": head.clause.section or None,
        "heading": head.clause.heading,
        "text": stored.document.text[start:end],
        "start": start,
        "end": end,
        "lead": list(lead),
        "responsible": list(responsible),
        "cooperating": list(cooperating),
        "open_ended": open_ended,
        "current": current_names(names, assistant.knowledge.directory),
    }


def _neighbour(head: StoredClause) -> Object:
    return {
        "article": head.clause.article,
        "label": article_label(head),
        "heading": head.clause.heading,
    }


def _no_article(stored: StoredDocument, number: int, articles: Sequence[StoredClause]) -> str:
    title = stored.document.metadata.title
    if not articles:
        return f"《{title}》的条款没有统一的条号，请用 search 查找"
    held = "只收录了提要，提要里" if stored.document.metadata.kind == "digest" else ""
    return f"《{title}》{held}没有第 {number} 条：从第 {articles[0].clause.article} 条到第 {articles[-1].clause.article} 条，共 {len(articles)} 条"


def _duties(found: Sequence[Profile], assistant: Assistant) -> list[Object]:
    documents = dict.fromkeys(part.document_id for profile in found for part in profile.parts)
    clauses = [clause for document_id in documents for clause in assistant.clauses(document_id)]
    order = {_place(clause): (position, clause.clause.article) for position, clause in enumerate(clauses)}
    duties = [(*order[_place_of(part)], part) for profile in found for part in profile.parts]
    return [
        {
            "body": part.body,
            "role": _ROLES[part.role],
            "document_id": part.document_id,
            "document_title": part.title,
            "document_number": part.number or None,
            "section": part.section or None,
            "article": article,
            "label": part.label,
            "heading": part.heading,
        }
        for _, article, part in sorted(duties, key=lambda duty: duty[0])
    ]


def _place(clause: StoredClause) -> tuple[str, ...]:
    return (clause.document_id, clause.clause.section, clause.clause.label, clause.clause.heading)


def _place_of(part: Part) -> tuple[str, ...]:
    return (part.document_id, part.section, part.label, part.heading)
