"""The administrator's password: who is let in, when nobody is, and how a new one is made."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import select
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.errors import BadInput
from ingest.settings import Settings, load_settings
from rag.web import accounts
from rag.web.accounts import (
    LOCKED_S,
    LOGGED_IN_S,
    TRIES_A_MINUTE,
    WRONG_TRIES,
    Login,
    LoginsEnd,
    OwnPagesOnly,
    hash_password,
)

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "甘肃-Lanzhou 2026"
# The cheapest there is: a test need not be slow to guess.
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(clock: Clock) -> Login:
    return Login(HASH, clock)


@pytest.mark.parametrize(
    ("name", "password", "allowed"),
    [
        ("admin", PASSWORD, True),
        (" admin ", PASSWORD, True),
        ("admin", PASSWORD + " ", False),
        ("admin", PASSWORD.upper(), False),
        ("admin", "", False),
        ("Admin", PASSWORD, False),
        ("", PASSWORD, False),
        ("管理员", PASSWORD, False),
        ("admin", "长" * 200, False),
        ("admin", PASSWORD + "\0", False),
        ("admin", "\ud800", False),
        ("\ud800", PASSWORD, False),
    ],
)
def test_only_the_name_with_the_password_is_let_in(
    login: Login, name: str, password: str, allowed: bool
) -> None:
    assert login.check(name, password) is allowed
    # In a thread: the browser of other tests keeps a loop of its own in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(login.allow(name, password))).result() is allowed


def test_what_bcrypt_cuts_off_is_part_of_the_password() -> None:
    longest = "x" * 72
    login = Login(bcrypt.hashpw(longest.encode(), bcrypt.gensalt(4)).decode())
    assert login.check("admin", longest)
    assert not login.check("admin", longest + "y")


def test_an_accent_typed_in_two_ways_is_one() -> None:
    login = Login(bcrypt.hashpw("caf\u00e9-caf\u00e9".encode(), bcrypt.gensalt(4)).decode())
    assert login.check("admin", "cafe\u0301-cafe\u0301")


def test_wrong_tries_lock_it_for_fifteen_minutes(login: Login, clock: Clock) -> None:
    for number in range(WRONG_TRIES):
        assert not login.locked
        assert not login.check("admin" if number % 2 else "root", "wrong")
    assert login.locked
    assert not login.check("admin", PASSWORD)
    # What is tried meanwhile makes it no longer.
    clock.now += LOCKED_S - 1
    for _ in range(10):
        assert not login.check("admin", "wrong")
    clock.now += 1
    assert login.check("admin", PASSWORD)


@pytest.mark.parametrize("between", ["the right password", "fifteen minutes"])
def test_wrong_tries_are_forgotten(login: Login, clock: Clock, between: str) -> None:
    for _ in range(WRONG_TRIES - 1):
        assert not login.check("admin", "wrong")
    if between == "the right password":
        assert login.check("admin", PASSWORD)
    else:
        clock.now += LOCKED_S
    for _ in range(WRONG_TRIES - 1):
        assert not login.check("admin", "wrong")
    clock.now += 60
    assert login.check("admin", PASSWORD)


def test_no_more_than_so_many_tries_a_minute(login: Login, clock: Clock) -> None:
    assert [login.check("admin", PASSWORD) for _ in range(TRIES_A_MINUTE + 1)] == [True] * TRIES_A_MINUTE + [
        False
    ]
    clock.now += 60
    assert login.check("admin", PASSWORD)


def test_tries_sent_at_once_are_counted_one_by_one(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    compare = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        looked_at.append(password)
        return compare(password, hashed)

    monkeypatch.setattr(accounts.bcrypt, "checkpw", counted)
    with ThreadPoolExecutor(20) as threads:
        assert not any(threads.map(lambda n: login.check("admin", f"wrong {n}"), range(40)))
    assert len(looked_at) == WRONG_TRIES


def test_a_wrong_name_costs_as_much_as_a_wrong_password(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []
    monkeypatch.setattr(accounts.bcrypt, "checkpw", lambda *given: looked_at.append(given) or True)
    assert not login.check("root", PASSWORD)
    assert len(looked_at) == 1


@pytest.mark.parametrize(
    ("password", "line"),
    [
        ("", "太短"),
        ("1234567", "太短"),
        ("密" * 25, "太长"),
        (" 12345678", "空格"),
        ("1234\t5678", "看不见"),
        ("1234\u200b5678", "看不见"),
    ],
)
def test_a_password_that_is_no_use_is_refused(password: str, line: str) -> None:
    with pytest.raises(BadInput, match=line):
        hash_password(password)


def test_a_new_hash_lets_in_and_differs_each_time() -> None:
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first != second
    assert Login(first).check("admin", PASSWORD)
    assert PASSWORD not in first


@pytest.mark.parametrize(
    ("given", "held"),
    [(HASH, HASH), (f"'{HASH}'", HASH), (f' "{HASH}" ', HASH), ("", None), ("''", None)],
    # A hash is another one in every process.
    ids=["bare", "quoted", "quoted with blanks", "empty", "quoted nothing"],
)
def test_the_setting_takes_a_hash_however_it_is_quoted(
    given: str, held: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYQA_ADMIN_PASSWORD_HASH", given)
    secret = load_settings().admin_password_hash
    assert (secret.get_secret_value() if secret else None) == held
    assert HASH not in repr(load_settings())


@pytest.mark.parametrize(
    "given",
    [PASSWORD, "$2b$12$short", HASH[:-1], HASH.replace("$04$", "$31$"), "$1$" + HASH],
    ids=["plain", "short", "cut off", "too dear", "another kind"],
)
def test_what_is_no_hash_is_told_without_showing_it(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYQA_ADMIN_PASSWORD_HASH", given)
    with pytest.raises(BadInput) as told:
        load_settings()
    assert "POLICYQA_ADMIN_PASSWORD_HASH" in str(told.value)
    assert "admin-password" in str(told.value)
    assert given not in str(told.value)


def read_prompt(keyboard: int) -> str:
    """What the terminal shows up to the next colon."""
    shown = b""
    while not shown.endswith("：".encode()):
        assert select.select([keyboard], [], [], 60)[0], "nothing was asked"
        shown += os.read(keyboard, 4096)
    return shown.decode()


def run_at_a_terminal(typed: str) -> tuple[int, str, str]:
    """`python -m rag admin-password` at a terminal of its own: exit code, output, what the terminal showed."""
    keyboard, terminal = pty.openpty()
    # The first terminal that a session's leader opens becomes its own, which is where getpass asks.
    code = (
        f"import os, runpy, sys; os.open({os.ttyname(terminal)!r}, os.O_RDWR);"
        "sys.argv = ['rag', 'admin-password']; runpy.run_module('rag', run_name='__main__')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    shown = ""
    try:
        for line in typed.splitlines():
            shown += read_prompt(keyboard)
            os.write(keyboard, f"{line}\n".encode())
        output, error = process.communicate(timeout=30)
        os.set_blocking(keyboard, False)
        with contextlib.suppress(BlockingIOError):
            shown += os.read(keyboard, 4096).decode()
    finally:
        process.kill()
        os.close(keyboard)
        os.close(terminal)
    return process.returncode, output.decode() + error.decode(), shown


def test_the_command_shows_nothing_and_prints_the_line_for_dotenv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output, shown = run_at_a_terminal(f"{PASSWORD}\n{PASSWORD}\n")
    assert (code, output.count("\n")) == (0, 1)
    assert shown.count("密码") == 1
    assert "再输入一遍" in shown
    assert PASSWORD not in shown + output
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(output, encoding="utf-8")
    held = Settings().admin_password_hash
    assert held
    assert Login(held.get_secret_value()).check("admin", PASSWORD)


@pytest.mark.parametrize(
    ("typed", "line"), [(f"{PASSWORD}\n{PASSWORD}!\n", "两遍输入不一样"), ("short\n", "密码太短")]
)
def test_the_command_refuses_in_one_line(typed: str, line: str) -> None:
    code, output, _ = run_at_a_terminal(typed)
    assert code == 2
    assert line in output
    assert output.count("\n") == 1


def test_the_command_needs_a_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag", "admin-password"],
        cwd=ROOT, input=f"{PASSWORD}\n{PASSWORD}\n", capture_output=True, text=True, start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "请在终端里运行这条命令，密码不能从别处传入"


def test_a_login_ends_after_a_working_day_however_much_it_is_used(clock: Clock) -> None:
    tokens = {"old": "admin"}
    client = TestClient(LoginsEnd(FastAPI(), tokens, clock))
    client.get("/")
    clock.now += LOGGED_IN_S - 1
    tokens["new"] = "admin"
    client.get("/")
    assert set(tokens) == {"old", "new"}
    clock.now += 1
    client.get("/")
    assert set(tokens) == {"new"}
    clock.now += LOGGED_IN_S
    client.get("/")
    assert tokens == {}


@pytest.mark.parametrize(
    ("method", "site", "status"),
    [
        ("POST", "same-origin", 200),
        ("POST", "cross-site", 403),
        ("POST", "same-site", 403),
        ("DELETE", "cross-site", 403),
        ("POST", None, 200),
        ("GET", "cross-site", 200),
    ],
)
def test_another_sites_page_changes_nothing(method: str, site: str | None, status: int) -> None:
    inner = FastAPI()
    inner.add_api_route("/", lambda: "done", methods=["GET", "POST", "DELETE"])
    client = TestClient(OwnPagesOnly(inner))
    headers = {"sec-fetch-site": site} if site else {}
    assert client.request(method, "/", headers=headers).status_code == status
