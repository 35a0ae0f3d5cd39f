"""Where a figure goes: rows and columns, then pixels and the way of every edge."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
