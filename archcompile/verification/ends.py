"""Which output of one net stands against which of another: by their labels where both have them,
else by place.
"""

from collections.abc import Sequence
from dataclasses import replace

from archcompile.errors import ArchError
from archcompile.keras_config import Net
from archcompile.verification.view import View


class ModelsDiffer(ArchError):
    """The two models are not built alike; the message names the first difference in both."""

    code = "models-differ"


def aligned(reference: View, candidate: View) -> tuple[View, View]:
    """Both views with their outputs in one order. Raises ModelsDiffer where there are more of one,
    or others by label.
    """
    counts = len(reference.outputs), len(candidate.outputs)
    if counts[0] != counts[1]:
        raise ModelsDiffer(f"the reference has {counts[0]} outputs, the candidate {counts[1]}")
    ours, theirs = reference.net.keys, candidate.net.keys
    if not (ours and theirs):
        return reference, candidate
    if set(ours) != set(theirs):
        labels = [", ".join(f"`{key}`" for key in sorted(keys)) for keys in (ours, theirs)]
        raise ModelsDiffer(
            f"the outputs have other labels: {labels[0]} in the reference, {labels[1]} in the "
            "candidate"
        )
    return _by_label(reference), _by_label(candidate)


def _by_label(view: View) -> View:
    keys = view.net.keys
    order = sorted(range(len(keys)), key=lambda place: keys[place])
    return replace(
        view, net=ordered(view.net, order), outputs=tuple(view.outputs[place] for place in order)
    )


def ordered(net: Net, order: Sequence[int]) -> Net:
    """The net with its outputs, and their labels, in another order."""
    keys = tuple(net.keys[place] for place in order) if net.keys else ()
    return replace(net, outputs=tuple(net.outputs[place] for place in order), keys=keys)


def written(net: Net, labels: Sequence[str]) -> Net:
    """A spec's net, which Keras sorts by labels, with its outputs in the order of the spec."""
    if not net.keys:  # Keras knows no label of what puts out one thing
        return replace(net, keys=tuple(labels))
    return ordered(net, [net.keys.index(label) for label in labels])


def places(net: Net) -> list[int]:
    """For each output its place among those that the model puts out: Keras takes a map by its
    keys.
    """
    ranks = sorted(net.keys)
    return [ranks.index(key) for key in net.keys] if ranks else list(range(len(net.outputs)))


def end_name(view: View, place: int) -> str:
    """What a message calls an output: its label, if it has one, and its layer."""
    layer = view.name(view.steps[view.outputs[place].call])
    return f"{view.net.keys[place]} ({layer})" if view.net.keys else layer
