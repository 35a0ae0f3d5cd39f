"""`.keras` files that mean harm: each ends in an error that names what is wrong, and nothing in it
is run.
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archcompile.errors import ArchError
from tests.importer.configs import Config, head, inside, layer, model, obj, sequential, tensor

pytestmark = pytest.mark.keras


def conv(name: str = "c", source: str = "x", **settings: Any) -> Config:
    return layer(
        "Conv2D", name, [tensor(source)], **{"filters": 4, "kernel_size": [3, 3], **settings}
    )


def net(*layers: Config, end: str = "c", shape: tuple[int, ...] = (8, 8, 3)) -> Config:
    return model([head(shape=(None, *shape)), *layers], (end, 0, 0))


def nested_models(depth: int) -> Config:
    result = sequential(head("i"), layer("ReLU", "r"), name="m")
    for number in range(depth):
        result = sequential(head("i"), result | {"name": f"m{number}"}, name=f"m{number}")
    return result


#  what a file holds -> what must be told
HOSTILE: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "a lambda": (
        lambda: net(
            layer("Lambda", "evil", [tensor("x")], function={"class_name": "__lambda__"}),
            end="evil",
        ),
        ["`evil`", "Lambda"],
    ),
    "two lambdas and a class of its own": (
        lambda: net(
            layer("Lambda", "one", [tensor("x")]),
            layer("Lambda", "two", [tensor("one")]),
            layer("Steal", "three", [tensor("two")], module="thief.of.keys"),
            end="three",
        ),
        ["`one`", "`two`", "`three`", "thief.of.keys.Steal"],
    ),
    "a module": (
        lambda: net(layer("system", "sh", [tensor("x")], module="os", command="id"), end="sh"),
        ["`sh`", "os.system"],
    ),
    "a class registered for a stock one": (
        lambda: net({**conv(), "registered_name": "evil>Conv2D"}),
        ["`c`", "evil>Conv2D"],
    ),
    "a custom initialiser": (
        lambda: net(conv(kernel_initializer=obj("Steal", "thief"))),
        ["`c`", "thief.Steal"],
    ),
    "a file of weights": (
        lambda: net(layer("TFSMLayer", "t", [tensor("x")], filepath="/etc/passwd"), end="t"),
        ["`t`", "TFSMLayer"],
    ),
    "a cycle": (lambda: net(conv("a", "b"), conv("b", "a"), end="b"), ["feeds itself", "`b`"]),
    "a layer that is not there": (lambda: net(conv("c", "ghost")), ["ghost"]),
    "two layers of one name": (lambda: net(conv("c"), conv("c")), ["two layers", "`c`"]),
    "as many filters as atoms": (lambda: net(conv(filters=10**80)), ["`c`"]),
    "more weights than memory": (lambda: net(conv(filters=10**9)), ["`c`"]),
    "an image as large as a country": (
        lambda: net(conv(), shape=(10**6, 10**6, 3)),
        ["`x`", "1000000x1000000x3"],
    ),
    "an image beyond counting": (
        lambda: net(conv(), shape=(10**12, 8, 3)),
        ["`x`", "takes 1000000000000 x 8 x 3"],
    ),
    "no filters": (lambda: net(conv(filters=-4)), ["`c`"]),
    "a stride of nothing": (lambda: net(conv(strides=[0, 0])), ["`c`"]),
    "text as a number": (lambda: net(conv(filters="many")), ["`c`"]),
    "a kernel in five axes": (lambda: net(conv(kernel_size=[3, 3, 3, 3, 3])), ["`c`"]),
    "a window larger than the map": (
        lambda: net(conv(kernel_size=[99, 99])),
        ["`c`", "does not fit"],
    ),
    "not a number": (
        lambda: net(layer("BatchNormalization", "n", [tensor("x")], epsilon=float("nan")), end="n"),
        ["`n`"],
    ),
    "infinity": (
        lambda: net(layer("Rescaling", "n", [tensor("x")], scale=float("inf")), end="n"),
        ["`n`"],
    ),
    "a hundred models in models": (lambda: nested_models(100), ["nests more than"]),
    "too many layers": (
        lambda: net(*(conv(f"c{n}", "x") for n in range(20_001)), end="c0"),
        ["more than 20000 layers"],
    ),
    "a call with an object": (
        lambda: net(
            layer(
                "ReLU",
                "r",
                [tensor("x"), {"class_name": "Popen", "module": "subprocess", "config": {}}],
            ),
            end="r",
        ),
        ["subprocess.Popen"],
    ),
    "no model at all": (
        lambda: {"class_name": "Conv2D", "module": "keras.layers", "config": {}},
        ["Conv2D"],
    ),
    "a list": (lambda: [1, 2], ["describes no model"]),
    "a layer without a class": (
        lambda: net({**conv(), "class_name": None}),
        ["the layer `c`", "`class_name`: Input should be a valid string"],
    ),
    "a layer that is a number": (
        lambda: model([head(), 3], ("x", 0, 0)),
        ["layer number 1", "should be a valid dictionary"],
    ),  # type: ignore[list-item]
    "a call without arguments": (
        lambda: net({**conv(), "inbound_nodes": [{}]}),
        ["the layer `c`", "`inbound_nodes.0.args`"],
    ),
    "a tensor of nowhere": (
        lambda: net({**conv(), "inbound_nodes": [{"args": [tensor(None)], "kwargs": {}}]}),
        ["`keras_history.0`"],
    ),  # type: ignore[arg-type]
    "an output that is not there": (
        lambda: net(conv(), end="ghost"),
        ["`output_layers` names a layer `ghost`"],
    ),
    "outputs that are a number": (
        lambda: model([head(), conv()], 7),
        ["`output_layers` of the model is not a list"],
    ),
    "an object from a list": (
        lambda: net(conv(kernel_initializer={"class_name": "Zeros", "module": [1], "config": {}})),
        ["`c`", "[1].Zeros"],
    ),
    "a model called with the wrong inputs": (
        lambda: model(
            [
                head(),
                inside(
                    model([head("i")], ("i", 0, 0), ("i", 0, 0), name="m"),
                    [[tensor("x"), tensor("x")]],
                ),
            ],
            ("m", 1, 0),
        ),
        ["a model of 1 inputs is called with 2"],
    ),
    "a name that steers the terminal": (
        lambda: net(
            layer("GaussianNoise", "\x1b[31mred\x1b]0;gone\x07", [tensor("x")], stddev=0.1),
            end="\x1b[31mred\x1b]0;gone\x07",
        ),
        ["\\x1b[31mred"],
    ),
}


def write(path: Path, record: Any, **more: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(record))
        for name, text in more.items():
            archive.writestr(name, text)
    return path


def error_of(path: Path) -> ArchError:
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    from archcompile.authoring.keras_import import import_model

    with pytest.raises(ArchError) as caught:
        import_model(str(path), "spec.yaml")
    return caught.value


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_by_name(name: str, tmp_path: Path) -> None:
    record, words = HOSTILE[name]
    error = error_of(write(tmp_path / "m.keras", record()))
    assert error.exit_code in (2, 4)
    assert [word for word in words if word not in error.message.replace("\\\\", "\\")] == [], (
        error.message
    )
    assert len(error.message) < 4000 and all(c.isprintable() or c == "\n" for c in error.message)
    assert "Error:" not in error.message and "config={" not in error.message


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.keras"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("config.json", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(b" " * (1 << 20))
    error = error_of(path)
    assert error.exit_code == 4 and "larger than 32 MiB" in error.message


@pytest.mark.parametrize(
    ("content", "code"), [(b"no zip", 4), (b"", 4), (b"PK\x03\x04" + b"\0" * 40, 4), (None, 2)]
)
def test_what_is_no_archive_is_refused(content: bytes | None, code: int, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    if content is not None:
        path.write_bytes(content)
    assert error_of(path).exit_code == code


def test_nothing_but_the_description_is_read(tmp_path: Path) -> None:
    """Members that would be written elsewhere, and a description that would run: only the
    description counts.
    """
    inner = tmp_path / "inner"
    inner.mkdir()
    path = write(
        inner / "m.keras",
        net(layer("Lambda", "evil", [tensor("x")]), end="evil"),
        **{"../stolen": "x", str(tmp_path / "stolen_too"): "x"},
    )
    before = sorted(tmp_path.rglob("*"))
    assert "`evil`" in error_of(path).message
    assert sorted(tmp_path.rglob("*")) == before
