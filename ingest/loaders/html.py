"""Government web pages: title, text, tables and attachments, without what surrounds them.

The page's own record of the document (索引号 发文机关 成文日期 发文字号 发布日期, or meta tags)
becomes facts; navigation, share buttons, counters and related links are dropped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.loaders.base import Loaded, TextBuilder, clean_line, read_bytes, refuse, sniff, wrong_kind
from ingest.loaders.encodings import NotText, decode
from ingest.loaders.html_facts import is_record, read_facts
from ingest.loaders.html_lines import Line, render
from ingest.page_record import Facts, is_furniture
from ingest.text import compact

MAX_HTML_BYTES = 20_000_000

_META_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_UNREAD = (
    "script", "style", "noscript", "template", "iframe", "frame", "object", "embed", "applet", "svg", "math", "canvas",
    "audio", "video", "select", "textarea", "button", "input", "map", "link", "nav", "footer", "aside", "dialog",
)  # fmt: skip
# Where content systems of government sites put the text, surest first.
_CONTAINERS = (
    "ucap-content", "zoom", "zoomcon", "trs_editor", "trs_ueditor", "trs_editor_view", "pages_content", "pages-content",
    "article-content", "article_content", "articlecontent", "articlecontents", "article-con", "article_con", "news_content",
    "news-content", "newscontent", "newstext", "xxgk_content", "xxgk-content", "xxgkcontent", "xxgk_nr", "info_content", "info-content",
    "infocontent", "ivs_content", "view_content", "v_news_content", "vsb_content", "content_body", "contenttext", "content_text", "con_text",
    "detail-content", "detail_content", "text_content", "textcontent", "bt_content", "bt-content", "xl_content", "xilan_content",
    "nr_content", "wz_content", "main_content", "maincontent", "zw_content", "gw_content", "conzt", "art_con", "art-con", "artcontent",
    "pages_print", "mainbody", "j-fontcontent", "fontzoom", "cont_text", "doc_content",
)  # fmt: skip
_NOISE = re.compile(
    r"(?:^|[-_])(?:nav|navbar|navigation|menu|crumbs?|breadcrumbs?|position|location|dqwz|share|sharebox|bdsharebuttonbox|bdshare\w*|"
    r"fenxiang|fxd?|social\w*|footer|foot|footbox|copyright|print|printer|dayin|fontsize|zihao|toolbar|tools|hits?|clicks?|viewcount|"
    r"liulan|relate[ds]?|relation|xgwj|xgjd|xgxw|xglj|xgyd|xgzx|recommend\w*|pager?|pagination|pagenav|prevnext|prev|next|qrcode|ewm|"
    r"erweima|sidebar|login|search|searchbox|banner|comment|comments|wechat|weixin|weibo|gotop|backtop|floatbar|smartread|langdu)(?:$|[-_\d])"
)
_NOT_NOISE = re.compile(r"(?:^|[-_])(?:content|con|text|article|body|main|editor)(?:$|[-_\d])")
# What only a page has, in the lines around the text.
_PAGE_LINE = re.compile(
    r"^[\[(]?(?:浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:次数|数|率|量)?|访问(?:次数|量)|字体(?:大小)?|字号|打印(?:本页|文章|此页)?|关闭(?:本页|窗口|此页)?|"
    r"分享(?:到|至)?|收藏本文|扫一扫|责任编辑|编辑|校对|审核|返回(?:顶部|首页|列表)|当前位置|您(?:现在|当前)?的?(?:所在)?位置|你的位置|"
    r"上一[篇条]|下一[篇条]|来源|信息来源|文章来源|稿件来源|作者|我要纠错|纠错|朗读|微信|微博|首页|网站地图)(?:$|[\s:\])·|/\[])|^(?:字体|字号)(?:大小)?[\s:\[大中小AB+\-]+"
)
_TITLE_NAME = re.compile(r"(?:^|[-_])(?:title|tit|bt|biaoti|articletitle|headline)\d?$")
_SITE_SUFFIX = re.compile(r"\s*[-–—_|]+\s*[^-–—_|]{2,25}(?:网|网站|政府|门户|平台|委员会|厅|局)$")
_DOCUMENT_WORD = re.compile(
    r"关于|關於|办法|辦法|条例|條例|意见|意見|通知|规定|規定|方案|公告|决定|決定|规划|細則|细则|令$|函$|批复|章程|要点|纲要|报告|命令|目录|清单"
)
_RELATED = re.compile(
    r"^[\[【]?(?:相关|延伸|推荐|热点|最新)(?:链接|文件|解读|文章|新闻|阅读|稿件|信息|政策|报道|专题|内容)[\]】]?\s*:?$"
)
_ATTACHED = re.compile(
    r"\.(?:docx?|wps|pdf|xlsx?|et|pptx?|zip|rar|ofd|ceb|txt|jpe?g|png)(?:$|[?#])", re.IGNORECASE
)
_SENTENCE = re.compile(r"[,。;:、,.!?，；：！？]")
_DESCENT = frozenset(
    "html body div section article main td th tr table tbody center form dd dl li ul span font".split()
)


def load_html(path: Path) -> Loaded:
    """The main text of a saved web page. Raises UnreadableDocument in one line."""
    raw = read_bytes(path, MAX_HTML_BYTES)
    found = sniff(raw)
    if found and found[1] != ".html":
        raise wrong_kind(path, found)
    try:
        source = decode(raw, _declared(raw))
    except NotText as error:
        raise refuse(path, str(error).replace("文本文件", "网页")) from None
    if "<" not in source or not re.search(r"<[a-zA-Z!/]", source):
        raise refuse(path, "文件名是 .html，内容却是纯文本；请把扩展名改为 .txt 再试")
    root = _parse(path, source)
    facts = read_facts(root)
    _drop_unread(root)
    _drop_hidden(root)
    containers = _containers(root)
    title = facts.title or _heading(root, containers)
    lines = _tidy([line for element in containers for line in render(element)], facts)
    if not lines:
        raise refuse(path, "没有找到正文；请确认这是文件的页面，而不是列表页或需要脚本才能显示的页面")
    outside = _outside(root, containers)
    for line in outside:
        facts.read_line(line.text)
    attachments = _attachments(root)
    builder = TextBuilder(path)
    body = compact("".join(line.text for line in lines if line.grid is None))
    title = facts.title or title
    if title and compact(title) not in body[: len(compact(title)) + 500]:
        builder.add(title)
        if facts.number and compact(facts.number) not in body[:600]:
            builder.add(facts.number)
    for line in lines:
        if line.grid is not None:
            builder.add_table(line.grid)
        else:
            builder.add(line.text)
    for name, _address in attachments:
        if compact(name) not in body:
            builder.add(name if name.startswith("附件") else f"附件:{name}")
    if attachments:
        facts.set("attachments", "\n".join(" ".join(part for part in pair if part) for pair in attachments))
    return builder.build(facts.values)


def _declared(raw: bytes) -> str | None:
    match = _META_CHARSET.search(raw[:8192])
    return match.group(1).decode("ascii", "replace") if match else None


def _parse(path: Path, source: str) -> Any:
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        raise refuse(path, "网页读不出内容，可能损坏或嵌套过深")
    return root


def _drop(element: Any) -> None:
    """Remove an element but not the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _drop_unread(root: Any) -> None:
    for element in list(root.iter(*_UNREAD)):
        _drop(element)


