"""A training from its request to its result.

`preparation` turns a request into a `plan`, which holds everything decided; `api` carries it out
or, with `dry_run`, describes it; `session` builds or resumes, `loop` runs, `finish` evaluates and
writes the result. Imports `engine` for steps, `run_folder` for files, `inference` for the final
score. Gives `train` to the package, and a prepared request to `experiments`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
