"""Help pages are wrapped between words, and an option is one: `--run-dir` is never broken."""

import re
from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

# typer breaks lines behind a hyphen, but not behind this one
UNBROKEN = "\N{NON-BREAKING HYPHEN}"
HYPHEN = re.compile(r"(?<=\S)-(?=\S)|-(?=-|\w)")
TEXT_TYPE = re.compile(r" <(str|path|list\[(str|path)\])>$")  # what every word is: no news

_Context: Any = TyperCommand.context_class


class HelpLines(_Context.formatter_class):  # type: ignore[misc]
    """Joins words at their hyphens before they are wrapped."""

    def write_text(self, text: str) -> None:
        """Writes a paragraph."""
        super().write_text(_join(text))

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """Writes a list of terms, each with its text."""
        words = [(TEXT_TYPE.sub("", name), _join(text)) for name, text in rows]
        super().write_dl(words, *args, **kwargs)

    def getvalue(self) -> str:
        """What has been written."""
        return str(super().getvalue()).replace(UNBROKEN, "-")


class HelpContext(_Context):  # type: ignore[misc]
    """The context of a command whose help is written so."""

    formatter_class = HelpLines


def _join(text: str) -> str:
    return HYPHEN.sub(UNBROKEN, text)
