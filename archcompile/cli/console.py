"""What a person sees: text and tables in the width of the terminal, diagnostics with their line."""

import sys
from collections.abc import Sequence

from archcompile.error_text import SHOWN, render
from archcompile.errors import ArchError, Diagnostic, Interrupted, SpecError, visible
from archcompile.messages import to_stderr
from archcompile.terminal import fit, is_coloured, paint, width_of
from archcompile.terminal import table as table_lines


def say(text: str) -> None:
    """A message for the person, on stderr."""
    to_stderr(text)


def print_text(text: str, end: str = "\n") -> None:
    """A text on stdout, wrapped if that is a terminal."""
    print(fit(text, sys.stdout), end=end)


def heading(text: str) -> str:
    """A heading on stdout, in bold where there are colours."""
    return paint("heading", text, is_coloured(sys.stdout))


def dim(text: str) -> str:
    """What matters less on stdout, in grey where there are colours."""
    return paint("dim", text, is_coloured(sys.stdout))


def table(
    rows: Sequence[tuple[str, ...]],
    right: frozenset[int] = frozenset(),
    *,
    least: Sequence[int] = (),
    has_heading: bool = True,
    indent: str = "",
) -> str:
    """Aligned columns, as many as fit into the terminal that stdout is; see `terminal.table`."""
    width = width_of(sys.stdout)
    lines = table_lines(
        rows,
        right,
        width=None if width is None else width - len(indent),
        least=least,
        has_heading=has_heading,
        colour=is_coloured(sys.stdout),
    )
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


# ---- diagnostics ---------------------------------------------------------------------------------


def report(error: ArchError) -> None:
    """An error on stderr."""
    if isinstance(error, SpecError):
        for diagnostic in error.diagnostics[:SHOWN]:
            say_diagnostic(diagnostic)
        if len(error.diagnostics) > SHOWN:
            say(f"… and {len(error.diagnostics) - SHOWN} more")
        return
    lines = "\n".join(map(visible, error.message.splitlines()))
    say(f"{'interrupted' if isinstance(error, Interrupted) else 'error'}: {lines}")
    if error.hint:
        say(f"  help: {visible(error.hint)}")


def say_diagnostic(diagnostic: Diagnostic) -> None:
    """A finding on stderr."""
    say(render(diagnostic, is_coloured(sys.stderr), width_of(sys.stderr)))
