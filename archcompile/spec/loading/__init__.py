"""From files to a `Spec`: how files are merged, settings applied, and steps and blocks read.

Imports `spec.check` and what that imports; gives `load` and `from_text`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
