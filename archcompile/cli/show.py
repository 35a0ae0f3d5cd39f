"""`archc show`: the resolved spec, where its values come from, and every value in force."""

import json
from typing import Annotated, Any

import typer

from archcompile.cli.options import AsJson, Blame, Sets, Spec


def show(
    spec: Spec,
    sets: Sets = None,
    blame: Blame = False,
    defaults: Annotated[
        bool,
        typer.Option(
            "--defaults", help="Show every layer with all its settings, and the variables."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the resolved spec: one self-contained file, parents, libraries and settings merged
    in.
    """
    from archcompile.api import compile_spec
    from archcompile.cli.notes import tell_notes
    from archcompile.errors import UsageError
    from archcompile.spec.editor import blame as blame_text
    from archcompile.spec.editor import origins
    from archcompile.spec.expansion import expand
    from archcompile.spec.language import resolved_trees
    from archcompile.spec.loading import load
    from archcompile.spec.yaml import flow, plain

    if blame and defaults and not as_json:
        raise UsageError(
            "--blame and --defaults are two different texts",
            hint="ask for one of them, or for both with --json",
        )
    read = load(spec, sets or [])
    graph = compile_spec(read)  # so that nothing is shown that does not compile
    tell_notes(graph)
    record: dict[str, Any] = {"name": graph.name}
    if defaults:
        from archcompile.analyses import settings
        from archcompile.drawing.formats import settings_text

        record["vars"] = {name: _number(value) for name, value in expand(read).variables.items()}
    if as_json:
        record["spec"] = {key: plain(tree) for key, tree in resolved_trees(read).items()}
        if blame:
            record["blame"] = origins(resolved_trees(read))
        if defaults:
            record["layers"] = []
            for node in graph:
                values = settings(node)
                layer = {"name": node.name, "op": node.op.kind}
                record["layers"].append({**layer, "given": values.given, "default": values.default})
        print(json.dumps(record, indent=2))
    elif defaults:
        print(
            f"vars: {flow(record['vars'])}\n" if record["vars"] else "",
            settings_text(graph),
            sep="",
            end="",
        )
    else:
        print(blame_text(resolved_trees(read)) if blame else graph.spec_text, end="")


def _number(value: Any) -> Any:
    """A variable's value as JSON has it: fractions as floats."""
    from archcompile.spec.expansion import numbers

    return numbers(value)