def _drop_hidden(root: Any) -> None:
    for element in list(root.iter(etree.Element)):
        style = (element.get("style") or "").replace(" ", "").lower()
        if (
            "display:none" in style or "visibility:hidden" in style or element.get("hidden") is not None
        ) and (element.tag not in ("html", "body") and len(_text(element)) < 2000):
            _drop(element)


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _tokens(element: Any) -> list[str]:
    return f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()


def _containers(root: Any) -> list[Any]:
    """The elements that hold the text: a known container of a site's system, or where the sentences are."""
    known: dict[str, list[Any]] = {}
    for element in root.iter(etree.Element):
        for token in _tokens(element):
            if token in _CONTAINERS:
                known.setdefault(token, []).append(element)
    weights = _weights(root)
    whole = weights.get(root, 0)
    for token in _CONTAINERS:
        held = [e for e in known.get(token, ()) if len(compact(_text(e))) >= 30]
        among = set(held)
        outer = [e for e in held if not any(other in among for other in e.iterancestors())]
        # A container that holds a small part of the page's sentences is a teaser or a summary.
        if outer and sum(weights.get(e, 0) for e in outer) >= whole * 0.4:
            for element in outer:
                _drop_noise(element)
            return outer
    body = root.find("body")
    start = body if body is not None else root
    _drop_noise(start)
    return [_densest(start, _weights(root))]


def _drop_noise(container: Any) -> None:
    """Navigation, sharing, printing and the like inside a container, unless they hold its text."""
    whole = len(_text(container))
    for element in list(container.iter(etree.Element)):
        if element is container or element.tag in ("body", "html", "p", "table", "tbody", "tr", "td"):
            continue
        tokens = _tokens(element)
        if (
            any(_NOISE.search(token) for token in tokens)
            and not any(_NOT_NOISE.search(token) for token in tokens)
            and len(_text(element)) <= max(60, whole * 0.2)
        ):
            _drop(element)


