"""What can be computed from a graph alone: pure functions, without a framework.

`cost` and `cost_table` count parameters and multiply-adds, `depths` and `paths` weighted layers;
`receptive_fields` (from `map_fields`) is what a pixel sees, `memory` what training takes in a
`precision`; `cost_data` has it all as plain data, `difference_data` a difference;
`setting_lists` has the attributes of a layer, `heads` what a network outputs.
`differences` compares two networks, listed in few lines (`diff_groups`) or drawn as one
(`diff_union`). `findings` gathers warnings of `layer_checks` and `window_checks`; `expect` checks
the claims of a spec. Imports `graph`, `spec` and `ops`. Gives every figure that the command line,
drawings and training show.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
