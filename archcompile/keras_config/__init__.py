"""Keras' description of a model, read as plain data: no code runs, stock classes only.

An allow-list says what may stand in a file; values are bounded before they are parsed. Keras
itself is loaded only for live models. Imports `errors` and `limits`. Gives `Net` and its layers to
`importer`, `verification` and `exporting`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
