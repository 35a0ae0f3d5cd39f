"""The expressions of the language: `$name` and `$(…)`.

A parser, exact arithmetic with bounds, the names that each place knows, and hints for names that
it does not. No `eval`. Imports `yaml` alone. Gives `evaluate` and `variables` to loading and
expansion.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
