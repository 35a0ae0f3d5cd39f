"""The roofline: how long the network's convolutions alone take here, forward and back."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from archcompile.bench.common_training import plan_of
from archcompile.bench.task import TYPES, Task
from archcompile.bench.turns import Turns
from archcompile.graph import LayerGraph
from archcompile.machine import measure_seconds
from archcompile.ops import Conv, DepthwiseConv, Shape
from archcompile.quiet import load_tensorflow

# of each convolution in a turn, on inputs of their own: equal ones would be computed once
REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """A convolution of a network; one that `is_first` reads the image and passes no gradient on."""

    inputs: Shape
    kernel: tuple[int, ...]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: str
    is_depthwise: bool
    is_first: bool


def convolutions(graph: LayerGraph) -> Counter[Convolution]:
    """The convolutions of a network, each with how often it occurs."""
    counts: Counter[Convolution] = Counter()
    bare: set[str] = set()  # layers with no weights before them: no gradient is passed on there
    for node in graph:
        if not node.op.weights(*graph.input_shapes(node)) and bare.issuperset(node.inputs):
            bare.add(node.name)
        if isinstance(node.op, Conv | DepthwiseConv):
            (shape,) = graph.input_shapes(node)
            kernel = next(
                weight.shape for weight in node.op.weights(shape) if weight.name.endswith("kernel")
            )
            convolution = Convolution(
                inputs=shape,
                kernel=kernel,
                stride=node.op.stride,
                dilation=node.op.dilation,
                padding=str(node.op.padding),
                is_depthwise=isinstance(node.op, DepthwiseConv),
                is_first=node.inputs[0] in bare,
            )
            counts[convolution] += 1
    return counts


def run(task: Task, turns: Turns) -> None:
    plan = plan_of(task)
    works = [
        (times, work)
        for kind, times in convolutions(plan.graph).items()
        for work in _works(kind, task.batch, TYPES[task.precision])
    ]

    def once() -> float:
        """Seconds that one step's convolutions take."""
        return sum(times * measure_seconds(work) / REPEATS for times, work in works)

    once()
    turns.say(ready=True, built=f"{sum(times for times, _ in works)} operations")
    while (steps := turns.wait()) is not None:
        turns.say(seconds=steps * once())


def _works(kind: Convolution, batch: int, dtype: str) -> Iterator[Callable[[], Any]]:
    """Forward, gradient of the kernel, gradient of the inputs: each `REPEATS` times in a row."""
    tf = load_tensorflow()
    images = [
        tf.cast(tf.random.stateless_normal([batch, *kind.inputs], [0, i]), dtype)
        for i in range(REPEATS)
    ]
    kernel = tf.cast(tf.random.stateless_normal(kind.kernel, [1, 0]), dtype)
    settings = {
        "strides": [1, *kind.stride, 1],
        "padding": kind.padding.upper(),
        "dilations": [1, *kind.dilation, 1],
    }
    raw = tf.raw_ops
    forward = raw.DepthwiseConv2dNative if kind.is_depthwise else raw.Conv2D
    to_kernel = (
        raw.DepthwiseConv2dNativeBackpropFilter if kind.is_depthwise else raw.Conv2DBackpropFilter
    )
    to_inputs = (
        raw.DepthwiseConv2dNativeBackpropInput if kind.is_depthwise else raw.Conv2DBackpropInput
    )
    gradients = [forward(input=image, filter=kernel, **settings) for image in images]
    yield _in_order(lambda i: forward(input=images[i], filter=kernel, **settings))
    yield _in_order(
        lambda i: to_kernel(
            input=images[i], filter_sizes=kind.kernel, out_backprop=gradients[i], **settings
        )
    )
    if not kind.is_first:
        sizes = [batch, *kind.inputs]
        yield _in_order(
            lambda i: to_inputs(
                input_sizes=sizes, filter=kernel, out_backprop=gradients[i], **settings
            )
        )


def _in_order(work: Callable[[int], Any]) -> Callable[[], Any]:
    tf = load_tensorflow()

    @tf.function  # type: ignore[untyped-decorator]
    def all_of_them() -> Any:
        done: list[Any] = []
        for number in range(REPEATS):
            with tf.control_dependencies(done[-1:]):
                done.append(work(number))
        return tf.reduce_sum([tf.cast(tf.reshape(each, [-1])[0], tf.float32) for each in done])

    def run() -> Any:
        return all_of_them().numpy()

    return run
