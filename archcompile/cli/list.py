"""`archc list`: the specs that ship."""

import json

from archcompile.cli.options import AsJson


def list_specs(
    as_json: AsJson = False,
) -> None:
    """List the specs that ship with archc, grouped by family."""
    from archcompile import list_specs as shipped_specs
    from archcompile.cli.console import table

    specs = shipped_specs()
    if as_json:
        print(json.dumps(specs.to_dict(), indent=2))
    else:
        rows = [(s.name if s.name == s.family else f"  {s.name}", s.about) for s in specs]
        print(table(rows, frozenset()))
