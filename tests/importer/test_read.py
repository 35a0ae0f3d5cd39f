"""Reading Keras' description of a model: how its layers are wired, and what their settings mean."""

import pytest

from archcompile.keras_config.net import (
    Net,
    Ref,
    UnreadableModel,
    fill,
    refs,
)
from archcompile.keras_config.normal import normalise
from archcompile.keras_config.read import read_model
from tests.importer.configs import (
    POLICY,
    Config,
    head,
    inside,
    layer,
    model,
    obj,
    sequential,
    tensor,
)


def wiring(net: Net) -> list[str]:
    """`name(name of a source, …)` for each call."""

    def source(tensor: Ref) -> str:
        name = net.layer(tensor.call).name
        return f"{name}:{tensor.output}" if tensor.output else name

    return [
        f"{net.layer(number).name}({', '.join(map(source, call.inputs))})"
        for number, call in enumerate(net.calls)
    ]


# ---- wiring --------------------------------------------------------------------------------------


def test_a_diamond_reads_its_arguments_in_order() -> None:
    net = read_model(
        model(
            [
                head(),
                layer("Conv2D", "a", [tensor("x")]),
                layer("Conv2D", "b", [tensor("x")]),
                layer("Add", "sum", [[tensor("b"), tensor("a")]]),
            ],
            ("sum", 0, 0),
        )
    )
    assert wiring(net) == ["x()", "b(x)", "a(x)", "sum(b, a)"]
    assert net.calls[3].shapes == ((8, 8, 3), (8, 8, 3))
    assert net.outputs == (Ref(3, 0),)


def test_layers_may_stand_in_any_order_and_what_leads_nowhere_is_left_out() -> None:
    net = read_model(
        model(
            [
                layer("Dense", "late", [tensor("early")]),
                layer("Dense", "loose", [tensor("x")]),
                layer("Dense", "early", [tensor("x")]),
                head(),
            ],
            ("late", 0, 0),
        )
    )
    assert wiring(net) == ["x()", "early(x)", "late(early)"]


def test_a_layer_called_twice_is_one_layer() -> None:
    net = read_model(
        model([head(), layer("Dense", "d", [tensor("x")], [tensor("d")])], ("d", 1, 0))
    )
    assert wiring(net) == ["x()", "d(x)", "d(d)"]
    assert [net.uses[call.layer] for call in net.calls] == [1, 2, 2]


def test_outputs_and_inputs_in_maps_go_by_their_keys() -> None:
    layers = [head("p"), head("q"), layer("Subtract", "s", [[tensor("q"), tensor("p")]])]
    record = model(
        layers, {"z": ["p", 0, 0], "a": ["s", 0, 0]}, inputs={"q": ["q", 0, 0], "p": ["p", 0, 0]}
    )
    net = read_model(record)
    assert wiring(net) == ["p()", "q()", "s(q, p)"]
    assert net.outputs == (Ref(2, 0), Ref(0, 0))


def test_nested_models_are_inlined_and_share_their_layers() -> None:
    inner = model(
        [head("i"), layer("Conv2D", "c", [tensor("i")])],
        (("c", 0, 0), ("i", 0, 0)),
        ("i", 0, 0),
        name="inner",
    )
    chain = sequential(head("h"), layer("ReLU", "r"), layer("Dense", "d"))
    net = read_model(
        model(
            [
                head(),
                inside(inner, [tensor("x")], [tensor("inner", 0, 0)]),
                inside(chain, [tensor("inner", 1, 0)]),
                layer("Add", "sum", [[tensor("chain"), tensor("inner", 1, 1)]]),
            ],
            ("sum", 0, 0),
        )
    )
    assert wiring(net) == [
        "x()",
        "inner/c(x)",
        "inner/c(inner/c)",
        "chain/r(inner/c)",
        "chain/d(chain/r)",
        "sum(chain/d, inner/c)",
    ]
    # the second output of the second call is what went in
    assert net.calls[5].inputs == (
        Ref(4, 0),
        Ref(1, 0),
    )
    assert net.uses[net.calls[1].layer] == 2


def test_a_functional_model_as_output_has_a_node_of_its_own() -> None:
    """Keras counts the node a Functional model is born with in `output_layers`, but not in
    arguments.
    """
    inner = model(
        [head("i"), layer("Dense", "c", [tensor("i")])], ("c", 0, 0), ("i", 0, 0), name="inner"
    )
    net = read_model(model([head(), inside(inner, [tensor("x")])], ("inner", 1, 0)))
    assert wiring(net) == ["x()", "inner/c(x)"]


@pytest.mark.parametrize(
    ("kind", "kwargs"), [("BatchNormalization", {"training": False}), ("Dropout", {})]
)
def test_a_fixed_training_mode_reaches_the_layers_within(
    kind: str, kwargs: dict[str, bool]
) -> None:
    """But for dropout, where Keras writes `training=False` when none was given."""
    inner = inside(
        model([head("i"), layer(kind, "c", [tensor("i")])], ("c", 0, 0), ("i", 0, 0), name="inner"),
        [tensor("x")],
    )
    inner["inbound_nodes"][0]["kwargs"] = {"training": False, "mask": None}
    assert read_model(model([head(), inner], ("inner", 1, 0))).calls[1].kwargs == kwargs


