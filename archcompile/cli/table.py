"""`archc table`: a family of networks, or a grid, as a table."""

import json
from typing import Annotated

import typer

from archcompile.cli.options import AsJson, Sets, SpecFile


def table(
    spec: SpecFile,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="K=a,b,c",
            help="Values of a variable or key; several options make a grid.",
        ),
    ],
    sets: Sets = None,
    max_params: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Drop rows with more parameters.")
    ] = None,
    max_macs: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Drop rows with more multiply-adds.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Depth, parameters and multiply-adds of a spec under every combination of the values given."""
    from archcompile.authoring import family
    from archcompile.cli import console
    from archcompile.cli.notes import tell
    from archcompile.errors import UsageError
    from archcompile.spec.yaml import flow

    if spec == "-":
        raise UsageError(
            "a table compiles its spec several times, so it cannot come from stdin",
            hint="name a file",
        )
    networks = family(spec, vary, sets or [], max_params=max_params, max_macs=max_macs)
    tell(networks.notes)
    if as_json:
        rows = [
            {
                "settings": dict(m.settings),
                "depth": m.depth,
                "params": m.params,
                "macs": m.macs,
                "hash": m.hash,
            }
            for m in networks.members
        ]
        print(json.dumps({"spec": spec, "rows": rows, "dropped": networks.dropped}, indent=2))
        return
    keys = [text.partition("=")[0] for text in vary]
    # no column twice
    has_depth = "depth" in keys and all(m.settings["depth"] == m.depth for m in networks.members)
    names = (*keys, *(() if has_depth else ("depth",)), "parameters", "multiply-adds")
    shown = [names]
    for m in networks.members:
        measured = () if has_depth else (str(m.depth),)
        shown.append(
            (*(flow(m.settings[key]) for key in keys), *measured, f"{m.params:,}", f"{m.macs:,}")
        )
    print(console.table(shown, frozenset(range(len(names)))))
    if networks.dropped:
        console.say(
            f"{networks.dropped} row{'s' if networks.dropped != 1 else ''} dropped: beyond "
            "--max-params or --max-macs"
        )
