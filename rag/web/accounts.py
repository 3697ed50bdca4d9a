"""The administrator's password: set at a terminal, checked at the login, locked after wrong tries."""

from __future__ import annotations

import asyncio
import getpass
import hmac
import threading
import time
import unicodedata
import warnings
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING

import bcrypt
from starlette.responses import PlainTextResponse

from ingest.errors import BadInput

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

USER = "admin"
VARIABLE = "POLICYQA_ADMIN_PASSWORD_HASH"
WRONG_TRIES = 5
LOCKED_S = 15 * 60.0
LOGGED_IN_S = 12 * 3600.0
# Right or wrong: a check costs a quarter of a second of a core.
TRIES_A_MINUTE = 10
_MINUTE_S = 60.0
_SHORTEST = 8
# bcrypt reads no further.
_MOST_BYTES = 72


class Login:
    """Checks a name and a password against the one bcrypt hash; counts for the whole process.

    Five wrong tries within fifteen minutes lock it for fifteen minutes, for the right password too;
    what is tried meanwhile is not looked at and does not make it longer.
    """

    def __init__(self, password_hash: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._hash = password_hash.encode()
        self._clock = clock
        # One check at a time, so that tries sent at once are counted one by one.
        self._lock = threading.Lock()
        self._tries: deque[float] = deque()
        self._wrong: deque[float] = deque()
        self._locked_until: float | None = None

    @property
    def locked(self) -> bool:
        """Whether nobody is let in for now."""
        return self._locked_until is not None and self._clock() < self._locked_until

    async def allow(self, name: str, password: str) -> bool:
        """`check` for Gradio's `auth=`; the page goes on serving others meanwhile."""
        return await asyncio.to_thread(self.check, name, password)

    def check(self, name: str, password: str) -> bool:
        """Whether these are the administrator's; takes as long for a wrong name as for a wrong password."""
        with self._lock:
            now = self._clock()
            _forget(self._tries, now - _MINUTE_S)
            _forget(self._wrong, now - LOCKED_S)
            if self.locked or len(self._tries) >= TRIES_A_MINUTE:
                return False
            self._tries.append(now)
            named = hmac.compare_digest(name.strip().encode(errors="replace"), USER.encode())
            right = self._is_password(password)
            if named and right:
                self._wrong.clear()
                return True
            self._wrong.append(now)
            if len(self._wrong) >= WRONG_TRIES:
                self._wrong.clear()
                self._locked_until = now + LOCKED_S
            return False

    def _is_password(self, password: str) -> bool:
        typed = _bytes(password)
        matches = bcrypt.checkpw(typed[:_MOST_BYTES], self._hash)
        return matches and len(typed) <= _MOST_BYTES


class LoginsEnd:
    """Ends each login after a working day, whatever its browser goes on asking: a page left open lets nobody in the next day.

    `tokens` are those that Gradio holds for who has logged in.
    """

    def __init__(
        self, app: ASGIApp, tokens: MutableMapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._clock = clock
        self._since: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forget the logins whose day is over before the page is asked."""
        now = self._clock()
        self._since = {token: self._since.get(token, now) for token in self._tokens}
        for token, since in self._since.items():
            if now - since >= LOGGED_IN_S:
                self._tokens.pop(token, None)
        await self._app(scope, receive, send)


class OwnPagesOnly:
    """Refuses what another site's page makes a logged-in browser send; following a link from there is no harm."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Browsers state in Sec-Fetch-Site whose page asks; other programs hold no cookie of ours."""
        asking = dict(scope.get("headers", ())).get(b"sec-fetch-site", b"none")
        changes = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD")
        if changes and asking not in (b"none", b"same-origin"):
            await PlainTextResponse("只接受本页面的请求", status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()


def _bytes(password: str) -> bytes:
    """One form for the same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", password).encode(errors="replace")


def hash_password(password: str) -> str:
    """The bcrypt hash of a new password. Raises BadInput where it is too short, too long or blank at an end."""
    if len(password) < _SHORTEST:
        raise BadInput(f"密码太短：至少 {_SHORTEST} 个字符")
    if len(_bytes(password)) > _MOST_BYTES:
        raise BadInput(f"密码太长：最多 {_MOST_BYTES} 个字节（一个汉字算 3 个）")
    if password != password.strip() or not password.isprintable():
        raise BadInput("密码首尾不能有空格，中间不能有看不见的字符")
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt()).decode()


def ask_new_password() -> str:
    """Ask twice at the terminal, showing nothing; the line for .env. Raises BadInput."""
    with warnings.catch_warnings():
        # Without a terminal getpass would show what is typed.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            password = getpass.getpass("新的管理员密码（输入时不显示）：")
            hashed = hash_password(password)
            again = getpass.getpass("再输入一遍：")
        except (getpass.GetPassWarning, EOFError):
            raise BadInput("请在终端里运行这条命令，密码不能从别处传入") from None
    if not hmac.compare_digest(_bytes(password), _bytes(again)):
        raise BadInput("两遍输入不一样，请重新运行")
    # Single quotes: a shell would read the $ signs as variables.
    return f"{VARIABLE}='{hashed}'"
