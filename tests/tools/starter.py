"""The program `archc` as an editor finds it, and the settings that docs/editors.md gives one."""

import os
import re
import sys
from pathlib import Path

from tests.conftest import ROOT


def environment(folder: Path) -> dict[str, str]:
    """With `archc` of this checkout first on the path, and `folder` as home."""
    starter = folder / "bin" / "archc"
    starter.parent.mkdir()
    starter.write_text(f'#!/bin/sh\nexec {sys.executable} -m archcompile "$@"\n')
    starter.chmod(0o755)
    home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    path = f"{starter.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | home | {"PATH": path, "PYTHONPATH": str(ROOT)}


def settings(editor: str, language: str, behind: str = "") -> str:
    """The first lines in a language below an editor's heading, and behind some words there."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    section = page.split(f"## {editor}\n")[1].split("\n## ")[0]
    rest = section[section.index(behind) :]
    lines: str = re.findall(rf"```{language}\n(.*?)```", rest, re.DOTALL)[0]
    return lines
