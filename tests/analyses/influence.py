"""Which pixels of the image reach which pixel of a map, by brute force."""

import numpy as np

from archcompile.api import LayerGraph
from archcompile.ops import ceil_div


def between_pixels(seen: np.ndarray, after: int, axis: int) -> np.ndarray:
    """What pixels between two see, in a map of another length (half-pixel centres)."""
    length = seen.shape[axis]
    places = (np.arange(after) + 0.5) * length / after - 0.5
    below = np.clip(np.floor(places).astype(int), 0, length - 1)
    above = np.clip(np.ceil(places).astype(int), 0, length - 1)
    return np.asarray(seen.take(below, axis) | seen.take(above, axis))


class Influence:
    """For each pixel of a map the pixels of the image that it depends on: booleans (H, W,
    image's H, W).

    Written for the layers' definitions alone: windows are laid over padded maps tap by tap.
    """

    def __init__(self, graph: LayerGraph, chosen: dict[str, int] | None = None) -> None:
        """`chosen` says which one of a merge's inputs is looked at; all of them unless given."""
        height, width = graph.input_shape[:2]
        self.of: dict[str, np.ndarray] = {}
        for node in graph:
            sources = [self.of[name] for name in node.inputs]
            if chosen is not None and node.name in chosen:
                sources = [sources[chosen[node.name]]]
            seen = self.step(node.op, sources) if sources else np.eye(height * width, dtype=bool)
            if not sources:
                seen = seen.reshape(height, width, height, width)
            extent = node.shape[:2] if len(node.shape) == 3 else (1, 1)
            # where a gate alone is looked at
            self.of[node.name] = np.broadcast_to(seen, (*extent, height, width))

    def step(self, op, sources: list[np.ndarray]) -> np.ndarray:  # type: ignore[no-untyped-def]
        x = sources[0]
        match op.kind:
            case "conv" | "depthwise_conv" | "separable_conv":
                return self.slide(x, op.kernel, op.stride, dilation=op.dilation, padding=op.padding)
            case "conv_transpose":  # the even kernel of an upsample: one pixel for each
                assert op.kernel == op.stride
                return x.repeat(op.stride[0], 0).repeat(op.stride[1], 1)
            case "max_pool" | "avg_pool":
                return self.slide(
                    x, op.size, op.stride or op.size, dilation=(1, 1), padding=op.padding
                )
            case "blur_pool":
                before, size = (op.size - 1) // 2, op.size
                sides = (before, size - 1 - before)
                around = np.pad(x, (sides, sides, (0, 0), (0, 0)))
                return self.slide(around, (size, size), op.stride, dilation=(1, 1), padding="valid")
            case "subsample":
                return x[:: op.stride[0], :: op.stride[1]]
            case "upsample" if op.interpolation == "bilinear":
                rows = between_pixels(x, op.size[0] * len(x), 0)
                return between_pixels(rows, op.size[1] * x.shape[1], 1)
            case "resize" if op.interpolation == "bilinear":
                return between_pixels(between_pixels(x, op.to[0], 0), op.to[1], 1)
            case "resize":
                rows, columns = (
                    (2 * np.arange(after) + 1) * before // (2 * after)
                    for before, after in zip(x.shape, op.to, strict=False)
                )
                return x[rows][:, columns]
            case "upsample":
                return x.repeat(op.size[0], 0).repeat(op.size[1], 1)
            case "pad":
                top, bottom, left, right = op.size
                return np.pad(x, ((top, bottom), (left, right), (0, 0), (0, 0)))
            case "crop":
                top, bottom, left, right = op.size
                return x[top : len(x) - bottom, left : x.shape[1] - right]
            case "depth_to_space" | "space_to_depth" | "permute":
                return self.move(op, x)
            case "attention":
                return np.broadcast_to(x.any((0, 1), keepdims=True), x.shape)
            case "flatten" | "global_avg_pool" | "global_max_pool":
                return x.any((0, 1), keepdims=True)
            case _:
                maps = [s for s in sources if s.shape[:2] != (1, 1)] or sources
                return np.logical_or.reduce([np.broadcast_to(s, maps[0].shape) for s in sources])

    def move(self, op, x: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
        if op.kind == "depth_to_space":
            return x.repeat(op.size[0], 0).repeat(op.size[1], 1)
        if op.kind == "space_to_depth":
            return self.slide(x, op.size, op.size, dilation=(1, 1), padding="valid")
        order = [("height", "width", "channels").index(axis) for axis in op.axes]
        return np.asarray(x[:, :, None].transpose(*order, 3, 4).any(2))  # channels see the same

    @staticmethod
    def slide(x: np.ndarray, size, stride, *, dilation, padding) -> np.ndarray:  # type: ignore[no-untyped-def]
        outs, before, after = [], [], []
        for n, k, s, d in zip(x.shape, size, stride, dilation, strict=False):
            reach = (k - 1) * d + 1
            out = ceil_div(n, s) if padding == "same" else (n - reach) // s + 1
            zeros = max((out - 1) * s + reach - n, 0) if padding == "same" else 0
            outs.append(out), before.append(zeros // 2), after.append(zeros - zeros // 2)
        x = np.pad(x, ((before[0], after[0]), (before[1], after[1]), (0, 0), (0, 0)))
        taps = [
            x[i * dilation[0] :: stride[0], j * dilation[1] :: stride[1]][: outs[0], : outs[1]]
            for i in range(size[0])
            for j in range(size[1])
        ]
        return np.logical_or.reduce(taps)

    def extent(self, name: str, row: int, column: int) -> tuple[int, int]:
        """Height and width of what one pixel depends on, from the first pixel to the last."""
        seen = self.of[name][row, column]
        return tuple(int(np.ptp(np.flatnonzero(seen.any(axis)))) + 1 for axis in (1, 0))  # type: ignore[return-value]
