"""What helps to write specs: families as tables, claims, child specs, and what ships."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
