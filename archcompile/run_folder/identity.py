"""What makes two runs the same training, as far as both have got."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from archcompile.data import Dataset
from archcompile.errors import DataError
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.recipe import Recipe


@dataclass(frozen=True)
class Identity:
    """Two runs with one identity are the same training.

    `record` is the JSON that checkpoints and environment.json hold. It stays whole, instead of a
    field for each key: a run of another version of archcompile may have other keys, and what this
    version does not know makes another training all the same.
    """

    record: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        graph: LayerGraph,
        recipe: Recipe,
        data: Dataset | None,
        *,
        options: Mapping[str, Any],
    ) -> Self:
        """`options` are those that belong to the training; without `data`, that of any data."""
        fingerprint = {} if data is None else {"data": data.fingerprint}
        spec = trained_hash(graph)
        return cls({"spec": spec, "recipe": recipe.identity(), **fingerprint, **options})

    @property
    def spec(self) -> str:
        """The hash of the network."""
        return str(self.record["spec"])

    @property
    def recipe(self) -> Mapping[str, Any]:
        """What `Recipe.identity` says."""
        recipe: Mapping[str, Any] = self.record["recipe"]
        return recipe

    @property
    def data(self) -> str:
        """The fingerprint of the dataset."""
        return str(self.record["data"])

    @property
    def seed(self) -> int:
        return int(self.record["seed"])

    def restrict(self, keys: Iterable[str]) -> Self:
        """The part of it under these keys."""
        return type(self)({key: self.record.get(key) for key in keys})

    def differences(self, current: Self) -> list[str]:
        """Where the current training differs from this one of a run, each as a sentence."""
        return differences(self.record, current.record)

    def check_same(self, current: Self, name: str) -> None:
        """Raises DataError unless both are of one training; this identity is that of `name`."""
        if unlike := self.differences(current):
            raise DataError(
                f"{name} is another run: {'; '.join(unlike)}",
                hint="omit SPEC and settings to use the run's own; or --force, if the change is "
                "meant",
            )


def trained_hash(graph: LayerGraph) -> str:
    """The hash of what is trained: what has one output is trained without regard to its label."""
    return semantic_hash(replace(graph, is_labelled=False))


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """Where two records differ, each as a sentence; `path` is the key that both belong to."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        if before == after:
            return []
        return [f"{path} is {_brief(before)} there and {_brief(after)} here"]
    sentences = []
    for key in (*before, *(key for key in after if key not in before)):
        inner = f"{path}.{key}" if path else key
        sentences += differences(before.get(key), after.get(key), inner)
    return sentences


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{text[:12]}…" if re.fullmatch("[0-9a-f]{64}", text) else text
