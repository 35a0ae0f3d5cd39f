"""`archc verify`: proves a spec equal to a network that exists."""

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.completion import complete_networks
from archcompile.cli.options import (
    AsJson,
    InputShape,
    MaxNodes,
    ProofLevel,
    Seed,
    Sets,
    Spec,
    input_shape,
    output_option,
)
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    from archcompile.verification import Proof


def verify(
    spec: Spec,
    against: Annotated[
        str,
        typer.Option(
            metavar="REF",
            help="FILE.keras, keras.applications:NAME, torchvision:NAME, timm:NAME, another spec, "
            "or source:FILE.py, which assigns `model`.",
            autocompletion=complete_networks,
        ),
    ],
    level: ProofLevel = "exact",
    output: Annotated[Path | None, output_option("Write a certificate.")] = None,
    sets: Sets = None,
    input_: InputShape = None,
    seed: Seed = 0,
    trust: Annotated[
        bool, typer.Option("--trust", help="Allow the file that source: names to run.")
    ] = False,
    ignore_initialisers: Annotated[
        bool,
        typer.Option("--ignore-initialisers", help="Leave aside initial values that differ."),
    ] = False,
    as_json: AsJson = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Prove that a spec is another network.

    Compares layers, wiring, then numbers with random weights. Exit 1 if they differ, or if that
    cannot be told. --json prints the certificate.
    """
    from archcompile import verify as prove
    from archcompile.cli.console import print_text, say

    result = prove(
        spec,
        against,
        level=level,
        output=output,
        sets=sets or [],
        input=input_shape(input_),
        seed=seed,
        trust=trust,
        ignore_initialisers=ignore_initialisers,
        max_nodes=max_nodes,
    )
    certificate = result.to_dict()
    if as_json:
        print(json.dumps(certificate, indent=2))
    else:
        print_text(_text(result.proof, certificate))
    if output is not None:
        say(f"wrote {output}")
    if not result.is_same:
        raise typer.Exit(1)


def _text(proof: "Proof", certificate: dict[str, Any]) -> str:
    from archcompile.errors import plural, visible

    head = (
        f"{certificate['verdict']}: {proof.candidate.label} and {proof.reference.label} "
        f"({proof.level})"
    )
    lines = [head, f"  {proof.reason}"]
    for side in ("reference", "candidate"):
        only = certificate["layers"][f"only_{side}"]
        if only and proof.report is None:
            lines.append(f"  {plural(len(only), 'kind')} of layer only in the {side}")
    sides = (certificate[side].get("set_aside", ()) for side in ("reference", "candidate"))
    aside = dict.fromkeys(chain(*sides))  # what both sides say is said once
    lines += [f"  set aside: {words}" for words in aside]
    if proof.advice:
        lines.append(f"  {proof.advice}")
    return "\n".join(map(visible, lines))
