"""`archc lsp`: the language server, which an editor starts."""

import sys
from typing import Annotated

import typer


def lsp(
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Talk over stdin and stdout, as it always does.")
    ] = False,
) -> None:
    """Answer an editor as you type: errors, shapes, completion.

    It speaks the Language Server Protocol on stdin and stdout. An editor starts it, with the few
    lines of settings that docs/editors.md has for each.
    """
    from archcompile.cli.console import say
    from archcompile.language_server import serve

    if sys.stdin is not None and sys.stdin.isatty():
        say("archc lsp is started by an editor, and waits for its messages; Ctrl-C ends it")
    if not serve():
        raise typer.Exit(1)
