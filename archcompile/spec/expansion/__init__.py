"""A spec written out op by op, with shapes: the nodes of the graph, and what it says in vain.

Imports `spec.check` and what that imports, not `spec.loading`; gives `expand` and `Node`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