def _weights(root: Any) -> dict[Any, float]:
    """How many characters of sentences, links left out, each element holds with all below it."""
    weights: dict[Any, float] = {}
    for _event, element in etree.iterwalk(root, events=("end",)):
        own = [element.text or ""] if element.tag != "a" else []
        own += [child.tail or "" for child in element]
        weight = float(sum(len(part) for part in own if _SENTENCE.search(part)))
        if element.tag != "a":
            weight += sum(weights.get(child, 0.0) for child in element)
        weights[element] = weight
    return weights


def _densest(start: Any, weights: dict[Any, float]) -> Any:
    """The smallest element that holds most of the sentences."""
    element = start
    while weights.get(start):
        following = max(element, key=lambda child: weights.get(child, 0.0), default=None)
        if following is None or following.tag not in _DESCENT:
            break
        if weights.get(following, 0.0) < 0.75 * weights.get(start, 0.0):
            break
        element = following
    # A cell or an inline element is part of a larger text; so is a row.
    while element.tag in ("span", "font", "li", "tr", "tbody", "dd") and element.getparent() is not None:
        element = element.getparent()
    return element


def _heading(root: Any, containers: list[Any]) -> str:
    """The page's own heading: h1, an element named as title, or what stands in <title> before the site's name."""
    inside = {element for container in containers for element in container.iter()}

    def usable(element: Any) -> str:
        text = clean_line(" ".join(_text(element).split()))
        text = re.sub(r"(?<=[一-鿿》〉）)]) (?=[一-鿿《〈（(])", "", text)
        return text if 6 <= len(text) <= 200 and element not in inside else ""

    def named(element: Any) -> bool:
        return any(_TITLE_NAME.search(token) for token in _tokens(element))

    candidates = [*root.iter("h1"), *(e for e in root.iter("h2", "h3", "div", "p", "td", "span") if named(e))]
    page = root.find(".//title")
    stated = clean_line(" ".join(_text(page).split())) if page is not None else ""
    for element in candidates:
        text = usable(element)
        # The first h1 of many sites is the site's own name.
        if text and (
            _DOCUMENT_WORD.search(text) or compact(text) in compact(stated)[: len(compact(text)) + 2]
        ):
            return text
    whole = _SITE_SUFFIX.sub("", stated)
    parts = [part for part in map(clean_line, re.split(r"[_|]|\s[-–—]\s|--+|——", whole)) if part]
    best = max(parts, key=lambda part: ("关于" in part, len(part)), default="")
    return best if len(best) >= 10 or _DOCUMENT_WORD.search(best) else ""


def _tidy(lines: list[Line], facts: Facts) -> list[Line]:
    """The document's lines: records and counters go, related links after the text go."""
    kept: list[Line] = []
    for number, line in enumerate(lines):
        edge = number < 10 or number >= len(lines) - 10
        if line.grid is not None:
            if edge and is_record(line.grid):
                for row in line.grid:
                    facts.read_line("\t".join(" ".join(cell.text.split()) for cell in row))
            else:
                kept.append(line)
            continue
        folded = _folded(line.text)
        if _RELATED.match(folded):
            rest = [other for other in lines[number + 1 :] if other.grid is not None or not _is_link(other)]
            if all(
                is_furniture(_folded(other.text)) or _PAGE_LINE.match(_folded(other.text)) for other in rest
            ):
                break
        if edge and len(line.text) <= 150 and (is_furniture(folded) or _PAGE_LINE.match(folded)):
            facts.read_line(line.text)
            continue
        kept.append(line)
    return kept


def _folded(text: str) -> str:
    return (
        text.replace("：", ":")
        .replace("（", "(")
        .replace("）", ")")
        .replace("【", "[")
        .replace("】", "]")
        .strip()
    )


def _is_link(line: Line) -> bool:
    return line.linked >= 0.8 * max(1, len(compact(line.text)))


def _outside(root: Any, containers: list[Any]) -> list[Line]:
    """The page's lines around the text, where its record stands."""
    return render(root, skip=frozenset(containers), flat=True)


def _attachments(root: Any) -> list[tuple[str, str]]:
    """Links to files: (附件1 任务分解表.docx, its address)."""
    found: dict[str, str] = {}
    for link in root.iter("a"):
        address = (link.get("href") or "").strip()
        name = clean_line(" ".join(_text(link).split()))
        if not name or address.lower().startswith("javascript:") or not _ATTACHED.search(address):
            continue
        found.setdefault(name, address)
    return list(found.items())
