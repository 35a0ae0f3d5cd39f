"""Random specs that use all of the language (docs/language.md, docs/language-details.md), right by
construction.
"""

from .splits import split
from .whole import interpret_spec, random_spec, shipped_texts

__all__ = ["interpret_spec", "random_spec", "shipped_texts", "split"]
