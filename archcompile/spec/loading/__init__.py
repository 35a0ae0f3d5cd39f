"""From files to a Spec: which files are meant, how they are merged, and what their lists hold."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
