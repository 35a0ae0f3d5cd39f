"""`archc table`: a family of networks, or a grid, as a table."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.completion import complete_sets
from archcompile.cli.options import AsJson, Sets, SpecFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archcompile.authoring import Member


def table(
    spec: SpecFile,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="K=a,b,c",
            help="Values of a variable or key; several options make a grid.",
            autocompletion=complete_sets,
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
    """Compare variants of a spec: depth, parameters, multiply-adds.

    Prints a row for every combination of the values given.
    """
    from archcompile.authoring import family
    from archcompile.cli import console
    from archcompile.cli.notes import tell
    from archcompile.errors import UsageError, plural

    if spec == "-":
        raise UsageError(
            "a table compiles its spec several times, so it cannot come from stdin",
            hint="name a file",
        )
    networks = family(spec, vary, sets or [], max_params=max_params, max_macs=max_macs)
    tell(networks.notes)
    if as_json:
        rows = [_record(member) for member in networks.members]
        print(json.dumps({"spec": spec, "rows": rows, "dropped": networks.dropped}, indent=2))
        return
    lines = _rows(networks.members, [text.partition("=")[0] for text in vary])
    print(console.table(lines, frozenset(range(len(lines[0])))))
    if networks.dropped:
        console.say(f"{plural(networks.dropped, 'row')} dropped: beyond --max-params or --max-macs")


def _record(member: "Member") -> dict[str, Any]:
    return {
        "settings": dict(member.settings),
        "depth": member.depth,
        "params": member.params,
        "macs": member.macs,
        "hash": member.hash,
    }


def _rows(members: "Sequence[Member]", keys: list[str]) -> list[tuple[str, ...]]:
    """A row for each network, below a header. Where depth is what varies, it has one column."""
    from archcompile.spec.yaml import flow

    is_depth_varied = "depth" in keys and all(m.settings["depth"] == m.depth for m in members)
    depth_name = () if is_depth_varied else ("depth",)
    rows = [(*keys, *depth_name, "parameters", "multiply-adds")]
    for member in members:
        settings = [flow(member.settings[key]) for key in keys]
        depth = () if is_depth_varied else (str(member.depth),)
        rows.append((*settings, *depth, f"{member.params:,}", f"{member.macs:,}"))
    return rows
