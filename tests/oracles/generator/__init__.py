"""Random specs that use all of docs/language.md, right by construction."""

from .whole import interpret_spec, random_spec

__all__ = ["interpret_spec", "random_spec"]
