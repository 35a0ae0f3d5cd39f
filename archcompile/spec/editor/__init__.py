"""What editors and people are told of a spec: JSON Schema, and where each value came from.

Imports all other rooms of `spec`. Gives schemas and blame to the command line; `recipe` and
`experiments` make their schemas with the same functions.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
