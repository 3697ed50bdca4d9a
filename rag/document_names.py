"""Which documents a question names, and in which words: by number, by title, by id, or loosely (养老托育那份实施意见).

The shipped policy and what users added are meant whenever they are named. A document around them is meant where the
question asks what it says (国办发54号第九条怎么写), not where it only stands behind the matter (按城乡规划法修编规划,谁牵头).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.text import bigrams, compact, fold
from rag.index import Snapshot
from rag.question import Question
from rag.spelling import lazy_pinyin

_TITLE_HEAD = re.compile(r"^[一-龥]{2,6}?[省市县区州](?:人民政府)?(?:办公厅|办公室)?(?:关于)?(?:印发)?")
# 国办发54号: a number without its year.
LOOSE_NUMBER = re.compile(
    r"(?P<series>[一-龥]{1,5}(?:办发|政发|政办发|办函|国发|国函|府规|府发|发))\s*(?:第)?(?P<number>\d{1,4})号(?:文件|文)?"
)
# 养老托育那份实施意见, 澄浦市的管理办法: what it is about and of which kind.
_LOOSE_TITLE = re.compile(
    r"(?P<what>[一-龥]{2,24}?)(?:的|那|这)(?:一)?(?:份|个|部)?(?P<kind>(?:实施|指导|若干)?意见|(?:管理|暂行|实施)?办法|通知|方案|规定|措施|条例)"
)
# 奶山羊措施里, 这份海洋渔业意见: without 的, where what follows or stands before it shows that a document is meant.
_BARE_TITLE = re.compile(
    r"(?P<what>[一-龥]{2,24}?)(?P<kind>(?:实施|指导|若干)?意见|(?:管理|暂行|实施)?办法|通知|方案|规定|(?:若干)?措施|条例)(?=里|中|当中|上|的|对|第|怎么|如何|提|规定|全文|,|，)"
)
_BEFORE_NAME = re.compile(
    r"^.*(?:这份|那份|这个|那个|这部|在|按照?|根据|依据|查一?下|翻一?下|看看|[的]?请问)"
)
# 54号文, 2017年7号文, 国发11号: a number that only its year or series tells from others.
_SHORT_NUMBER = re.compile(
    r"(?:(?P<year>20\d\d)年?(?:的|发的|那个|第)?)?(?P<series>国办发|国办|国务院办公厅|国务院|国发)?(?:(?P<later>20\d\d)年?)?(?:的|发的|发|〔(?P<inside>20\d\d)〕)?第?(?P<number>\d{1,4})号(?P<kind>文件|文|意见|通知)?"
)
_SERIES = {"国办": "国办发", "国务院办公厅": "国办发", "国务院": "国发"}
# What follows the name where the document itself is asked about, and what goes before it where it is not.
_ASKED_OF = re.compile(
    r"^[》」”\")）]*(?:这|那)?(?:份|个|部|条|里|中|上)?(?:文件|意见|通知|办法|文)?(?:本身)?(?:里头?|中|上面?|当中|[是都还又]|第|\(|(?:是)?怎么|如何|对|关于|有没有|有哪|有几|有什么|讲|说|写|规定|要求|提|什么|谁|哪|几|多少|的|现在|作废|废止|失效|把|将|让|允许|已经|全文|共|一共|总共|跟|和|与|$|[?？,，。呢吗])"
)
# 按《城乡规划法》…,这部法现在还有效吗: asked about after all.
_ITSELF = re.compile(
    r"(?:这|该)(?:部|个|份|项)?(?:法|办法|通知|文件|规定|条例|意见)[^。?]{0,10}(?:有效|管用|作废|废止|执行|怎么说|怎么写|引用|依据)"
)
# 外商投资法实施以后: a day, not a text.
_SINCE = re.compile(r"^[》」”\")）]*(?:实施|施行|出台|颁布|生效|公布|印发)(?:以来|以后|之后|后)")
_BEHIND = re.compile(r"(?:按照?|依据|依照|根据|贯彻|落实|执行|符合|遵守|为了?|结合)[《「“\"(（]*$")
# 青河市人民政府, 甘肃省人民政府办公厅关于…: whose the document is.
_PLACE = re.compile(r"(?P<name>[一-龥]{2,6}?)(?:自治区|自治州|自治县|新区|开发区|省|市|县|区|州|盟|旗)")
# Shanxi is 山西.
_SPELT = {"陕西": "shaanxi"}
# The id of policy.txt or a.txt is a word like others; guofa-2019-11 names a document.
_NAMES_IT = re.compile(r"[\d\-_一-龥]")
_THIS_KIND = re.compile(
    r"(?:这|该|本)(?:份|个|部|项|一|些)?(?P<kind>措施|办法|通知|方案|规定|条例|细则|规划|决定|意见)"
)
# 实施意见里 says of which kind it is, and no title.
_OF_A_KIND = ("实施", "指导", "若干", "管理", "暂行")
_LEADING = re.compile(r"^(?:请问|按照?|根据|依据|依照|看看|查查?|在|说|问)+")
# So much of a loose name must stand in the title of one document and of no other.
_ALIKE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The ids of the documents named and the words that name them."""

    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def documents_named(question: Question, snapshot: Snapshot) -> Named:
    """The held documents that a question names; none where it names none, or none that is held."""
    primary = _named_among(question, snapshot, snapshot.primary)
    around = _named_among(question, snapshot, snapshot.companions)
    primary = primary or _loosely(question, snapshot, snapshot.primary)
    primary = primary or _by_kind(question, snapshot) or _by_place(question, snapshot)
    if not primary:
        around = around or _loosely(question, snapshot, snapshot.companions)
    meant = {i: words for i, words in around.items() if any(_is_asked(question, w, snapshot) for w in words)}
    # 落实54号文,招商谁牵头: a number behind the matter is no part of it; 按城乡规划法修编规划 is about planning.
    behind = [word for i in around if i not in meant for word in around[i] if re.search(r"\d号|〕", word)]
    named = primary | meant
    words = (*(word for words in named.values() for word in words), *behind)
    return Named(ids=tuple(named), words=tuple(dict.fromkeys(words)))


