"""Who may ask: the browser that opened the link, and no other page in it.

A server on this machine can be reached by every page that the browser shows, so being local is not enough. A link
works once and is exchanged for a cookie that scripts cannot read and other sites cannot send. The name in the Host
header must be one of this server's (else a foreign name could be made to lead here), Origin must be its own, and what
changes anything carries a header that no foreign form can send.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OURS = b"x-morula"
"""The header of every request that changes something."""
SAFE = ("GET", "HEAD")
LINK_USED = ("This link does not open the studio (any more): each works once. Start `morula studio` again, or use the "
             "window that it opened.")
HEADERS = [
    (b"content-security-policy", b"default-src 'self'; img-src 'self' blob: data:; style-src 'self'; "
                                 b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""What every answer says: nothing from elsewhere is loaded or run, and no other page may show this one."""


class Access:
    """Lets requests through to an app, or refuses them.

    Attributes:
        token: what the link carries; it works once.
    """

    def __init__(self, app: App, hosts: Iterable[str], port: int):
        """
        Args:
            app: what answers.
            hosts: the names that this server may be called by.
            port: that it listens at.
        """
        self.token = secrets.token_urlsafe(24)
        self._app, self._cookie, self._secret = app, f"morula-{port}", secrets.token_urlsafe(32)
        self._hosts = {f"{host}:{port}".lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if refused := self._refusal(scope, headers):
            await _answer(send, *refused)
            return
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and given:
            await self._exchange(send, given, known=self._knows(headers))
            return
        if not self._knows(headers):
            await _answer(send, 401, LINK_USED)
            return
        await self._app(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> tuple[int, str] | None:
        host = headers.get(b"host", "").lower()
        if host not in self._hosts:
            return 421, "This server is not called by that name."
        origin = headers.get(b"origin")
        if origin is not None and origin.lower() != f"http://{host}":
            return 403, "Another page may not ask this server."
        if headers.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "Another page may not ask this server."
        if scope["method"] not in SAFE and OURS not in headers:
            return 403, "What changes something must come from the studio's own page."
        return None

    def _knows(self, headers: dict[bytes, str]) -> bool:
        try:
            cookie = SimpleCookie(headers.get(b"cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and secrets.compare_digest(cookie.value.encode(), self._secret.encode())

    async def _exchange(self, send: Send, given: str, *, known: bool) -> None:
        right = bool(self.token) and secrets.compare_digest(given.encode(), self.token.encode())
        if not right and not known:
            await _answer(send, 401, LINK_USED)
            return
        headers = [(b"location", b"/")]
        if right:
            self.token = ""
            cookie = f"{self._cookie}={self._secret}; HttpOnly; SameSite=Strict; Path=/"
            headers.append((b"set-cookie", cookie.encode()))
        await _answer(send, 303, "", headers)


def _with_headers(send: Send) -> Send:
    async def extended(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message["headers"]}
            kept = [] if b"cache-control" in own else [(b"cache-control", b"no-store")]
            message["headers"] = [*message["headers"], *HEADERS, *kept]
        await send(message)

    return extended


async def _answer(send: Send, status: int, words: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = words.encode()
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"),
                            *HEADERS, *headers]})
    await send({"type": "http.response.body", "body": body})
