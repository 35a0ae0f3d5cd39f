"""`archc explain`: what a code means and how to mend it."""

import json
import sys
import textwrap
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from archcompile.cli.completion import complete_codes
from archcompile.cli.options import AsJson
from archcompile.errors import UsageError, did_you_mean

WIDTH = 100


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE", help="A code such as shape-mismatch.", autocompletion=complete_codes
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain the code of an error or warning.

    Without CODE, list all codes.
    """
    from archcompile.cli.console import print_text
    from archcompile.explain import entries

    known = entries()
    if code is not None and code not in known:
        raise UsageError(
            f"there is no code '{code}'",
            hint=did_you_mean(code, known, "`archc explain` lists them"),
        )
    if as_json and code:
        print(json.dumps(asdict(known[code]), indent=2))
    elif as_json:
        print(json.dumps({"codes": [asdict(entry) for entry in known.values()]}, indent=2))
    elif code:
        print_text(_explanation(code))
    else:
        print("\n\n".join(_sections()))


def _explanation(code: str) -> str:
    from archcompile.cli.console import heading
    from archcompile.explain import entries
    from archcompile.terminal import width_of

    entry = entries()[code]
    width = min(WIDTH, width_of(sys.stdout) or WIDTH)
    words = [textwrap.fill(text, width) for text in (entry.summary, entry.text) if text]
    for label, example in (("wrong:", entry.wrong), ("right:", entry.right)):
        if example:
            words.append(f"{heading(label)}\n{textwrap.indent(example.rstrip(), '  ')}")
    return "\n\n".join([f"{heading(entry.code)}   ({entry.group.lower()})", *words])


def _sections() -> list[str]:
    from archcompile.cli.console import heading, table
    from archcompile.explain import entries

    known = entries()
    width = max(map(len, known))
    sections = []
    for group, members in groupby(known.values(), lambda entry: entry.group):
        rows = [(f"  {entry.code:{width}}", entry.summary) for entry in members]
        sections.append(f"{heading(group)}\n{table(rows, has_heading=False)}")
    return sections
