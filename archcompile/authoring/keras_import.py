"""`archc import`: a model as a spec, returned only if it is proven to be that model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archcompile.api import LayerGraph, compile_text
from archcompile.authoring.claims import measure
from archcompile.authoring.imported_models import read_source
from archcompile.errors import ArchError, SpecError
from archcompile.graph import LayerGraph as Graph
from archcompile.graph import semantic_hash
from archcompile.importer import (
    Inexpressible,
    is_said,
    open_input,
    split_shared_layers,
    translate,
)
from archcompile.importer.fold import MOST_BLOCKS, with_labels
from archcompile.importer.write import Document, flatten_document, fold_document, shorten
from archcompile.keras_config import (
    Net,
    frozen_words,
    make_layers,
    thaw_net,
    without_augmentation,
    without_foreign_initialisers,
    without_seeds,
)
from archcompile.keras_defaults import CONFIG_DEFAULTS
from archcompile.torch_graph import is_torch_reference
from archcompile.verification import (
    APPLICATIONS,
    Proof,
    ProofSide,
    Verdict,
    of_graph,
    prove,
)

CLAIMS = ("depth", "params", "trainable", "macs", "attention_macs", "joins")
# what Keras draws weights from unless it is told otherwise
INITIALISERS = {
    **CONFIG_DEFAULTS,
    **dict.fromkeys(
        ("kernel_initializer", "depthwise_initializer", "pointwise_initializer"), "GlorotUniform"
    ),
}
NAMED = 5  # layers that a note names
UNCOVERED = "pool-does-not-cover"  # a warning that stops a compile in front of a `flatten`


class NotProven(ArchError):
    """The spec that was made could not be shown to be the model: it is not handed out."""

    code = "not-proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A spec that has been proven equal. `notes` tell what is otherwise than one would expect."""

    text: str
    graph: LayerGraph
    proof: Proof
    blocks: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _EqualSpec:
    """A spec that compiles to the graph of the model; `rejected` says why larger ones did not."""

    text: str
    graph: LayerGraph
    blocks: int
    rejected: tuple[str, ...]


def import_model(
    model: str,
    file: str,
    shape: tuple[int, int, int] | None = None,
    *,
    unfolded: bool = False,
    level: str = "exact",
    seed: int = 0,
    thaw: bool = False,
    ignore_initialisers: bool = False,
) -> Imported:
    """The spec of a model, to be written to `file`.

    It is a `.keras` file, `keras.applications:NAME`, `torchvision:NAME` or `timm:NAME`.

    `shape` is the image's size (H, W, C) where the model leaves it open; `unfolded` makes every
    layer a step of one list; `thaw` leaves aside that layers are frozen, `ignore_initialisers`
    initial values that no spec can say. Keras must have been started by
    `verification.start_exactly`. Raises UsageError, UnreadableModel, Inexpressible
    (which names the layers that no spec can express) and NotProven.
    """
    given = read_source(model, shape, level)
    identity, level = given.identity, given.level
    read, further = _set_aside(given.net, ignore_initialisers)
    set_aside = (*given.set_aside, *further)
    if set_aside:
        identity = {**identity, "set_aside": list(set_aside)}
    source = thaw_net(read) if thaw else read
    graph, net = _translate_or_advise(source, model, level)
    graph = with_labels(graph)
    spec = _first_equal_spec(graph, _documents(graph, _about(model, read.name), unfolded), file)
    if _is_renamed(read, spec.graph):
        net = replace(net, keys=())  # so that outputs are compared by place
    proof = _prove(spec.graph, given.side(model, identity, net), level=level, seed=seed)
    return Imported(
        text=spec.text,
        graph=spec.graph,
        proof=proof,
        blocks=spec.blocks,
        notes=(*set_aside, *_notes(read, net, spec, thaw=thaw)),
    )


def _is_renamed(net: Net, graph: LayerGraph) -> bool:
    """Whether the spec calls outputs otherwise than the map that the model returns."""
    return bool(net.keys) and set(net.keys) != set(graph.outputs)


def _prove(graph: LayerGraph, side: ProofSide, *, level: str, seed: int) -> Proof:
    """The proof that the graph is the model. Raises NotProven where it cannot be shown."""
    proof = prove(of_graph(graph), side, level, seed=seed)
    if proof.verdict is not Verdict.EQUAL:
        raise NotProven(
            f"the spec of {side.label} is not proven equal to it: {proof.reason}",
            hint="nothing was written",
        )
    return proof


# ---- what the spec says otherwise ----------------------------------------------------------------


def _notes(read: Net, proven: Net, spec: _EqualSpec, *, thaw: bool) -> Iterator[str]:
    """What is otherwise than one would expect of a model as it was `read`."""
    yield from (f"folded into fewer blocks than were found: {why}" for why in spec.rejected[-1:])
    yield from _notes_on_batch(read)
    if _is_renamed(read, spec.graph):
        yield (
            f"the model returns a map of {', '.join(read.keys)}; the spec calls these "
            f"{', '.join(spec.graph.outputs)}"
        )
    if thaw and (frozen := frozen_words(read)):
        yield f"ignored: {frozen}; the spec trains every layer"
    further_calls = len(proven.layers) - len(read.layers)
    if further_calls:
        yield (
            "layers without weights that are called again have a step for each call "
            f"({further_calls} more)"
        )


def _notes_on_batch(net: Net) -> list[str]:
    """Notes on inputs that fix the number of images in a batch."""
    inputs = [layer for layer in net.layers if layer.kind == "InputLayer"]
    sizes = {layer.config.get("batch_shape", [None])[0] for layer in inputs}
    return [
        f"the model takes {size} images at a time, exactly; a spec takes any number"
        for size in sizes
        if size
    ]


