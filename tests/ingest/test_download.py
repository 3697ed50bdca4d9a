"""One guarded download: what is let through, what is refused, and what a site's misbehaviour comes to."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import official_site
import pytest
from official_site import (
    GB_PAGE,
    HOST,
    MISSING_PAGE,
    OTHER_HOST,
    RECORD_PAGE,
    UNNAMED_HOST,
    Reply,
    Site,
    redirect,
    zipped,
)

from ingest.download import (
    Downloader,
    FetchFailed,
    Limits,
    allowed_address,
    is_public,
    resolve,
)

PACKED = zipped(RECORD_PAGE.encode())

certificates, site = official_site.certificates, official_site.site


def fails(site: Site, url: str, word: str, **parts: Any) -> FetchFailed:
    """The one line that the download fails with, which says `word`."""
    with pytest.raises(FetchFailed, match=word) as failed:
        site.downloader(**parts).download(url)
    assert "\n" not in str(failed.value)
    return failed.value


def test_a_page_is_as_the_site_sent_it(site: Site) -> None:
    url = site.put("/zc/1.htm", RECORD_PAGE)
    page = site.downloader().download(url)
    assert (page.url, page.final_url, page.suffix) == (url, url, ".html")
    assert page.content.decode() == RECORD_PAGE
    assert page.content_type == "text/html; charset=utf-8"
    assert site.requests == ["/robots.txt", "/zc/1.htm"]
    assert site.headers[1]["user-agent"].startswith("policyqa/")
    assert site.headers[1]["host"] == f"{HOST}:{site.port}"
    assert "@" not in site.headers[1]["user-agent"]


@pytest.mark.parametrize(
    ("content_type", "suffix"),
    [
        ("text/html", ".html"),
        ("TEXT/HTML;charset=GB2312", ".html"),
        ("application/pdf", ".pdf"),
        ("application/msword", ".doc"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("text/plain", ".txt"),
    ],
)
def test_the_content_type_names_the_file(site: Site, content_type: str, suffix: str) -> None:
    url = site.put("/a", Reply(body=GB_PAGE, content_type=content_type))
    page = site.downloader().download(url)
    assert (page.suffix, page.content) == (suffix, GB_PAGE)


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/octet-stream", "application/json", "", None, "\x7f\xff"]
)
def test_other_content_types_are_refused(site: Site, content_type: str | None) -> None:
    fails(site, site.put("/a", Reply(body=b"x", content_type=content_type)), "内容类型不对")


@pytest.mark.parametrize("body", [b"", b" \r\n "])
def test_an_empty_body_is_refused(site: Site, body: bytes) -> None:
    fails(site, site.put("/a", body), "空的")
    fails(site, site.put("/a", Reply(body=body, headers=(("Content-Encoding", "gzip"),))), "空的|解不开")


# Addresses


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://www.gov.cn/1.htm", "只接受 https"),
        ("file:///etc/passwd", "只接受 https"),
        ("//www.gov.cn/1.htm", "只接受 https"),
        ("https://evil.example/1.htm", "不是允许访问的网站"),
        ("https://www.gov.cn.evil.example/", "不是允许访问的网站"),
        ("https://evil-www.gov.cn/", "不是允许访问的网站"),
        ("https://sub.www.gov.cn/", "不是允许访问的网站"),
        ("https://www.gov.cn:8443/", "不是允许访问的网站"),
        ("https://127.0.0.1/", "不是允许访问的网站"),
        ("https://[::1]/", "不是允许访问的网站"),
        ("https://2130706433/", "不是允许访问的网站"),
        ("https://user@www.gov.cn/", "写法不对"),
        ("https://www.gov.cn@evil.example/", "写法不对"),
        ("https://:@www.gov.cn/", "写法不对"),
        ("https://www.gov.cn\\@evil.example/", "写法不对"),
        ("https://www.gov.cn/a\r\nHost: evil.example", "写法不对"),
        ("https://www.gov.cn/a b", "写法不对"),
        ("https://www.gov.cn:port/", "写法不对"),
        ("https://www.gov.cn:99999/", "写法不对"),
        ("https://[::1/", "写法不对"),
        ("https:///1.htm", "写法不对"),
        ("https://www。gov。cn/", "写法不对"),
        ("", "只接受 https"),
    ],
)
def test_addresses_that_are_not_visited(url: str, word: str) -> None:
    with pytest.raises(FetchFailed, match=word) as failed:
        allowed_address(url, ["www.gov.cn"])
    assert str(failed.value).isprintable()


def test_addresses_that_are_visited() -> None:
    address = allowed_address("HTTPS://WWW.gov.cn.:443/政策/1.htm?题=1#x", ["www.gov.cn"])
    assert (address.host, address.port, address.site) == ("www.gov.cn", 443, "www.gov.cn")
    assert address.target == "/%E6%94%BF%E7%AD%96/1.htm?%E9%A2%98=1"
    assert str(allowed_address("https://www.gov.cn", ["www.gov.cn"])) == "https://www.gov.cn/"


def test_subdomains_only_where_the_list_says_so() -> None:
    assert allowed_address("https://swt.gansu.gov.cn/", ["*.gansu.gov.cn"]).host == "swt.gansu.gov.cn"
    for url in ("https://gansu.gov.cn/", "https://evilgansu.gov.cn/", "https://swt.gansu.gov.cn.evil.cn/"):
        with pytest.raises(FetchFailed):
            allowed_address(url, ["*.gansu.gov.cn"])


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1", "192.0.2.1",
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001::1",
    "localhost", "", "127.1", "0x7f000001",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "::ffff:8.8.8.8", "2400:3200::1", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


def test_the_default_check_refuses_this_machine(site: Site) -> None:
    """The server is there, listed and trusted; only its address is wrong."""
    url = site.put("/a", RECORD_PAGE)
    fails(site, url, f"地址不是公网地址：{HOST} → 127.0.0.1", address_ok=is_public)
    assert site.requests == []
    with pytest.raises(FetchFailed, match="不是公网地址"):
        Downloader(["localhost"]).download("https://localhost/")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "::1", "::ffff:127.0.0.1", "169.254.169.254"])
def test_a_name_with_one_address_that_is_not_public_is_refused(site: Site, address: str) -> None:
    url = site.put("/a", RECORD_PAGE)
    for answer in ((address,), ("8.8.8.8", address), (address, "8.8.8.8")):
        fault = fails(
            site, url, "不是公网地址", address_ok=is_public, resolver=lambda host, port, a=answer: a
        )
        assert not fault.again
    assert (site.requests, site.slept) == ([], [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "2130706433", "127.1"]
)
def test_a_listed_number_is_checked_like_a_name(host: str) -> None:
    with pytest.raises(FetchFailed, match="不是公网地址"):
        Downloader([host], sleep=lambda seconds: None).download(f"https://{host}/")


def test_the_connection_goes_to_the_address_that_was_checked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when checked and private a moment later: nobody looks a second time."""
    answers = iter([("8.8.8.8",), ("127.0.0.1",)])
    connected = []

    class Connection(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise TimeoutError

    monkeypatch.setattr(socket, "socket", Connection)
    url = site.put("/a", RECORD_PAGE)
    once = Limits(attempts=1)
    fails(site, url, "超时", resolver=lambda host, port: next(answers), address_ok=is_public, limits=once)
    assert connected == [("8.8.8.8", site.port)]
    assert next(answers) == ("127.0.0.1",)


def test_every_connection_is_checked_again(site: Site) -> None:
    """robots.txt comes from a good address; by the time of the page the name leads elsewhere."""
    url = site.put("/a", RECORD_PAGE)
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    fails(site, url, "不是公网地址：.* → 10.0.0.1", resolver=lambda host, port: next(answers))
    assert site.requests == ["/robots.txt"]


def test_one_of_several_addresses_answers(site: Site) -> None:
    url = site.put("/a", RECORD_PAGE)
    downloader = site.downloader(
        resolver=lambda host, port: ("127.0.0.2", "127.0.0.1"), address_ok=lambda address, port: True
    )
    assert downloader.download(url).content


def test_a_name_without_an_address(site: Site) -> None:
    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    fails(site, site.url("/a"), f"查不到网站 {HOST} 的地址", resolver=unknown)


def test_a_resolver_that_never_answers(site: Site) -> None:
    ended = threading.Event()

    def hangs(host: str, port: int) -> tuple[str, ...]:
        ended.wait(10)
        return ()

    started = time.monotonic()
    fails(site, site.url("/a"), "超时", resolver=hangs, limits=Limits(total_s=0.3, idle_s=0.1, attempts=2))
    assert time.monotonic() - started < 2
    ended.set()


def test_the_system_resolver() -> None:
    assert set(resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


def test_no_proxy_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert site.downloader().download(site.put("/a", RECORD_PAGE)).content


# Certificates


def test_a_certificate_for_another_name(site: Site) -> None:
    site.put("/a", RECORD_PAGE)
    url = site.url("/a", UNNAMED_HOST)
    fails(site, url, f"证书不可信，或不是 {UNNAMED_HOST}", sites=site.sites(UNNAMED_HOST))
    assert (site.requests, site.slept) == ([], [])


def test_an_authority_that_nobody_knows(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nor does the environment make it known.
    monkeypatch.setenv("SSL_CERT_FILE", str(site.authority))
    fails(site, site.put("/a", RECORD_PAGE), "证书不可信", ssl_context=None)
    assert site.requests == []


def test_the_default_context_checks_names() -> None:
    context = Downloader(["www.gov.cn"])._ssl_context
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_site(site: Site, status: int) -> None:
    site.put("/new/1.htm", RECORD_PAGE)
    url = site.put("/1.htm", redirect("/new/1.htm", status))
    page = site.downloader().download(url)
    assert (page.url, page.final_url) == (url, site.url("/new/1.htm"))


def test_a_redirect_to_another_listed_site_reads_its_robots(site: Site) -> None:
    site.put("/2", RECORD_PAGE)
    url = site.put("/1", redirect(site.url("/2", OTHER_HOST)))
    assert site.downloader().download(url).final_url == site.url("/2", OTHER_HOST)
    assert site.requests == ["/robots.txt", "/1", "/robots.txt", "/2"]
    assert site.looked_up == [HOST, HOST, OTHER_HOST, OTHER_HOST]


@pytest.mark.parametrize(
    ("to", "word"),
    [
        ("http://www.policy.example/2", "只接受 https"),
        ("https://evil.example/2", "不是允许访问的网站：evil.example"),
        ("//evil.example/2", "不是允许访问的网站"),
        ("https://127.0.0.1/2", "不是允许访问的网站"),
        ("https://10.0.0.1/2", "不是允许访问的网站"),
        ("https://[::1]/2", "不是允许访问的网站"),
        ("https://[::ffff:127.0.0.1]/2", "不是允许访问的网站"),
        ("https://169.254.169.254/latest/meta-data", "不是允许访问的网站"),
        ("file:///etc/passwd", "只接受 https"),
        ("https://[broken/", "写法不对"),
        ("https://www.policy.example:1/", "不是允许访问的网站"),
    ],
)
def test_redirects_that_are_not_followed(site: Site, to: str, word: str) -> None:
    url = site.put("/1", redirect(to))
    assert not fails(site, url, word).again
    assert site.asked == ["/1"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_redirect_to_a_listed_name_or_number_that_is_not_public(site: Site, address: str) -> None:
    shown = f"[{address}]" if ":" in address else address
    for host, target in (("inner.policy.example", "inner.policy.example"), (shown, shown)):
        site.requests.clear()
        url = site.put("/1", redirect(f"https://{target}/2"))

        def resolver(name: str, port: int) -> tuple[str, ...]:
            return ("127.0.0.1",) if name == HOST else (address,)

        fails(site, url, "不是公网地址", sites=(*site.sites(HOST), host), resolver=resolver)
        assert site.asked == ["/1"]


def test_redirects_in_a_circle(site: Site) -> None:
    site.put("/2", redirect("/1"))
    fails(site, site.put("/1", redirect("/2")), "跳转超过 5 次")
    assert len(site.asked) == 6


def test_five_redirects_are_followed(site: Site) -> None:
    for number in range(5):
        site.put(f"/{number}", redirect(f"/{number + 1}"))
    site.put("/5", RECORD_PAGE)
    assert site.downloader().download(site.url("/0")).final_url == site.url("/5")


# Size and time


def test_a_body_over_the_limit(site: Site) -> None:
    small = Limits(max_bytes=100_000)
    big = bytes(150_000)
    for reply in (
        Reply(body=big),
        Reply(body=big, length=False),
        Reply(endless=True, length=False),
        Reply(endless=True, length=10**12),
        zipped(bytes(150_000)),
        zipped(bytes(50_000_000)),
        replace(zipped(b"x"), endless=True, length=False),
    ):
        fails(site, site.put("/a", reply), "超过大小上限 0.1 MB", limits=small)
    assert site.slept == []


def test_a_body_at_the_limit(site: Site) -> None:
    content = b"x" * 100_000
    exact = Limits(max_bytes=100_000)
    for reply in (Reply(body=content), Reply(body=content, length=False), zipped(content)):
        assert site.downloader(limits=exact).download(site.put("/a", reply)).content == content


def test_a_bomb_is_never_unpacked(site: Site) -> None:
    """200 MB of zeros in 200 KB: what is over the limit is not even made."""
    import tracemalloc

    url = site.put("/a", zipped(bytes(200_000_000)))
    downloader = site.downloader(limits=Limits(max_bytes=1_000_000))
    tracemalloc.start()
    with pytest.raises(FetchFailed, match="大小上限"):
        downloader.download(url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Reply(body=b"not packed", headers=(("Content-Encoding", "gzip"),)), "解不开"),
        (replace(PACKED, body=PACKED.body[:-20]), "不完整"),
        (replace(PACKED, body=bytes(PACKED.body) + b"more"), "不完整"),
        (Reply(body=b"x", headers=(("Content-Encoding", "br"),)), "压缩方式"),
        (Reply(body=b"x", headers=(("Content-Encoding", "gzip, gzip"),)), "压缩方式"),
    ],
)
def test_packed_bodies_that_cannot_be_unpacked(site: Site, reply: Reply, word: str) -> None:
    fails(site, site.put("/a", reply), word)


def test_a_slow_drip_ends_with_the_pages_time(site: Site) -> None:
    for reply in (
        Reply(body=RECORD_PAGE, drip=0.02),
        Reply(body=RECORD_PAGE, drip=0.02, length=False),
        Reply(body=RECORD_PAGE, drip=0.02, drip_headers=True),
    ):
        started = time.monotonic()
        fails(
            site, site.put("/a", reply), "超时：一个页面最多用 0.4 秒", limits=Limits(total_s=0.4, idle_s=0.3)
        )
        assert time.monotonic() - started < 1.5
    assert site.slept == []


def test_silence_is_tried_again_within_the_pages_time(site: Site) -> None:
    url = site.put("/a", Reply(body=b"x", wait=0.5), RECORD_PAGE)
    downloader = site.downloader(limits=Limits(total_s=5, idle_s=0.2))
    assert downloader.download(url).content.decode() == RECORD_PAGE
    assert len(site.slept) == 1
    fails(site, site.put("/a", Reply(body=b"x", wait=1)), "超时", limits=Limits(total_s=0.5, idle_s=0.2))


def test_silence_cannot_outlast_the_pages_time(site: Site) -> None:
    started = time.monotonic()
    url = site.put("/a", Reply(body=b"x", wait=1.5))
    fails(site, url, "超时：一个页面最多用 0.3 秒", limits=Limits(total_s=0.3, idle_s=5))
    assert time.monotonic() - started < 1.2


def test_redirects_share_the_pages_time(site: Site) -> None:
    for number in range(5):
        site.put(f"/{number}", redirect(f"/{number + 1}", wait=0.15))
    fails(site, site.url("/0"), "超时：一个页面", limits=Limits(total_s=0.4, idle_s=0.3))
    assert 2 <= len(site.asked) < 5


def test_waiting_is_not_counted(site: Site) -> None:
    url = site.put("/a", Reply(status=503), RECORD_PAGE)
    downloader = site.downloader(
        sleep=lambda seconds: time.sleep(0.5), limits=Limits(total_s=0.4, idle_s=0.4)
    )
    assert downloader.download(url).content


@pytest.mark.parametrize("length", [10_000_000, False])
def test_a_connection_that_breaks_off(site: Site, length: int | bool) -> None:
    """Also where no length was stated, and half a document would look like a whole one."""
    cut = Reply(body=RECORD_PAGE[:300], length=length, drop=True)
    fails(site, site.put("/a", cut), "连接中断")
    assert len(site.asked) == Limits().attempts
    assert site.downloader().download(site.put("/a", cut, RECORD_PAGE)).content.decode() == RECORD_PAGE


def test_a_body_without_a_length_that_ends_well(site: Site) -> None:
    url = site.put("/a", Reply(body=RECORD_PAGE, length=False))
    assert site.downloader().download(url).content.decode() == RECORD_PAGE


def test_nobody_listens(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fails(
        site,
        f"https://{HOST}:{port}/a",
        "取不到 robots.txt，这次不下载.连不上网站",
        sites=[f"{HOST}:{port}"],
        address_ok=lambda address, port: True,
    )


# Trying again


def test_503_twice_then_the_page(site: Site) -> None:
    url = site.put("/a", Reply(status=503), Reply(status=503), RECORD_PAGE)
    assert site.downloader().download(url).content.decode() == RECORD_PAGE
    assert site.asked == ["/a"] * 3
    first, second = site.slept
    assert 1 <= first <= 2 <= second <= 3


def test_503_for_good(site: Site) -> None:
    assert fails(site, site.put("/a", Reply(status=503)), "网站回答 503").status == 503
    assert len(site.asked) == 4


def test_429_waits_as_long_as_asked(site: Site) -> None:
    url = site.put("/a", Reply(status=429, headers=(("Retry-After", "7"),)), RECORD_PAGE)
    assert site.downloader().download(url).content
    assert site.slept == [7]
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    site.put("/a", Reply(status=503, headers=(("Retry-After", then),)), RECORD_PAGE)
    assert site.downloader().download(url).content
    assert 50 < site.slept[-1] <= 60


def test_a_site_that_asks_for_too_long_a_wait_is_left_alone(site: Site) -> None:
    url = site.put("/a", Reply(status=429, headers=(("Retry-After", "86400"),)), RECORD_PAGE)
    fails(site, url, "429，要求 86400 秒以后再来")
    assert (site.asked, site.slept) == (["/a"], [])


@pytest.mark.parametrize("said", ["soon", "-5", "99999999999999999999", "Wed, 99 Foo", "²"])
def test_a_retry_after_that_says_nothing(site: Site, said: str) -> None:
    url = site.put("/a", Reply(status=503, headers=(("Retry-After", said),)), RECORD_PAGE)
    assert site.downloader().download(url).content


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206, 300, 304])
def test_other_answers_are_final(site: Site, status: int) -> None:
    body = "" if status in (204, 304) else MISSING_PAGE
    assert fails(site, site.put("/a", Reply(status=status, body=body)), f"网站回答 {status}").status == status
    assert (site.asked, site.slept) == (["/a"], [])


# robots.txt and pauses


def robots(site: Site, *lines: str) -> None:
    site.put("/robots.txt", Reply(body="\n".join(lines), content_type="text/plain"))


def test_robots_that_forbid(site: Site) -> None:
    robots(site, "User-agent: *", "Disallow: /zc/")
    url = site.put("/zc/1.htm", RECORD_PAGE)
    fails(site, url, "robots.txt 不允许：https://.*/zc/1.htm")
    assert site.asked == []
    assert site.downloader().download(site.put("/zw/1.htm", RECORD_PAGE)).content


def test_robots_that_forbid_us_by_name(site: Site) -> None:
    robots(site, "\ufeffUser-agent: PolicyQA", "Disallow: /", "", "User-agent: *", "Allow: /")
    fails(site, site.put("/a", RECORD_PAGE), "robots.txt 不允许")


def test_robots_hold_for_redirects(site: Site) -> None:
    robots(site, "User-agent: *", "Disallow: /inner/")
    fails(site, site.put("/a", redirect("/inner/a")), "robots.txt 不允许")
    assert site.asked == ["/a"]


def test_a_missing_robots_allows_and_is_asked_for_once(site: Site) -> None:
    downloader = site.downloader()
    for path in ("/a", "/b"):
        assert downloader.download(site.put(path, RECORD_PAGE)).content
    assert site.requests == ["/robots.txt", "/a", "/b"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=503),
        Reply(status=429),
        Reply(body=b"User-agent: *", length=1000, drop=True),
        Reply(body=b"#" * 600_000),
        redirect("https://evil.example/robots.txt"),
        redirect("/robots.txt"),
        Reply(body=b"User-agent: *\nCrawl-delay: \xc2\xb2\n"),
    ],
)
def test_robots_that_cannot_be_known(site: Site, reply: Reply) -> None:
    site.put("/robots.txt", reply)
    url = site.put("/a", RECORD_PAGE)
    downloader = site.downloader()
    for _ in range(2):
        asked = len(site.requests)
        with pytest.raises(FetchFailed, match=r"robots\.txt.*，这次不下载"):
            downloader.download(url)
    # The second page does not ask once more.
    assert len(site.requests) == asked
    assert site.asked == []


