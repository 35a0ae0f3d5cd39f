"""The Keras model of a graph: its layers as calls, the model built from them, its weights by the
names of ops.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
