"""`archc list`: the specs that ship."""

import json
import re
from typing import Annotated

import typer


def list_specs(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Name the specs that ship with archc, a line each."""
    from archcompile.cli.console import table
    from archcompile.spec.files import shipped_specs
    from archcompile.spec.load import about

    found = {name: about(path) for name, path in sorted(shipped_specs().items(), key=lambda item: _natural(item[0]))}
    if as_json:
        print(json.dumps({"specs": [{"name": name, "about": text} for name, text in found.items()]}, indent=2))
    else:
        print(table(list(found.items()), frozenset()))


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers in a name by their value: v1_20 before v1_110."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
