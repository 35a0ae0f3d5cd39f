"""The layer graph: the one form that costs, drawings, models and training are made from.

Imports `ops` and `spec`; gives `LayerGraph`, `lower`, the checker, text forms and the hash.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
