"""A folded graph as the YAML of a spec, with the defaults that make it short.

`document` has the keys of a spec, `yaml_form` what stands under them, `defaults` what many steps
have in common. Imports `fold`, `graph` and `ops`, and `spec` for YAML. Gives a `Document` to
`authoring`, which proves that it compiles to the same graph.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
