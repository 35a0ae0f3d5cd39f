"""The same as `warm_imports`, with JAX, and without TensorFlow."""

import gc
import os
import warnings

import archcompile.cli.app  # noqa: F401
from archcompile.quiet import quiet_start
from tests.hidden_modules import hide

warnings.filterwarnings("ignore", "os.fork")  # nothing has been started that has threads
with quiet_start():
    os.environ |= {"KERAS_BACKEND": "jax"}
    import jax  # noqa: F401
    import keras  # noqa: F401
hide("jax", "keras")
gc.collect()
gc.freeze()
