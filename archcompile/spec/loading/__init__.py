"""From files to a `Spec`: which files are meant, how they are merged, what their lists hold.

`chain` follows `extends` and `uses`, `settings` applies `--set`, `order` puts stages in their
places, `whole` puts it all together. Imports `check` and `language`. Gives `load` and `from_text`
to `expansion` and the rest of archc.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
