"""A graph folded into blocks, rows and shortcut rules where it repeats."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
