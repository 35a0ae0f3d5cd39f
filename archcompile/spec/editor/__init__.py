"""What editors and people are told about a spec: JSON Schema, and where each value came from."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
