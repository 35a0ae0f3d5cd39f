"""The whole server, attacked over plain sockets: what NiceGUI serves lies behind the door, too."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from archcompile import __version__
from archcompile.errors import MissingError
from archcompile.studio import server as studio_server
from archcompile.studio.draft import checksum
from archcompile.studio.listening import listen
from tests.conftest import ROOT
from tests.report.written_runs import write_run

SPEC = "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 2, kernel: 3, bias: false}]\n"
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport="


class Studio:
    """A running studio, and what a browser would hold of it."""

    def __init__(self, address: str):
        parts = urlsplit(address)
        self.port, self.way_in = int(parts.port or 0), f"/?{parts.query}"
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = ""

    def ask(self, path: str, method: str = "GET", body: str = "", **more: str) -> Any:
        """The answer to a request with the cookie; `more` are headers, empty to leave one out."""
        headers = {"Host": self.host, "Cookie": self.cookie, "Origin": f"http://{self.host}"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if value:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        answer.text = "" if answer.status == 101 else answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def knock(self, **more: str) -> int:
        """The status of an attempt to open the websocket."""
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
        key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        return int(self.ask(f"{SOCKET}websocket", **upgrade, **key, **more).status)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    pytest.importorskip("nicegui")
    folder = tmp_path_factory.mktemp("studio")
    (folder / "net.yaml").write_text(SPEC)
    (write_run(folder / "runs/a") / "report.html").write_text("<script>1</script>")
    process = subprocess.Popen(
        [sys.executable, "-m", "archcompile", "studio", "net.yaml", "--no-browser"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        running = Studio(process.stderr.readline().split(": ")[1].strip())
        running.cookie = running.ask(running.way_in).headers["Set-Cookie"].split(";")[0]
        yield running
        assert {path.name for path in folder.iterdir()} == {"net.yaml", "runs"}, "nothing is left"
    finally:
        process.terminate()
        process.wait(20)


def test_the_page_is_for_who_has_the_cookie(studio: Studio) -> None:
    page = studio.ask("/")
    assert page.status == 200 and "codemirror" in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert studio.ask("/", Cookie="").status == 403
    assert studio.ask("/", Host=f"evil.example:{studio.port}").status == 421
    assert studio.ask("/", Origin="http://evil.example").status == 403


@pytest.mark.parametrize(
    "path",
    [
        f"/studio/{__version__}/studio.js",
        "/_nicegui/auto/static/nicegui.js",
        f"{SOCKET}polling",
        "/framed/a/report.html",
        "/favicon.ico",
        "/docs",
    ],
)
def test_nothing_is_served_to_others(path: str, studio: Studio) -> None:
    assert studio.ask(path, Cookie="").status == 403
    assert studio.ask(path, Origin="http://evil.example").status == 403
    assert studio.ask(path, Host="evil.example").status == 421


def test_websockets(studio: Studio) -> None:
    assert studio.knock(Cookie="") == 403
    assert studio.knock(Origin="http://evil.example") == 403
    assert studio.knock(Origin=f"http://127.0.0.1:{studio.port + 1}") == 403
    assert studio.knock(Origin="") == 403
    assert studio.knock(Host="evil.example") == 403
    assert studio.knock() == 101


@pytest.mark.parametrize(
    "path",
    [
        f"/studio/{__version__}/../door.py",
        f"/studio/{__version__}/%2e%2e/door.py",
        f"/studio/{__version__}/..%2fdoor.py",
        "/framed/a/resolved.yaml",
        "/framed/../report.html",
        "/framed/%2e%2e/net.yaml",
        "/framed/..%2f..%2fetc/passwd",
        "/framed//etc/passwd",
        "/docs",
        "/openapi.json",
        "/anything",
    ],
)
def test_no_path_leads_out(path: str, studio: Studio) -> None:
    answer = studio.ask(path)
    assert answer.status == 404 and "archc: 1" not in answer.text and "root:" not in answer.text


def test_reports_are_in_a_sandbox(studio: Studio) -> None:
    answer = studio.ask("/framed/a/report.html")
    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_questions_about_the_text(studio: Studio) -> None:
    question = {"checksum": checksum(SPEC), "offset": SPEC.index("conv")}
    answer = json.loads(studio.ask("/hover", "POST", json.dumps(question)).text)
    assert "8×8×2" in answer["html"]
    words = json.loads(studio.ask("/complete", "POST", json.dumps(question)).text)
    assert "conv" in {word["label"] for word in words}
    late = json.dumps({**question, "checksum": 1})
    assert json.loads(studio.ask("/hover", "POST", late).text) is None, "of another text"
    for wrong in ("", "{", "[]", '{"checksum": 1}', '{"checksum": 1, "offset": true}', "9" * 5000):
        assert studio.ask("/hover", "POST", wrong).status == 400
    assert studio.ask("/hover", "POST", json.dumps(question), Origin="").status == 403


def test_a_second_start_finds_a_free_port(studio: Studio) -> None:
    with listen() as second:
        assert second.getsockname()[1] != studio.port


def test_without_nicegui_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    (tmp_path / "a.yaml").write_text(SPEC)
    request = studio_server.StudioRequest(spec=str(tmp_path / "a.yaml"), runs=tmp_path)
    with pytest.raises(MissingError, match="NiceGUI") as error:
        studio_server.start(request)
    assert error.value.hint == "pip install 'archcompile[studio]'"
