"""`archc list`: the specs that ship."""

import json
from dataclasses import asdict

from archcompile.cli.options import AsJson


def list_specs(
    as_json: AsJson = False,
) -> None:
    """List the specs that ship with archc, grouped by family."""
    from archcompile.authoring import list_shipped
    from archcompile.cli.console import table

    specs = list_shipped()
    if as_json:
        print(json.dumps({"specs": [asdict(spec) for spec in specs]}, indent=2))
    else:
        rows = [(s.name if s.name == s.family else f"  {s.name}", s.about) for s in specs]
        print(table(rows, has_heading=False))
