"""Help pages are wrapped between words, and an option is one: `--run-dir` is never broken."""

import re
from collections.abc import Sequence
from typing import Any

import typer

# `typer` breaks lines behind a hyphen, but not behind this one
UNBROKEN = "\N{NON-BREAKING HYPHEN}"
HYPHEN = re.compile(r"(?<=\S)-(?=\S)|-(?=-|\w)")


def _join(text: str) -> str:
    return HYPHEN.sub(UNBROKEN, text)


def keep_words_whole(command: Any) -> None:
    """Makes the help of a command, and of those below it, break no line within a word."""
    context: type[Any] = command.context_class

    class Formatter(context.formatter_class):  # type: ignore[misc, name-defined]
        """Joins the words before they are wrapped."""

        def write_text(self, text: str) -> None:
            super().write_text(_join(text))

        def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
            super().write_dl([(name, _join(text)) for name, text in rows], *args, **kwargs)

        def getvalue(self) -> str:
            return str(super().getvalue()).replace(UNBROKEN, "-")

    class Context(context):  # type: ignore[misc]
        formatter_class = Formatter

    command.context_class = Context
    if isinstance(command, typer.core.TyperGroup):
        for below in command.commands.values():
            keep_words_whole(below)
