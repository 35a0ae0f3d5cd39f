"""A Keras model as a graph of ops, then folded and written as a spec.

`translation` makes the graph: `layers` knows the op of each Keras layer, `composites` the ops that
are several layers. `fold` finds what repeats, `write` puts it as YAML.

Imports `graph`, `ops` and `keras_config`. Gives `translate`, and the rooms `fold` and `write`, to
`authoring`, which proves the result.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
