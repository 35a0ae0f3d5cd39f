"""A graph as Python source that builds the same Keras model, flat or with functions and loops.

The flow is one way:

- Analysis gives frozen values: `helpers` (functions that build layers), `stage_units` and
  `unit_functions` with `parameters` (functions that build units), `nested_blocks`, `loops`;
  `structure` brings them together.
- `flat` and `structured` turn them into a tree of statements (`syntax`), with `header`,
  `function_statements`, `loop_statements` and the names that `variable_names` assigns.
- `printer` turns the tree into text.
- `read_back` runs the text under a stand-in for Keras and compares it with the graph.

A module of PyTorch comes about in the same way: `torch_forms` says each op in modules and
functions, `torch_calls` a graph; `torch_classes` and `torch_source` print it, with the definitions
of `torch_layers` that it needs.

Imports `graph`, `ops`, the calls of `keras_model` and the table `keras_defaults`. Offers
`to_source` and `to_torch`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
