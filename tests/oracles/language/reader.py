"""YAML as docs/language-details.md has it: the scalars of YAML 1.2, no key twice, no anchors and no
tags.
"""

import re
from functools import lru_cache
from typing import Any

import yaml

from .errors import IllFormed


class Loader(yaml.SafeLoader):
    """PyYAML's, with other scalars."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, starts in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), starts
    )


def boolean(loader: Loader, node: yaml.ScalarNode) -> bool:
    return node.value.lower() == "true"


def whole(loader: Loader, node: yaml.ScalarNode) -> int:
    text = node.value
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def mapping(loader: Loader, node: yaml.MappingNode) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise IllFormed(f"the key {key!r} appears twice")
        result[key] = loader.construct_object(value_node, deep=True)
    return result


Loader.add_constructor("tag:yaml.org,2002:bool", boolean)
Loader.add_constructor("tag:yaml.org,2002:int", whole)
Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: float(node.value))
Loader.add_constructor("tag:yaml.org,2002:map", mapping)


@lru_cache(maxsize=256)
def parse(text: str) -> dict[str, Any]:
    """What a file says; nothing may change it, since it is kept."""
    for token in yaml.scan(text):
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            raise IllFormed("anchors, aliases and tags are refused")
    value = yaml.load(text, Loader)
    if not isinstance(value, dict):
        raise IllFormed("a file is a map")
    return value
