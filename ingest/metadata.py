"""What a document says about itself before and after its clauses: title, number, dates, addressees."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.lines import is_date_line, is_page_noise, read_date
from ingest.numbering import has_decimals, match_marker
from ingest.page_record import Facts, is_furniture
from ingest.parts import Part, split_parts
from ingest.references import find_number, find_references
from ingest.text import fold, paragraphs
from ingest.types import Metadata
from ingest.validity import read_validity

# (2005年4月20日省人民政府第52次常务会议通过) below the title of a regulation.
_PASSED = re.compile(r"\(.{4,80}(?:通过|公布|修正|修订|批准|发布|施行)\)")
_ADDRESSEE_HINT = re.compile(r"[各省市州县区部委办局厅司院企业单位组织机关政府]")
# 中华人民共和国国务院令 第706号 stands where other documents have a title; the title is the text it publishes.
_ORDER = re.compile(
    r"(?P<issuer>[一-鿿、\s]{2,30}(?:政府|国务院|委员会|[部委署局院行]))令\s*(?P<number>\(?第\s*\d{1,4}\s*号\)?)?"
)
_ORDER_NUMBER = re.compile(r"\(?第\s*\d{1,4}\s*号\)?")
# HHCR-2019-01011 registers a document; it is not its number.
_REGISTERED = re.compile(r"[a-z]{2,10}-\d{4}-\d{2,6}")
# A line with a colon that leads to the clauses and addresses nobody: 现将有关事项通知如下:
_INTRODUCES = re.compile(r"如下|以下|下列|现将|现就|^为")
# A title that is whole, and the line below it that only says whose it is or by which order: 临渡市人民政府令第41号.
_WHOLE_TITLE = re.compile(
    r"(?:意见|办法|通知|措施|方案|规定|条例|决定|规划|细则|公告|批复|规则|规程|政策|计划|纲要)(?:\([^()]*\))?$"
)
_ISSUER_LINE = re.compile(r"[一-鿿、\s]{2,40}(?:政府|国务院|办公厅|办公室|委员会|[部委厅局署院])")
_ISSUER_IN_TITLE = re.compile(r"^(?P<issuer>[一-鿿、\s]{2,60}?)(?:关于|印发|转发|批转|令|公告|通告|通知|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a document's body lies: after title and addressees, before signature and page noise."""

    metadata: Metadata
    body_start: int
    body_end: int
    parts: tuple[Part, ...]


def read_frame(text: str, *, decimals: bool | None = None) -> Frame:
    """Title, number, dates and addressees of a document, and the span of its body."""
    decimals = has_decimals(text) if decimals is None else decimals
    spans = list(paragraphs(text))
    title_lines: list[str] = []
    number: str | None = None
    order: str | None = None
    record = Facts()
    head_date: str | None = None
    below_title: str | None = None
    addressees: tuple[str, ...] = ()
    index = 0
    while index < len(spans):
        start, end = spans[index]
        line = text[start:end].lstrip("#").strip()
        folded = fold(line)
        found_number = find_number(line)
        if not line or _REGISTERED.fullmatch(folded):
            pass
        elif found_number:
            number = number or found_number
        elif _is_whole(title_lines) and _ISSUER_LINE.fullmatch(line):
            below_title = re.sub(r"\s+", "", line)
        elif (not title_lines or _is_whole(title_lines)) and (published := _ORDER.fullmatch(line)):
            order = re.sub(r"\s+|^中华人民共和国", "", published.group("issuer"))
            number = _order_number(order, published.group("number"))
        elif order and _ORDER_NUMBER.fullmatch(line):
            number = _order_number(order, line)
        elif is_furniture(folded):
            record.read_line(line)
        elif is_page_noise(line) or _PASSED.fullmatch(folded):
            pass
        elif is_date_line(line):
            head_date = head_date or read_date(line)
        elif _is_addressee_line(line, bool(title_lines)):
            addressees = split_addressees(line)
            index += 1
            break
        elif (
            match_marker(line, decimals=decimals)
            or line[-1] in "。;；"
            or (title_lines and (len(line) > 45 or line[-1] in ":："))
        ):
            break
        elif len(title_lines) < 4:
            title_lines.append(line)
        else:
            break
        index += 1
    body_start = spans[index][0] if index < len(spans) else len(text)
    parts = split_parts(text, body_start)
    title = "".join(title_lines)
    if order and not title:
        title = next((reference.title or "" for reference in find_references(text[body_start:])), "")
    stated = record.values
    validity = read_validity(text[body_start:])
    # Dated below the title, a document is not signed at its end; whoever signs there wrote what it issues.
    signed_by = None if head_date else parts[0].signed_by
    issuer = order or _issuer(title, signed_by) or below_title or stated.get("issuer")
    return Frame(
        metadata=Metadata(
            title=title or record.title,
            number=number or record.number or None,
            issuer=issuer,
            issued_on=head_date or parts[0].signed_on or stated.get("issued_on"),
            posted_on=stated.get("posted_on"),
            addressees=addressees,
            effective_from=validity.effective_from,
            valid_for=validity.valid_for,
            repeals=validity.repeals,
        ),
        body_start=body_start,
        body_end=max(body_start, parts[-1].end),
        parts=parts,
    )


def _is_whole(title_lines: list[str]) -> bool:
    """Whether the lines so far end as titles do: …管理办法, …若干措施的通知, …条例(试行)."""
    return bool(title_lines) and bool(_WHOLE_TITLE.search(fold("".join(title_lines))))


def _order_number(issuer: str, printed: str | None) -> str | None:
    """国务院, 第706号 → 国令第706号; 甘肃省人民政府, 第12号 → 甘肃省人民政府令第12号."""
    if not printed:
        return None
    series = "国" if issuer == "国务院" else issuer
    return f"{series}令" + re.sub(r"[()（）\s]", "", printed)


def _is_addressee_line(line: str, has_title: bool) -> bool:
    return (
        has_title
        and line[-1] in ":："
        and len(line) <= 300
        and "。" not in line
        and match_marker(line) is None
        and not _INTRODUCES.search(line)
        and bool(_ADDRESSEE_HINT.search(line))
    )


def split_addressees(line: str) -> tuple[str, ...]:
    """各市、自治州人民政府,兰州新区管委会: → its groups; 、 joins one group's kinds, so it stays."""
    return tuple(part.strip() for part in re.split(r"[,，;；]", line.rstrip(":： ")) if part.strip())


def _issuer(title: str, signature: str | None) -> str | None:
    """Who issued it: the fuller of title and signature, 湖北省人民政府办公厅 for 省人民政府办公厅."""
    named = _issuer_from_title(title)
    if signature and named:
        if named.endswith(signature):
            return named
        return signature
    return signature or named


def _issuer_from_title(title: str) -> str | None:
    match = _ISSUER_IN_TITLE.match(title)
    if not match:
        return None
    issuer = match.group("issuer").strip()
    return issuer if re.search(r"(?:政府|办公厅|办公室|委员会|国务院|[部厅局署委院])$", issuer) else None
