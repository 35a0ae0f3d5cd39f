"""Who the studio answers: attacks on its door, without a browser and without NiceGUI."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from archcompile.errors import UsageError
from archcompile.studio.door import Door, Keys
from archcompile.studio.listening import FIRST_PORT, LOOPBACK, listen

PORT = 8420
KEYS = Keys(port=PORT, token="the-token", session="the-session")
HOST = ("host", f"127.0.0.1:{PORT}")
ORIGIN = ("origin", f"http://127.0.0.1:{PORT}")
COOKIE = ("cookie", f"other=1; {KEYS.cookie}=the-session")
Headers = Sequence[tuple[str, str]]


class Inside:
    """What lies behind the door: notes what comes through, and answers as a careless page would."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(scope["type"])
        if scope["type"] == "http":
            headers = [(b"Access-Control-Allow-Origin", b"*"), (b"content-type", b"text/html")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"inside"})
        else:
            await send({"type": "websocket.accept"})


def knock(
    kind: str, headers: Headers, *, method: str = "GET", path: str = "/", query: str = ""
) -> tuple[list[dict[str, Any]], list[str]]:
    """What is sent back, and what came through."""
    inside, sent = Inside(), []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }
    asyncio.run(Door(inside, KEYS)(scope, receive, send))
    return sent, inside.seen


def headers_of(message: dict[str, Any]) -> dict[str, str]:
    return {name.decode().lower(): value.decode() for name, value in message["headers"]}


def get(*headers: tuple[str, str], **options: Any) -> int:
    """The status of an answer; the inside is reached with 200 alone."""
    sent, seen = knock("http", headers, **options)
    assert bool(seen) == (sent[0]["status"] == 200)
    return int(sent[0]["status"])


def test_the_one_who_started_it_is_let_in() -> None:
    assert get(HOST, COOKIE) == 200
    assert get(("host", f"localhost:{PORT}"), COOKIE) == 200
    assert get(HOST, COOKIE, ORIGIN, method="POST") == 200
    assert get(HOST, COOKIE, ("sec-fetch-site", "same-origin")) == 200


REFUSED: dict[str, tuple[Headers, dict[str, str], int]] = {
    "a guessed port, without anything": ([HOST], {}, 403),
    "another cookie": ([HOST, ("cookie", f"{KEYS.cookie}=guess")], {}, 403),
    "the token as cookie": ([HOST, ("cookie", f"{KEYS.cookie}=the-token")], {}, 403),
    "the cookie of another port": ([HOST, ("cookie", "archc_studio_1=the-session")], {}, 403),
    "a broken cookie": ([HOST, ("cookie", 'a="; =;;\xff')], {}, 403),
    "a wrong token": ([HOST], {"query": "token=guess"}, 403),
    "no token": ([HOST], {"query": "token="}, 403),
    "two tokens": ([HOST], {"query": "token=the-token&token=x"}, 403),
    "the token elsewhere": ([HOST], {"query": "token=the-token", "path": "/hover"}, 403),
    "a token by POST": ([HOST, ORIGIN], {"query": "token=the-token", "method": "POST"}, 403),
    "a name that leads here": ([("host", f"evil.example:{PORT}"), COOKIE], {}, 421),
    "a name like ours": ([("host", f"127.0.0.1.evil.example:{PORT}"), COOKIE], {}, 421),
    "another port": ([("host", "127.0.0.1:80"), COOKIE], {}, 421),
    "no port": ([("host", "127.0.0.1"), COOKIE], {}, 421),
    "no host": ([COOKIE], {}, 421),
    "two hosts": ([HOST, ("host", "evil.example"), COOKIE], {}, 421),
    "the token with a wrong host": ([("host", "evil.example")], {"query": "token=the-token"}, 421),
    "another origin": ([HOST, COOKIE, ("origin", "http://evil.example")], {}, 403),
    "another port's page": ([HOST, COOKIE, ("origin", "http://127.0.0.1:9999")], {}, 403),
    "an origin by https": ([HOST, COOKIE, ("origin", f"https://127.0.0.1:{PORT}")], {}, 403),
    "a sandboxed page": ([HOST, COOKIE, ("origin", "null")], {}, 403),
    "two origins": ([HOST, COOKIE, ORIGIN, ("origin", "http://evil.example")], {}, 403),
    "a post without origin": ([HOST, COOKIE], {"method": "POST"}, 403),
    "a site beside ours": ([HOST, COOKIE, ("sec-fetch-site", "same-site")], {}, 403),
    "a picture in another page": ([HOST, COOKIE, ("sec-fetch-site", "cross-site")], {}, 403),
    "another method": ([HOST, COOKIE, ORIGIN], {"method": "DELETE"}, 405),
    "a question before": ([HOST, COOKIE, ORIGIN], {"method": "OPTIONS"}, 405),
}


