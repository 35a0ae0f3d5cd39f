"""The committed version of a file, read from git as data."""

import os
import subprocess
from pathlib import Path

from archcompile.limits import MAX_YAML_BYTES

SECONDS = 5
# A repository is somebody else's text: nothing that it or its user has configured is run.
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_SETTINGS = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "protocol.allow=never")


def committed_text(file: Path) -> str | None:
    """The text of a file in the last commit.

    None where there is none: no git, no repository, a file that was never committed or is no text.
    """
    folder = file.parent
    if not folder.is_dir():
        return None
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    # a blob as it is stored: `cat-file` without --textconv and --filters applies nothing to it
    command = ["git", *settings, "cat-file", "blob", f"HEAD:./{file.name}"]
    environment = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT}
    try:
        process = subprocess.Popen(  # noqa: S603 - fixed words and the name of a file
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, ValueError):
        return None
    with process:
        try:
            blob = process.stdout.read(MAX_YAML_BYTES + 1) if process.stdout else b""
            process.kill() if len(blob) > MAX_YAML_BYTES else process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    if process.returncode != 0 or len(blob) > MAX_YAML_BYTES:
        return None
    try:
        return blob.decode()
    except UnicodeDecodeError:
        return None
