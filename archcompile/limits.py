"""How large a network may be: an untrusted spec must not take the machine's memory or an hour."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

MAX_NODES = 20_000  # layers, unless `--max-nodes` says otherwise
MAX_VALUES = 10**10  # in one tensor, for one image
MAX_PARAMS = 10**10  # in the network: beyond what any machine of the field holds
MAX_SEED = 2**32 - 1  # NumPy's and so Keras' limit
# Python frames that Keras takes for each layer of a chain: load_model and clone_model up to three
FRAMES_A_LAYER = 4


@contextmanager
def recursion_limit(least: int) -> Iterator[None]:
    """Python's recursion limit, for the moment no lower than `least`."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, least))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
