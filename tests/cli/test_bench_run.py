"""`archc bench` for real: contenders in processes of their own, on a tiny network."""

import importlib.util
import json
import subprocess
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcompile import bench
from archcompile.bench import Outcome, Task, alternate
from archcompile.bench.turns import Turns
from archcompile.errors import UsageError
from tests.command_line import Archc
from tests.conftest import rarely
from tests.warm import WarmProcess, run_module

NET = """\
archc: 1
input: [8, 8, 3]
stem: [conv: {filters: 4, kernel: 3, l2: 1e-4}, bn, relu]
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
train: article
"""
HAS_TORCH = importlib.util.find_spec("torch") is not None


@pytest.fixture
def few_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the contenders' processes only the first begins with nothing."""

    def fork(command: list[str], *, text: bool, stderr: Any, **streams: Any) -> WarmProcess:
        return WarmProcess(run_module, command[-1], stderr=stderr.fileno(), **streams)

    starts = chain([subprocess.Popen], repeat(fork))

    def start(command: list[str], **options: Any) -> Any:
        return next(starts)(command, **options)

    processes = SimpleNamespace(Popen=start, PIPE=subprocess.PIPE)
    monkeypatch.setattr(alternate, "subprocess", processes)


@pytest.mark.keras
@pytest.mark.parametrize(
    "rivals",
    [
        rarely("keras,torch"),
        pytest.param("jax,torch,torch_compile,article", marks=pytest.mark.thorough),
    ],
)
@pytest.mark.usefixtures("few_starts")
def test_alternating_turns(archc: Archc, tmp_path: Path, rivals: str) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(NET)
    done = archc(
        *("bench", spec, "--turns", 2, "--steps", 2, "--batch", 8, "--precision", "float32"),
        *("--against", rivals, "--json"),
    )
    assert done.code == 0, done.err
    actual = {each["contender"]: each for each in json.loads(done.out)["results"]}
    assert list(actual) == ["archc", *rivals.split(","), "convolutions"]
    for name in actual.keys() - {"torch", "torch_compile"}:
        assert len(actual[name]["seconds_per_image"]) == 2 and actual[name]["missing"] is None, (
            actual[name]
        )
        assert all(seconds > 0 for seconds in actual[name]["seconds_per_image"])
    assert actual["archc"]["archc_is"] == []
    assert all(actual[name]["archc_is"][0]["median"] > 0 for name in {"keras", "jax"} & {*actual})
    if "article" in actual:
        assert actual["article"]["batch"] == 32
    if not HAS_TORCH:
        assert (
            actual["torch"]["missing"]
            == "torch is not installed (pip install 'archcompile[bench]')"
        )


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.usefixtures("few_starts")
def test_inference(archc: Archc, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(NET)
    done = archc(
        *("bench", spec, "--inference", "--turns", 2, "--steps", 1, "--batch", 2),
        *("--against", "torch_compile,onnx,fold_bn,keras", "--json"),
    )
    assert done.code == 0, done.err
    results = json.loads(done.out)["results"]
    assert [each["contender"] for each in results] == ["keras", "fold_bn", "onnx", "torch_compile"]
    for each in results[:3]:
        assert each["missing"] is None and len(each["seconds_per_image"]) == 2, each
        assert each["images_per_second"] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "cpu"], "--device is not for --inference"),
        (["--recipe", "article"], "--recipe is not for --inference"),
        (["--against", "onxx"], "expected keras, fold_bn, onnx, litert, torch_compile, got `onxx`"),
    ],
)
def test_mistakes_of_inference(archc: Archc, options: list[str], message: str) -> None:
    done = archc("bench", "resnet_v1_20", "--inference", *options)
    assert done.code == 2 and message in done.err


def test_mistakes(archc: Archc, tmp_path: Path) -> None:
    assert "did you mean `torch`?" in archc("bench", "resnet_v1_20", "--against", "torhc").err
    assert archc("bench", "resnet_v1_2O").code == 2
    wrong = tmp_path / "net.yaml"
    wrong.write_text(NET.replace("filters: 4", "filters: 0"))
    done = archc("bench", wrong)
    assert done.code == 1 and "net.yaml:3:24" in done.err


