"""Pure functions of a graph: costs, depth, differences, findings, claims."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
