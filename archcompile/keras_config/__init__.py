"""Keras' description of a model, read as plain data: no framework, no code run, stock classes
only.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
