"""The Keras model of a graph: calls as data, the model built from them, weights by op.

`layer_calls` lists the calls of a graph, `build` realises them, `recursion` lifts Python's limit
for very deep nets. Imports `graph`; Keras inside functions. Gives calls to `source` and
`exporting`, models to everything that trains or compares.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
