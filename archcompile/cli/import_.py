"""`archc import`: a Keras model as a spec that is proven equal before it is written."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.completion import complete_models
from archcompile.cli.options import AsJson, InputShape, ProofLevel, Seed, input_shape, output_option
from archcompile.errors import UsageError, plural, visible

if TYPE_CHECKING:
    from archcompile.authoring import Imported

UNNAMED = "imported.yaml"  # what the spec is called in messages where it goes to stdout


def import_(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="FILE.keras, FILE.h5, keras.applications:NAME, torchvision:NAME or timm:NAME.",
            autocompletion=complete_models,
        ),
    ],
    output: Annotated[
        Path | None, output_option("The file to write. Default: stdout.", metavar="SPEC.yaml")
    ] = None,
    flat: Annotated[
        bool, typer.Option("--flat", help="Write every layer as a step of one list; fold nothing.")
    ] = False,
    level: ProofLevel = "exact",
    input_: InputShape = None,
    seed: Seed = 0,
    thaw: Annotated[
        bool,
        typer.Option("--thaw", help="Ignore that layers are frozen or called with training=False."),
    ] = False,
    ignore_initialisers: Annotated[
        bool,
        typer.Option(
            "--ignore-initialisers",
            help="Take Keras' own initial values where a spec cannot say the model's.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a Keras model as a spec that is proven equal first.

    What repeats is folded into blocks and stages.
    """
    from archcompile.cli.console import print_text
    from archcompile.outputs import save
    from archcompile.verification import start_exactly

    shape = input_shape(input_)
    _check(output)
    start_exactly()
    from archcompile.authoring import import_model

    imported = import_model(
        model,
        str(output or UNNAMED),
        shape,
        unfolded=flat,
        level=level,
        seed=seed,
        thaw=thaw,
        ignore_initialisers=ignore_initialisers,
    )
    if output is not None:
        save(output, imported.text)
    if as_json:
        print(json.dumps(_record(imported, model, output), indent=2))
    elif output is None:
        print_text(imported.text, end="")
    _report(imported, f"{imported.graph.name} and {model} ({imported.proof.level})", output)


def _check(output: Path | None) -> None:
    """Raises UsageError for a file that no spec can be written to, before anything is built."""
    if output is None:
        return
    if output.suffix != ".yaml":
        raise UsageError(f"{output} does not end in .yaml", hint="specs are found by that suffix")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {output.parent}", hint=f"mkdir -p {output.parent}")
    if output.exists():
        raise UsageError(f"{output} already exists", hint="choose another name, or remove it")


def _record(imported: "Imported", model: str, output: Path | None) -> dict[str, Any]:
    return {
        "name": imported.graph.name,
        "model": model,
        "file": None if output is None else str(output),
        "spec": imported.text,
        "lines": _lines(imported),
        "blocks": imported.blocks,
        "nodes": len(imported.graph),
        "hash": imported.graph.hash,
        "notes": list(imported.notes),
        "proof": imported.proof.certificate(),
    }


def _report(imported: "Imported", pair: str, output: Path | None) -> None:
    """Notes, the proof, and the file that was written."""
    from archcompile.cli.console import say

    for note in imported.notes:
        say(f"note: {visible(note)}")
    say(visible(f"same: {pair}"))
    say(f"  {visible(imported.proof.reason)}")
    if output is not None:
        say(f"wrote {output}: {_lines(imported)} lines, {plural(imported.blocks, 'block')}")


def _lines(imported: "Imported") -> int:
    return len(imported.text.splitlines())
