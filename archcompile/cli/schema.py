"""`archc schema`: JSON Schema of every kind of file, for editors."""

import json
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from archcompile.cli.completion import complete_specs
from archcompile.shipped import Kind

if TYPE_CHECKING:
    from archcompile.spec.schema import Known

KINDS: tuple[Kind, ...] = get_args(Kind)


def schema(
    kind: Annotated[Kind, typer.Option("--kind", help="The kind of file.")] = "spec",
    scope: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="SPEC",
            help="Include the blocks, rules and variables in scope of this spec; for --kind spec "
            "or library only.",
            autocompletion=complete_specs,
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of a kind of file.

    It has the keys, their values and what they mean, in draft 2020-12.
    """
    from archcompile.errors import UsageError

    if scope is not None and kind not in ("spec", "library"):
        raise UsageError(f"a file of kind {kind} has no blocks in scope", hint="leave out --for")
    known = None
    if scope is not None:
        from archcompile.spec.loading import load
        from archcompile.spec.schema import Known

        known = Known.of(load(scope))
    print(schema_text(kind, known), end="")


def schema_text(kind: Kind, known: "Known | None" = None) -> str:
    """The schema as the text of a file."""
    return json.dumps(_schema(kind, known), indent=1, ensure_ascii=False) + "\n"


def _schema(kind: Kind, known: "Known | None") -> dict[str, Any]:
    from archcompile.spec.schema import library_schema, spec_schema

    if kind == "recipe":
        from archcompile.recipe import recipe_schema

        return recipe_schema()
    if kind == "experiment":
        from archcompile.experiments import experiment_schema

        return experiment_schema()
    return (spec_schema if kind == "spec" else library_schema)(known)
