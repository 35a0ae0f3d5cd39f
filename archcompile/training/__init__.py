"""A training from its request to its result.

`preparation` turns a `request` and its `training_options` into a `plan`, which holds everything
decided; `api` carries it out or, with `dry_run`, describes it; `session` builds, from
`initial_weights`, or resumes; `loop` runs, `finish` evaluates and writes the result with
`run_report`. `limit`, `signals` and `parent_process` end a training early, `consensus` lets several
processes do so together; `progress`, on a `live_line`, and `tensorboard` show it.

Imports `engine` for steps, `data`, `recipe`, `run_folder` for files, `inference`, `report` and
`drawing.formats` for the final score and its page; `archcompile.api`, `spec`, `graph`, `analyses`,
`keras_model` and `keras_config` for the network and its weights. Gives `train` to the package, and
a prepared request to `experiments`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
