"""What helps people to write specs.

Families as tables, figures to claim, child specs that say only what differs, the list of what
ships, and the import of a Keras model, from reading to proof. Imports the compiler, `importer` and
`verification`. Only the command line imports it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
