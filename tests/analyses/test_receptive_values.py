"""Receptive fields against which pixels of the image each single value depends on, so that a
reshape needs no rule of its own.
"""

from math import isqrt
from random import Random

import numpy as np
import pytest

from archcompile.analyses.receptive_fields import receptive
from archcompile.api import LayerGraph, compile_text
from archcompile.ops import ceil_div
from tests.conftest import seeds

HEIGHT, WIDTH = 24, 12  # of the image


def influence(graph: LayerGraph) -> dict[str, np.ndarray]:
    """For each value of each map the pixels it depends on: booleans (…, height, width), from the
    layers' definitions alone.
    """
    height, width, depth = graph.input_shape
    of: dict[str, np.ndarray] = {}
    for node in graph:
        sources = [of[name] for name in node.inputs]
        if not sources:
            pixels = np.eye(height * width, dtype=bool).reshape(height, width, 1, height, width)
            of[node.name] = pixels.repeat(depth, 2)
            continue
        of[node.name] = step(node.op, sources)
        assert of[node.name].shape[:-2] == node.shape, node.name
    return of


def step(op, sources: list[np.ndarray]) -> np.ndarray:  # type: ignore[no-untyped-def]
    x = sources[0]
    image = x.shape[-2:]
    match op.kind:
        case "conv":
            groups = np.split(
                window(x, op.kernel, op.stride, padding=op.padding), op.groups, axis=2
            )
            return np.concatenate(
                [g.any(2, keepdims=True).repeat(op.filters // op.groups, 2) for g in groups], 2
            )
        case "depthwise_conv":
            return window(x, op.kernel, op.stride, padding=op.padding)
        case "max_pool" | "avg_pool":
            return window(x, op.size, op.stride or op.size, padding=op.padding)
        case "subsample":
            return x[:: op.stride[0], :: op.stride[1]]
        case "upsample":
            return x.repeat(op.size[0], 0).repeat(op.size[1], 1)
        case "pad" | "crop":
            top, bottom, left, right = op.size
            if op.kind == "crop":
                return x[top : len(x) - bottom, left : x.shape[1] - right]
            return np.pad(x, ((top, bottom), (left, right), *[(0, 0)] * 3))
        case "pad_channels":
            return np.pad(x, ((0, 0), (0, 0), (op.before, op.after), (0, 0), (0, 0)))
        case "attention":
            seen = x.any(tuple(range(x.ndim - 2)), keepdims=True)
            return np.broadcast_to(seen, (*x.shape[:-3], op.units or x.shape[-3], *image))
        case "dense" if op.per:
            return x.any(-3, keepdims=True).repeat(op.units, -3)
        case "tokens":
            return x.reshape(-1, *x.shape[2:])
        case "map":
            height, width = op.size or (isqrt(len(x)),) * 2
            return x.reshape(height, width, *x.shape[1:])
        case "reshape":
            return x.reshape(*op.to, *image)
        case "flatten":
            return x.reshape(-1, *image)
        case "global_avg_pool":
            return x.any((0, 1), keepdims=op.keep_dims)
        case "softmax":
            return x.any(-3, keepdims=True).repeat(x.shape[-3], -3)
        case "concat":
            return np.concatenate(sources, -3)
        case "add" | "multiply":
            return np.logical_or.reduce(np.broadcast_arrays(*sources))
        case "bn" | "relu" | "dropout" | "rescale":
            return x
    return move(op, x)


def move(op, x: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    image = x.shape[-2:]
    match op.kind:
        case "slice_channels":
            return x[:, :, op.start : op.start + op.channels]
        case "shuffle_channels":
            places = np.arange(x.shape[2]).reshape(op.groups, -1).T.reshape(-1)
            return x[:, :, places]
        case "permute":
            names = ("height", "width", "channels") if x.ndim == 5 else ("tokens", "channels")
            axes = [names.index(axis) for axis in op.axes]
            return x.transpose(*axes, x.ndim - 2, x.ndim - 1)
        case "depth_to_space":
            height, width = x.shape[:2]
            rows, columns = op.size
            blocks = x.reshape(height, width, rows, columns, -1, *image).swapaxes(1, 2)
            return blocks.reshape(height * rows, width * columns, -1, *image)
        case "space_to_depth":
            rows, columns = op.size
            parts = [x[i::rows, j::columns] for i in range(rows) for j in range(columns)]
            return np.concatenate(parts, 2)
    raise NotImplementedError(op.kind)


def window(x: np.ndarray, size, stride, *, padding) -> np.ndarray:  # type: ignore[no-untyped-def]
    outs, margins = [], []
    for n, k, s in zip(x.shape, size, stride, strict=False):
        out = ceil_div(n, s) if padding == "same" else (n - k) // s + 1
        zeros = max((out - 1) * s + k - n, 0) if padding == "same" else 0
        outs.append(out), margins.append((zeros // 2, zeros - zeros // 2))
    x = np.pad(x, (*margins, *[(0, 0)] * 3))
    taps = [
        x[i :: stride[0], j :: stride[1]][: outs[0], : outs[1]]
        for i in range(size[0])
        for j in range(size[1])
    ]
    return np.logical_or.reduce(taps)


def extents(reached: np.ndarray) -> tuple[int, int]:
    """The largest height and width of what the values of one pixel depend on, from the first to
    the last.
    """
    pixels = reached.any(-3)
    flat = pixels.reshape(-1, *pixels.shape[-2:])
    return extent(flat.any(2)), extent(flat.any(1))


def extent(lines: np.ndarray) -> int:
    """The largest distance, ends included, between two reached places of a line."""
    lengths = [int(np.ptp(np.flatnonzero(line))) + 1 for line in lines if line.any()]
    return max(lengths, default=1)


CONVS = "conv: {filters: 8, kernel: 3}, conv: {filters: 8, kernel: 3}"
EXACT = {  # steps behind which the field is as large as it really is
    "nothing": (CONVS, (5, 5)),
    "channels shuffled by rows": (
        f"{CONVS}, reshape: {{shape: [24, 48, 2]}}, relu, reshape: {{shape: [24, 12, 8]}}",
        (5, 5),
    ),
    "shuffled, a layer of single pixels between": (
        (
            f"{CONVS}, reshape: {{shape: [288, 4, 2]}}, conv: {{filters: 4, kernel: 1}}, bn, "
            "reshape: {shape: [24, 12, 16]}"
        ),
        (5, 5),
    ),
    "and a window behind": (
        (
            f"{CONVS}, reshape: {{shape: [288, 4, 2]}}, reshape: {{shape: [24, 12, 8]}}, conv: "
            "{filters: 4, kernel: 3}"
        ),
        (7, 7),
    ),
    "two shuffles added": (
        f"{CONVS}, add: {{branches: {{a: [reshape: {{shape: [288, 2, 4]}}, relu], b: [reshape: "
        "{shape: [288, 2, 4]}]}}, "
        "reshape: {shape: [24, 12, 8]}",
        (5, 5),
    ),
    "a list of pixels": (
        f"{CONVS}, reshape: {{shape: [288, 8]}}, softmax, reshape: {{shape: [24, 12, 8]}}",
        (5, 5),
    ),
    "tokens and back": (f"{CONVS}, tokens, map: {{size: [24, 12]}}", (5, 5)),
    "tokens each by themselves": (
        f"{CONVS}, tokens, dense: {{units: 3, per: position}}, map: {{size: [24, 12]}}, conv: "
        "{filters: 4, kernel: 3}",
        (7, 7),
    ),
    "tokens that attend": (
        f"{CONVS}, tokens, add: {{branches: {{a: [attention: {{heads: 2}}], b: []}}}}, map: "
        "{size: [24, 12]}",
        (24, 12),
    ),
    "tokens mixed": (
        f"{CONVS}, tokens, permute: {{axes: [channels, tokens]}}, dense: {{units: 288, per: "
        "position}, permute: {axes: [channels, tokens]}, map: {size: [24, 12]}",
        (24, 12),
    ),
    "flat and back": (f"{CONVS}, flatten, reshape: {{shape: [24, 12, 8]}}", (5, 5)),
    "columns two by two": (
        f"{CONVS}, reshape: {{shape: [24, 6, 16]}}, conv: {{filters: 1, kernel: 1}}",
        (5, 6),
    ),
    "rows two by two": (
        f"{CONVS}, reshape: {{shape: [12, 1, 192]}}, conv: {{filters: 1, kernel: 1}}",
        (6, 12),
    ),
    "a shuffle": (
        f"{CONVS}, shuffle_channels: {{groups: 2}}, slice_channels: {{channels: 3}}",
        (5, 5),
    ),
    "turned and back": (
        f"{CONVS}, permute: {{axes: [width, height, channels]}}, conv: {{filters: 4, kernel: [1, "
        "3]}, permute: {axes: [width, height, channels]}, conv: {filters: 4, kernel: [1, 3]}",
        (7, 7),
    ),
    "turned, its rows two by two": (
        f"{CONVS}, permute: {{axes: [width, height, channels]}}, reshape: {{shape: [12, 12, 16]}}, "
        "conv: {filters: 1, kernel: 1}",
        (6, 5),
    ),
    "blocks": (f"{CONVS}, space_to_depth: {{size: [2, 4]}}, relu", (6, 8)),
    "columns as channels": (
        f"{CONVS}, permute: {{axes: [height, channels, width]}}, conv: {{filters: 2, kernel: [3, "
        "1]}",
        (7, 12),
    ),
    "turned, with itself": (
        f"{CONVS}, permute: {{axes: [width, height, channels]}}, multiply: {{branches: {{x: [], g: "
        "[global_avg_pool: {keep_dims: true}]}}, slice_channels: {channels: 1}",
        (24, 12),
    ),
    "half a pixel": (
        f"{CONVS}, reshape: {{shape: [24, 24, 4]}}, conv: {{filters: 1, kernel: [1, 3]}}",
        (5, 6),
    ),
}


def compile_steps(steps: str) -> LayerGraph:
    return compile_text(
        f"archc: 1\ninput: [{HEIGHT}, {WIDTH}, 3]\nallow: [pool-does-not-cover]\nstem: [{steps}]\n"
    )


@pytest.mark.parametrize("net", EXACT)
def test_a_reshape_widens_by_what_it_moves(net: str) -> None:
    steps, size = EXACT[net]
    graph = compile_steps(steps)
    name = graph.parts["stem"]
    assert extents(influence(graph)[name]) == size, "the table"
    assert tuple(map(min, receptive(graph)[name].largest, graph.input_shape)) == size


def test_a_window_over_scattered_pixels_sees_everything() -> None:
    """In a list of all pixels, a row's last is followed by the next row's first."""
    graph = compile_steps(
        f"{CONVS}, reshape: {{shape: [288, 1, 8]}}, conv: {{filters: 1, kernel: [2, 1]}}"
    )
    assert extents(influence(graph)[graph.parts["stem"]]) == (6, WIDTH)
    assert receptive(graph)[graph.parts["stem"]].largest >= (HEIGHT, WIDTH)


TURNED = (
    "permute: {axes: [width, height, channels]}, %s, permute: {axes: [width, height, channels]}"
)
MOVES = (
    "shuffle_channels: {groups: 4}",
    "slice_channels: {start: 2, channels: 4}, conv: {filters: 8, kernel: 1}",
    "depth_to_space: {size: 2}, bn, space_to_depth: {size: 2}",
    "space_to_depth: {size: 2}, depth_to_space: {size: 2}",
    TURNED % "conv: {filters: 8, kernel: [1, 3]}",
    TURNED % "pad: {size: [0, 12, 0, 0]}, add: {branches: {a: [], b: [permute: "
    "{axes: [width, height, channels]}]}}, crop: {size: [0, 12, 0, 0]}",
    "permute: {axes: [height, channels, width]}, conv: {filters: 12, kernel: 3}, "
    "permute: {axes: [height, channels, width]}",
)
SHAPES = [
    (24, 48, 2),
    (288, 4, 2),
    (288, 1, 8),
    (24, 6, 16),
    (12, 24, 8),
    (12, 1, 192),
    (288, 8),
    (8, 36, 8),
    (24, 32, 3),
    (16, 18, 8),
]


def random_steps(seed: int) -> str:
    """Steps that keep a map of 24x12 by 8, in any order, reshapes among them."""
    rng, steps = Random(seed), ["conv: {filters: 8, kernel: 3}"]
    single = ["bn", "relu", "softmax", "dropout: {rate: 0.5}", "rescale: {scale: 2.0}"]
    for _ in range(rng.randint(2, 5)):
        shape = rng.choice(SHAPES)
        between = [rng.choice(single) for _ in range(rng.randint(0, 2))]
        if len(shape) == 3:
            between.append(
                rng.choice(
                    [
                        f"conv: {{filters: {shape[2]}, kernel: 1}}",
                        "max_pool: {size: 2, stride: 1, padding: same}",
                        f"conv: {{filters: {shape[2]}, kernel: [1, 3]}}",
                        "relu",
                    ]
                )
            )
        reshapes = [
            f"reshape: {{shape: {list(shape)}}}",
            *between,
            f"reshape: {{shape: [{HEIGHT}, {WIDTH}, 8]}}",
        ]
        body = ", ".join(reshapes)
        steps.append(
            rng.choice(
                [
                    body,
                    f"add: {{branches: {{a: [{body}], b: []}}}}",
                    "conv: {filters: 8, kernel: 3, groups: 2}",
                    "depthwise_conv: {kernel: 3}",
                    "concat: {branches: {a: [flatten, reshape: {shape: [24, 12, 8]}], b: []}}, "
                    "conv: {filters: 8, kernel: 1}",
                    "pad: {size: 1}, crop: {size: 1}",
                    "upsample: {size: 2}, subsample: {stride: 2}",
                    *MOVES,
                    "pad_channels: {after: 8}, conv: {filters: 8, kernel: 1}",
                    (
                        "multiply: {branches: {x: [], g: [global_avg_pool: {keep_dims: true}, "
                        "softmax]}}"
                    ),
                ]
            )
        )
    return ", ".join(steps)


@pytest.mark.parametrize("seed", seeds(10, 40))
def test_no_value_sees_more_than_the_largest_field(seed: int) -> None:
    graph = compile_steps(random_steps(seed))
    fields = receptive(graph)
    for name, reached in influence(graph).items():
        height, width = extents(reached)
        assert height <= fields[name].largest[0] and width <= fields[name].largest[1], (
            name,
            (height, width),
            fields[name],
        )
