"""Steps of a random spec, drawn on the map that they meet."""

import random
from dataclasses import dataclass, field
from typing import Any

from archcompile.ops import ceil_div

ACTIVATIONS = (
    "relu",
    "relu6",
    "swish",
    "gelu",
    "elu",
    "mish",
    "hard_swish",
    "tanh",
    "sigmoid",
    "hard_sigmoid",
)
INITS = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "lecun_uniform",
    {"normal": {"std": 0.02}},
    {"variance_scaling": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}},
)


@dataclass(kw_only=True)
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
        self.height, self.width = ceil_div(self.height, stride), ceil_div(self.width, stride)

    def halves(self) -> int:
        """A stride that leaves at least four pixels."""
        return self.some(1, 1, 2) if min(self.height, self.width) >= 8 else 1

    def name(self) -> str:
        self.names.append(f"point_{len(self.names)}")
        return self.names[-1]


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
