"""A spec written out op by op, with shapes: the nodes of the graph, and what it says in vain.

`walk` goes through stages, units and steps, with what each sees in a `Scope` (`row_scope`, `bind`)
and what is kept meanwhile in `walk_state` and `network`; `join` writes shortcut rules out; `ends`
names the outputs. `unused` and `changed_meaning` give warnings. Imports `yaml`, `expressions`,
`language`, `check` and `ops`. Gives `expand` and `Node`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