@pytest.mark.parametrize("status", [401, 403])
def test_robots_behind_a_lock_forbid(site: Site, status: int) -> None:
    site.put("/robots.txt", Reply(status=status))
    fails(site, site.put("/a", RECORD_PAGE), "robots.txt 不允许")


def test_robots_that_are_a_page_allow(site: Site) -> None:
    """Many sites lead every unknown path to a page that says 404."""
    site.put("/robots.txt", redirect("/404.htm"))
    site.put("/404.htm", MISSING_PAGE)
    assert site.downloader().download(site.put("/a", RECORD_PAGE)).content


def test_a_pause_between_requests_to_a_site(site: Site) -> None:
    downloader = site.downloader(delay_s=2.0)
    site.put("/b", RECORD_PAGE)
    downloader.download(site.put("/a", redirect("/b")))
    assert site.requests == ["/robots.txt", "/a", "/b"]
    assert site.slept == pytest.approx([2, 2], abs=0.3)
    # Another site need not wait.
    site.slept.clear()
    site.put("/c", RECORD_PAGE)
    downloader.download(site.url("/c", OTHER_HOST))
    assert site.slept == pytest.approx([2], abs=0.3)


def test_the_default_pause() -> None:
    assert Downloader(["www.gov.cn"])._delay_s == 2.0


def test_a_longer_pause_where_the_site_asks_for_it(site: Site) -> None:
    robots(site, "User-agent: *", "Crawl-delay: 10")
    downloader = site.downloader(delay_s=2.0)
    downloader.download(site.put("/a", RECORD_PAGE))
    assert site.slept == pytest.approx([10], abs=0.3)
    robots(site, "User-agent: *", "Crawl-delay: 1")
    site.slept.clear()
    site.downloader(delay_s=2.0).download(site.url("/a"))
    assert site.slept == pytest.approx([2], abs=0.3)
    robots(site, "User-agent: *", "Crawl-delay: 3600")
    fails(site, site.url("/a"), "要求每次请求间隔 3600 秒")
