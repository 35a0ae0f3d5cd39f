"""The layer graph: the one form that costs, drawings, models and training are made from.

`lower` makes it from an expanded spec, `check` derives every shape anew, `text` writes it down and
hashes what it computes. Imports `spec` and `ops`. Gives `LayerGraph`, `Node` and `Origin` to every
room below.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
