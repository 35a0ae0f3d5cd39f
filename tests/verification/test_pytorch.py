"""Networks of torchvision and timm: certificates, mistakes that must show, weights, imports."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from archcompile.torch_graph import Translated, torch_reference, trace
from tests.command_line import Archc, Done
from tests.torch_graph.records import need_packages

pytestmark = [pytest.mark.tools, pytest.mark.keras]
SMALL = Path(__file__).parents[1] / "torch_graph" / "small_in_torch.py"

# A spec, the same network elsewhere, and the size of the images; the small ones first.
NETWORKS = (
    ("resnet_18", "torchvision:resnet18", 64),
    ("resnet_50", "timm:resnet50", 64),
    ("se_resnet_50", "timm:seresnet50", 64),
    ("shufflenet_v2_x1_0", "torchvision:shufflenet_v2_x1_0", 64),
    ("regnet_y_400mf", "torchvision:regnet_y_400mf", 64),
)
LARGE_NETWORKS = (
    ("resnet_34", "torchvision:resnet34", 64),
    ("resnet_50", "torchvision:resnet50", 64),
    ("resnet_101", "torchvision:resnet101", 64),
    ("resnet_152", "torchvision:resnet152", 64),
    ("resnet_18", "timm:resnet18", 64),
    ("resnet_34", "timm:resnet34", 64),
    ("resnet_101", "timm:resnet101", 64),
    ("resnet_152", "timm:resnet152", 64),
    ("wide_resnet_50_2", "torchvision:wide_resnet50_2", 64),
    ("wide_resnet_50_2", "timm:wide_resnet50_2", 64),
    ("resnet_50_d", "timm:resnet50d", 64),
    ("regnet_x_400mf", "torchvision:regnet_x_400mf", 64),
    ("regnet_x_400mf", "timm:regnetx_004_tv", 64),
    ("regnet_y_400mf", "timm:regnety_004", 64),
    ("alexnet_torchvision", "torchvision:alexnet", 224),
    ("mlp_mixer_s16", "timm:mixer_s16_224", 224),
    ("mlp_mixer_b16", "timm:mixer_b16_224", 224),
    ("conv_mixer_768_32", "timm:convmixer_768_32", 70),
)
# Alike but for what trains them, which is a difference: the first that is told.
DIFFERENT = (
    ("vgg_16", "torchvision:vgg16", 224, "Dropout"),
    ("ghostnet", "timm:ghostnet_100", 64, "Dropout"),
    ("keras_densenet121", "torchvision:densenet121", 64, "epsilon"),
)


@pytest.fixture(autouse=True)
def _need_packages() -> None:
    need_packages()


def prove(spec: str, against: str, size: int) -> Any:
    import archcompile

    return archcompile.verify(spec, against, input=(size, size, 3))


@pytest.mark.parametrize(
    ("spec", "against", "size"),
    [
        *NETWORKS,
        *(pytest.param(*row, marks=pytest.mark.thorough) for row in LARGE_NETWORKS),
    ],
)
def test_a_network_that_pytorch_has_too(spec: str, against: str, size: int) -> None:
    result = prove(spec, against, size)
    assert result.verdict == "same", result.reason
    certificate = result.to_dict()
    kinds = certificate["numbers"]["quantities"]
    for kind in ("op inference", "output inference", "gradient inference", "gradient training"):
        assert kinds[f"{kind} in PyTorch"]["count"]
    assert certificate["level"] == "canonical"
    assert certificate["reference"]["network"] == against
    assert certificate["reference"]["computed_by"].startswith("PyTorch: torch ")
    family, _, _ = against.partition(":")
    assert {"torch", "keras", "tensorflow", family} <= certificate["versions"].keys()
    assert "softmax" in certificate["candidate"]["set_aside"][0]


@pytest.mark.parametrize(("spec", "against", "size", "word"), DIFFERENT)
def test_what_differs_is_told(spec: str, against: str, size: int, word: str) -> None:
    result = prove(spec, against, size)
    assert result.verdict == "different"
    assert word in result.reason


def test_what_no_layer_does_is_told_with_its_module(archc: Archc) -> None:
    size = ("--input", "64,64,3")
    done = archc("verify", "resnet_50", "--against", "timm:skresnet50", *size)
    assert done.code == 2
    assert "timm:skresnet50 holds what no Keras layers say: layer1.0.conv2: `stack`" in done.err


def test_a_name_that_the_package_does_not_have(archc: Archc) -> None:
    done = archc("verify", "resnet_50", "--against", "timm:resnet51")
    assert done.code == 2
    assert "timm has no network `resnet51`; did you mean" in done.err


# ---- mistakes ------------------------------------------------------------------------------------


def _change(kind: str, key: str, value: Any) -> Callable[[Translated], Translated]:
    """The translation with another setting of the layers of a kind."""

    def change(translated: Translated) -> Translated:
        layers = [
            replace(layer, config={**layer.config, key: value}) if layer.kind == kind else layer
            for layer in translated.net.layers
        ]
        return replace(translated, net=replace(translated.net, layers=tuple(layers)))

    return change


def _without_order(translated: Translated) -> Translated:
    weights = tuple(replace(weight, flattened=None) for weight in translated.weights)
    return replace(translated, weights=weights)


def _keep(translated: Translated) -> Translated:
    return translated


MISTAKES: dict[str, tuple[Callable[[Translated], Translated], str]] = {
    "none": (_keep, ""),
    "epsilon": (_change("BatchNormalization", "epsilon", 2e-5), "output inference"),
    "momentum": (_change("BatchNormalization", "momentum", 0.89), "state training"),
    "activation": (_change("Activation", "activation", "silu"), "op inference"),
    "the order of a flattened map": (_without_order, "op inference"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_the_translation_shows(name: str) -> None:
    """Both nets are wrong alike, so only PyTorch's numbers tell."""
    from archcompile.verification import start_exactly

    start_exactly()
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import Pairing
    from archcompile.verification.pytorch_side import of_torch, torch_network
    from archcompile.verification.random_weights import randomise
    from archcompile.verification.report import Report, Verdict

    mistake, kind = MISTAKES[name]
    network = torch_network(f"torch:{SMALL}", (8, 9, 3), trust=True)
    network = replace(network, translated=mistake(network.translated))
    side = of_torch(network)
    live = side.start()
    randomise(live, 0)
    view = exact_view(live.net)
    pairing = Pairing(view, view, tuple(range(len(view.steps))))
    assert side.witness is not None
    quantities = tuple(side.witness(live, live, pairing, seed=0))
    different = {f"{q.kind} {q.mode}" for q in quantities if q.verdict is Verdict.DIFFERENT}
    if not kind:
        assert Report(quantities, 0, 0).verdict is Verdict.EQUAL
    else:
        assert f"{kind} in PyTorch" in different


