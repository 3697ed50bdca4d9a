"""Questions that count their matters off: 一是办孵化器,二是跟职校合办培训,各是哪个厅主抓."""

from __future__ import annotations

import re
from collections.abc import Callable

_MARKS = r"[,，。;；:：\s、]"
# How people count two matters off: the words before the first, those before the second.
_PAIRS = (
    (r"一是", r"[二两]是"),
    (r"一个(?:是|呢)?[,，:：]", r"(?:第?二个|另一个|再一个|还有一个)(?:是|呢)?[,，:：]?"),
    (r"一(?:头|边|方面)(?:是|说的?是?)?", r"另?一(?:头|边|方面)(?:又|还)?(?:是|说的?是?)?"),
    (r"一处(?:是|讲|说|写)?", r"另?一处(?:是|讲|说|写)?"),
    (r"一种(?:是|情况是)?", r"(?:另)?一种(?:是|情况是)?"),
    (r"一来", r"二来"),
    (r"其一[,，:：]?", r"其二[,，:：]?"),
    (r"第一(?:件|个|样|桩)?(?:是|[,，:：、])", r"第二(?:件|个|样|桩)?(?:是|[,，:：、])"),
    (r"①", r"②"),
)
_COUNTED = tuple(
    re.compile(
        rf"^(?P<head>.*?(?:{_MARKS}|^)){first}(?P<one>[^?？]{{3,60}}?[?？]?){_MARKS}*{second}(?P<rest>.{{3,}})$",
        re.S,
    )
    for first, second in _PAIRS
)
# 鼓励创新是一摊,引人育人是另一摊,这两摊各归哪个厅牵头
_HEAPS = re.compile(
    r"^(?P<head>)(?P<one>[^,，。?？]{2,24})是一(?:摊|块|码事|回事|件事|条)[,，](?P<other>[^,，。?？]{2,24}?)(?:又|则)?是(?:另)?(?:外)?一(?:摊|块|码事|回事|件事|条)[,，。](?P<tail>.+)$"
)
# What asks the same of both, after the second.
_TAIL = re.compile(
    r"(?:[这那]?(?:两|俩)(?:头|件事?|样|个|边|处|桩|段|码|摊|块|项|种)?(?:事情?)?(?:儿)?(?:的话)?[,，]?)?(?:都|各|分别|一起|一并)[^?？]*[?？]?.*$|[这那](?:两|俩)(?:头|件|样|个|边|处|桩|摊|块|项)[^?？]*[?？]?.*$",
    re.S,
)
_EACH = re.compile(
    r"[这那]?(?:两|俩)(?:头|件事?|样|个|边|处|桩|段|码|摊|块|项|种|条)?(?:事情?)?(?:儿)?[,，]?|各自?|分别|请?把?(?:[两这]条)?都?(?:找|列|查)出来[,，]?(?:并|再)?(?:说明)?"
)
_ASKS = re.compile(r"谁|哪|什么|啥|多少|怎么|如何|咋|怎样|吗|能不能|行不行|有没有|是不是|几")
_ASKS_WHO = re.compile(r"谁|哪(?:个|家|一家)?(?:部门|单位|厅|局|委)|牵头|主抓|主管|找|归")
# 两件事一块儿问了啊 says only that there are two.
_PREFACE = re.compile(r"(?:两|俩|2)(?:件|个|样|桩|码|点)?(?:事|问题|活|样|点)")

_TRIMMED = ",，。;；:： "


def counted_off(text: str, has_topic: Callable[[str], bool]) -> tuple[str, ...]:
    """One question for each of two matters that a message counts off; none where it does not."""
    for pattern in _COUNTED:
        match = pattern.match(text.strip())
        if match is not None:
            break
    else:
        match = _HEAPS.match(text.strip())
        if match is None:
            return ()
    parts = match.groupdict()
    one = parts["one"].strip()
    if "other" in parts:
        other, tail = parts["other"], parts["tail"]
    else:
        other, tail = _parted(parts["rest"])
    head = "" if _PREFACE.search(parts["head"]) else parts["head"]
    asks = _EACH.sub("", tail).strip(_TRIMMED) if _ASKS_WHO.search(tail) and _ASKS.search(tail) else ""
    if not asks and bool(_ASKS.search(one)) != bool(_ASKS.search(other)):
        # 一头是市里,一头是省里,到底谁说了算 asks one thing.
        return ()
    if _ASKS.search(head) and not _ASKS.search(f"{one}{other}"):
        # 两种惩罚分别停几年:一种是…,一种是…
        head = _EACH.sub("", head)
        found = tuple(f"{head}{part.strip(_TRIMMED + '?？')}？" for part in (one, other))
        return found if all(map(has_topic, found)) else ()
    found = tuple(_asked(head, part, asks) for part in (one, other))
    return found if all(map(has_topic, found)) else ()


def _parted(rest: str) -> tuple[str, str]:
    """The second matter, and what asks the same of both."""
    for mark in re.finditer(r"[,，。;；?？\s]", rest):
        if _TAIL.match(rest, mark.end()) and mark.start() >= 3:
            return rest[: mark.end()].strip(_TRIMMED), rest[mark.end() :]
    return rest, ""


def _asked(head: str, part: str, asks: str) -> str:
    part = part.strip(_TRIMMED)
    if asks and not _ASKS.search(part):
        return f"{head}{part}，{asks}"
    return f"{head}{part}" if _ASKS.search(part) else f"{head}{part}，怎么规定的？"
