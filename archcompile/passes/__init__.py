"""Rewrites of a graph, one a file, and how weights are carried over; the graph is checked before
and after each.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
