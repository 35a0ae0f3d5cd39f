"""What a trained run is used for: evaluation, alone or as an ensemble, and prediction.

Imports `run_folder` for weights and preprocessing, `engine` for scores and `data` for images.
Gives `evaluate` and `predict` to the command line, and scores to `training`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
