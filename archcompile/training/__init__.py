"""A training from its request to its result.

`api` says what a command means; a `plan` holds everything decided; `session` prepares it, `loop`
runs it, `finish` evaluates and writes the result. Imports `engine` for steps, `run_folder` for
files, `inference` for the final score. Gives `train` to the package, and `prepare` to dry runs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
