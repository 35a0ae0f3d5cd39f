"""What all files of weights are asked for that a spec's network takes its weights from."""

from collections.abc import Sequence
from pathlib import Path

from archcompile.errors import UsageError
from archcompile.keras_config import Net
from archcompile.verification.canonical import canonical_view
from archcompile.verification.match import Pairing, match
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.proof_sides import ProofSide


def check_weights_file(weights: Path, suffixes: Sequence[str], kind: str) -> None:
    """Raises UsageError unless there is such a file, by its suffix of this `kind`."""
    if not weights.is_file():
        raise UsageError(f"there is no file {weights}")
    if not weights.name.endswith(tuple(suffixes)):
        raise UsageError(f"{weights} is not {kind}", hint=f"known: {', '.join(suffixes)}")


def pair_with_source(side: ProofSide, candidate: Net, source: str, *, reference: Net) -> Pairing:
    """The layers of the network of `source` with those of a spec's, which `side` is about.

    Raises ModelsDiffer where they are two networks.
    """
    try:
        return match(canonical_view(reference), canonical_view(candidate), where=side.where)
    except ModelsDiffer as error:
        raise ModelsDiffer(
            f"{side.label} is not {source}: {error.message}", hint="archc verify gives details"
        ) from error
