"""Proofs that two networks are the same: in layers and wiring, then in numbers.

Layers are paired by their settings and by what leads to them, then run with random weights: every
op, outputs, loss and gradients. No evidence is not equality. Imports `importer`, `keras_config`
and `keras_model`; Keras inside functions. Gives `prove` and its verdicts to the command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
