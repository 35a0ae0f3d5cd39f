"""A run or a spec in the forms of other programs, each run there and compared before it is kept."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
