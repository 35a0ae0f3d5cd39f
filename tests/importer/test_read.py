"""Reading Keras' description of a model: everything it may hold, and that nothing it names is run
or imported.
"""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archcompile.errors import ArchError, UsageError
from archcompile.keras_config import archive
from archcompile.keras_config.archive import read_archive
from archcompile.keras_config.net import (
    Net,
    Ref,
    UnknownLayers,
    UnreadableModel,
    UnsupportedModel,
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
    return [
        f"{net.layer(n).name}({', '.join(net.layer(r.call).name + (f':{r.output}' if r.output else '') for r in call.inputs)})"
        for n, call in enumerate(net.calls)
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
        "inner",
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
        [head("i"), layer("Dense", "c", [tensor("i")])], ("c", 0, 0), ("i", 0, 0), "inner"
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
        model([head("i"), layer(kind, "c", [tensor("i")])], ("c", 0, 0), ("i", 0, 0), "inner"),
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
    (("Dense", {"activation": "swish"}), ("Dense", {"activation": obj("function", "builtins") | {"config": "silu"}})),
    (("Dense", {"k_initializer": obj("HeNormal", seed=None)}),
     ("Dense", {"k_initializer": obj("VarianceScaling", scale=2.0, mode="fan_in", distribution="truncated_normal", seed=None)})),
    (("Dense", {"i": obj("Zeros")}), ("Dense", {"i": obj("Constant", value=0.0)})),
    (("Dense", {"r": obj("L2", "keras.regularizers", l2=1e-4)}), ("Dense", {"r": obj("L1L2", "keras.regularizers", l1=0.0, l2=1e-4)})),
    (("Dense", {"r": None}), ("Dense", {"r": obj("L2", "keras.regularizers", l2=0.0)})),
    (("ReLU", {"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0}), ("Activation", {"activation": "relu6"})),
    (("Softmax", {"axis": -1}), ("Activation", {"activation": "softmax"})),
    (("InputLayer", {"batch_shape": [None, 8, 8, 3], "dtype": "float32"}),
     ("InputLayer", {"batch_shape": [4, 8, 8, 3], "dtype": "float32", "sparse": False})),
    (("Rescaling", {"scale": 2.0}), ("Rescaling", {"scale": 2})),
]  # fmt: skip
DIFFERENT: list[tuple[tuple[str, Config], tuple[str, Config]]] = [
    (("Dense", {"i": obj("HeNormal", seed=None)}), ("Dense", {"i": obj("HeUniform", seed=None)})),
    (("Dense", {"i": obj("HeNormal", seed=None)}), ("Dense", {"i": obj("HeNormal", seed=3)})),
    (("Dense", {"r": obj("L2", "keras.regularizers", l2=1e-4)}), ("Dense", {"r": obj("L2", "keras.regularizers", l2=5e-5)})),
    (("Dense", {"r": obj("L2", "keras.regularizers", l2=1e-4)}), ("Dense", {"r": None})),
    (("ReLU", {"max_value": 6.0, "negative_slope": 0.1, "threshold": 0.0}), ("Activation", {"activation": "relu6"})),
    (("Dense", {"trainable": True}), ("Dense", {"trainable": False})),
    (("BatchNormalization", {"epsilon": 1e-3}), ("BatchNormalization", {"epsilon": 1.001e-3})),
    (("Conv2D", {"strides": [1, 2]}), ("Conv2D", {"strides": [2, 1]})),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ALIKE)))
def test_spellings_of_one_thing_are_alike(number: int) -> None:
    first, second = ALIKE[number]
    assert normalise(*first) == normalise(*second)


@pytest.mark.parametrize("number", range(len(DIFFERENT)))
def test_different_settings_stay_different(number: int) -> None:
    first, second = DIFFERENT[number]
    assert normalise(*first) != normalise(*second)


# ---- what is refused -----------------------------------------------------------------------------


def test_all_unknown_layers_are_listed() -> None:
    record = model(
        [
            head(),
            layer("Lambda", "evil", [tensor("x")]),
            layer("Swirl", "s1", [tensor("evil")], module="me"),
            layer("Swirl", "s2", [tensor("s1")], module="me"),
            layer("TFSMLayer", "t", [tensor("s2")]),
        ],
        ("t", 0, 0),
    )
    with pytest.raises(UnknownLayers) as caught:
        read_model(record)
    for words in (
        "keras.layers.Lambda, stock, but archc has no op for it: 1, the first is `evil`",
        "me.Swirl: 2, the first is `s1`",
        "keras.layers.TFSMLayer",
    ):
        assert words in caught.value.message


HOSTILE: dict[str, Config] = {
    "initialiser": {"kernel_initializer": obj("system", "os")},
    "function": {
        "activation": {
            "module": "os",
            "class_name": "function",
            "config": "system",
            "registered_name": "x",
        }
    },
    "lambda": {"activation": {"class_name": "__lambda__", "config": {"value": "4wEAAA=="}}},
    "in a list": {"units": [obj("system", "os")]},
    "in a map": {"units": {"deep": obj("Lambda", "keras.layers")}},
    "policy": {"dtype": obj("Anything", "keras", name="float32")},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_objects_that_are_not_stock_are_refused(case: str) -> None:
    with pytest.raises(UnknownLayers):
        read_model(sequential(head(), layer("Dense", "d", **HOSTILE[case])))


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


BROKEN: dict[str, Config] = {
    "no model": {"class_name": "Model", "config": {}},
    "no config": {"class_name": "Model"},
    "a source that is not there": model([head(), layer("Dense", "d", [tensor("y")])], ("d", 0, 0)),
    "a call that is not there": model([head(), layer("Dense", "d", [tensor("x", 3)])], ("d", 0, 0)),
    "an output that is not there": model([head()], ("d", 0, 0)),
    "a layer that feeds itself": model([head(), layer("Dense", "d", [tensor("d")])], ("d", 0, 0)),
    "no inbound nodes": model(
        [{"module": "keras.layers", "class_name": "Dense", "config": {}, "name": "d"}], ("d", 0, 0)
    ),
    "an input that is none": model([layer("Dense", "x", [])], ("x", 0, 0)),
    "lists without end": sequential(head(), layer("Dense", "d", units=_deep(5000))),
    "an object as an argument": model(
        [head(), layer("Dense", "d", [tensor("x"), obj("X", "m")])], ("d", 0, 0)
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_configs_are_reported(case: str) -> None:
    with pytest.raises(UnreadableModel):
        read_model(BROKEN[case])


def test_models_within_models_are_bounded() -> None:
    """Ten calls of a model of ten calls of a model …: a short text must not become a net without
    end.
    """
    inner = model([head("x"), layer("ReLU", "r", [tensor("x")])], ("r", 0, 0), name="m0")
    for depth in range(1, 6):
        name = f"m{depth - 1}"
        calls = [[tensor("x")]] + [[tensor(name, n)] for n in range(9)]
        inner = model([head("x"), inside(inner, *calls)], (name, 10, 0), name=f"m{depth}")
    with pytest.raises(UnreadableModel, match="more than 20000 calls"):
        read_model(inner)
    # a model of no layer: what grows makes no call
    empty = model([head("x")], ("x", 0, 0), name="m0")
    for depth in range(1, 15):
        name = f"m{depth - 1}"
        empty = model(
            [head("x"), inside(empty, [tensor("x")], [tensor(name, 0)])],
            (name, 2, 0),
            name=f"m{depth}",
        )
    with pytest.raises(UnsupportedModel, match="more than 20000 calls of models"):
        read_model(empty)
    for depth in range(6, 40):
        inner = sequential(inner, name=f"m{depth}")
    with pytest.raises(UnreadableModel, match="nests more than"):
        read_model(inner)


def in_keras_2(module: bool) -> Config:
    """A convolution as Keras 2 describes it: calls are bare lists, and in HDF5 nothing says its
    module.
    """
    head2, conv = head(), layer("Conv2D", "c")
    head2["config"] = {
        "batch_input_shape": [None, 8, 8, 3],
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "x",
    }
    record = model(
        [{**head2, "inbound_nodes": []}, {**conv, "inbound_nodes": [[["x", 0, 0, {}]]]}],
        [["c", 0, 0]],
        [["x", 0, 0]],
    )
    if not module:
        for each in (record, *record["config"]["layers"]):
            del each["module"], each["registered_name"]
    return record


# nothing of it is damaged: what it is, and what names it
FOREIGN: dict[str, tuple[Config, str]] = {
    "Keras 2": (in_keras_2(True), "as Keras 2 does it"), "Keras 2 in HDF5": (in_keras_2(False), "as Keras 2 does it"),
    "a class of a script": (model([head(), {**layer("Mine", "m", [tensor("x")]), "module": None, "registered_name": "my>Mine"}], ("m", 0, 0)),
                            "  Mine registered as my>Mine: 1, the first is `m`"),
    "a registered function": (model([head(), layer("Dense", "d", [tensor("x")], activation=obj("function", "builtins") | {"config": "my>act"})],
                                    ("d", 0, 0)), "the function `my>act` as `activation`: 1, the first is `d`"),
    "a function by its name alone": (model([head(), layer("LSTM", "d", [tensor("x")], recurrent_activation="act")], ("d", 0, 0)),
                                     "the function `act` as `recurrent_activation`"),
    "a lambda": (model([head(), layer("Dense", "d", [tensor("x")], activation={"value": ["4wEA", None, None]})], ("d", 0, 0)),
                 "a lambda as `activation`: 1, the first is `d`"),
    "a lambda of a class": (model([head(), layer("Dense", "d", [tensor("x")], activation=obj("__lambda__", "builtins"))], ("d", 0, 0)),
                            "a lambda as `activation`"),
    "a subclassed model": ({"module": None, "class_name": "Net", "config": {}, "registered_name": "Net"}, "neither a Functional nor"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_not_stock_is_refused_by_name_and_not_called_damaged(case: str) -> None:
    record, words = FOREIGN[case]
    with pytest.raises((UnknownLayers, UnsupportedModel), match=re.escape(words)) as caught:
        read_model(record)
    assert caught.value.exit_code == 2


# ---- files ---------------------------------------------------------------------------------------


def write(path: Path, text: str, name: str = "config.json", metadata: str = "{}") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, text)
        file.writestr("metadata.json", metadata)
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    record = sequential(head(), layer("Dense", "d"))
    assert read_archive(write(tmp_path / "m.keras", json.dumps(record))) == record


def test_bad_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain.keras"
    plain.write_bytes(b"no zip")
    hdf5 = tmp_path / "old.keras"
    hdf5.write_bytes(archive.HDF5 + b"rest")
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    monkeypatch.setattr(archive, "MAX_ENTRIES", 1000)
    rows: list[tuple[Path, type[ArchError], str]] = [
        (tmp_path / "none.keras", UsageError, "there is no file"),
        (plain, UnreadableModel, "not a `.keras` file"),
        (write(tmp_path / "a.keras", "{}", "other.json"), UnreadableModel, "without config.json"),
        (write(tmp_path / "b.keras", "{"), UnreadableModel, "not JSON"),
        (write(tmp_path / "c.keras", "[" * 900), UnreadableModel, "not JSON"),
        (write(tmp_path / "d.keras", "[]"), UnreadableModel, "describes no model"),
        (write(tmp_path / "e.keras", " " * 1001), UnreadableModel, "larger than"),
        (
            write(tmp_path / "g.keras", "[" + "{}," * 250 + "0]"),
            UnreadableModel,
            "holds more values",
        ),
        (
            write(tmp_path / "h.keras", "{}", metadata='{"keras_version": "2.15.0"}'),
            UnsupportedModel,
            "by Keras 2.15.0",
        ),
        (hdf5, UnsupportedModel, "is an HDF5 file"),
    ]
    for path, kind, words in rows:
        with pytest.raises(kind, match=words):
            read_archive(path)


def test_a_list_of_members_is_bounded_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "m.keras", "{}")
    assert read_archive(path) == {}
    monkeypatch.setattr(archive, "MAX_DIRECTORY", 100)  # two members take more
    with pytest.raises(UnreadableModel, match="list of members is too long"):
        read_archive(path)


SMALL = 300 << 20  # bytes of memory that refusing a bomb may take, Python itself included


@pytest.mark.parametrize("unit", ["[],", "{},", '{"":0},', "999,", '"",'])
def test_a_config_that_would_fill_the_memory_is_refused_before_it_is_parsed(
    unit: str, tmp_path: Path
) -> None:
    """A small file of which parsing makes gigabytes, in a process that may not take them."""
    start = '{"class_name": "Functional", "module": "keras", "config": {"layers": ['
    count = (archive.MAX_BYTES - len(start) - 5) // len(unit)
    path = write(tmp_path / "bomb.keras", f"{start}{unit * count}0]}}}}")
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({SMALL}, {SMALL}))\n"
        "from pathlib import Path\nfrom archcompile.keras_config.archive import read_archive\n"
        f"read_archive(Path({str(path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        path.stat().st_size < 1 << 17
        and "UnreadableModel" in done.stderr
        and "holds more values" in done.stderr
    ), done.stderr


def test_the_values_of_the_largest_models_are_far_from_the_bound() -> None:
    convs = [
        layer(
            "Conv2D",
            f"c{n}",
            [tensor("x")],
            kernel_initializer=obj("HeNormal"),
            kernel_size=[3, 3],
            strides=[1, 1],
        )
        for n in range(50)
    ]
    assert (
        archive.count_entries(json.dumps(model([head(), *convs], ("c0", 0, 0))).encode()) / 51
        < archive.MAX_ENTRIES / 20_000
    )


def test_reading_imports_no_framework() -> None:
    code = (
        "import sys; import archcompile.keras_config.read, archcompile.keras_config.archive, archcompile.verification.match, "
        "archcompile.verification.canonical; print([m for m in ('tensorflow', 'keras', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
