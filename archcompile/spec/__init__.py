"""The spec language: from YAML text to a network written out op by op, every value with its place.

`yaml` → `expressions` → `language` → `check` → `loading` → `expansion`, each a room that imports
only those before it; `editor` is for editors. Imports `ops` and `errors`, no framework. Gives
`load`, `expand` and `Expanded` to `graph` and the command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
