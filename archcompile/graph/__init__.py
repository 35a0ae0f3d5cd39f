"""The layer graph: the one form that costs, drawings, models and training are made from.

`ir` holds nodes and wiring, `spec_lowering` builds them from an expanded spec, `checks` derives
every shape again, `text` has the text form, JSON and the semantic hash. Imports `ops` and `spec`.
Gives `LayerGraph`, `Node` and `lower` to every room behind it; `ir` as a module, since
`api.LayerGraph` adds methods to its namesake.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
