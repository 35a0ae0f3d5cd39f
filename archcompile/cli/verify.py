"""`archc verify`: proves a spec equal to a network that exists."""

import json
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
from archcompile.errors import UsageError
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    from archcompile.api import LayerGraph
    from archcompile.verification import Proof


def verify(
    spec: Spec,
    against: Annotated[
        str,
        typer.Option(
            metavar="REF",
            help="FILE.keras, keras.applications:NAME, another spec, or source:FILE.py, which "
            "assigns `model`.",
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
    as_json: AsJson = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Prove that a spec is another network.

    Compares layers, wiring, then numbers with random weights. Exit 1 if they differ, or if that
    cannot be told. --json prints the certificate.
    """
    from archcompile import compile as compile_spec
    from archcompile.cli.console import print_text, say
    from archcompile.verification import start_exactly

    shape = input_shape(input_)
    _check_options(against, shape, output)
    size = [f"input={list(shape)}"] if shape else []
    graph = compile_spec(spec, sets=[*(sets or []), *size], max_nodes=max_nodes)
    start_exactly()
    from archcompile.verification import of_graph, prove, reference

    def compile_text(name: str) -> "LayerGraph":
        compiled_graph: LayerGraph = compile_spec(name, sets=size, max_nodes=max_nodes)
        return compiled_graph

    # first: what cannot be read is reported before much is built
    counterpart = reference(against, graph.input_shape, trust, compile_text=compile_text)
    proof = prove(of_graph(graph), counterpart, level, seed=seed)
    certificate = proof.certificate()
    if output is not None:
        _write(certificate, output)
    if as_json:
        print(json.dumps(certificate, indent=2))
    else:
        print_text(_text(proof, certificate))
    if output is not None:
        say(f"wrote {output}")
    if certificate["verdict"] != "same":
        raise typer.Exit(1)


def _check_options(against: str, shape: tuple[int, int, int] | None, output: Path | None) -> None:
    """Raises UsageError, before anything is built."""
    if shape and against.endswith(".keras"):
        raise UsageError(
            f"--input cannot change the size that {against} was saved with",
            hint="use --set on the spec alone",
        )
    if output is not None and output.suffix.lower() != ".json":
        raise UsageError(
            f"a certificate cannot be written as {output}", hint="name a file that ends in .json"
        )
    if output is not None and not output.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {output.parent}", hint=f"mkdir -p {output.parent}")


def _write(certificate: dict[str, Any], output: Path) -> None:
    from archcompile.outputs import save

    save(output, json.dumps(certificate, indent=2) + "\n")


def _text(proof: "Proof", certificate: dict[str, Any]) -> str:
    from archcompile.errors import visible

    head = (
        f"{certificate['verdict']}: {proof.candidate.label} and {proof.reference.label} "
        f"({proof.level})"
    )
    lines = [head, f"  {proof.reason}"]
    for side in ("reference", "candidate"):
        only = certificate["layers"][f"only_{side}"]
        if only and proof.report is None:
            lines.append(f"  {len(only)} kinds of layer only in the {side}")
    if proof.advice:
        lines.append(f"  {proof.advice}")
    return "\n".join(map(visible, lines))
