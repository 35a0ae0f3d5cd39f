"""Images to train on. Each source is a file; missing data are never replaced by others.

`sources.load` is the way in, and gives a `Dataset` of splits. `image_store` is how a split holds
its images. The room needs NumPy; image files also need Pillow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
