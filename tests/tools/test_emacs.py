"""A real Emacs with Eglot and the settings of docs/editors.md, on a copy of a shipped spec."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archcompile.shipped import shipped_specs
from tests.tools.need import FOLDER
from tests.tools.starter import environment, settings

pytestmark = pytest.mark.tools

SPEC = shipped_specs()["resnet_v1"]
WAIT = 120  # seconds before an answer counts as lost
EMACS = ("emacs", "-q", "--batch", "-f", "package-activate-all")


@pytest.fixture
def emacs() -> tuple[str, ...]:
    """Emacs with Eglot and a mode for YAML. Not every machine that has the other tools has it."""
    packages = "(progn (require 'eglot) (require 'yaml-mode))"
    if not shutil.which("emacs"):
        pytest.skip("emacs is missing (Debian's emacs-nox, elpa-eglot and elpa-yaml-mode)")
    if subprocess.run([*EMACS, "--eval", packages], capture_output=True, check=False).returncode:
        pytest.skip("Emacs has no Eglot or no YAML (Debian's elpa-eglot and elpa-yaml-mode)")
    return EMACS


def use_emacs(emacs: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """What was seen when a spec was written in Emacs."""
    out = folder / "seen.json"
    (folder / "init.el").write_text(settings("Emacs", "elisp"))
    shutil.copy(SPEC, folder / "net.yaml")
    done = subprocess.run(
        [*emacs, "-l", "init.el", "-l", str(FOLDER / "emacs.el")],
        cwd=folder,
        env=environment(folder) | {"OUT": str(out), "WAIT": str(WAIT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(out.read_text())
    return seen


def test_a_spec_in_emacs(emacs: tuple[str, ...], tmp_path: Path) -> None:
    text = SPEC.read_text()
    seen = use_emacs(emacs, tmp_path)
    assert "error" not in seen, f"{seen['error']}\n{seen['messages']}"
    assert "32×32×3 → 32×32×16" in seen["hover"] and "Conv2D(filters=16" in seen["hover"]
    assert not re.search(r"\*\*|`", seen["hover"]), "Emacs shows no Markdown"
    (finding,) = seen["findings"]
    line = text.split("\n")[finding["line"] - 1].replace("kernel", "kernal", 1)
    assert line[finding["column"] - 1 :].startswith("kernal")
    assert "did you mean `kernel`?" in finding["message"] and seen["actions"] == ["write `kernel`"]
    assert {"stride", "padding"} <= set(seen["completion"])
    assert seen["renamed"] == re.sub(r"\bclasses\b", "labels", text)
    library, line = seen["definition"]
    assert library.endswith("blocks/residual.yaml")
    assert "basic:" in Path(library).read_text().split("\n")[line - 1]
    assert {"vars", "stem", "stages", "head"} <= set(seen["outline"])
