"""What computes a training: one room for each framework, and what all of them share.

`contract` says what an engine offers, `engines` which there are. The order of images in an epoch,
random numbers and the statistics of a training set belong to no framework and are here. Imports
`keras_model`, `data`, `recipe` and `analyses`. Gives the step and the model to `training`,
`inference` and `bench`, which ask `open_engine` for them; knows nothing of runs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
