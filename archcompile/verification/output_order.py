"""Which output of one net is compared with which of another: by label if both have them.

Else they are compared by place.
"""

from collections.abc import Sequence
from dataclasses import replace

from archcompile.errors import ArchError
from archcompile.keras_config import Net
from archcompile.verification.compared_steps import View


class ModelsDiffer(ArchError):
    """The two models are not built alike; the message names the first difference in both."""

    code = "models-differ"


def align(reference: View, candidate: View) -> tuple[View, View]:
    """Both views with their outputs in one order.

    Raises ModelsDiffer where their numbers or their labels differ.
    """
    counts = len(reference.outputs), len(candidate.outputs)
    if counts[0] != counts[1]:
        raise ModelsDiffer(f"the reference has {counts[0]} outputs, the candidate {counts[1]}")
    left, right = reference.net.keys, candidate.net.keys
    if not (left and right):
        return reference, candidate
    if set(left) != set(right):
        raise ModelsDiffer(
            f"the outputs have other labels: {_list_labels(left)} in the reference, "
            f"{_list_labels(right)} in the candidate"
        )
    return _by_label(reference), _by_label(candidate)


def _list_labels(keys: Sequence[str]) -> str:
    return ", ".join(f"`{key}`" for key in sorted(keys))


def _by_label(view: View) -> View:
    keys = view.net.keys
    order = sorted(range(len(keys)), key=lambda place: keys[place])
    return replace(
        view, net=reorder(view.net, order), outputs=tuple(view.outputs[place] for place in order)
    )


def reorder(net: Net, order: Sequence[int]) -> Net:
    """The net with its outputs, and their labels, in another order."""
    keys = tuple(net.keys[place] for place in order) if net.keys else ()
    return replace(net, outputs=tuple(net.outputs[place] for place in order), keys=keys)


def in_spec_order(net: Net, labels: Sequence[str]) -> Net:
    """A spec's net, which Keras sorts by labels, with its outputs in the order of the spec."""
    if not net.keys:  # Keras knows no label of a single output
        return replace(net, keys=tuple(labels))
    return reorder(net, [net.keys.index(label) for label in labels])


def output_places(net: Net) -> list[int]:
    """For each output its place among those of the model: Keras sorts a map by its keys."""
    ranks = sorted(net.keys)
    return [ranks.index(key) for key in net.keys] if ranks else list(range(len(net.outputs)))


def end_name(view: View, place: int) -> str:
    """What a message calls an output: its label, if it has one, and its layer."""
    layer = view.name(view.steps[view.outputs[place].call])
    return f"{view.net.keys[place]} ({layer})" if view.net.keys else layer
