"""A real Neovim with the settings of docs/editors.md, used on a copy of a shipped spec."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archcompile.shipped import shipped_specs
from tests.tools.need import FOLDER, missing
from tests.tools.starter import environment, settings
from tests.tools.story import WRITTEN, write_in_neovim

pytestmark = pytest.mark.tools

SPEC = shipped_specs()["resnet_v1"]
WAIT = 120_000  # milliseconds before an answer counts as lost


def use_neovim(folder: Path) -> dict[str, Any]:
    """What was seen when a spec was written in Neovim."""
    program = shutil.which("nvim") or missing("nvim (Debian's package neovim)")
    init, out = folder / "init.lua", folder / "seen.json"
    init.write_text(settings("Neovim", "lua", "Older ones"))
    shutil.copy(SPEC, folder / "net.yaml")
    subprocess.run(
        [program, "--headless", "-n", "-u", init, "net.yaml", "-c", f"luafile {FOLDER}/neovim.lua"],
        cwd=folder,
        env=environment(folder) | {"OUT": str(out), "WAIT": str(WAIT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=600,
        check=True,
    )
    seen: dict[str, Any] = json.loads(out.read_text())
    return seen


def test_a_newcomer_writes_a_residual_net(tmp_path: Path) -> None:
    """What README shows: figures above the file, words over a step, a slip with its remedy."""
    shown = re.sub(r"\x1b\[[0-9;:]*m", "", write_in_neovim(tmp_path))
    assert (tmp_path / "my_net.yaml").read_text() == WRITTEN
    assert "depth 10 · 44,730 parameters" in shown and "Conv2D(filters=16" in shown
    assert "no op or block 'aadd'  help: did you mean `add`?" in shown


def test_a_spec_in_neovim(tmp_path: Path) -> None:
    text = SPEC.read_text()
    seen = use_neovim(tmp_path)
    assert "error" not in seen, f"{seen['error']}\n{seen['messages']}"
    assert "Convolution" in seen["hover"] and "→" in seen["hover"]
    (finding,) = seen["findings"]
    line = text.split("\n")[finding["line"] - 1].replace("kernel", "kernal", 1)
    assert line[finding["column"] - 1 :].startswith("kernal")
    assert "did you mean `kernel`?" in finding["message"]
    assert any("kernel" in action for action in seen["actions"])
    assert {"filters", "stride"} & set(seen["completion"])
    assert seen["renamed"] == re.sub(r"\bclasses\b", "labels", text)
    assert seen["lens"].startswith("depth ")
    library, line = seen["definition"]
    assert library.endswith("blocks/residual.yaml") and "basic" in line
    assert "rror" not in seen["messages"], seen["messages"]
