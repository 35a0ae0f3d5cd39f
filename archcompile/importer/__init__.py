"""A Keras model as a spec: layers become ops, repeats become blocks, and a document is written.

`layers` and `composites` translate; `fold` finds what repeats; `write` makes YAML of it. Imports
`keras_config`, which reads the model as plain data, `graph` and `spec`. Gives `translate` to
`verification` and `authoring`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
