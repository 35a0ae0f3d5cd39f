"""A Keras model as a graph of ops, then folded and written as a spec."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
