"""A spec written out op by op, with shapes: units, joins, branches and repetitions unrolled.

One walk binds arguments, evaluates expressions and infers shapes, since facts are shapes. Imports
`loading`, `check` and `ops`. Gives `expand` and `Expanded` to `graph`, and what has no effect to
`analyses`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
