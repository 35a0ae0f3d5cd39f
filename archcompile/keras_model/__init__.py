"""The Keras model of a graph: its layers as calls, the model, and its weights by name."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
