"""Text in the width and the colours that a terminal has; elsewhere in full, and without colours.

`screen` knows the width and whether to colour, `paragraphs` breaks lines between words, and
`table_layout` fits tables: it wraps within cells, then drops the columns that matter least.
Imports nothing but `errors`. Gives `fit` and `table` to every room that prints.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
