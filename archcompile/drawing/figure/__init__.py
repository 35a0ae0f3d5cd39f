"""What a drawing shows: boxes and edges at one level of detail, before anything has a place."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
