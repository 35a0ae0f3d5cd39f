"""Typer's commands with two changes: their help, and what is read when a shell completes.

Help has commands in groups, whole sentences, and headings that stand out. A key press reads the
words on the line as they are: typer would convert each value, and imports pydantic for that.
"""

import re
import sys
from typing import Any

from typer.core import TyperCommand, TyperGroup

from archcompile.cli.help_lines import HelpContext
from archcompile.terminal import is_coloured, paint

BRACES = re.compile(r"^\{(.+)\}")
HEADING = re.compile(r"^(Usage:|[A-Z][a-z ]*:$)", re.MULTILINE)


class Command(TyperCommand):
    """A command of archc."""

    context_class = HelpContext

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line; typer sets required arguments in braces."""
        return [BRACES.sub(r"\1", piece) for piece in super().collect_usage_pieces(ctx)]

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first paragraph, whole: what zsh shows behind the name, and click would cut."""
        return first_paragraph(self.help or "")

    def get_help(self, ctx: Any) -> str:
        """The text of `--help`, with its headings in colour on a terminal."""
        return colour_headings(super().get_help(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the arguments; the words alone where a shell completes."""
        return (
            read_words(self, ctx, args) if ctx.resilient_parsing else super().parse_args(ctx, args)
        )


class CommandGroup(TyperGroup):
    """Commands under the heading that each was registered with (`rich_help_panel`).

    Typer itself cuts a description at the end of its line; here it goes on in the next.
    """

    context_class = HelpContext

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the commands that are not hidden, in their order."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                heading = getattr(command, "rich_help_panel", None) or "Commands"
                sections.setdefault(heading, []).append((name, first_paragraph(command.help or "")))
        width = max(len(name) for rows in sections.values() for name, _ in rows)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first paragraph, whole: what zsh shows behind the name, and click would cut."""
        return first_paragraph(self.help or "")

    def get_help(self, ctx: Any) -> str:
        """The text of `--help`, with its headings in colour on a terminal."""
        return colour_headings(super().get_help(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the arguments; the words alone where a shell completes."""
        if not ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        words = read_words(self, ctx, args)
        ctx._protected_args, ctx.args = words[:1], words[1:]
        return words[1:]


def read_words(command: Any, ctx: Any, args: list[str]) -> list[str]:
    """Notes the words of each parameter, none of them converted; returns those that are left.

    An option at the end, whose value is to be completed, hides the arguments from the parser: it
    gets an empty value.
    """
    parameters = command.get_params(ctx)
    needs_value = any(
        args[-1:] == [option] for p in parameters for option in p.opts if not _is_flag(p)
    )
    parser = command.make_parser(ctx)
    words, rest, _ = parser.parse_args(args=[*args, ""] if needs_value else [*args])
    for parameter in parameters:
        ctx.params[parameter.name], source = parameter.consume_value(ctx, words)
        ctx.set_parameter_source(parameter.name, source)
    ctx.args = rest
    ctx._opt_prefixes.update("-")
    return list(rest)


def _is_flag(parameter: Any) -> bool:
    return bool(getattr(parameter, "is_flag", False))


def first_paragraph(text: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(text.partition("\n\n")[0].split())


def colour_headings(text: str) -> str:
    """The text with its headings in colour, where stdout shows any."""
    colour = is_coloured(sys.stdout)
    return HEADING.sub(lambda match: paint("help", match[0], colour), text)
