"""A graph folded into blocks, rows and shortcut rules where it repeats.

A graph becomes a series (`trunks`, `series`, `cell_chains`), and its atoms become cells (`units`).
Repeating stretches of cells become the units of blocks (`cover`, `block_folding`, `rules`),
repeated convolutions with norm and activation become `idioms`, and what is left becomes lists of
`draft_steps` (`partition`, `rows`). What differs between units is solved column by column:
`columns`, `solve`, `ramps`, `node_settings`. `point_names` gives blocks and parts theirs. The
glossary of docs/design.md explains the terms of this room.

Imports `graph` and `ops`, the words that names must avoid from `spec` and `keras_config`, and
numbers of `spec.expressions`. Gives parts, blocks and rules to `write`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