# ---- from the model to its graph -----------------------------------------------------------------


def _set_aside(net: Net, ignore_initialisers: bool) -> tuple[Net, tuple[str, ...]]:
    """The net without what a spec leaves to recipes, and a note for each kind of it."""
    notes: list[str] = []
    net, names = without_augmentation(net)
    if names:
        notes.append(f"set aside: {_name_some(names)}, which augment images; a recipe does that")
    net, names = without_seeds(net)
    if names:
        notes.append(f"set aside: the seeds of {_name_some(names)}; a run has one for all of them")
    if ignore_initialisers:
        net, names = without_foreign_initialisers(net, INITIALISERS, is_said)
        if names:
            notes.append(
                f"set aside: the initial values of {_name_some(names)}; the spec has Keras' own"
            )
    return net, tuple(notes)


def _name_some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _translate(net: Net, model: str, level: str) -> tuple[Graph, Net]:
    """The graph of a model, and the net as it is compared with it."""
    return translate(
        make_layers(split_shared_layers(net))[0], model, canonical=level == "canonical"
    )


def _translate_or_advise(net: Net, model: str, level: str) -> tuple[Graph, Net]:
    """As `_translate`; where it fails, the error also names options that would help."""
    try:
        return _translate(net, model, level)
    except Inexpressible as error:
        raise _with_advice(error, net, model, level=level) from error


def _with_advice(error: Inexpressible, net: Net, model: str, *, level: str) -> Inexpressible:
    """The same error with advice: frozen layers in one line, and options that would help."""
    layers, hints = list(error.layers), []
    size = open_input(net)
    if size:
        hints.append(f"--input {size} sets the sizes that the model leaves open")
    if frozen := frozen_words(net):
        net = thaw_net(net)
        layers = _problems(net, model, level)
        hints.append("--thaw ignores what is frozen")
    left = layers  # those for which no other option is named
    drawn, changed = without_foreign_initialisers(net, INITIALISERS, is_said)
    if changed:
        net, left = drawn, _problems(drawn, model, level)
        hints.append("--ignore-initialisers takes Keras' own initial values")
    still = 1 if size else 0  # the input is mentioned as long as its size is open
    if level == "exact" and len(left) > still and len(_problems(net, model, "canonical")) == still:
        layers_taken = "all others" if hints else "all of these"
        hints.append(f"--level canonical takes {layers_taken}")
    if frozen:
        layers = [("the model", f"{frozen}, which a spec cannot express"), *layers]
    return Inexpressible(layers, hint="; ".join(hints) or error.hint)


def _problems(net: Net, model: str, level: str) -> list[tuple[str, str]]:
    """The layers that a spec cannot express at this level, with the reasons."""
    try:
        _translate(net, model, level)
    except Inexpressible as error:
        return list(error.layers)
    return []


# ---- from the graph to a spec --------------------------------------------------------------------


def _about(model: str, name: str) -> str:
    if is_torch_reference(model):
        family, _, name = model.partition(":")
        return f"{name} as {family} has it"
    if model.startswith(APPLICATIONS):
        return f"{model.removeprefix(APPLICATIONS)} as keras.applications has it"
    return f"The Keras model {shorten(name)} of {shorten(Path(model).name)}"


def _documents(graph: Graph, about: str, unfolded: bool) -> Iterator[Document]:
    """The spec folded as far as it goes, then less and less, at last not at all."""
    if not unfolded:
        document = fold_document(graph, about, MOST_BLOCKS)
        yield document
        for most in reversed(range(min(document.blocks, MOST_BLOCKS))):
            yield fold_document(graph, about, most)
    yield flatten_document(graph, about)


def _first_equal_spec(graph: Graph, documents: Iterator[Document], file: str) -> _EqualSpec:
    """The first spec that compiles to the graph. Raises NotProven where none does."""
    rejected: list[str] = []
    for document in documents:
        try:
            text, compiled = _finish(document, file)
        except SpecError as error:
            rejected.append(error.diagnostics[0].message)
            continue
        if semantic_hash(compiled) == semantic_hash(graph):
            return _EqualSpec(
                text=text, graph=compiled, blocks=document.blocks, rejected=tuple(rejected)
            )
        rejected.append("the blocks built a different network")
    raise NotProven(
        f"no spec was found that compiles to the model: {rejected[-1]}",
        hint="please report it with the model",
    )


def _finish(document: Document, file: str) -> tuple[str, LayerGraph]:
    """The text with its claims, the model's own warnings allowed. Raises SpecError."""

    def compile_with(**keys: Any) -> LayerGraph:
        return compile_text(document.text(**keys), file=file)

    allow = _needed_codes(compile_with)
    keys: dict[str, Any] = {"allow": allow} if allow else {}
    figures = measure(compile_with(**keys))
    keys["expect"] = {
        key: figures[key] for key in CLAIMS if key in figures and (figures[key] or key != "joins")
    }
    return document.text(**keys), compile_with(**keys)


def _needed_codes(compile_with: Callable[..., LayerGraph]) -> list[str]:
    """The codes of warnings that the spec gives."""
    try:
        return sorted({note.code for note in compile_with().notes})
    except SpecError as error:
        if {diagnostic.code for diagnostic in error.diagnostics} != {UNCOVERED}:
            raise
    return sorted({UNCOVERED} | {note.code for note in compile_with(allow=[UNCOVERED]).notes})
