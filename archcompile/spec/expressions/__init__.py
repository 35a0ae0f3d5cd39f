"""The expressions of the language: what may stand behind a `$`.

`expression` holds the grammar and computes (`arithmetic`); `tree_evaluation` works trees out with
the names that they see. `facts` are those besides variables and arguments; `name_hints` says where
each is known. Imports only `spec.yaml`. Gives `evaluate`, `names_in` and `whole` to the later rooms
of `spec`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
