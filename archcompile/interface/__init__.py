"""What `import archcompile` offers beside `compile`: a function for each command, and its result.

`networks` and `proofs` have the functions about specs (`summary`, `cost`, `diff`, `draw`, `verify`,
`export`), `trainings` those about runs. What they return (`network_results`, `run_results`,
`run_scores`) is a `result`: a frozen value with a `display_table` as its repr, and with the data
that the command prints with `--json`; `cells` has the words that its table shares with that of the
command. `cell_magic` is `%%archc` of notebooks, `comparison_files` writes what `compare` found.

Imports `api`, `graph`, `analyses`, `authoring`, `drawing.formats`, `ops`, `passes`, `source`,
`torch_graph` and `verification` for networks, `training`, `run_folder`, `report`, `inference`,
`engine` and `exporting` for runs. Gives all of it to the package, and to the commands in `cli`,
which print it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
