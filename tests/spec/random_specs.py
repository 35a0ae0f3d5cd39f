"""Random specs that are right by construction: all shipped blocks and rules, own blocks, branches,
stems and heads.

Sizes and channels are followed while a spec is made, so that nothing in it can fail to fit.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
ACTIVATIONS = ("relu", "relu6", "swish", "gelu", "hard_swish", "tanh", "sigmoid", "hard_sigmoid")
INITS = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "lecun_uniform",
    {"normal": {"std": 0.02}},
    {"variance_scaling": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}},
)


@dataclass
class Net:
    """What has been written so far: the map that reaches this place, and given names."""

    rng: random.Random
    height: int
    width: int
    channels: int
    names: list[str] = field(default_factory=list)

    def some(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def shrink(self, stride: int) -> None:
        self.height, self.width = -(-self.height // stride), -(-self.width // stride)

    def halves(self) -> int:
        """A stride that leaves at least four pixels."""
        return self.some(1, 1, 2) if min(self.height, self.width) >= 8 else 1

    def name(self) -> str:
        self.names.append(f"point_{len(self.names)}")
        return self.names[-1]


# ---- steps ---------------------------------------------------------------------------------------


def conv(net: Net, filters: int | None = None, stride: int | None = None) -> dict[str, Any]:
    stride = net.halves() if stride is None else stride
    filters = filters or net.some(4, 8, 12)
    kernel = net.some(1, 3, [1, 3], 5)
    values: dict[str, Any] = {"filters": filters, "kernel": kernel}
    if stride != 1:
        values |= {
            "stride": stride,
            "padding": net.some("same", "symmetric") if kernel == 3 else "same",
        }
    elif net.rng.random() < 0.2 and kernel == 3:
        values["dilation"] = 2
    if net.channels % 4 == 0 and filters % 4 == 0 and net.rng.random() < 0.2:
        values["groups"] = net.some(2, 4)
    values |= net.some(
        {},
        {"bias": False},
        {"init": net.some(*INITS)},
        {"l2": 1e-4},
        {"activation": net.some(*ACTIVATIONS)},
    )
    net.shrink(stride)
    net.channels = filters
    return {"conv": values}


def norm(net: Net) -> Any:
    groups = next(g for g in (4, 2, 1) if net.channels % g == 0)
    return net.some(
        "bn",
        {"bn": {"momentum": 0.9, "epsilon": 1e-5}},
        {"bn": {"scale": False}},
        "layer_norm",
        {"group_norm": {"groups": groups}},
        "lrn",
    )


def quiet(net: Net) -> Any:
    """A step that changes no shape."""
    return net.some(
        net.some(*ACTIVATIONS),
        {"leaky_relu": {"slope": 0.1}},
        {"dropout": {"rate": 0.1}},
        {"rescale": {"scale": 0.5}},
        {
            "drop_path": {
                "drop_rate": 0.1,
                "per": net.some("sample", "batch"),
                "scale_at": net.some("train", "test"),
            }
        },
        {"layer_scale": {"value": 0.1}},
        norm(net),
    )


def resizing_steps(net: Net) -> list[Any]:
    """A pool, or zeros around the map and away again."""
    if net.halves() == 2:
        net.shrink(2)
        return [
            net.some(
                {"max_pool": {"size": 2, "padding": "same"}},
                {"max_pool": {"size": 3, "stride": 2, "padding": "same"}},
                {"avg_pool": {"size": 2, "padding": "same"}},
                {"subsample": {"stride": 2}},
            )
        ]
    return net.some(
        [{"pad": {"size": 1}}, {"crop": {"size": 1}}],
        [{"avg_pool": {"size": 3, "stride": 1, "padding": "same"}}],
    )


def branching_step(net: Net) -> dict[str, Any]:
    start = net.channels
    branches: dict[str, list[Any]] = {}
    total = 0
    for key in ("a", "b", "c")[: net.rng.randint(2, 3)]:
        net.channels = start
        branches[key] = [] if net.rng.random() < 0.2 else [conv(net, stride=1), quiet(net)]
        total += net.channels
    net.channels = total
    return {"concat": {"branches": branches}}


def skipping_steps(net: Net) -> list[Any]:
    """A named point and a merge with it."""
    name, channels = net.name(), net.channels
    first = quiet(net)
    first = (
        {first: {"name": name}}
        if isinstance(first, str)
        else {k: {**v, "name": name} for k, v in first.items()}
    )
    merge = net.some("add", "subtract", "multiply", "average", "maximum")
    return [first, conv(net, channels, 1), quiet(net), {merge: {"with": name}}]


def steps(net: Net, count: int) -> list[Any]:
    result: list[Any] = []
    for _ in range(count):
        kind = net.rng.random()
        if kind < 0.35:
            result.append(conv(net))
        elif kind < 0.6:
            result.append(quiet(net))
        elif kind < 0.7:
            result += resizing_steps(net)
        elif kind < 0.8:
            result.append(branching_step(net))
        elif kind < 0.9:
            result += skipping_steps(net)
        else:
            stride = net.halves()
            result.append(
                net.some(
                    {"depthwise_conv": {"kernel": 3, "stride": stride}},
                    {"separable_conv": {"filters": net.channels, "kernel": 3, "stride": stride}},
                )
            )
            net.shrink(stride)
    return result


# ---- stages --------------------------------------------------------------------------------------


def wider(net: Net) -> int:
    """A width that is not smaller: zeros can be added, channels not taken away."""
    return max(8, -(-net.channels // 8) * 8 + net.some(0, 8))


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


def own_block(net: Net) -> tuple[dict[str, Any], dict[str, Any]]:
    """A block of the file's own and the row that uses it; it keeps the channels, so that it can
    repeat.
    """
    body = [
        {"conv": {"filters": "$inner", "kernel": "$kernel", "bias": False}},
        net.some("bn", "layer_norm"),
        {"activation": {"kind": "$act"}},
        {
            "conv": {
                "filters": "$in_channels",
                "kernel": 1,
                "if": "$(index % 2 == 1 or inner != in_channels)",
            }
        },
        "shortcut",
    ]
    arguments = {"inner": "int", "kernel": 3, "act": {"one_of": ["relu", "swish", "tanh"]}}
    row = {
        "block": "own",
        "repeat": net.rng.randint(1, 3),
        "inner": net.some(4, 8),
        "kernel": net.some(1, 3),
        "act": net.some("swish", "tanh"),
        "shortcut": net.some(*SAME_SHAPE),
    }
    return {"own": {"args": arguments, "body": body}}, row


def random_spec(seed: int) -> dict[str, Any]:
    """The plain values of a spec file."""
    rng = random.Random(seed)
    net = Net(rng, rng.randint(8, 20), rng.randint(8, 20), rng.choice((1, 3)))
    spec: dict[str, Any] = {
        "archc": 1,
        "uses": [],
        "vars": {"classes": rng.randint(2, 9)},
        "input": [net.height, net.width, net.channels],
        "stem": [conv(net, 8), *steps(net, rng.randint(0, 4))],
        "stages": {},
    }
    if rng.random() < 0.3:
        spec["defaults"] = {"conv": {"init": rng.choice(INITS)}, "bn": {"epsilon": 1e-5}}
    for number in range(rng.randint(0, 4)):
        kind = rng.random()
        if kind < 0.65:
            block = rng.choice(sorted(ROWS))
            if block == "transition":
                spec["stages"][f"w{number}"] = [{"conv": {"filters": 8, "kernel": 1}}]
                if min(net.height, net.width) < 4:
                    net.channels = 8
                    continue
            spec["stages"][f"s{number}"] = ROWS[block](net, block)
        elif kind < 0.8 and "blocks" not in spec:
            spec["blocks"], spec["stages"][f"s{number}"] = own_block(net)
        else:
            spec["stages"][f"s{number}"] = steps(net, rng.randint(1, 5)) or ["relu"]
    used = {row["block"] for row in spec["stages"].values() if isinstance(row, dict)} - {"own"}
    spec["uses"] = sorted(
        {f"blocks/{LIBRARY_OF[block]}.yaml" for block in used} | {"blocks/shortcuts.yaml"}
    )
    if not spec["stages"]:
        del spec["stages"]
    end = rng.choice(
        (
            ["global_avg_pool"],
            ["global_max_pool"],
            [{"global_avg_pool": {"keep_dims": True}}, "flatten"],
            ["flatten"],
        )
    )
    if any("transition" in str(row) for row in spec.get("stages", {}).values()):
        end = ["global_avg_pool"]  # its average pool would not cover the map that is flattened
    if end == ["flatten"]:
        spec["allow"] = ["pool-does-not-cover"]
    spec["head"] = [*end, {"dense": {"units": "$classes", "activation": "softmax"}}]
    return spec
