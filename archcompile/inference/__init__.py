"""Scoring a run again from disk, and predicting with it.

The room reads run folders; `training` uses it for the report at the end of a run.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
