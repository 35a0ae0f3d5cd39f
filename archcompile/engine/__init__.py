"""What computes a training: one room for each framework, and what all of them share.

`contract` says what an engine offers, `engines` which there are. What belongs to no framework is
here: `epoch_order` (of images) and `epoch_batches`, `random_numbers` and `host_initializers`,
`augmentation`, `image_statistics`, `loss_terms`, `distillation`, `figures` from sums, `freezing`,
`weight_factors`, `keras_optimizers` with `muon`, `step_memory`, and what `--device`
(`device_names`, `spread`) and TF_CONFIG (`tf_config`) can say. `tensorflow` and `jax` are the
engines.

Imports `graph`, `keras_model`, `data`, `recipe` and `analyses`. Gives the step and the model to
`training`, `inference` and `bench`, which ask `open_engine` for them; knows nothing of runs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
