"""The folder of a run: its files, checkpoints and state, and reading them back.

`archcompile.run_files` has the names of the files. `folder` writes and finds runs, `checkpoint`
commits and verifies checkpoints, `saved` reads a whole run back.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
