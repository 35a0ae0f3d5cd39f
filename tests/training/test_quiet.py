"""TensorFlow's start-up noise: unseen when all is well, shown when it is not."""

import logging
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from archcompile.quiet import UNUSED, _is_of_interest, lean_start, quiet_start
from tests.command_line import calls_of
from tests.training.runs import RECIPE
from tests.warm import print_calls_strictly, read_output


def noise(text: str) -> None:
    """Writes below Python's sys.stderr, as TensorFlow's C++ code does."""
    os.write(2, text.encode())


def test_nothing_is_shown_when_all_is_well(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_start():
        noise("noise")
    noise("later")
    assert capfd.readouterr().err == "later"


def test_everything_is_shown_when_it_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ImportError), quiet_start():
        noise("the reason")
        raise ImportError("libcudart is missing")
    noise(", later")
    assert capfd.readouterr().err == "the reason, later"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_nothing_is_shown_when_it_is_interrupted(
    kind: type[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(kind), quiet_start():
        noise("noise")
        raise kind
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("is_command", [True, False])
def test_packages_are_hidden_from_the_start_of_commands_alone(
    is_command: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in UNUSED:
        monkeypatch.delitem(sys.modules, name, raising=False)
    if not is_command:
        monkeypatch.delitem(sys.modules, "archcompile.cli")
    with lean_start():
        assert [name for name in UNUSED if name in sys.modules] == [*UNUSED] * is_command
        if is_command:
            with pytest.raises(ImportError):
                import sklearn  # noqa: F401
    assert not sys.modules.keys() & {*UNUSED}, "they can be imported again"


@pytest.mark.parametrize(
    ("message", "is_shown"),
    [
        (
            "5 out of the last 5 calls to <archcompile.engine.x> triggered tf.function retracing",
            False,
        ),
        ("5 out of the last 5 calls to <mine.step> triggered tf.function retracing", True),
        ("calls to <archcompile.engine.x> are slow", True),
    ],
)
def test_our_own_retracing_is_no_news(message: str, is_shown: bool) -> None:
    record = logging.LogRecord("tensorflow", logging.WARNING, "", 0, message, None, None)
    assert _is_of_interest(record) == is_shown


ODD = """archc: 1
input: [8, 8, 1]
vars: {classes: 1}
stem:
  - conv: {filters: 4, kernel: 3, stride: 8, bias: false}
  - conv: {filters: 4, kernel: 3, stride: 2}
  - max_pool: {size: 1, stride: 2, padding: same}
  - conv: {filters: 1, kernel: 1, activation: softmax}
head: [flatten, dense: {units: $classes, activation: softmax}]
"""


@pytest.mark.keras
@pytest.mark.thorough
def test_odd_networks_and_one_class_bring_no_words_of_other_packages(tmp_path: Path) -> None:
    """Findings of our own tell it; Keras' and matplotlib's warnings, with the paths of their files,
    do not come through: one of another package would be an error here.
    """
    (tmp_path / "odd.yaml").write_text(ODD)
    images, labels = np.zeros((8, 8, 8), np.uint8), np.zeros(8, np.int64)
    np.savez(tmp_path / "one.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)

    train = ["train", "odd.yaml", "--recipe", RECIPE, "--data", "one.npz", "--epochs", "1"]
    trained, evaluated = calls_of(
        read_output(
            print_calls_strictly, [*train, "--run-dir", "run"], ["eval", "run"], cwd=tmp_path
        )
    )
    assert trained.code == evaluated.code == 0, trained.err + evaluated.err
    assert all(
        f"warning[{code}]" in trained.err
        for code in ("softmax-over-one", "stride-over-one-pixel", "kernel-beyond-map")
    ), trained.err
    assert "warning: all images are of one class, 0" in trained.err
    assert "Warning:" not in trained.err and evaluated.err == ""


@pytest.mark.keras
def test_keras_on_another_backend_is_refused() -> None:
    import keras

    from archcompile.errors import MissingError
    from archcompile.quiet import load_keras, start_keras

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.config, "backend", lambda: "torch")
        start_keras.cache_clear()
        with pytest.raises(MissingError, match="Keras runs on torch"):
            load_keras()
    assert load_keras() is keras
