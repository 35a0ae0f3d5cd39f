"""The expressions of the language: grammar, arithmetic, evaluation, and hints for their names.

Imports only `spec.yaml`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
