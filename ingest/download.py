"""One page of an official site, downloaded politely and within limits.

Only https, only listed sites, only public addresses, for every redirect again. The address that was checked is
the one connected to, so that a name which resolves differently a second time (DNS rebinding) gains nothing.
No proxy is used: behind one, nobody here could say which address is connected to.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import certifi
import httpcore
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from ingest.errors import PolicyQAError

AGENT = "policyqa"
USER_AGENT = f"{AGENT}/0.1 (reads official policy documents; obeys robots.txt)"

# What may be downloaded, and how the file is called then.
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/msword": ".doc",
    "text/plain": ".txt",
}

_REDIRECTS = (301, 302, 303, 307, 308)
_ROBOTS_BYTES = 500_000
_URL_SAFE = "%/:?@!$&'()*+,;=~[]-._"
# Public by number, yet answered by the machine's own cloud or network.
_NEVER = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Resolver = Callable[[str, int], Sequence[str]]
AddressCheck = Callable[[str, int], bool]


class FetchFailed(PolicyQAError):
    """A page that was not downloaded or not taken; `again` where another try may help, `after` so many seconds."""

    def __init__(
        self, reason: str, *, again: bool = False, after: float = 0.0, status: int | None = None
    ) -> None:
        super().__init__(reason)
        self.again = again
        self.after = after
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of everything a page may take."""

    max_bytes: int = 20_000_000
    # All connections of a page together; waiting between them is not counted.
    total_s: float = 60.0
    # Without a single byte.
    idle_s: float = 20.0
    max_redirects: int = 5
    attempts: int = 4
    # A site that asks to wait longer (Retry-After, Crawl-delay) is left alone this time.
    longest_wait_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A page as the site sent it; `suffix` is that of the file it becomes: .html."""

    url: str
    final_url: str
    content_type: str
    suffix: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A web address that was taken apart once, so that all parts read it the same way."""

    host: str
    port: int
    target: str

    @property
    def site(self) -> str:
        """As it stands in a list of sites: www.gov.cn, www.example.cn:8443, [2001:db8::1]."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"https://{self.site}{self.target}"


def is_public(address: str, port: int = 443) -> bool:
    """Whether an address is one of the public internet: not 127.0.0.1, 10.x, 169.254.169.254, ::ffff:10.0.0.1."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner), port)
        if found not in _GLOBAL_UNICAST:
            return False
    return (
        found.is_global
        and not found.is_multicast
        and not any(found in network for network in _NEVER if network.version == found.version)
    )


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a host name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(row[4][0]) for row in found))


def trusted_authorities() -> ssl.SSLContext:
    """Checks certificates against Mozilla's list, whatever the environment names instead."""
    return ssl.create_default_context(cafile=certifi.where())


