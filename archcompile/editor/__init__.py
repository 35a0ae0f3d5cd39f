"""What an editor asks while someone writes: findings, hover, hints, completion, places, outline.

`workspace` holds the texts of open files and one `analysis` for each text; `answers` are the values
that are given out. `words` reads a text however broken it is, `slots` knows what may stand where.
Every question is a function of an analysis, in a file of its own. Imports `spec`, `graph`, `ops`,
`analyses`, `recipe` and `experiments`. Gives answers in lines and columns to the language server
and to the studio, which turn them into those of their editors.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
