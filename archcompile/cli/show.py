"""`archc show`: the resolved spec."""

from typing import Annotated

import typer


def show(
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="A spec file, the name of a shipped spec, or - for stdin.")
    ],
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="K=V", help="Set a variable or a key.")] = None,
) -> None:
    """Print the resolved spec: one self-contained file, parents, libraries and settings merged in."""
    from archcompile import compile as compile_spec

    print(compile_spec(spec, sets=sets or []).spec_text, end="")
