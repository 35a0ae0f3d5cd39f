"""Keras started so that a comparison gives the same digits every time."""

import logging
import os
import sys

from archcompile.quiet import load_keras

# Several threads add sums up in another order from time to time; a GPU shortens float32 and picks
# kernels by chance.
SETTINGS = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def start_exactly() -> None:
    """Start Keras on one thread of the CPU.

    If TensorFlow is running already, nothing changes: it heeds these only at its start.
    """
    if "tensorflow" in sys.modules:
        load_keras()
        return
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS)
    try:
        load_keras()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    # it warns of functions traced again, as those of single layers are
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
