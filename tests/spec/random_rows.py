"""Rows of stages for the blocks that ship, drawn to fit the map that they meet."""

from collections.abc import Callable
from typing import Any

from archcompile.ops import ceil_div
from tests.spec.random_steps import Net

AVERAGED = ("zero_pad_averaged", {"dropped_zero_pad": {"rate": "$(0.3 * unit_index / unit_count)"}})
ANY_SHAPE = (
    "projection",
    "projection_bare",
    "projection_all",
    "projection_resnet_d",
    "zero_pad",
    "zero_pad_centered",
    *AVERAGED,
)
SAME_SHAPE = (
    "identity",
    "pooled",
    {"scaled": {"carry": 0.7}},
    {"dropout_shortcut": {"rate": 0.25}},
    {"dropped_identity": {"rate": 0.2}},
    {"highway": {"bias": -1.5}},
    "exclusive_gate",
    "shortcut_gate",
)


def wider(net: Net) -> int:
    """A width that is not smaller: zeros can be added, channels not taken away."""
    return max(8, 8 * ceil_div(net.channels, 8) + net.some(0, 8))


def residual(net: Net, block: str) -> dict[str, Any]:
    width, stride, repeat = wider(net), net.halves(), net.rng.randint(1, 3)
    widths = {"mid": 8, "out": width} if "bottleneck" in block else {"filters": width}
    row: dict[str, Any] = {"block": block, "repeat": repeat, **widths}
    first: dict[str, Any] = {"stride": stride} if stride != 1 else {}
    if net.rng.random() < 0.5:
        row["shortcut"] = net.some(*ANY_SHAPE)
        if row["shortcut"] in AVERAGED and stride == 2 and (net.height % 2 or net.width % 2):
            row["shortcut"] = "zero_pad"  # a mean over 2x2 leaves out the last row of an odd map
    else:
        row["shortcut"] = net.some(*SAME_SHAPE)
        first["shortcut"] = net.some("projection", "projection_bare", "projection_resnet_d")
    if first:
        row["first"] = first
    row |= {"ratio": 4} if block.startswith("se_") else {}
    row |= (
        {"groups": 4} if block in ("bottleneck", "se_bottleneck") and net.rng.random() < 0.3 else {}
    )
    row |= (
        {"stride_at": "3x3"}
        if block in ("bottleneck", "preact_bottleneck") and net.rng.random() < 0.3
        else {}
    )
    net.channels = width
    net.shrink(stride)
    return row


def row_without_shortcut(net: Net, block: str) -> dict[str, Any]:
    """`plain` is a unit too; `none` leaves its shortcut out."""
    return {**residual(net, block), "shortcut": "none", "first": {}}


def inverted_row(net: Net, block: str) -> dict[str, Any]:
    width = wider(net)
    row = {
        "block": block,
        "filters": width,
        "expand": net.some(1.0, 4.0),
        "act": net.some("relu6", "swish"),
        "squeeze": net.some("none", "to_quarter_of_input"),
        "repeat": 2,
        "shortcut": "identity",
    }
    net.channels = width
    return row


def fused_row(net: Net, block: str) -> dict[str, Any]:
    net.channels = wider(net)
    return {
        "block": block,
        "filters": net.channels,
        "expand": net.some(1, 4),
        "repeat": 2,
        "shortcut": "identity",
    }


def convnext(net: Net, block: str) -> dict[str, Any]:
    return {"block": block, "repeat": net.rng.randint(1, 2), "kernel": 3, "shortcut": "identity"}


def dense(net: Net, block: str) -> dict[str, Any]:
    repeat = net.rng.randint(1, 3)
    net.channels += 4 * repeat
    return {"block": block, "repeat": repeat, "growth": 4}


def transition(net: Net, block: str) -> dict[str, Any]:
    # an even number of channels, so that half of them is whole; then half of the map
    net.channels = 8
    net.channels //= 2
    net.height, net.width = net.height // 2, net.width // 2
    return {"block": block, "keep": 0.5}


def inception(net: Net, block: str) -> dict[str, Any]:
    net.channels = 4 + 8 + 4 + 4
    return {"block": block, "one": 4, "reduce3": 4, "three": 8, "reduce5": 2, "five": 4, "pool": 4}


def conv_block(net: Net, block: str) -> dict[str, Any]:
    net.channels = net.some(8, 12)
    return {
        "block": block,
        "filters": net.channels,
        "kernel": net.some(1, 3),
        "act": net.some("relu", "none"),
    }


def excited_row(net: Net, block: str) -> dict[str, Any]:
    return {"block": block, "filters": 4, "gate": net.some("sigmoid", "hard_sigmoid")}


ROWS: dict[str, Callable[[Net, str], dict[str, Any]]] = {
    **dict.fromkeys(
        (
            "basic",
            "bottleneck",
            "preact_basic",
            "preact_bottleneck",
            "se_basic",
            "se_bottleneck",
            "wide_basic",
        ),
        residual,
    ),
    "inverted": inverted_row,
    "fused": fused_row,
    "convnext": convnext,
    "dense_unit": dense,
    "transition": transition,
    "inception": inception,
    "conv_bn": conv_block,
    "sep_bn": conv_block,
    "squeeze_excite": excited_row,
    "plain": row_without_shortcut,
}


LIBRARY_OF = {
    "conv_bn": "conv",
    "sep_bn": "conv",
    "convnext": "convnext",
    "dense_unit": "dense",
    "transition": "dense",
    "inception": "inception",
    "inverted": "mobile",
    "fused": "mobile",
    "plain": "plain",
    "basic": "residual",
    "bottleneck": "residual",
    "preact_basic": "residual",
    "preact_bottleneck": "residual",
    "wide_basic": "residual",
    "squeeze_excite": "squeeze_excite",
    "se_basic": "squeeze_excite",
    "se_bottleneck": "squeeze_excite",
}
