"""Who may talk to the studio: every request passes here before anything else sees it.

The page is for one person on this machine. Another page in the same browser can send requests
here, with our cookie if its host has the same name, so the origin is checked as well as the cookie.
A name that leads to this machine (DNS rebinding) is not enough: the Host must be ours.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

NAMES = ("127.0.0.1", "localhost")
METHODS = ("GET", "HEAD", "POST")
OURS = ("same-origin", "none")  # Sec-Fetch-Site: from this page, or typed by a person
FRAMED = "/framed/"  # below it lie pages and drawings of others
# Vue compiles its templates in the browser, so scripts need `unsafe-eval`; but nothing is loaded
# from elsewhere or sent there, whatever a spec managed to write into the page
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' {sockets}; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
FRAMED_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "frame-ancestors 'self'"
)
FORBIDDEN = (
    "archc studio: this page is for the one who started it.\n"
    "Open the address that it printed, with its token.\n"
)
# A browser that came from another site sends a strict cookie only with a step made from our page.
ENTRANCE = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8">'
    '<meta http-equiv="refresh" content="0;url=/"><title>archc studio</title>'
    '<a href="/">archc studio</a></html>'
)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of one start: `token` stands in the address, `session` in the cookie."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name. Cookies know no ports, and two studios may run at once."""
        return f"archc_studio_{self.port}"

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"http://{NAMES[0]}:{self.port}/?token={self.token}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(f"{name}:{self.port}" for name in NAMES)

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(f"http://{host}" for host in self.hosts)

    def is_token(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())

    def is_session(self, session: str) -> bool:
        return hmac.compare_digest(session.encode(), self.session.encode())


class Door:
    """An ASGI application in front of another, which lets through what the keys open."""

    def __init__(self, inner: Application, keys: Keys):
        self.inner, self.keys = inner, keys
        sockets = " ".join(f"ws://{host}" for host in keys.hosts)
        self.policy = POLICY.format(sockets=sockets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._open_socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _Headers(scope["headers"])
        is_ours = headers.only("origin") in self.keys.origins  # a browser always says it
        if is_ours and self._is_here(headers) and self._has_session(headers):
            await self.inner(scope, receive, send)
            return
        await receive()  # the handshake, which is refused
        await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _Headers(scope["headers"])
        if not self._is_here(headers):
            await _respond(send, 421, "archc studio: wrong host\n")
            return
        if scope["method"] not in METHODS:
            await _respond(send, 405, "archc studio: no such method\n")
            return
        if self._has_token(scope):
            await self._let_in(scope, send)
            return
        if not self._is_from_here(headers, scope["method"]) or not self._has_session(headers):
            await _respond(send, 403, FORBIDDEN)
            return
        await self.inner(scope, receive, self._with_policy(scope["path"], send))

    def _is_here(self, headers: "_Headers") -> bool:
        return headers.only("host") in self.keys.hosts

    def _is_from_here(self, headers: "_Headers", method: str) -> bool:
        """Whether a page of ours asks, or a person who typed the address."""
        origins, sites = headers.all("origin"), headers.all("sec-fetch-site")
        if method == "POST" and not origins:
            return False
        return all(origin in self.keys.origins for origin in origins) and all(
            site in OURS for site in sites
        )

    def _has_session(self, headers: "_Headers") -> bool:
        return any(self.keys.is_session(value) for value in headers.cookies(self.keys.cookie))

    def _has_token(self, scope: Scope) -> bool:
        if scope["path"] != "/" or scope["method"] != "GET":
            return False
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        return len(given) == 1 and self.keys.is_token(given[0])

    async def _let_in(self, scope: Scope, send: Send) -> None:
        """The token is exchanged for the cookie, and goes out of the address."""
        cookie = f"{self.keys.cookie}={self.keys.session}; HttpOnly; SameSite=Strict; Path=/"
        extra = [(b"set-cookie", cookie.encode()), *_guards("default-src 'none'")]
        await _respond(send, 200, ENTRANCE, kind="text/html", extra=extra)

    def _with_policy(self, path: str, send: Send) -> Send:
        """Sends on, with the headers that keep a page from everything it has no need of."""
        policy = FRAMED_POLICY if path.startswith(FRAMED) else self.policy

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    (name, value)
                    for name, value in message.get("headers", [])
                    if not name.lower().startswith(b"access-control-")
                ]
                message = {**message, "headers": [*kept, *_guards(policy)]}
            await send(message)

        return send_guarded


class _Headers:
    """The headers of a request; a name may come several times."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]):
        self.lines = [(name.decode("latin-1").lower(), value) for name, value in headers]

    def all(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self.lines if key == name]

    def only(self, name: str) -> str | None:
        """The value of a header that came once."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None

    def cookies(self, name: str) -> list[str]:
        """The values of a cookie, as many as are given."""
        values = []
        for line in self.all("cookie"):
            for part in line.split(";"):
                try:
                    cookie = SimpleCookie(part.strip())
                except CookieError:
                    continue
                if name in cookie:
                    values.append(cookie[name].value)
        return values


def _guards(policy: str) -> Headers:
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _respond(
    send: Send, status: int, body: str, *, kind: str = "text/plain", extra: Headers | None = None
) -> None:
    content = body.encode()
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, *(extra or [])]}
    )
    await send({"type": "http.response.body", "body": content})
