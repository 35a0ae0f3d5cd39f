"""The two sides of a proof: a compiled spec, and what it is held against."""

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol

import keras

from archcompile.errors import ArchError, Location, UsageError, did_you_mean
from archcompile.graph import LayerGraph, Origin, semantic_hash
from archcompile.importer import Inexpressible, open_input, with_input
from archcompile.keras_config import (
    Live,
    Net,
    build,
    live,
    make_layers,
    read_file,
    recursion,
    without_initialisers,
)
from archcompile.keras_model import calls, to_keras
from archcompile.verification.match import Pairing
from archcompile.verification.output_order import in_spec_order
from archcompile.verification.report import Quantity

APPLICATIONS = "keras.applications:"
SOURCE = "source:"
MODEL_FILES = (".keras", ".h5", ".hdf5")
Shape = tuple[int, ...]


class Witness(Protocol):
    """Another framework, which computes the reference's numbers, too."""

    tolerance: ClassVar[Mapping[str, float]]  # of single operations, and of the whole network

    def __call__(
        self, left: Live, right: Live, pairing: Pairing, *, seed: int
    ) -> Iterable[Quantity]:
        """Quantities of the reference's and the candidate's model, which hold equal weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSide:
    """One side: `net` is known at once, `start` builds what runs.

    `identity` is what a certificate says of it. `where` tells the place of a layer in a spec, given
    its name; it is empty for what has no spec.
    """

    label: str
    identity: Mapping[str, Any]
    net: Net
    start: Callable[[], Live]
    where: Callable[[str], str] = lambda _: ""
    witness: Witness | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    level: str | None = None


def of_graph(graph: LayerGraph) -> ProofSide:
    """A compiled spec, as the model that `archc build` writes."""
    side = live(to_keras(graph))
    net = in_spec_order(side.net, list(graph.outputs)) if graph.is_labelled else side.net
    origins = {call.name: call.node.origin for call in calls(graph)}
    return ProofSide(
        label=graph.name,
        identity={"spec": graph.name, "hash": semantic_hash(graph)},
        net=net,
        start=lambda: side,
        where=lambda name: _place(origins[name]) if name in origins else "",
    )


def of_net(label: str, identity: Mapping[str, Any], net: Net) -> ProofSide:
    """A model that was read as plain data; its layers are built anew."""
    read, layers = make_layers(net)
    return ProofSide(label=label, identity=identity, net=read, start=lambda: build(read, layers))


def without_initial_values(side: ProofSide) -> ProofSide:
    """The side compared without its initialisers, which its identity then says."""
    aside = (*side.identity.get("set_aside", ()), "initial values, which were not compared")
    identity = {**side.identity, "set_aside": list(aside)}
    return replace(side, net=without_initialisers(side.net), identity=identity)


def _place(origin: Origin) -> str:
    def line(location: Location) -> str:
        return f"{location.file}:{location.line}"

    row = f", used at {line(origin.used_at)}" if origin.used_at else ""
    return f" at {line(origin.location)}{row}"


def reference(
    text: str, shape: Shape | None, trust: bool, *, compile_text: Callable[[str], LayerGraph]
) -> ProofSide:
    """What `--against` names.

    `shape` is the input (H, W, C) for what has none of its own; `compile_text` compiles a spec.
    Raises UsageError for what does not exist or needs `--trust`, else as reading and building do.
    """
    if text.startswith(APPLICATIONS):
        side = live(application(text, shape))
        return ProofSide(
            label=text,
            identity={"application": text.removeprefix(APPLICATIONS)},
            net=side.net,
            start=lambda: side,
        )
    if text.startswith(SOURCE):
        side = live(_from_source(Path(text.removeprefix(SOURCE)), trust))
        return ProofSide(
            label=text,
            identity=file_identity(Path(text.removeprefix(SOURCE))),
            net=side.net,
            start=lambda: side,
        )
    if text.endswith(MODEL_FILES):
        net = _with_spec_sizes(read_file(Path(text)), shape)
        return of_net(text, file_identity(Path(text)), net)
    return of_graph(compile_text(text))


def _with_spec_sizes(net: Net, shape: Shape | None) -> Net:
    """The net with the sizes of the spec where its input leaves them open.

    It is unchanged if they do not fit.
    """
    if shape is None or len(shape) != 3 or not open_input(net):
        return net
    try:
        return with_input(net, (shape[0], shape[1], shape[2]))
    except Inexpressible:
        return net


def file_identity(path: Path) -> dict[str, str]:
    """What a certificate says of a file."""
    with path.open("rb") as file:
        return {"file": str(path), "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def application(text: str, shape: Shape | None) -> keras.Model:
    """`keras.applications:NAME` without weights.

    Raises UsageError where there is no such network, or not of this size.
    """
    name = text.removeprefix(APPLICATIONS)
    known = [word for word in dir(keras.applications) if word[0].isupper()]
    if name not in known:
        raise UsageError(f"keras.applications has no `{name}`", hint=did_you_mean(name, known))
    try:
        model: keras.Model = getattr(keras.applications, name)(
            weights=None, **({"input_shape": shape} if shape else {})
        )
    except ValueError as error:
        raise UsageError(
            f"keras.applications cannot build {name} for an input of {shape}: {error}"
        ) from error
    return model


def _from_source(path: Path, trust: bool) -> keras.Model:
    """The model that a Python file leaves in `model`; runs the file only if that is trusted."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if not trust:
        raise UsageError(f"{SOURCE}{path} would run that file", hint="read it, then add --trust")
    import runpy

    try:
        # What the file prints is no part of the verdict.
        with recursion(0), redirect_stdout(sys.stderr):
            model = runpy.run_path(str(path), run_name="source").get("model")
    except (Exception, SystemExit) as error:
        raise ArchError(f"{path} does not run: {type(error).__name__}: {error}") from error
    if not isinstance(model, keras.Model):
        raise ArchError(
            f"{path} leaves no Keras model in `model`", hint="assign the model to that name"
        )
    return model
