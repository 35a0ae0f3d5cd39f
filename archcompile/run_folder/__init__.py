"""The folder of a run: its files, checkpoints, lock and state, and how they are read back.

`folder` finds, makes and reads a run, `lock` lets one training into it. `state` is what a run has
reached, `checkpoint` writes that with the tensors. `environment` records versions, devices and
threads, `identity` what makes two runs the same training. `inputs` and `intact` check files,
`sealed_json` has their digests, `saved` rebuilds a trained model.

Files are written whole, known by their digests and committed by rename. Imports `data`, `recipe`,
`engine`, and `api`, `graph`, `analyses` and `keras_model` to rebuild models. Gives `Run`, `Saved`
and `State` to `training`, `inference` and `exporting`; trains nothing itself.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
