"""Where data is looked for when the user names no file."""

import os
from pathlib import Path

from archcompile.errors import DataError


def cache() -> Path:
    """The user's cache (XDG base directory specification), where `archc data fetch` puts things."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    return Path(root if os.path.isabs(root) else os.path.expanduser("~/.cache")) / "archcompile"


def keras() -> Path:
    """Keras's own store of downloaded data."""
    return Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "datasets"


def search(data_dir: Path | None) -> list[tuple[str, Path | None]]:
    """The places to look at, in order, each with what it is called; None for one the user could
    name, but did not.

    With `data_dir` only that one is looked at. Raises DataError if it is not there.
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
        ("the user cache", cache()),
        ("the Keras cache", keras()),
    ]


def not_found(
    title: str, what: str, looked: list[tuple[str, Path | None]], *, get: str
) -> DataError:
    """That a dataset lies in none of the places of `search`; `what` was looked for, `get` is how to
    come by it.
    """
    listed = "".join(f"\n  {_words(label, place)}" for label, place in looked)
    only = "\nand nowhere else, since --data-dir was given" if looked[0][1] is not None else ""
    return DataError(
        f"{title} was not found. Looked for {what} in{listed}{only}",
        hint=f"{get}, or name the place with --data-dir",
    )


def _words(label: str, place: Path | None) -> str:
    if place is None:
        return f"{label}  (not set)"
    return f"{place}  ({label}{'' if place.exists() else ', not there'})"
