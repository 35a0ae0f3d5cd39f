"""The ops by kind, each of them described: an op without words is refused when it is defined."""

from typing import Any, TypeVar

from archcompile.ops.base import Op

OpClass = TypeVar("OpClass", bound=Op)

REGISTRY: dict[str, type[Op]] = {}


def op(cls: type[OpClass]) -> type[OpClass]:
    """Enter an op under its kind. Raises ValueError unless its kind is new and all is described."""
    if cls.kind in REGISTRY:
        raise ValueError(f"two ops are called {cls.kind}")
    _check_words(cls)
    REGISTRY[cls.kind] = cls
    return cls


def _check_words(cls: type[Op]) -> None:
    """Raises ValueError, naming the file to open, where an op or an attribute has no words."""
    file = f"{cls.__module__.replace('.', '/')}.py"
    if not cls.__doc__:
        raise ValueError(f"{file}: the op '{cls.kind}' needs a docstring, which docs/ops.md shows")
    for name, field in cls.model_fields.items():
        if not field.description or not field.examples:
            raise ValueError(
                f"{file}: the attribute '{name}' of the op '{cls.kind}' needs a description and "
                "examples, which editors and docs/ops.md show: Field(description=…, examples=[…])"
            )


def attribute_words(cls: type[Op], attribute: str) -> tuple[str, Any]:
    """The description and an example of an attribute by its name in YAML."""
    by_name = {field.alias or name: field for name, field in cls.model_fields.items()}
    field = by_name[attribute]
    return field.description or "", (field.examples or [None])[0]


def example(cls: type[Op]) -> Any:
    """A step as it is written: the bare word, or the attributes that must be given."""
    own_first = sorted(cls.model_fields, key=lambda name: name not in cls.__annotations__)
    fields = {name: cls.model_fields[name] for name in own_first}
    required = [field.alias or name for name, field in fields.items() if field.is_required()]
    attributes = {name: attribute_words(cls, name)[1] for name in required}
    if cls.arity[0] > 1:
        attributes["with"] = "skip"
    return {cls.kind: attributes} if attributes else cls.kind