@pytest.mark.parametrize("attack", REFUSED)
def test_nobody_else_is_let_in(attack: str) -> None:
    headers, options, status = REFUSED[attack]
    assert get(*headers, **options) == status


def test_the_token_is_exchanged_for_a_cookie() -> None:
    sent, seen = knock("http", [HOST, ("sec-fetch-site", "cross-site")], query="token=the-token")
    headers = headers_of(sent[0])
    assert sent[0]["status"] == 200 and not seen, "the page itself is asked for with the cookie"
    assert headers["set-cookie"] == f"{KEYS.cookie}=the-session; HttpOnly; SameSite=Strict; Path=/"
    assert b"the-token" not in sent[1]["body"] and headers["referrer-policy"] == "no-referrer"


SOCKETS: dict[str, tuple[Headers, bool]] = {
    "ours": ([HOST, ORIGIN, COOKIE], True),
    "without cookie": ([HOST, ORIGIN], False),
    "with a guessed cookie": ([HOST, ORIGIN, ("cookie", f"{KEYS.cookie}=guess")], False),
    "of another page": ([HOST, ("origin", "http://evil.example"), COOKIE], False),
    "of another port's page": ([HOST, ("origin", "http://localhost:3000"), COOKIE], False),
    "of no browser": ([HOST, COOKIE], False),
    "by another name": ([("host", "evil.example"), ORIGIN, COOKIE], False),
}


@pytest.mark.parametrize("attempt", SOCKETS)
def test_websockets(attempt: str) -> None:
    headers, is_open = SOCKETS[attempt]
    sent, seen = knock("websocket", headers)
    assert bool(seen) == is_open
    assert sent[0]["type"] == ("websocket.accept" if is_open else "websocket.close")


def test_pages_fetch_nothing_from_elsewhere() -> None:
    sent, _ = knock("http", [HOST, COOKIE])
    headers = headers_of(sent[0])
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'" and policy["frame-ancestors"] == "'none'"
    sockets = [f"ws://127.0.0.1:{PORT}", f"ws://localhost:{PORT}"]
    assert policy["connect-src"].split() == ["'self'", *sockets]
    assert not any("http" in part or "*" in part for part in policy.values())
    assert "access-control-allow-origin" not in headers, "no other page may read an answer"
    assert headers["x-content-type-options"] == "nosniff"


def test_what_is_framed_runs_no_script() -> None:
    sent, _ = knock("http", [HOST, COOKIE], path="/framed/run/report.html")
    policy = headers_of(sent[0])["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "script" not in policy


def test_secrets_differ_and_stay_unsaid() -> None:
    first, second = Keys(port=1), Keys(port=1)
    secrets = {first.token, first.session, second.token, second.session}
    assert len(secrets) == 4 and min(map(len, secrets)) >= 40
    assert first.token not in repr(first) and first.session not in repr(first)


def test_only_this_machine_is_listened_to() -> None:
    with listen() as first, listen() as second:
        places = [bound.getsockname() for bound in (first, second)]
    assert [host for host, _ in places] == [LOOPBACK, LOOPBACK]
    assert len({port for _, port in places}) == 2, "a second start finds a free port"
    assert all(port >= FIRST_PORT for _, port in places)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is taken"):
            listen(port)