def allowed_address(url: str, sites: Collection[str]) -> Address:
    """The parts of an https address on one of the sites; `*.gov.cn` stands for all below it. Raises FetchFailed."""
    shown = quote(url[:200], safe=_URL_SAFE + "#")
    # Parsers disagree about these; what the one checks, the other would not visit.
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchFailed(f"地址写法不对：{shown}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchFailed(f"地址写法不对：{shown}") from None
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme != "https":
        raise FetchFailed(f"只接受 https 地址：{shown}")
    if not host or not host.isascii() or parts.username is not None:
        raise FetchFailed(f"地址写法不对：{shown}")
    target = quote(parts.path or "/", safe=_URL_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_URL_SAFE)
    address = Address(host=host, port=443 if port is None else port, target=target)
    for site in sites:
        if address.site == site or (site.startswith("*.") and address.site.endswith(site[1:])):
            return address
    raise FetchFailed(f"不是允许访问的网站：{address.site[:100]}")


class Downloader:
    """Downloads pages of the listed sites, one after the other; what it knows of robots.txt lasts as long as it.

    Every parameter but `sites` is there for tests and has the safe value as its default.
    """

    def __init__(
        self,
        sites: Iterable[str],
        *,
        delay_s: float = 2.0,
        limits: Limits | None = None,
        address_ok: AddressCheck = is_public,
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sites = frozenset(site.lower() for site in sites)
        self._delay_s = delay_s
        self._limits = limits or Limits()
        self._address_ok = address_ok
        self._resolver = resolver
        self._ssl_context = ssl_context or trusted_authorities()
        self._sleep = sleep
        self._robots: dict[str, RobotFileParser | FetchFailed] = {}
        # When the last request to a host ended; when it asks for longer pauses, how long.
        self._last: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def download(self, url: str) -> Downloaded:
        """A page with its redirects followed. Raises FetchFailed in one line."""
        answer = self._follow(url, self._limits.max_bytes, page=True)
        if not answer.content.strip():
            raise FetchFailed("网站给的内容是空的")
        return Downloaded(
            url=url,
            final_url=str(answer.address),
            content_type=answer.content_type,
            suffix=SUFFIXES[_media_type(answer.content_type)],
            content=answer.content,
        )

    def _follow(self, url: str, max_bytes: int, *, page: bool) -> _Answer:
        watch = _Watch(self._limits.total_s)
        for _hop in range(self._limits.max_redirects + 1):
            address = allowed_address(url, self._sites)
            if page:
                with watch.stopped():
                    self._obey_robots(address)
            answer = self._insist(address, watch, max_bytes, page)
            if answer.location is None:
                return answer
            try:
                url = urljoin(str(address), answer.location.strip())
            except ValueError:
                raise FetchFailed("网站跳转到的地址写法不对") from None
        raise FetchFailed(f"网站跳转超过 {self._limits.max_redirects} 次")

    def _insist(self, address: Address, watch: _Watch, max_bytes: int, page: bool) -> _Answer:
        """One request, again after a while where that may help."""
        backoff = wait_exponential_jitter(initial=1, max=30, jitter=1)

        def wait(state: RetryCallState) -> float:
            fault = state.outcome.exception() if state.outcome else None
            return max(backoff(state), fault.after if isinstance(fault, FetchFailed) else 0.0)

        def pause(seconds: float) -> None:
            with watch.stopped():
                self._sleep(seconds)

        retrying = Retrying(
            retry=retry_if_exception(lambda fault: isinstance(fault, FetchFailed) and fault.again),
            stop=stop_after_attempt(self._limits.attempts),
            wait=wait,
            sleep=pause,
            reraise=True,
        )
        return retrying(self._request, address, watch, max_bytes, page)

    def _request(self, address: Address, watch: _Watch, max_bytes: int, page: bool) -> _Answer:
        with watch.stopped():
            self._keep_distance(address.host)
        idle = dict.fromkeys(("connect", "read", "write", "pool"), self._limits.idle_s)
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", address.site),
            ("User-Agent", USER_AGENT),
            ("Accept", ", ".join(SUFFIXES)),
            ("Accept-Encoding", "gzip"),
            ("Connection", "close"),
        ]
        connection = httpcore.HTTPConnection(
            httpcore.Origin(b"https", address.host.encode("ascii"), address.port),
            ssl_context=self._ssl_context,
            network_backend=_CheckedBackend(self._resolver, self._address_ok, watch),
        )
        url = httpcore.URL(
            scheme=b"https", host=address.host, port=address.port, target=address.target.encode("ascii")
        )
        try:
            with (
                contextlib.closing(connection),
                connection.stream("GET", url, headers=headers, extensions={"timeout": idle}) as response,
            ):
                return self._read(response, address, max_bytes, page)
        except httpcore.TimeoutException:
            raise FetchFailed(f"超时：{self._limits.idle_s:g} 秒没有回应", again=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise FetchFailed("连不上网站，或者连接中断", again=True) from None
        finally:
            self._last[address.host] = time.monotonic()

    def _read(self, response: httpcore.Response, address: Address, max_bytes: int, page: bool) -> _Answer:
        headers = {
            name.decode("latin-1").lower(): value.decode("utf-8", "replace")
            for name, value in reversed(response.headers)
        }
        status, content_type = response.status, headers.get("content-type", "")
        if status == 429 or status >= 500:
            after = _seconds(headers.get("retry-after", ""))
            if after > self._limits.longest_wait_s:
                raise FetchFailed(f"网站回答 {status}，要求 {after:.0f} 秒以后再来", status=status)
            raise FetchFailed(f"网站回答 {status}", again=True, after=after, status=status)
        if status in _REDIRECTS and "location" in headers:
            return _Answer(
                address=address, content_type=content_type, content=b"", location=headers["location"]
            )
        if status != 200:
            raise FetchFailed(f"网站回答 {status}", status=status)
        if page and _media_type(content_type) not in SUFFIXES:
            shown = re.sub(r"[^\x21-\x7e]", "?", _media_type(content_type))[:60] or "没有写明"
            raise FetchFailed(f"内容类型不对（{shown}），只收网页、PDF、Word 和纯文本")
        content = _read_content(response, headers, max_bytes)
        return _Answer(address=address, content_type=content_type, content=content)

    def _obey_robots(self, address: Address) -> None:
        if address.site not in self._robots:
            self._robots[address.site] = self._read_robots(address)
        rules = self._robots[address.site]
        if isinstance(rules, FetchFailed):
            raise FetchFailed(str(rules))
        if not rules.can_fetch(AGENT, str(address)):
            raise FetchFailed(f"robots.txt 不允许：{address}")
        pause = float(rules.crawl_delay(AGENT) or 0)
        if pause > self._limits.longest_wait_s:
            raise FetchFailed(f"robots.txt 要求每次请求间隔 {pause:.0f} 秒，这次不下载")
        self._pauses[address.host] = pause

    def _read_robots(self, address: Address) -> RobotFileParser | FetchFailed:
        """The site's rules; no rules where it has none (404), a failure where nobody can know (503)."""
        rules = RobotFileParser()
        lines: list[str] = []
        try:
            answer = self._follow(f"https://{address.site}/robots.txt", _ROBOTS_BYTES, page=False)
            lines = answer.content.decode("utf-8-sig", "replace").splitlines()
        except FetchFailed as fault:
            if fault.status is None or fault.status == 429 or not 400 <= fault.status < 500:
                return FetchFailed(f"取不到 robots.txt，这次不下载（{fault}）")
            if fault.status in (401, 403):
                lines = ["User-agent: *", "Disallow: /"]
        try:
            rules.parse(lines)
        except ValueError:
            return FetchFailed("robots.txt 读不懂，这次不下载")
        return rules

    def _keep_distance(self, host: str) -> None:
        pause = max(self._delay_s, self._pauses.get(host, 0.0))
        if host in self._last and (wait := self._last[host] + pause - time.monotonic()) > 0:
            self._sleep(wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    address: Address
    content_type: str
    content: bytes
    location: str | None = None


def _media_type(content_type: str) -> str:
    return content_type.split(";")[0].strip().lower()


def _seconds(retry_after: str) -> float:
    """Retry-After as seconds from now: 120, or Wed, 21 Oct 2026 07:28:00 GMT."""
    value = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0.0
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _read_content(response: httpcore.Response, headers: dict[str, str], max_bytes: int) -> bytes:
    """The body, unpacked; never more than `max_bytes` in memory, whether packed or not."""
    size = f"{max_bytes / 1_000_000:g} MB"
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchFailed("网站用了不认识的压缩方式")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    too_large = FetchFailed(f"超过大小上限 {size}")
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise too_large
    received, content = 0, bytearray()
    try:
        for chunk in response.iter_stream():
            received += len(chunk)
            if received > max_bytes:
                raise too_large
            content += unpack.decompress(chunk, max_bytes + 1 - len(content)) if unpack else chunk
            if len(content) > max_bytes:
                raise too_large
    except zlib.error:
        raise FetchFailed("压缩的内容解不开") from None
    if unpack and received and (not unpack.eof or unpack.unused_data):
        raise FetchFailed("压缩的内容不完整")
    return bytes(content)


class _Watch:
    """How much time a page has left, measured while something is being done for it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def left(self, most: float | None) -> float:
        """Seconds that the next step may take. Raises FetchFailed where none is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise FetchFailed(f"超时：一个页面最多用 {self._seconds:g} 秒")
        return left if most is None else min(left, most)

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """What happens inside is not counted."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._until += time.monotonic() - started


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to an address that was checked, never to a name."""

    def __init__(self, resolver: Resolver, address_ok: AddressCheck, watch: _Watch) -> None:
        self._resolver = resolver
        self._address_ok = address_ok
        self._watch = watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers, after all of them were found public."""
        addresses = self._addresses(host, port, timeout)
        for address in addresses:
            if not self._address_ok(address, port):
                raise FetchFailed(f"地址不是公网地址：{host} → {address}")
        timed_out = False
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            seconds = self._watch.left(timeout)
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(seconds)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.connect((address, port))
                return _Stream(connection, self._watch)
            except OSError as error:
                connection.close()
                timed_out = isinstance(error, TimeoutError)
        self._watch.left(timeout)
        raise httpcore.ConnectTimeout() if timed_out else httpcore.ConnectError()

    def _addresses(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """The host's addresses; in a thread of its own, as the system's resolver knows no time limit."""
        found: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self._resolver(host, port))
            except (OSError, UnicodeError):
                found.put(())

        threading.Thread(target=look_up, daemon=True).start()
        try:
            addresses = found.get(timeout=self._watch.left(timeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout from None
        if not addresses:
            raise FetchFailed(f"查不到网站 {host} 的地址，请检查网络", again=True)
        return addresses


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends when the page's time does."""

    def __init__(self, connection: socket.socket, watch: _Watch) -> None:
        self._connection = connection
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, or none at the end."""
        self._connection.settimeout(self._watch.left(timeout))
        with self._faults(timeout, httpcore.ReadTimeout, httpcore.ReadError):
            return self._connection.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._connection.settimeout(self._watch.left(timeout))
        with self._faults(timeout, httpcore.WriteTimeout, httpcore.WriteError):
            self._connection.sendall(buffer)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Agree on keys; the certificate must be for the name, whatever the address."""
        try:
            self._connection.settimeout(self._watch.left(timeout))
            with self._faults(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
                # Without this a body of unknown length that breaks off would count as complete.
                secured = ssl_context.wrap_socket(
                    self._connection, server_hostname=server_hostname, suppress_ragged_eofs=False
                )
        except ssl.SSLCertVerificationError:
            raise FetchFailed(f"网站证书不可信，或不是 {server_hostname} 的") from None
        finally:
            # Where it went well the socket now belongs to `secured`, and this closes nothing.
            self._connection.close()
        return _Stream(secured, self._watch)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for: the TLS connection."""
        return (
            self._connection if info == "ssl_object" and isinstance(self._connection, ssl.SSLSocket) else None
        )

    @contextlib.contextmanager
    def _faults(
        self, timeout: float | None, late: type[Exception], broken: type[Exception]
    ) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self._watch.left(timeout)
            raise late from None
        except ssl.SSLCertVerificationError:
            raise
        except OSError:
            raise broken from None
