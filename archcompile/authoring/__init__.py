"""What helps people to write specs.

`families` compiles one spec under many settings, `claims` measures what a spec may claim, `child`
writes a spec that says only what differs from its parent, `catalogue` lists what ships, and
`keras_import` turns a model (`imported_models`) into a spec, from reading to proof. Imports `api`
for compiling, `spec`, `graph` and `analyses`; `keras_config`, `torch_graph`, `importer` and
`verification` for imports. Gives all
of this to the command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