def test_operations_keep_their_arguments() -> None:
    ops = "keras.src.ops.numpy"
    parts = [
        {"class_name": "__ellipsis__", "config": {}},
        {"class_name": "__slice__", "config": {"start": None, "stop": 3, "step": None}},
    ]
    net = read_model(
        model(
            [
                head(),
                layer("Power", "p", [tensor("x"), -0.75], module=ops),
                layer("GetItem", "g", [tensor("p"), parts], module=ops),
            ],
            ("g", 0, 0),
        )
    )
    power, item = net.calls[1:]
    assert (net.layer(1).kind, power.args) == ("ops.Power", (Ref(0, 0), -0.75))
    assert item.args == (Ref(1, 0), [..., slice(None, 3, None)])
    assert fill(item.args, iter("t")) == ("t", [..., slice(None, 3, None)])


def test_a_sequential_model_and_an_unbuilt_one() -> None:
    assert wiring(read_model(sequential(head(), layer("Flatten", "f"), layer("Dense", "d")))) == [
        "x()",
        "f(x)",
        "d(f)",
    ]
    with pytest.raises(UnreadableModel, match="no input shape"):
        read_model(sequential(layer("Dense", "d")))


def test_five_thousand_layers_need_no_recursion() -> None:
    layers = [head("l0")] + [layer("ReLU", f"l{n + 1}", [tensor(f"l{n}")]) for n in range(5000)]
    net = read_model(model(layers, ("l5000", 0, 0), ("l0", 0, 0)))
    assert len(net.calls) == 5001
    assert list(refs(net.calls[-1].args)) == [Ref(4999, 0)]


# ---- settings ------------------------------------------------------------------------------------

ALIKE: list[tuple[tuple[str, Config], tuple[str, Config]]] = [
    (("Conv2D", {"name": "a"}), ("Conv2D", {"name": "b"})),
    (("Dense", {"dtype": "float32"}), ("Dense", {"dtype": POLICY})),
    (
        ("Dense", {"activation": "swish"}),
        ("Dense", {"activation": obj("function", "builtins") | {"config": "silu"}}),
    ),
    (
        ("Dense", {"k_initializer": obj("HeNormal", seed=None)}),
        (
            "Dense",
            {
                "k_initializer": obj(
                    "VarianceScaling",
                    scale=2.0,
                    mode="fan_in",
                    distribution="truncated_normal",
                    seed=None,
                )
            },
        ),
    ),
    (("Dense", {"i": obj("Zeros")}), ("Dense", {"i": obj("Constant", value=0.0)})),
    (
        ("Dense", {"r": obj("L2", "keras.regularizers", l2=1e-4)}),
        ("Dense", {"r": obj("L1L2", "keras.regularizers", l1=0.0, l2=1e-4)}),
    ),
    (("Dense", {"r": None}), ("Dense", {"r": obj("L2", "keras.regularizers", l2=0.0)})),
    (
        ("ReLU", {"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0}),
        ("Activation", {"activation": "relu6"}),
    ),
    (("Softmax", {"axis": -1}), ("Activation", {"activation": "softmax"})),
    (
        ("InputLayer", {"batch_shape": [None, 8, 8, 3], "dtype": "float32"}),
        ("InputLayer", {"batch_shape": [4, 8, 8, 3], "dtype": "float32", "sparse": False}),
    ),
    (("Rescaling", {"scale": 2.0}), ("Rescaling", {"scale": 2})),
    # Keras keeps them in 32 bits
    (
        ("Normalization", {"mean": [0.0, 0.406], "variance": [1.0, 0.224**2]}),
        ("Normalization", {"mean": [0, 0.40599998831748962], "variance": [1, 0.050176]}),
    ),
]
DIFFERENT: list[tuple[tuple[str, Config], tuple[str, Config]]] = [
    (("Dense", {"i": obj("HeNormal", seed=None)}), ("Dense", {"i": obj("HeUniform", seed=None)})),
    (("Dense", {"i": obj("HeNormal", seed=None)}), ("Dense", {"i": obj("HeNormal", seed=3)})),
    (
        ("Dense", {"r": obj("L2", "keras.regularizers", l2=1e-4)}),
        ("Dense", {"r": obj("L2", "keras.regularizers", l2=5e-5)}),
    ),
    (("Dense", {"r": obj("L2", "keras.regularizers", l2=1e-4)}), ("Dense", {"r": None})),
    (
        ("ReLU", {"max_value": 6.0, "negative_slope": 0.1, "threshold": 0.0}),
        ("Activation", {"activation": "relu6"}),
    ),
    (("Dense", {"trainable": True}), ("Dense", {"trainable": False})),
    (("BatchNormalization", {"epsilon": 1e-3}), ("BatchNormalization", {"epsilon": 1.001e-3})),
    (("Conv2D", {"strides": [1, 2]}), ("Conv2D", {"strides": [2, 1]})),
    (
        ("Normalization", {"variance": [0.050176], "dtype": "float64"}),
        ("Normalization", {"variance": [0.224**2], "dtype": "float64"}),
    ),
    (
        ("Normalization", {"variance": [0.050176]}),
        ("Normalization", {"variance": [0.05017601]}),
    ),
]


@pytest.mark.parametrize("number", range(len(ALIKE)))
def test_spellings_of_one_thing_are_alike(number: int) -> None:
    first, second = ALIKE[number]
    assert normalise(*first) == normalise(*second)


@pytest.mark.parametrize("number", range(len(DIFFERENT)))
def test_different_settings_stay_different(number: int) -> None:
    first, second = DIFFERENT[number]
    assert normalise(*first) != normalise(*second)
