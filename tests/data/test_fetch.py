"""The download, against a server on this machine."""

import hashlib
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archcompile.cli.data import FETCHED
from archcompile.data.downloads import ARCHIVES, CHUNK, Archive, fetch
from archcompile.errors import DataError
from tests.command_line import Archc

BODY = bytes(range(256)) * (3 * CHUNK // 256) + b"end"


class _Server(ThreadingHTTPServer):
    ranges = True  # whether it answers a Range
    limit: int | None = None  # bytes after which the connection is cut
    status = 200
    asked: list[str | None]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        start = int(re.findall(r"\d+", asked)[0]) if asked and self.server.ranges else 0
        status = (
            206
            if asked and self.server.ranges and self.server.status == 200
            else self.server.status
        )
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.send_header("Content-Length", str(len(BODY) - start))
        self.end_headers()
        self.wfile.write(BODY[start:][: self.server.limit])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def archive(server: _Server) -> Archive:
    return Archive(
        name="x.tar.gz",
        url=f"http://127.0.0.1:{server.server_port}/x",
        size=len(BODY),
        sha256=hashlib.sha256(BODY).hexdigest(),
    )


def test_download_then_nothing_to_do(server: _Server, archive: Archive, tmp_path: Path) -> None:
    out = io.StringIO()
    target = fetch(archive, tmp_path / "new", out)
    assert target == tmp_path / "new" / "x.tar.gz" and target.read_bytes() == BODY
    assert [file.name for file in target.parent.iterdir()] == ["x.tar.gz"]
    first = out.getvalue().splitlines()
    assert archive.url in first[0] and "(1 MB)" in first[0] and "100 %" in first
    out = io.StringIO()
    assert fetch(archive, tmp_path / "new", out) == target
    assert "already exists" in out.getvalue() and server.asked == [None]


@pytest.mark.parametrize("ranges", [True, False])
def test_goes_on_after_a_break(
    server: _Server, archive: Archive, tmp_path: Path, ranges: bool
) -> None:
    server.limit = CHUNK + 1000
    with pytest.raises(DataError, match="kept") as caught:
        fetch(archive, tmp_path, io.StringIO())
    for part in (archive.name, archive.sha256, "--data-dir"):
        assert part in str(caught.value.hint)
    held = (tmp_path / "x.tar.gz.part").stat().st_size
    assert CHUNK <= held <= CHUNK + 1000
    server.limit, server.ranges = None, ranges
    assert fetch(archive, tmp_path, io.StringIO()).read_bytes() == BODY
    assert server.asked == [None, f"bytes={held}-"]


def test_a_complete_part_needs_no_network(
    server: _Server, archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "x.tar.gz.part").write_bytes(BODY)
    assert fetch(archive, tmp_path, io.StringIO()).read_bytes() == BODY
    assert server.asked == []


@pytest.mark.parametrize("part", [b"wrong start", BODY + b"more", bytes(len(BODY))])
def test_a_wrong_part_never_becomes_the_file(
    server: _Server, archive: Archive, tmp_path: Path, part: bytes
) -> None:
    (tmp_path / "x.tar.gz.part").write_bytes(part)
    try:
        fetch(archive, tmp_path, io.StringIO())
    except DataError as error:
        assert "file is another one" in error.message and not list(tmp_path.iterdir())
        fetch(archive, tmp_path, io.StringIO())
    assert (tmp_path / "x.tar.gz").read_bytes() == BODY


def test_wrong_content_is_removed(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"another one .sha256 {archive.sha256}"):
        fetch(replace(archive, sha256="0" * 64), tmp_path, io.StringIO())
    assert not list(tmp_path.iterdir())


def test_more_than_the_size_is_not_taken(archive: Archive, tmp_path: Path) -> None:
    short = replace(archive, size=CHUNK + 7, sha256=hashlib.sha256(BODY[: CHUNK + 7]).hexdigest())
    assert fetch(short, tmp_path, io.StringIO()).stat().st_size == CHUNK + 7


def test_another_file_of_the_name_is_left_alone(
    server: _Server, archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"mine")
    with pytest.raises(DataError, match="not the expected file"):
        fetch(archive, tmp_path, io.StringIO())
    assert (tmp_path / "x.tar.gz").read_bytes() == b"mine" and server.asked == []


def test_failures(server: _Server, archive: Archive, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(DataError, match="answered 404"):
        fetch(archive, tmp_path, io.StringIO())
    with pytest.raises(DataError, match="could not be downloaded: .*refused"):
        fetch(replace(archive, url="http://127.0.0.1:1/x"), tmp_path, io.StringIO())
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"cannot read or write .*file"):
        fetch(archive, tmp_path / "file", io.StringIO())


def test_the_user_cache_is_where_cifar10_is_looked_for(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert fetch(archive, None, io.StringIO()) == tmp_path / "archcompile" / "x.tar.gz"
    # the XDG specification: relative paths are to be ignored
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert (
        fetch(archive, None, io.StringIO())
        == tmp_path / "home" / ".cache" / "archcompile" / "x.tar.gz"
    )


def test_progress_on_a_terminal_is_one_line(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "300")
    out = Terminal()
    fetch(archive, tmp_path, out)
    lines = out.getvalue().split("\n")
    assert len(lines) == 4 and lines[1].startswith("\r") and lines[1].endswith("\r100 %")


SHA256 = {  # as Keras 3.15 has them
    "cifar10": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    "cifar100": "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
}


def test_the_official_archives() -> None:
    assert {name: archive.sha256 for name, archive in ARCHIVES.items()} == SHA256
    assert all(
        a.url.startswith("https://") and a.url.endswith(f"/{a.name}") for a in ARCHIVES.values()
    )
    assert tuple(ARCHIVES) == FETCHED


def test_the_command(archc: Archc, tmp_path: Path) -> None:
    assert "fetch" in archc("data", "--help").out
    wrong = archc("data", "fetch", "cifar11")
    assert wrong.code == 2 and "did you mean `cifar10`?" in wrong.err
    for name, archive in ARCHIVES.items():
        file = tmp_path / archive.name
        file.write_bytes(b"mine")
        failed = archc("data", "fetch", name, "--data-dir", tmp_path)
        assert failed.code == 4 and str(file) in failed.err
        assert file.read_bytes() == b"mine"


def test_imports() -> None:
    """The command line without data needs no NumPy; reading data needs no framework."""
    code = (
        "import sys, archcompile.cli.data\nassert 'numpy' not in sys.modules\n"
        "import archcompile.data.downloads\nassert not {'tensorflow', 'keras', 'PIL', 'sklearn'} & "
        "set(sys.modules)"
    )
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
