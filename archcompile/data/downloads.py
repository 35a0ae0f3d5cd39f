"""Downloads the official archives of CIFAR-10 and CIFAR-100: nothing else uses the network."""

import hashlib
import http.client
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archcompile.data.default_places import user_cache
from archcompile.data.job_progress import Progress
from archcompile.errors import DataError
from archcompile.messages import write_line
from archcompile.terminal import fit

CHUNK = 1 << 18  # bytes
TIMEOUT = 30.0  # seconds without an answer


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A file to download, `size` in bytes and `sha256` in hex; others of its name are not kept."""

    name: str
    url: str
    size: int
    sha256: str


CIFAR10 = Archive(
    name="cifar-10-python.tar.gz",
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    size=170_498_071,
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
CIFAR100 = Archive(
    name="cifar-100-python.tar.gz",
    url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    size=169_001_437,
    sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)
ARCHIVES = {"cifar10": CIFAR10, "cifar100": CIFAR100}


def fetch(
    archive: Archive = CIFAR10, folder: Path | None = None, out: IO[str] | None = None
) -> Path:
    """The archive in `folder` (default: the user cache), downloaded unless it is present.

    It reports on `out` (default: standard error). An interrupted download stays in a file `.part`,
    and the next call resumes it. Raises DataError if the file cannot be downloaded or written, is
    not the expected one, or another file of that name exists.
    """
    out = out or sys.stderr
    target = (folder or user_cache()) / archive.name
    part = target.with_name(target.name + ".part")
    try:
        if target.exists():
            if _sha256(target) != archive.sha256:
                raise DataError(
                    f"{target} already exists, but is not the expected file (sha256 "
                    f"{archive.sha256})",
                    hint="move it, or choose another place with --data-dir",
                )
            _tell(f"{target} already exists, sha256 correct", out)
            return target
        _tell(f"downloading {archive.url} ({archive.size / 1e6:.0f} MB) to {target}", out)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (part.exists() and part.stat().st_size == archive.size):
            _download(archive, part, out)
        _check(archive, part)
        part.replace(target)
    except OSError as error:
        raise DataError(
            f"cannot read or write {error.filename or part}: {error.strerror or error}",
            hint="choose another place with --data-dir",
        ) from error
    _tell(f"{target}: sha256 correct", out)
    return target


def _tell(text: str, out: IO[str]) -> None:
    write_line(fit(text, out), out)


def _download(archive: Archive, part: Path, out: IO[str]) -> None:
    """Brings `part` to the archive's size, resuming from what it holds if the server can."""
    done = part.stat().st_size if part.exists() else 0
    if done > archive.size:
        done = 0
    headers = {"User-Agent": "archcompile"}
    if done:
        headers["Range"] = f"bytes={done}-"
    with _open(urllib.request.Request(archive.url, headers=headers), archive) as answer:
        content_range = answer.headers.get("Content-Range", "")
        if not (answer.status == 206 and content_range.startswith(f"bytes {done}-")):
            done = 0  # the server sends it whole
        if done:
            _tell(f"continuing after {done / 1e6:.1f} MB", out)
        progress = Progress(out)
        with part.open("ab" if done else "wb") as file:
            while done < archive.size:
                chunk = _receive(answer, archive)[: archive.size - done]
                if not chunk:
                    break
                file.write(chunk)
                done += len(chunk)
                progress.show(done, archive.size)
    if done < archive.size:
        raise _download_error(
            archive,
            f"the connection closed after {done:,} of {archive.size:,} bytes; they are kept in "
            f"{part}",
        )


def _open(request: urllib.request.Request, archive: Archive) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        raise _download_error(
            archive, f"the server answered {error.code} {error.reason}"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise _download_error(archive, str(getattr(error, "reason", error))) from error
    return answer


def _receive(answer: http.client.HTTPResponse, archive: Archive) -> bytes:
    try:
        return answer.read(CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _download_error(
            archive, f"the connection was lost ({error}); the downloaded part is kept"
        ) from error


def _check(archive: Archive, part: Path) -> None:
    """Removes a complete file with unexpected content, since no download can resume from it."""
    sha256 = _sha256(part)
    if sha256 != archive.sha256:
        part.unlink()
        raise _download_error(
            archive, f"the downloaded file is another one (sha256 {sha256}) and was removed"
        )


def _download_error(archive: Archive, why: str) -> DataError:
    return DataError(
        f"{archive.url} could not be downloaded: {why}",
        hint=f"try again; or get {archive.name} (sha256 {archive.sha256}) in another way, such "
        "as on another machine, and give its folder with --data-dir",
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
