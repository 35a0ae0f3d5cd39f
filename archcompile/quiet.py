"""Starts Keras, on TensorFlow or JAX, without the dozen lines of log that TensorFlow writes."""

import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from archcompile.errors import MissingError

B = TypeVar("B", bound=str)


@contextmanager
def quiet_start(descriptor: int = 2) -> Iterator[None]:
    """Hides what is written to a file descriptor, and shows it on stderr only if the body fails.

    An interruption is no failure.

    TensorFlow's C++ code logs below Python's `sys.stderr`, and before any log level it heeds is
    read.
    """
    with tempfile.TemporaryFile() as log:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = os.dup(descriptor)
        os.dup2(log.fileno(), descriptor)
        try:
            yield
        except Exception:
            os.dup2(kept, descriptor)
            log.seek(0)
            with os.fdopen(os.dup(2), "wb") as stderr:
                shutil.copyfileobj(log, stderr)
            raise
        finally:
            os.dup2(kept, descriptor)
            os.close(kept)


# Keras and TensorFlow import these where they are installed, for what archc never uses: a third of
# the time of their start.
UNUSED = ("jax", "matplotlib", "pandas", "sklearn")


@contextmanager
def lean_start() -> Iterator[None]:
    """Hides packages that archc does not need from the imports of the body, in its own process.

    Nothing is hidden in the process of another program, which may want Keras' wrappers and plots.
    """
    is_command = "archcompile.cli" in sys.modules
    hidden = [name for name in UNUSED if is_command and name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None fails an import
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@cache
def load_tensorflow() -> Any:
    """The module `tensorflow`, its devices not yet set up; GPU memory is taken as needed.

    Raises MissingError.
    """
    # what comes later than the start: errors only
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with quiet_start(), lean_start():
            import tensorflow as tf

            tf.get_logger().addFilter(_is_of_interest)
            for gpu in tf.config.list_physical_devices("GPU"):
                _grow(tf, gpu)
    except ImportError as error:
        raise _missing("tensorflow", error) from error
    return tf


@cache
def load_jax() -> Any:
    """The module `jax`, its devices not yet set up. Raises MissingError."""
    try:
        with quiet_start():
            import jax
    except ImportError as error:
        raise _missing("jax", error) from error
    return jax


def load_keras() -> Any:
    """The module `keras`, on the framework it runs on in this process.

    Where it does not run yet, that is TensorFlow, or JAX where TensorFlow does not start. Raises
    MissingError where a package is not installed, or where Keras already runs, or is configured,
    otherwise.
    """
    running = running_backend()
    if running is None:
        return start_keras(start_first(BACKENDS))
    return start_keras(running if running in BACKENDS else "tensorflow")


def start_first(names: Iterable[B]) -> B:
    """Starts Keras on the first of these frameworks that starts here, and returns its name.

    Raises the MissingError of the first where none does.
    """
    errors = []
    for name in names:
        try:
            start_keras(name)
            return name
        except MissingError as error:
            errors.append(error)
    raise errors[0]


def running_backend() -> str | None:
    """The framework that Keras runs on in this process; None where it does not run yet."""
    module = sys.modules.get("keras")
    return None if module is None else str(module.config.backend())


@cache
def start_keras(backend: str) -> Any:
    """The module `keras` on this framework, and on no other. Raises MissingError."""
    if "keras" not in sys.modules:
        # Keras reads it once, on import, and it wins over ~/.keras
        os.environ["KERAS_BACKEND"] = backend
    else:
        _check(sys.modules["keras"], backend)
    framework = BACKENDS[backend]()
    try:
        with quiet_start(), lean_start():
            import keras

            # we report it ourselves: `softmax-over-one`
            warnings.filterwarnings("ignore", "You are using a softmax over axis")
            _check(keras, backend)
            if backend == "tensorflow":
                # the first op sets up the devices, and logs while it does
                framework.zeros([1]) + 1.0
    except ImportError as error:
        raise _missing(backend, error) from error
    return keras


BACKENDS: dict[str, Callable[[], Any]] = {"tensorflow": load_tensorflow, "jax": load_jax}
NAMES = {"tensorflow": "TensorFlow", "jax": "JAX"}


def _missing(backend: str, error: ImportError) -> MissingError:
    return MissingError(
        f"Keras on {NAMES[backend]} does not start on this machine: {error}",
        hint=f"install the packages `{backend}` and `keras`",
    )


def _check(keras: ModuleType, backend: str) -> None:
    if keras.config.backend() != backend:
        raise MissingError(
            f"Keras runs on {keras.config.backend()} in this process, which has one engine, and "
            f"archcompile needs {NAMES[backend]}: start another process for it",
            hint=f"set KERAS_BACKEND={backend} before keras is imported there",
        )
    expected = {"image_data_format": "channels_last", "floatx": "float32"}
    for setting, value in expected.items():
        configured = getattr(keras.config, setting)()
        if configured != value:
            raise MissingError(
                f"Keras is set to {setting} {configured}, and archcompile needs {value}",
                hint="remove that setting from keras.json in the folder .keras",
            )


@contextmanager
def without_tensorflow() -> Iterator[None]:
    """Lets Keras write files without TensorFlow where it does not run on it.

    With each value that it writes Keras asks whether TensorFlow is installed, by importing it.
    """
    if running_backend() == "tensorflow" or "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["tensorflow"]


def _is_of_interest(record: logging.LogRecord) -> bool:
    """Whether TensorFlow's remark is not on how often functions of ours are traced.

    Each run that is scored has a network of its own, and so a function of its own.
    """
    words = record.getMessage()
    return not ("tf.function retracing" in words and "<archcompile." in words)


def _grow(tf: ModuleType, gpu: object) -> None:
    # a RuntimeError: the devices are in use, and who started them chose how they take memory
    with suppress(RuntimeError):
        tf.config.experimental.set_memory_growth(gpu, True)
