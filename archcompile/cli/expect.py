"""`archc expect`: the claims that hold of a spec, and whether those it makes do."""

import json
from typing import Annotated

import typer

from archcompile.cli.options import AsJson, Spec


def expect(
    spec: Spec,
    write: Annotated[
        bool,
        typer.Option(
            "--write", help="Write the claims into the file; everything else in it stays."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what a spec may claim, and check the claims it makes.

    Claims stand under `expect`. Exit 1 if one does not hold.
    """
    from archcompile.authoring import claims
    from archcompile.cli.console import print_text, say
    from archcompile.errors import SpecError
    from archcompile.spec.yaml import flow

    changes = claims.write(spec) if write else []
    reviewed = claims.review(spec)
    if reviewed.problems and as_json:
        raise SpecError(reviewed.problems)
    if as_json:
        print(json.dumps({"expect": dict(reviewed.actual), "changes": changes}, indent=2))
    else:
        print_text(f"expect: {flow(dict(reviewed.actual))}")
    for change in changes:
        say(f"wrote {change}")
    if write and not changes:
        say("nothing to change")
    if reviewed.problems:
        raise SpecError(reviewed.problems)