# ---- weights -------------------------------------------------------------------------------------

SIZE = 32
SETTINGS = ("--set", f"input=[{SIZE},{SIZE},3]")


@pytest.fixture(scope="module")
def state() -> dict[str, np.ndarray]:
    """A state dict of torchvision's resnet18: random weights and statistics."""
    need_packages()
    rng = np.random.default_rng(0)
    graph = trace(torch_reference("torchvision:resnet18"), (SIZE, SIZE, 3))
    return {key: _random(key, shape, rng) for key, shape in graph.state.items()}


def _random(key: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if key.endswith("num_batches_tracked"):
        return np.zeros(shape, "int64")
    if key.endswith("running_var") or (len(shape) == 1 and key.endswith("weight")):
        return rng.uniform(0.5, 1.5, shape).astype("float32")
    scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
    return (scale * rng.normal(size=shape)).astype("float32")


def build(archc: Archc, file: Path, folder: Path, *, code: int = 0) -> Done:
    options = ("--weights", file, "--from", "torchvision:resnet18", "--emit", "keras", "-o", folder)
    done = archc("build", "resnet_18", *SETTINGS, *options)
    assert done.code == code, done.err
    return done


def test_weights_of_a_file(archc: Archc, state: dict[str, np.ndarray], tmp_path: Path) -> None:
    """Held against PyTorch once more, by way of the model that was written."""
    from archcompile.torch_graph import run

    file = tmp_path / "weights.safetensors"
    save_file(state, file)
    build(archc, file, tmp_path / "built")
    x = np.random.default_rng(1).normal(size=(2, SIZE, SIZE, 3)).astype("float32")
    reference = torch_reference("torchvision:resnet18")
    answers = run(reference, (SIZE, SIZE, 3), state, images=x.transpose(0, 3, 1, 2))
    logits = answers["output/inference/0"]
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    from archcompile.quiet import load_keras

    model = load_keras().saving.load_model(tmp_path / "built" / "model.keras")
    expected = powers / powers.sum(-1, keepdims=True)
    assert np.ptp(expected) > 1e-4  # else equality would prove little
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-3, atol=1e-6)


