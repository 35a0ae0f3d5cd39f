"""YAML as values that keep their places, edits of such values, and values as YAML.

`strict_yaml` parses YAML 1.2 with limits on size and nesting, `tree` holds the values, `edits`
merges and changes them, `write` prints. Imports `errors` and `limits`. Everything in `spec` is
built of its `Tree`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
