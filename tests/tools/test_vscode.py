"""The extension for VS Code, as far as it can be tested without VS Code.

Its own tests run in node; the last of them talks to the server with VS Code's library of messages.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tools.need import missing, node

pytestmark = pytest.mark.tools

EXTENSION = ROOT / "editors" / "vscode"


@pytest.fixture
def extension() -> Path:
    """The folder of the extension, with the packages that it needs."""
    if not (EXTENSION / "node_modules" / "vscode-languageclient").exists():
        missing("vscode-languageclient (`make test-tools` installs it)")
    return EXTENSION


def test_the_extension(extension: Path, tmp_path: Path) -> None:
    starter = tmp_path / "archc"
    starter.write_text(f'#!/bin/sh\nexec {sys.executable} -m archcompile "$@"\n')
    starter.chmod(0o755)
    done = subprocess.run(
        [node(), "--test", "--test-reporter=tap", "test"],
        cwd=extension,
        env=os.environ | {"ARCHC": str(starter), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# skipped 0" in done.stdout and "# pass 7" in done.stdout


def test_the_package(extension: Path, tmp_path: Path) -> None:
    """It holds what runs, with all that it loads, and no tests."""
    npm = shutil.which("npm") or missing("npm")
    package = tmp_path / "archcompile.vsix"
    done = subprocess.run(
        [npm, "run", "package", "--", "--out", str(package)],
        cwd=extension,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(package) as archive:
        names = set(archive.namelist())
    description = json.loads((extension / "package.json").read_text())
    assert f"extension/{description['main'].removeprefix('./')}" in names
    assert {"extension/options.js", "extension/LICENSE.txt", "extension/readme.md"} <= names
    for needed in ("vscode-languageclient", "vscode-languageserver-protocol", "vscode-jsonrpc"):
        assert f"extension/node_modules/{needed}/package.json" in names
    assert not [name for name in names if name.startswith("extension/test/")]


def test_a_workspace_that_is_not_trusted_chooses_no_program() -> None:
    description = json.loads((EXTENSION / "package.json").read_text())
    restricted = description["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    settings = description["contributes"]["configuration"]["properties"]
    assert "archc.path" in settings and restricted == ["archc.path"]
