"""The Keras model of a graph: its layers as calls, the model, and its weights by name.

`layer_calls` writes a graph as a sequence of calls, the one home of what becomes a model or source;
`build` makes the model of them, `weights` reads and sets its weights, `recursion` knows how deep
Keras recurses. Imports `graph` and `ops`; loads Keras inside functions. Gives `calls` to `source`
and exports, `to_keras` to whatever runs a network.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