def _named_among(
    question: Question, snapshot: Snapshot, document_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Which of some documents a question names: id → the words that name it."""
    found: dict[str, dict[str, None]] = {}
    folded = fold(question.text)
    for document_id in document_ids:
        metadata = snapshot.documents[document_id].document.metadata
        words: list[str] = []
        for reference in question.references:
            # 是不是出自商资发〔2010〕209号: words may cling to a number.
            by_number = bool(metadata.number) and (reference.number or "").endswith(metadata.number or "")
            by_title = reference.title is not None and reference.title in metadata.title
            if by_number or by_title:
                words.append(reference.raw)
        words += [name for name, plain in _names(snapshot, document_id) if _stands_in(plain, folded)]
        loose = LOOSE_NUMBER.search(folded)
        if loose and _numbered(metadata.number or "", loose):
            words.append(loose.group())
        if words:
            found[document_id] = dict.fromkeys(words)
    for short in _SHORT_NUMBER.finditer(folded):
        if not any(short.group(part) for part in ("year", "later", "series", "inside", "kind")):
            continue
        alike = [i for i in document_ids if _shortly(snapshot, i, short)]
        if len(alike) == 1:
            found.setdefault(alike[0], {})[short.group()] = None
    return {document_id: tuple(words) for document_id, words in found.items()}


def _names(snapshot: Snapshot, document_id: str) -> tuple[tuple[str, str], ...]:
    """What a document is called, as printed and folded; made once a generation."""
    memory, key = snapshot.generation.memory, f"names:{document_id}"
    held = memory.get(key)
    if not isinstance(held, tuple):
        metadata = snapshot.documents[document_id].document.metadata
        ids = (document_id,) if _NAMES_IT.search(document_id) and len(document_id) > 3 else ()
        names = (*ids, *_titles(metadata.title), *metadata.also_called)
        held = memory[key] = tuple((name, fold(name)) for name in names)
    return held


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a question by itself: 54号文, but not in 154号文 or 2018年54号文."""
    if name not in text:
        return False
    before = r"(?<![\d\]〕)年发办])" if name[0].isdigit() else r"(?<![a-z])" if name[0].isascii() else ""
    return bool(re.search(before + re.escape(name), text))


def _shortly(snapshot: Snapshot, document_id: str, short: re.Match[str]) -> bool:
    """Whether 54号文 or 2017年7号文 is this document's number."""
    number = snapshot.documents[document_id].document.metadata.number or ""
    series = short.group("series") or ""
    year = short.group("year") or short.group("later") or short.group("inside")
    return (
        number.endswith(f"〕{short.group('number')}号")
        and (not year or f"〔{year}〕" in number)
        and number.startswith(_SERIES.get(series, series))
    )


def _is_asked(question: Question, word: str, snapshot: Snapshot) -> bool:
    """Whether what a document says is asked, not only what stands behind the matter in hand."""
    folded, name = fold(question.text), fold(word)
    begin = folded.find(name)
    if begin < 0:
        return True
    before, after = folded[:begin], folded[begin + len(name) :]
    if is_asked_of(before, after):
        return True
    if _BEHIND.search(before) or _SINCE.match(after):
        return False
    texts = (snapshot.documents[i].document.text for i in snapshot.primary)
    return not any(word.strip("《》") in text for text in texts)


def is_asked_of(before: str, after: str) -> bool:
    """Whether what a document says is asked, by the words before and after its name."""
    if _ITSELF.search(after):
        return True
    return not _BEHIND.search(before) and bool(_ASKED_OF.match(after))


def _titles(title: str) -> tuple[str, ...]:
    """A title as people write it: with and without its issuer, 云岭市户外广告设施管理办法."""
    short = _TITLE_HEAD.sub("", title)
    return tuple(form for form in (title, short if len(short) >= 8 else "") if form)


def _numbered(number: str, loose: re.Match[str]) -> bool:
    return number.startswith(loose.group("series")) and number.endswith(f"〕{loose.group('number')}号")


def _by_kind(question: Question, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The one of several documents that is of the kind named: 这个措施从哪天起施行 where only one is 若干措施."""
    match = _THIS_KIND.search(fold(question.text))
    if match is None or len(snapshot.primary) < 2:
        return {}
    titles = {i: snapshot.documents[i].document.metadata.title.rstrip("》") for i in snapshot.primary}
    alike = [
        i
        for i, t in titles.items()
        if re.search(rf"{match.group('kind')}(?:》的通知)?(?:[(（][^()（）]*[)）])?$", t)
    ]
    return {alike[0]: (match.group(),)} if len(alike) == 1 else {}


def _by_place(question: Question, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Of several documents those of the place that a question names: 青河市哪些地方不许堆渣土, 松岭引进的博士."""
    text = question.text
    found: dict[str, tuple[str, ...]] = {}
    for document_id in snapshot.primary if len(snapshot.primary) > 1 else ():
        metadata = snapshot.documents[document_id].document.metadata
        place = _PLACE.match(metadata.issuer or "") or _PLACE.match(metadata.title)
        forms = (place.group(), place.group("name")) if place else ()
        # 青河市商务局 is a body, and says as much of where; Qinghe County is 青河县.
        named = next((form for form in forms if len(form) >= 2 and form in text), None)
        if named is None and question.language == "en" and forms:
            named = _spelt_in(forms[1], text)
        if named is not None:
            found[document_id] = (named,)
    return found if len(found) < len(snapshot.primary) else {}


def _spelt_in(name: str, text: str) -> str | None:
    """The word of an English question that spells a Chinese place name: Zhejiang of 浙江."""
    spelling = _SPELT.get(name) or "".join(lazy_pinyin(name))
    match = re.search(rf"\b{spelling}\b", text, re.IGNORECASE) if len(name) >= 2 else None
    return match.group() if match else None


def _loosely(
    question: Question, snapshot: Snapshot, document_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The one document whose title has most of the words before 那份意见."""
    folded = fold(question.text)
    for match in (*_LOOSE_TITLE.finditer(folded), *_BARE_TITLE.finditer(folded)):
        what = _LEADING.sub("", _BEFORE_NAME.sub("", match.group("what")))
        if len(what) < 2 or what in _OF_A_KIND:
            continue
        pairs = set(bigrams(what))
        alike = [
            document_id
            for document_id in document_ids
            if (title := snapshot.documents[document_id].document.metadata.title)
            and match.group("kind") in title
            and pairs
            and len(pairs & set(bigrams(compact(fold(title))))) >= _ALIKE * len(pairs)
        ]
        if len(alike) == 1 and len(snapshot.documents) > 1:
            return {alike[0]: (match.group()[len(match.group("what")) - len(what) :],)}
    return {}
