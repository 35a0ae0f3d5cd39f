"""What an editor knows of the spec at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archcompile.spec.language import Block, Spec
from archcompile.spec.yaml import plain, submap


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a spec has in scope; without one, any block and any rule may be named."""

    blocks: Mapping[str, Block] = field(default_factory=dict)
    rules: Mapping[str, Block] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_complete: bool = False

    @staticmethod
    def of(spec: Spec) -> "Known":
        variables = plain(submap(spec.tree, "vars"))
        return Known(blocks=spec.blocks, rules=spec.rules, variables=variables, is_complete=True)