def test_a_spec_without_a_recipe_is_a_mistake(archc: Archc, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(NET.replace("train: article\n", ""))
    done = archc("bench", spec)
    assert (done.code, done.out) == (2, "")
    assert "net names no recipe" in done.err and "choose one with --recipe" in done.err
    unknown = archc("bench", spec, "--recipe", "artcle", "--json")
    assert unknown.code == 2 and "artcle" in json.loads(unknown.out)["errors"][0]["message"]


@pytest.mark.keras
@pytest.mark.parametrize(
    ("device", "code", "message"),
    [
        ("banana", 2, "--device: expected cpu, gpu"),
        ("cpu,gpu", 2, "--device: expected cpu, gpu"),
        ("gpu:99", 3, "archc doctor shows what this machine has"),
    ],
)
def test_a_wrong_device_is_a_mistake(
    archc: Archc, tmp_path: Path, device: str, code: int, message: str
) -> None:
    """Before anything is measured, and as `archc train` reports it."""
    spec = tmp_path / "net.yaml"
    spec.write_text(NET)
    for precision in ((), ("--precision", "float32")):
        done = archc("bench", spec, "--device", device, *precision)
        assert (done.code, done.out) == (code, "") and message in done.err


def test_where_nothing_can_be_measured_every_contender_says_why(
    archc: Archc, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(tasks: list[Task], say: object) -> list[Outcome]:
        return [Outcome(task=task, missing=f"{task.contender} is broken") for task in tasks]

    monkeypatch.setattr(bench, "measure", measure)
    monkeypatch.setattr(bench, "plan_of", lambda task: None)
    done = archc("bench", "digits_cnn", "--precision", "float32")
    assert (done.code, done.err) == (1, "nothing was measured\n")
    for name in ("archc", "keras", "torch", "article", "convolutions"):
        assert f"{name} is broken\n" in done.out
    done = archc("bench", "digits_cnn", "--precision", "float32", "--json")
    results = json.loads(done.out)["results"]
    assert done.code == 1 and all(result["missing"] for result in results)


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
@pytest.mark.tools
def test_pytorch_says_which_devices_it_is_measured_on() -> None:
    from archcompile.bench.torch_eager import run

    task = Task(
        contender="torch",
        spec="x",
        sets=(),
        recipe=None,
        batch=8,
        precision="float32",
        steps=1,
        turns=1,
        device="gpu:1",
    )
    with pytest.raises(UsageError, match="cpu or gpu alone"):
        run(task, Turns())


@pytest.mark.keras
@pytest.mark.tools
@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
@pytest.mark.parametrize(
    ("name", "sets"),
    [("resnet_v1_20", []), ("resnet_v2_29", []), ("keras_mobilenet_v2", ["size=96"])],
)
def test_the_pytorch_network_is_the_same(name: str, sets: list[str]) -> None:
    """Keras' weights put into it: the same probabilities."""
    import numpy as np
    import torch

    import archcompile
    from archcompile.bench.torch_net import torch_net
    from archcompile.keras_model import weights_of
    from archcompile.passes import logits
    from archcompile.source import to_torch

    graph = archcompile.compile(name, sets=sets)
    model, net = graph.to_keras(), torch_net(graph)
    weights = weights_of(graph, model)
    carried = to_torch(logits(graph)).weights
    state = {key: torch.tensor(each.turn(weights[name])) for key, (name, each) in carried.items()}
    net.module.load_state_dict(state)
    height, width, channels = graph.input_shape
    images = np.random.default_rng(0).random((2, height, width, channels), np.float32)
    with torch.no_grad():
        values = net.module.eval()(torch.from_numpy(images).permute(0, 3, 1, 2))
        actual = torch.softmax(values, 1).numpy()
    np.testing.assert_allclose(actual, model.predict(images, verbose=0), atol=1e-5)
    penalties = sum(float(l2 * weight.detach().square().sum()) for weight, l2 in net.decays)
    assert penalties == pytest.approx(float(sum(model.losses)), rel=1e-5)