WRONG: dict[str, tuple[Callable[[dict[str, np.ndarray]], Any], str]] = {
    "extra": (lambda state: state.update(more=np.zeros(2, "float32")), "the network has no more"),
    "missing": (lambda state: state.pop("fc.bias"), "the file lacks fc.bias"),
    "shape": (
        lambda state: state.update({"fc.bias": np.zeros(7, "float32")}),
        "fc.bias is (7,) in the file and (1000,) in the network",
    ),
    "nan": (
        lambda state: state.update({"fc.bias": np.full(1000, np.nan, "float32")}),
        "numbers that are not finite",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_of_other_tensors(
    name: str, archc: Archc, state: dict[str, np.ndarray], tmp_path: Path
) -> None:
    change, words = WRONG[name]
    changed, file = dict(state), tmp_path / "weights.safetensors"
    change(changed)
    save_file(changed, file)
    done = build(archc, file, tmp_path / "built", code=4)
    assert words in done.err
    assert not (tmp_path / "built").exists()


SAVE = """
import sys, torch
from safetensors.torch import load_file
class Code:
    def __reduce__(self):
        return print, ("this must not run",)
state = load_file(sys.argv[1])
torch.save(state, sys.argv[2])
torch.save({**state, "fc.bias": Code()}, sys.argv[3])
"""


def test_a_state_dict_is_read_and_a_pickle_with_code_is_not(
    archc: Archc, state: dict[str, np.ndarray], tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("weights.safetensors", "weights.pt", "code.pt")]
    save_file(state, files[0])
    subprocess.run([sys.executable, "-c", SAVE, *map(str, files)], check=True)
    build(archc, files[1], tmp_path / "built")
    assert (tmp_path / "built" / "model.keras").is_file()
    done = build(archc, files[2], tmp_path / "refused", code=4)
    assert "cannot read it as a state dict of tensors alone" in done.err
    assert "this must not run" not in done.out + done.err
    assert not (tmp_path / "refused").exists()


def test_weights_of_another_network(
    archc: Archc, state: dict[str, np.ndarray], tmp_path: Path
) -> None:
    file = tmp_path / "weights.safetensors"
    save_file(state, file)
    options = ("--weights", str(file), "--from", "torchvision:resnet18", "-o", str(tmp_path / "b"))
    done = archc("build", "resnet_34", *SETTINGS, *options)
    assert done.code == 1
    assert "is not torchvision:resnet18" in done.err


# ---- import --------------------------------------------------------------------------------------


def test_import(archc: Archc, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    done = archc("import", "timm:resnet18", "--input", "64,64,3", "-o", str(file))
    assert "same: mine and timm:resnet18 (canonical)" in done.err
    assert "initial values" in done.err
    text = file.read_text()
    assert "repeat: 2" in text
    assert text.count("conv:") < 8  # folded
    assert archc("validate", file).code == 0
