"""Checks of a spec before its values are known, and where a mistake is reported.

Imports `spec.language` and `spec.expressions`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
