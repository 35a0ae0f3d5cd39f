"""Rewrites of a graph, one in each file, and how weights are carried over.

The graph is checked before and after each. `running` runs passes by their names. Imports `graph`
and `ops`; NumPy inside functions. Gives rewritten graphs to `archc build`, `engine`,
`verification` and `exporting`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
