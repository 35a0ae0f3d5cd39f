"""A network of PyTorch as one side of a proof: its layers rebuilt in Keras, its numbers its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from archcompile.graph import LayerGraph, semantic_hash
from archcompile.keras_config import Live, without_initialisers
from archcompile.passes import logits
from archcompile.torch_graph import (
    OWN_FILE,
    TorchReference,
    Translated,
    torch_reference,
    trace,
    translate,
)
from archcompile.verification.match import Pairing
from archcompile.verification.proof_sides import ProofSide, file_identity, of_graph, of_net
from archcompile.verification.pytorch_numbers import EACH, WHOLE, compare_with_pytorch
from archcompile.verification.report import Quantity

Shape = tuple[int, ...]
INITIAL = "initial values, which PyTorch draws in the code of a network"
SHARES = "the last softmax or sigmoid of the spec, since PyTorch's network ends in logits"
LEVEL = "canonical"  # the one at which nothing of PyTorch's own spelling counts


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchNetwork:
    """A network that was traced for images of `shape` (H, W, C), and what it became."""

    reference: TorchReference
    shape: Shape
    translated: Translated

    @property
    def versions(self) -> Mapping[str, str]:
        return self.translated.graph.versions

    @property
    def identity(self) -> dict[str, Any]:
        """What a certificate says of it."""
        versions = [f"{package} {version}" for package, version in self.versions.items()]
        identity: dict[str, Any] = {
            "network": str(self.reference),
            "computed_by": f"PyTorch: {', '.join(versions)}",
        }
        if self.reference.family == OWN_FILE:
            identity |= file_identity(Path(self.reference.name))
        if self.translated.graph.preprocessing:
            identity["preprocessing"] = dict(self.translated.graph.preprocessing)
        if self.translated.unused:
            identity["unused"] = list(self.translated.unused)
        return identity


@dataclass(frozen=True, slots=True)
class TorchWitness:
    """PyTorch, which computes a network's numbers beside the layers that were rebuilt from it."""

    network: TorchNetwork
    tolerance: ClassVar[Mapping[str, float]] = {"each": EACH, "whole": WHOLE}

    def __call__(
        self, left: Live, right: Live, pairing: Pairing, *, seed: int
    ) -> Iterable[Quantity]:
        """Quantities of a comparison with PyTorch. Raises ArchError where that fails."""
        return compare_with_pytorch(self.network, left, right, pairing=pairing, seed=seed)


def torch_network(text: str, shape: Shape | None, trust: bool = False) -> TorchNetwork:
    """The network that a text names (`torch_reference`), for images of this shape (H, W, C).

    Without a shape it is the one that the package trains it for. Raises as `torch_reference`,
    `trace` and `translate` do.
    """
    reference = torch_reference(text, trust)
    translated = translate(trace(reference, shape), text)
    return TorchNetwork(
        reference=reference, shape=translated.graph.image_shape, translated=translated
    )


def of_torch(network: TorchNetwork) -> ProofSide:
    """The side of a proof that PyTorch computes."""
    identity = {**network.identity, "set_aside": [INITIAL]}
    side = of_net(str(network.reference), identity, network.translated.net)
    side = replace(side, net=without_initialisers(side.net))
    return with_witness(network, side)


def with_witness(network: TorchNetwork, side: ProofSide) -> ProofSide:
    """A side whose layers are those of the network, with PyTorch as the witness of its numbers."""
    return replace(side, witness=TorchWitness(network), versions=network.versions, level=LEVEL)


def candidate_for(graph: LayerGraph, reference: ProofSide) -> ProofSide:
    """The spec's side as it is held against a reference, without shares that PyTorch has not."""
    if reference.witness is None:
        return of_graph(graph)
    bare = graph if _ends_in_shares(reference) else logits(graph)
    side = of_graph(bare)
    aside = [] if bare is graph else [SHARES]
    identity = {**side.identity, "hash": semantic_hash(graph), "set_aside": aside}
    return replace(side, net=without_initialisers(side.net), identity=identity)


def _ends_in_shares(side: ProofSide) -> bool:
    ends = (side.net.layer(ref.call) for ref in side.net.outputs)
    return any(layer.settings.get("activation") in ("softmax", "sigmoid") for layer in ends)
