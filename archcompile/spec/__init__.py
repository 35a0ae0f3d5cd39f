"""The spec language: from YAML text to a network written out op by op.

Its rooms in order: `yaml`, `expressions`, `language`, `check`, then `loading` and `expansion`, then
`schema`. Imports `ops`. Offers only the type `Spec` itself: other rooms import from the seven.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
