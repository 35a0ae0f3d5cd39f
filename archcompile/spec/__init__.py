"""The spec language: from YAML text to a network written out op by op.

strict_yaml  text -> tree of values with places      load    file -> Spec (extends, uses, --set)
steps        tree -> steps, rows, blocks             expand  Spec -> ops in their places, with shapes
"""

from archcompile.spec.expand import expand
from archcompile.spec.load import from_text, load
from archcompile.spec.scope import Expanded

__all__ = ["Expanded", "expand", "from_text", "load"]
