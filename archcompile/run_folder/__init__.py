"""The folder of a run: its files, checkpoints, lock and state, and how they are read back.

Files are written whole, known by their digests and committed by rename. Imports `data`, `recipe`,
`engine` and the compiler. Gives `Run`, `Saved` and `State` to `training`, `inference` and
`exporting`; trains nothing itself.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
