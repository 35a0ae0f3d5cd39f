"""How much archc takes: untrusted input must not take the machine's memory or an hour.

Every limit on specs, networks, models and options is here, under the name `MAX_…`. Only what the
format of a data set decides stands with its reader in `data/`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# ---- the text of a spec --------------------------------------------------------------------------

MAX_YAML_BYTES = 256 * 1024
MAX_YAML_DEPTH = 32
MAX_YAML_VALUES = 20_000  # in one file
MAX_DIGITS = 18  # an integer beyond this is a mistake in any spec, and keeps arithmetic cheap
MAX_CHAIN = 16  # files that bring one another in
MAX_NAME = 100  # characters of a spec's name
# mistakes after which a file is not read on: nobody reads more, and each costs time
MAX_MISTAKES = 100
MAX_UNUSED = 100  # variables that are reported: for each, the nearest word is looked for
MAX_TOKENS = 200  # of an expression
MAX_EXPRESSION_DEPTH = 32
MAX_NUMBER = 1e15  # in expressions
MAX_EXPONENT = 100  # of `pow`

# ---- networks ------------------------------------------------------------------------------------

MAX_BLOCK_DEPTH = 16  # blocks inside one another
MAX_NODES = 20_000  # layers, unless `--max-nodes` says otherwise
MAX_VALUES = 10**10  # in one tensor, for one image
MAX_PARAMS = 10**10  # in the network: beyond what any machine of the field holds
MAX_SEED = 2**32 - 1  # NumPy's and so Keras' limit
MAX_COMBINATIONS = 1000  # that `--vary` makes
# Python frames that Keras takes for each layer of a chain: load_model and clone_model up to three
FRAMES_A_LAYER = 4

# ---- Keras models that are read ------------------------------------------------------------------

MAX_MEMBER_BYTES = 1 << 25  # of a file in a zip; the config of 20,000 layers takes 20 MB
# of the config, a map for four: parsed, each takes many times the bytes of its text
MAX_CONFIG_VALUES = 3_000_000
MAX_DIRECTORY_BYTES = 1 << 20  # of the zip's list of members, which Python reads whole
MAX_MODEL_DEPTH = 20  # models in models; each level is a few Python frames
MAX_STATISTIC_VALUES = 100_000  # one per channel
# Of a model that is imported: the proof holds it several times. Keras' largest has 4 * 10**8.
MAX_PROVEN_PARAMS = 10**9
MAX_PROVEN_VALUES = 10**9  # of all layers, for one image: the proof holds these, too

# ---- while writing: the tree of a spec -----------------------------------------------------------

MAX_TREE_FILES = 500  # that are offered, and looked through for a name
MAX_TREE_FOLDERS = 2000  # that are looked into

# ---- the studio ----------------------------------------------------------------------------------

MAX_DRAWN_LAYERS = 1500  # in a browser; of larger networks, blocks or stages
MAX_BATCH = 1 << 20  # that memory is asked for
MAX_QUESTION_BYTES = 1024  # of a request for words at the mouse or completion
MAX_PAGE_MESSAGE = 16 * MAX_YAML_BYTES  # bytes: a paste of the largest spec, written as JSON


@contextmanager
def recursion_limit(least: int) -> Iterator[None]:
    """Python's recursion limit, for the moment no lower than `least`."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, least))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
