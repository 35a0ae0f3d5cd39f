"""Where data is looked for when the user names no file."""

import os
from pathlib import Path

from archcompile.errors import DataError


class DataNotFound(DataError):
    """Data that lie in none of the places where they are looked for."""


def user_cache() -> Path:
    """The user's cache (XDG base directory specification), where `archc data fetch` puts things."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    return Path(root if os.path.isabs(root) else os.path.expanduser("~/.cache")) / "archcompile"


def keras() -> Path:
    """Keras's own store of downloaded data."""
    return Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "datasets"


def search(data_dir: Path | None) -> list[tuple[str, Path | None]]:
    """The places to search, in order, each with its label; None where the user has named none.

    With `data_dir` only that one is searched. Raises DataError if it does not exist.
    """
    if data_dir is not None:
        if not data_dir.exists():
            raise DataError(f"there is no {data_dir}, named as the place of the data")
        return [("--data-dir", data_dir)]
    named = os.environ.get("ARCHC_DATA")
    return [
        ("--data-dir", None),
        ("$ARCHC_DATA", Path(named).expanduser() if named else None),
        ("./data", Path("data")),
        ("the user cache", user_cache()),
        ("the Keras cache", keras()),
    ]


def not_found(
    title: str, what: str, searched: list[tuple[str, Path | None]], *, get: str
) -> DataNotFound:
    """The error that a dataset is in none of the places of `search`.

    `what` is what was looked for there, and `get` how to get it.
    """
    places = "".join(f"\n  {_words(label, place)}" for label, place in searched)
    only = "\nand nowhere else, because of --data-dir" if searched[0][1] is not None else ""
    return DataNotFound(
        f"{title} was not found. Looked for {what} in{places}{only}",
        hint=f"{get}, or name the place with --data-dir",
    )


def _words(label: str, place: Path | None) -> str:
    if place is None:
        return f"{label}  (not set)"
    return f"{place}  ({label}{'' if place.exists() else ', not there'})"
