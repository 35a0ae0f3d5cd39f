"""Keras' description of a model as plain data: no framework, no code run, stock classes only.

`read_model` turns a record into a `Net`: `parts` reads its layers (`model_records`, `stock`,
`normal`, `scale_layers`), `inline` calls them (`arguments`). `scalar_arithmetic` and `pixel_means`
know operations that a layer does as well. `archive` and `adapted_statistics` read `.keras`
files, `live_models` makes a net that runs, `frozen_layers` knows what a model keeps from training,
`set_aside` what no spec says.

Imports only errors and limits; `live_models` loads Keras. Gives `Net` and live models to
`importer`, `authoring`, `verification`, `training` and `exporting`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
