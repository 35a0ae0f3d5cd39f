"""Goldens of emitted source: a digest of each style, for what ships and for random specs of every structure.

That a source makes the graph's layers is tested elsewhere; a digest tells that it is written otherwise, such as without a loop
or with a parameter more. Read it before `make golden` writes the digests anew.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import get_args

import archcompile
from archcompile.emit.python import SourceStyle, to_source
from archcompile.errors import SpecError
from archcompile.graph.ir import LayerGraph
from archcompile.spec.write import dump
from tests.emit.wild_specs import wild_spec
from tests.golden.drawings import NAMES, digest
from tests.spec.random_specs import random_spec

Graphs = Callable[[], Iterator[LayerGraph]]

FILE = Path(__file__).with_name("sources.tsv")


def digests(graphs: Iterable[LayerGraph]) -> dict[str, str]:
    """The digest of each source, by network and style."""
    return {f"{graph.name} {style}": digest(to_source(graph, style)) for graph in graphs for style in get_args(SourceStyle)}


def made_up() -> Iterator[LayerGraph]:
    """Random specs that no two names clash in."""
    for seed in range(25):
        for kind, spec in (("random", random_spec), ("wild", wild_spec)):
            with suppress(SpecError):
                yield archcompile.compile_text(dump(spec(seed)), file=f"{kind}_{seed}.yaml")


def shipped() -> Iterator[LayerGraph]:
    """Networks that differ in kind."""
    return map(archcompile.compile, NAMES)


def write() -> None:
    FILE.write_text("".join(f"{key}\t{value}\n" for key, value in {**digests(made_up()), **digests(shipped())}.items()))


def read() -> dict[str, str]:
    return dict(line.split("\t") for line in FILE.read_text().splitlines())
