"""What trains: the order of images, and a folder for each framework.

`protocols` is what an engine offers to `training`. The room imports the model, the recipe and the
data, and knows nothing of runs and their files.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
