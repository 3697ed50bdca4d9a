"""What a document says about itself before and after its clauses: title, number, dates, addressees."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.lines import is_date_line, is_page_noise, read_date
from ingest.numbering import match_marker
from ingest.parts import Part, split_parts
from ingest.references import find_number
from ingest.text import fold, paragraphs
from ingest.types import Metadata
from ingest.validity import read_validity

_POSTED = re.compile(r"^(?:发布日期|发布时间|发文日期|发布)\s*:")
# (2005年4月20日省人民政府第52次常务会议通过) below the title of a regulation.
_PASSED = re.compile(r"\(.{4,80}(?:通过|公布|修正|修订|批准|发布|施行)\)")
_ADDRESSEE_HINT = re.compile(r"[各省市州县区部委办局厅司院企业单位组织机关政府]")
# A line with a colon that leads to the clauses and addresses nobody: 现将有关事项通知如下:
_INTRODUCES = re.compile(r"如下|以下|下列|现将|现就|^为")
_ISSUER_IN_TITLE = re.compile(r"^(?P<issuer>[一-鿿、\s]{2,60}?)(?:关于|印发|转发|批转|令|公告|通告|通知|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a document's body lies: after title and addressees, before signature and page noise."""

    metadata: Metadata
    body_start: int
    body_end: int
    parts: tuple[Part, ...]


def read_frame(text: str) -> Frame:
    """Title, number, dates and addressees of a document, and the span of its body."""
    spans = list(paragraphs(text))
    title_lines: list[str] = []
    number: str | None = None
    posted_on: str | None = None
    head_date: str | None = None
    addressees: tuple[str, ...] = ()
    index = 0
    while index < len(spans):
        start, end = spans[index]
        line = text[start:end].lstrip("#").strip()
        folded = fold(line)
        found_number = find_number(line)
        if not line:
            pass
        elif found_number:
            number = number or found_number
        elif _POSTED.match(folded):
            posted_on = read_date(line)
        elif is_page_noise(line) or _PASSED.fullmatch(folded):
            pass
        elif is_date_line(line):
            head_date = head_date or read_date(line)
        elif _is_addressee_line(line, bool(title_lines)):
            addressees = split_addressees(line)
            index += 1
            break
        elif (
            match_marker(line)
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
    validity = read_validity(text[body_start:])
    return Frame(
        metadata=Metadata(
            title=title,
            number=number,
            # Dated below the title, a document is not signed at its end; whoever signs there wrote what it issues.
            issuer=_issuer(title, None if head_date else parts[0].signed_by),
            issued_on=head_date or parts[0].signed_on,
            posted_on=posted_on,
            addressees=addressees,
            effective_from=validity.effective_from,
            valid_for=validity.valid_for,
            repeals=validity.repeals,
        ),
        body_start=body_start,
        body_end=max(body_start, parts[-1].end),
        parts=parts,
    )


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
