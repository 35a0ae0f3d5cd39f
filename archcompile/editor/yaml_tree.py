"""The YAML files of a tree, which may be somebody's home with a million files in it."""

import os
from collections import deque
from pathlib import Path

from archcompile.limits import MAX_TREE_FILES, MAX_TREE_FOLDERS


def list_yaml_files(root: Path) -> list[Path]:
    """The files below a folder in order; of a very large tree those that lie nearest to its top.

    Folders that are hidden, that a link leads to, or that cannot be read are left out.
    """
    files: list[Path] = []
    folders, looked_at = deque([root]), 0
    while folders and looked_at < MAX_TREE_FOLDERS and len(files) < MAX_TREE_FILES:
        looked_at += 1
        try:
            with os.scandir(folders.popleft()) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders += [] if entry.name.startswith(".") else [Path(entry.path)]
            elif entry.name.endswith(".yaml"):
                files.append(Path(entry.path))
    return sorted(files[:MAX_TREE_FILES])
