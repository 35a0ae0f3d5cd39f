"""A graph as Python source that builds the same Keras model, flat or with functions and loops."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
