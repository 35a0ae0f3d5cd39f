"""Rewrites of a graph, one a file, and how weights follow; graphs are checked before and after."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
