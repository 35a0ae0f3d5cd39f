"""The forms of the language: what a spec is once read, and which files it is made of.

Imports `spec.yaml` and `ops`; all later rooms of `spec` work on its `Spec`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
