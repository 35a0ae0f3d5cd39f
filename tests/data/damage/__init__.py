"""Data that is damaged or hostile, by name: each makes it below a folder and says what to check and
what is found wrong.
"""

from pathlib import Path

from tests.data.arrays import idx_files, write
from tests.data.damage import archives, arrays, folders, idx
from tests.data.damage.kinds import KINDS
from tests.data.trees import write_mixed

__all__ = ["KINDS", "UNREADABLE", "good"]

MODULES = archives, arrays, idx, folders  # each adds its kinds to the table
UNREADABLE = ("image that may not be read", "class that may not be read")  # by all but root


def good(base: str, root: Path) -> list[str]:
    """Makes data with nothing wrong below `root`; what `archc data check` is called with."""
    root.mkdir(exist_ok=True)
    if base == "archive":
        archives.archive(root)
        return ["cifar10", "--data-dir", str(root / "cifar.tar.gz")]
    if base == "npz":
        arrays.arrays(root)
        return [str(root / "x.npz")]
    if base == "idx":
        return [str(write(root, idx_files()))]
    return [str(write_mixed(root))]
