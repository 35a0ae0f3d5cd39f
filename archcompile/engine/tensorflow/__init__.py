"""Training with TensorFlow: the loop (`trainer`), the model it runs, and what feeds it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
