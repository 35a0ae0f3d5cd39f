"""Images to train on. Each source is one file; nothing here replaces data that is missing by other
data.

`load` is the way in, `fitted` and `check_classes` compare with the network. The room needs NumPy,
image files also Pillow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
