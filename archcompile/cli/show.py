"""`archc show`: the resolved spec, where its values come from, and every value in force."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.options import AsJson, Blame, Sets
from archcompile.cli.options import Spec as SpecArgument

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph, Node
    from archcompile.spec.language import Spec


def show(
    spec: SpecArgument,
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
    """Print the resolved spec as one self-contained file.

    Parents, libraries and settings are merged in.
    """
    from archcompile.api import compile_spec
    from archcompile.cli.console import print_text
    from archcompile.cli.notes import tell_notes
    from archcompile.cli.yaml_text import print_yaml
    from archcompile.errors import UsageError
    from archcompile.spec.language import resolved_trees
    from archcompile.spec.loading import load

    if blame and defaults and not as_json:
        raise UsageError(
            "--blame and --defaults are two different texts",
            hint="ask for one of them, or for both with --json",
        )
    read = load(spec, sets or [])
    graph = compile_spec(read)  # so that nothing is shown that does not compile
    tell_notes(graph)
    if as_json:
        print(json.dumps(_record(read, graph, blame=blame, defaults=defaults), indent=2))
    elif defaults:
        print_text(_settings_text(read, graph), end="")
    else:
        print_yaml(resolved_trees(read), graph.spec_text, blame)


def _record(read: "Spec", graph: "LayerGraph", *, blame: bool, defaults: bool) -> dict[str, Any]:
    from archcompile.spec.language import resolved_trees
    from archcompile.spec.schema import origins
    from archcompile.spec.yaml import plain

    trees = resolved_trees(read)
    record: dict[str, Any] = {"name": graph.name}
    if defaults:
        record["vars"] = _variables(read)
    record["spec"] = {key: plain(tree) for key, tree in trees.items()}
    if blame:
        record["blame"] = origins(trees)
    if defaults:
        record["layers"] = [_layer(node) for node in graph]
    return record


def _layer(node: "Node") -> dict[str, Any]:
    from archcompile.analyses import settings

    values = settings(node)
    return {
        "name": node.name,
        "op": node.op.kind,
        "given": values.given,
        "default": values.default,
    }


def _settings_text(read: "Spec", graph: "LayerGraph") -> str:
    from archcompile.drawing.formats import settings_text
    from archcompile.spec.yaml import flow

    variables = _variables(read)
    head = f"vars: {flow(variables)}\n" if variables else ""
    return f"{head}{settings_text(graph)}"


def _variables(read: "Spec") -> dict[str, Any]:
    """The values of variables as JSON has them: fractions as floats."""
    from archcompile.spec.expansion import expand, numbers

    return {name: numbers(value) for name, value in expand(read).variables.items()}
