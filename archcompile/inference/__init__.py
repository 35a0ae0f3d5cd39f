"""What a trained run is used for: evaluation, alone or as an ensemble, and prediction.

`evaluation` scores a run, `ensemble` several together, `prediction` classifies images; each result
names its `run_checkpoint`. `metrics` measures whole sets. Imports `run_folder` for weights and
preprocessing, `engine` for scores, `analyses` for what heads output, `data` and `recipe` for images
and `report` for what scores consist of. Gives `evaluate`, `evaluate_ensemble` and `predict` to the
command line, and scores to `training`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
