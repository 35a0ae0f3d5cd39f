"""Recipes: how a network is trained, as YAML. What they say is worked out without a framework.

`model` is the schema, with `sections`, `loss_settings`, `optimizers`, `schedules` and `plateau`;
`loading` reads a file. `rates` has the learning rate of every step, `descriptions` says it all in
words, `linting` finds what has no effect or another than meant, with `moving_averages`; `diff`
compares two recipes. Imports `spec` for YAML and findings, `graph`, and `analyses` for what a
network outputs. Gives `Recipe` to `data`, `engine` and `training`, words to reports and to the
command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
