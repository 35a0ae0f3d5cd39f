"""Imports TensorFlow and hides it: what `tests/warm.py` forks has it at once when it asks for it.

Until then, a fork looks like a process that has not imported it, which is what archc goes by.
"""

import gc
import os

import archcompile.cli.app  # noqa: F401 - with it, TensorFlow is imported as in a command
from archcompile.quiet import lean_start, quiet_start
from tests.hidden_modules import hide

with quiet_start(), lean_start():
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
    import keras  # noqa: F401
    import tensorflow  # noqa: F401
hide("tensorflow", "keras")
gc.collect()
gc.freeze()  # collections in the forks leave it out
