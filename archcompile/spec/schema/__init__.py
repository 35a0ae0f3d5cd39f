"""What editors and people can learn about a spec: JSON Schema, and where each value came from.

`language_schema` puts the schema together from `step_schema` and `block_schema`, `value_places`
notes the origin of every value. Imports `ops` and any room of `spec`; nothing in `spec` imports it.
Gives schemas and listings to the command line, and the tools of `json_schema` to recipes and
experiments.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
