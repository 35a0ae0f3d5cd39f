"""YAML as values that keep their places, changes of such values, and values as YAML.

Imports no other room of `spec`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
