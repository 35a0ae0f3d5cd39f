"""What can be checked of a spec before it is expanded, and hints that mend it.

Names, uses of blocks and rules, attributes and their types; and where a wrong value came from.
Imports `language`. Gives its checks to `loading` and `expansion`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
