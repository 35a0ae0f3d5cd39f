"""A graph folded into blocks, rows of stages and shortcut rules, where it repeats.

A `series` is cut into cells, a `cover` chooses the units among them, `blocks` and `rules` solve
what differs from unit to unit. The glossary of docs/design.md has the terms. Imports `graph` and
`ops`. Gives parts, blocks and rules to `write`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
