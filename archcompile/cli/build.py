"""`archc build`: compiles a spec and writes what is asked for."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcompile.cli.completion import complete_applications
from archcompile.cli.options import AsJson, MaxNodes, Sets, Spec, Strict, output_option
from archcompile.errors import UsageError, did_you_mean
from archcompile.limits import MAX_NODES

if TYPE_CHECKING:
    import keras

    from archcompile.api import LayerGraph

EMITTED = {"keras": "model.keras", "source": "model.py", "graph": "graph.json"}


def build(
    spec: Spec,
    output: Annotated[Path | None, output_option("Default: build/NAME.", metavar="DIR")] = None,
    sets: Sets = None,
    emit: Annotated[
        str, typer.Option(metavar="LIST", help="What to write: keras, source, graph.")
    ] = "keras,source,graph",
    features: Annotated[
        bool,
        typer.Option("--features", help="Output the last node of every stage instead of the head."),
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Weights for the model: .keras, .weights.h5, .h5, or PyTorch's .safetensors, .pt "
            "or .pth; needs --from.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="REF",
            help="Where the weights come from: keras.applications:NAME, torchvision:NAME or "
            "timm:NAME.",
            autocompletion=complete_applications,
        ),
    ] = None,
    as_json: AsJson = False,
    strict: Strict = False,
    max_nodes: MaxNodes = MAX_NODES,
) -> None:
    """Write the Keras model of a spec, its source and its graph.

    Every dimension is checked first.
    """
    from archcompile import compile as compile_spec
    from archcompile.cli.notes import tell_notes

    kinds = _parse_kinds(emit)
    _check_weights(weights, source, features=features, kinds=kinds)
    graph = compile_spec(spec, sets=sets or [], max_nodes=max_nodes)
    tell_notes(graph, strict)
    if features:
        from archcompile.passes import features as backbone

        graph = backbone(graph)
    model = None
    if weights is not None and source is not None:
        model = _build_with_weights(graph, weights, source)
    files = _write(graph, output or Path("build") / graph.name, kinds, model=model)
    _report(graph, files, as_json)


def _check_weights(
    weights: Path | None, source: str | None, *, features: bool, kinds: list[str]
) -> None:
    """Raises UsageError where --weights stands without what it needs, or with what excludes it."""
    if (weights is None) != (source is None):
        raise UsageError(
            "--weights and --from belong together",
            hint="--weights FILE --from keras.applications:NAME, torchvision:NAME or timm:NAME",
        )
    if weights is not None and "keras" not in kinds:
        raise UsageError("--weights needs --emit keras: nothing else holds weights")
    if features and weights is not None:
        raise UsageError(
            "--features and --weights cannot go together: the weights are of the whole network"
        )


def _parse_kinds(emit: str) -> list[str]:
    """What to write. Raises UsageError for a word that is none of it."""
    words = [word.strip() for word in emit.split(",") if word.strip()]
    for word in words:
        if word not in EMITTED:
            raise UsageError(
                f"--emit: there is no '{word}' to write",
                hint=did_you_mean(word, EMITTED),
            )
    if not words:
        raise UsageError("--emit names nothing to write", hint=f"expected: {', '.join(EMITTED)}")
    return words


def _build_with_weights(graph: "LayerGraph", weights: Path, source: str) -> "keras.Model":
    from archcompile.quiet import load_keras
    from archcompile.torch_graph import is_torch_reference

    load_keras()
    from archcompile.verification import carry, carry_from_pytorch

    if is_torch_reference(source):
        return carry_from_pytorch(graph, weights, source)
    return carry(graph, weights, source)


def _write(
    graph: "LayerGraph", folder: Path, kinds: list[str], *, model: "keras.Model | None" = None
) -> dict[str, str]:
    """The files written, by kind; `model` if it is built already. Raises DataError."""
    from archcompile.graph import to_json
    from archcompile.outputs import check_place, make_folder, save

    if folder.exists():
        make_folder(folder)  # which says that it is a file
        for kind in kinds:
            check_place(folder / EMITTED[kind])
    contents: dict[str, Any] = {}
    if "source" in kinds:
        contents["source"] = graph.to_source()
    if "graph" in kinds:
        contents["graph"] = to_json(graph)
    if "keras" in kinds and model is None:
        from archcompile.keras_model import to_keras

        model = to_keras(graph)
    make_folder(folder)  # once all is there: an interruption leaves no empty one
    for kind, content in contents.items():
        save(folder / EMITTED[kind], content)
    if model is not None:
        from archcompile.keras_model import save_model

        save_model(graph, model, folder / EMITTED["keras"])
    return {kind: str(folder / EMITTED[kind]) for kind in EMITTED if kind in kinds}


def _report(graph: "LayerGraph", files: dict[str, str], as_json: bool) -> None:
    from archcompile.cli.console import print_text, say

    if as_json:
        print(json.dumps(graph.to_dict(files), indent=2))
        return
    from archcompile.drawing.formats import text
    from archcompile.terminal import is_coloured, width_of

    print_text(text(graph, width_of(sys.stdout), is_coloured(sys.stdout)), end="")
    for file in files.values():
        say(f"wrote {file}")
