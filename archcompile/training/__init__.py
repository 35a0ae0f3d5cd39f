"""A training from its request to its result.

`preparation` turns a request into a plan, `session` builds the model and trains into the run's
folder, `loop` is the course of steps and epochs, `finish` writes the outcome. What happens in a
step is the engine's: see `engine.protocols`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
