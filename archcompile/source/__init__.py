"""A graph as Python source that builds the same Keras model, flat or with functions and loops.

The graph is analysed, what repeats is folded into functions and loops, and the result is printed.
`read_back` runs the text under a stand-in for Keras and compares it with the graph. Imports
`keras_model` and `graph`, never Keras. Gives `to_source` to `archcompile.api`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
