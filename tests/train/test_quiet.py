"""TensorFlow's start-up noise: unseen when all is well, shown when it is not."""

import os
import subprocess
import sys

import pytest

from archcompile.quiet import quiet_start


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
def test_nothing_is_shown_when_it_is_interrupted(kind: type[BaseException], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(kind), quiet_start():
        noise("noise")
        raise kind
    assert capfd.readouterr().err == ""


@pytest.mark.keras
def test_keras_starts_in_silence_and_on_tensorflow() -> None:
    code = "from archcompile.quiet import load_keras; print(load_keras().config.backend())"
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("tensorflow\n", "")


@pytest.mark.keras
def test_keras_on_another_backend_is_refused() -> None:
    import keras

    from archcompile.errors import MissingError
    from archcompile.quiet import load_keras

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.config, "backend", lambda: "jax")
        load_keras.cache_clear()
        with pytest.raises(MissingError, match="Keras runs on jax"):
            load_keras()
    assert load_keras() is keras
