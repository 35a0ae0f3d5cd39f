"""What ops say that training holds, against what TensorFlow's gradients read of the forward pass,
op by op.
"""

from collections.abc import Iterable
from math import prod
from typing import Any

import pytest

from archcompile.errors import Location
from archcompile.graph.ir import LayerGraph, Node, Origin
from archcompile.ops import REGISTRY, Input, Op
from archcompile.ops.tensor import Rescale
from tests.ops.rows import MAP, Good
from tests.ops.test_ops import GOOD, make

pytestmark = pytest.mark.keras

BATCH = 7
SAME_MEMORY = ("Reshape", "Identity", "IdentityN", "StopGradient", "Squeeze")
ONLY_SHAPES = ("Shape", "ShapeN", "Size", "Rank", "BroadcastGradientArgs")


def net(op: Op, inputs: tuple[tuple[int, ...], ...]) -> LayerGraph:
    """A net of the op alone; what is beside its first input is made from that."""
    at = Origin(location=Location(file="op.yaml", line=1, column=1), part="stem")
    nodes = [Node(name="input", op=Input(dims=inputs[0]), inputs=(), shape=inputs[0], origin=at)]
    nodes += [
        Node(name=f"other{i}", op=Rescale(scale=2.0), inputs=("input",), shape=inputs[0], origin=at)
        for i in range(1, len(inputs))
    ]
    nodes.append(
        Node(
            name="op",
            op=op,
            inputs=tuple(node.name for node in nodes),
            shape=op.shape(*inputs),
            origin=at,
        )
    )
    return LayerGraph(
        name="one",
        nodes={node.name: node for node in nodes},
        outputs={"op": "op"},
        parts={"stem": "op"},
    )


def read_by_gradients(graph: LayerGraph) -> int:
    """Bytes for one image of the forward pass' tensors that the gradients of the input and of all
    weights read.
    """
    import tensorflow as tf

    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.lowering import lower_for_training

    model = lower_for_training(graph, 0, "float32", devices=Devices.single()).model

    @tf.function(autograph=False)
    def gradients(images: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = tf.identity(
                tf.reduce_sum(model(images, training=True) * tf.constant(0.5)), name="the_loss"
            )
        return tape.gradient(
            loss, [images, *model.trainable_variables], unconnected_gradients="zero"
        )

    traced = gradients.get_concrete_function(
        tf.TensorSpec((BATCH, *graph.input_shape), tf.float32)
    ).graph
    forward = behind([op for op in traced.get_operations() if op.name == "the_loss"])
    backward = behind([tensor.op for tensor in traced.outputs]) - forward
    held = {}
    for tensor in (
        owner(read) for op in backward if op.type not in ONLY_SHAPES for read in op.inputs
    ):
        if tensor.op in forward and is_activation(tensor, graph):
            held[tensor.name] = prod(tensor.shape) * tensor.dtype.size // BATCH
    return sum(held.values())


def owner(tensor: Any) -> Any:
    """The tensor whose memory this one lies in."""
    return owner(tensor.op.inputs[0]) if tensor.op.type in SAME_MEMORY else tensor


def behind(ops: Iterable[Any]) -> set[Any]:
    """The operations that some operations need, with these."""
    result: set[Any] = set()
    waiting = list(ops)
    while waiting:
        op = waiting.pop()
        if op not in result:
            result.add(op)
            waiting += [tensor.op for tensor in op.inputs]
    return result


def is_activation(tensor: Any, graph: LayerGraph) -> bool:
    """No weight and no constant, and no statistic either: a norm's few numbers for each pixel or
    channel.
    """
    if tensor.op.type in ("Const", "ReadVariableOp") or tensor.shape.rank is None:
        return False
    values = min(prod(graph.input_shape), prod(graph.nodes["op"].shape))
    return bool(prod(tensor.shape) >= BATCH * values / 2)


# it compares two at a time
CASES = [
    case
    for case in GOOD
    if len({*case.values[1].inputs}) == 1
    and not (
        (
            case.values[0] == "depthwise_conv" and case.values[1].attributes.get("dilation", 1) != 1
        )  # TensorFlow rearranges the map
        or (case.values[0] == "maximum" and len(case.values[1].inputs) > 2)
    )
]
CASES.append(pytest.param("concat", Good({}, (MAP, MAP), (8, 6, 8)), id="concat-of-equals"))


@pytest.mark.parametrize(("kind", "row"), CASES)
def test_held(kind: str, row: Any) -> None:
    op = make(kind, row.attributes)
    held = op.kept_for_backward(*row.inputs)
    message = (
        4
        * (sum(map(prod, row.inputs)) * held.inputs + prod(row.output) * held.output + held.values)
        + held.masks
    )
    assert read_by_gradients(net(op, row.inputs)) == message


def test_the_cases_are_of_all_ops() -> None:
    assert {case.values[0] for case in CASES} == set(REGISTRY)
