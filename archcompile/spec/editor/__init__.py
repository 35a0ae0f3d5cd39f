"""What editors and people are told of a spec: JSON Schema, and where each value came from.

Imports any room of `spec`; nothing in `spec` imports it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
