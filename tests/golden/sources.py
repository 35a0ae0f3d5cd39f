"""Goldens of emitted source: a digest of each style, for what ships and for random specs of every
structure.

That a source makes the graph's layers is tested elsewhere; a digest tells that it is written
otherwise, such as without a loop or with a parameter more. Read it before `make golden` writes the
digests anew.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import get_args

import archcompile
from archcompile.choices import SourceStyle
from archcompile.errors import SpecError
from archcompile.graph.ir import LayerGraph
from archcompile.source.emitter import to_source
from tests.golden import digests
from tests.golden.digests import digest
from tests.golden.drawings import NAMES
from tests.spec.random_graphs import graph_rich_in_ops, graph_rich_in_structure

Graphs = Callable[[], Iterator[LayerGraph]]

FILE = Path(__file__).with_name("sources.tsv")


def digests_of(graphs: Iterable[LayerGraph]) -> dict[str, str]:
    """The digest of each source, by network and style."""
    return {
        f"{graph.name} {style}": digest(to_source(graph, style))
        for graph in graphs
        for style in get_args(SourceStyle)
    }


def random() -> Iterator[LayerGraph]:
    """Random specs that no two names clash in."""
    for seed in range(25):
        yield graph_rich_in_ops(seed)
        with suppress(SpecError):
            yield graph_rich_in_structure(seed)


def shipped_graphs() -> Iterator[LayerGraph]:
    """Networks that differ in kind."""
    return map(archcompile.compile, NAMES)


def write() -> None:
    digests.write(FILE, digests_of(random()) | digests_of(shipped_graphs()))
