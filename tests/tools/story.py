"""The story that README shows: somebody writes a residual net with a shortcut rule of their own.

It is lived in the page of `archc studio` and in Neovim with `archc lsp`; tests look at what was
seen, and `docs/pictures.py` keeps the pictures.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools.need import missing
from tests.tools.starter import environment, settings
from tests.tools.studio_use import studio, use

SIZE = (1440, 900)  # of the page, in pixels
EDITOR_COLUMNS, EDITOR_LINES = 100, 31  # of the terminal
PATIENCE = 120.0  # seconds before an answer counts as lost: a machine may be busy
BEGINNING = """\
archc: 1
about: A residual net with a shortcut rule of its own
vars: {width: 16}
input: [32, 32, 3]
stem: [conv: {filters: $width, kernel: 3}, bn, relu]
"""
UNITS = """\
blocks:
  unit:
    args: {filters: int, stride: 1}
    body:
      - conv: {filters: $filters, kernel: 3, stride: $stride}
      - bn
      - relu
      - conv: {filters: $filters, kernel: 3}
      - shortcut
stages:
  s1: {block: unit, repeat: 2, filters: $width}
  s2: {block: unit, repeat: 2, filters: $(2 * width), first: {stride: 2}}
head: [global_avg_pool, dense: {units: 10, activation: softmax}]
shortcut: halved
expect: {depth: 10, output: [10]}
"""
RULE = """\
shortcuts:
  halved:   # half of the unit's input, in the shape of its output
    body:
      - conv: {filters: $out_channels, kernel: 1, strides: $stride}
      - rescale: {scale: 0.5}
      - add: {with: branch}
"""
PARTS = (BEGINNING, UNITS, RULE)
REMEDY = "defaults: {conv: {bias: false}}\n"  # for the first part; archc writes it
WRITTEN = "".join(PARTS).replace("stem:", f"{REMEDY}stem:", 1).replace("strides", "stride")
ROW = WRITTEN.split("\n").index(UNITS.split("\n")[11]) + 1  # the stage that strides


def write_in_studio(folder: Path, picture: Path) -> dict[str, Any]:
    """What was seen when it was written in the page; the file is `my_net.yaml`."""
    with studio(None, folder) as address:
        return use(address, "newcomer", str(picture), *map(str, SIZE), str(ROW), *PARTS)


# ---- Neovim --------------------------------------------------------------------------------------

# no part of what is tried: how much of a picture can be read
LOOKS = """
vim.o.number = true
vim.o.wrap = false
vim.cmd("highlight SignColumn ctermbg=none | highlight NormalFloat ctermfg=252 ctermbg=238")
vim.cmd("highlight CodeLens ctermfg=110 | highlight link LspCodeLens CodeLens")
"""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A program in a terminal of its own; `tmux` is the command that reaches it."""

    tmux: list[str]

    def press(self, *keys: str) -> None:
        """Keys by the names of tmux, or letters."""
        subprocess.run([*self.tmux, "send-keys", *keys], check=True)

    def write(self, text: str) -> None:
        """Text that is pasted in insert mode, which then ends."""
        subprocess.run([*self.tmux, "set-buffer", text], check=True)
        subprocess.run([*self.tmux, "paste-buffer", "-p"], check=True)
        self.wait(text.split("\n")[-1].strip())
        is_over = 0
        while is_over < 3:  # a key that comes before the paste has ended is part of it
            time.sleep(0.2)
            is_over = 0 if "-- INSERT --" in self.read_screen() else is_over + 1
            if not is_over:
                self.press("Escape")

    def read_screen(self) -> str:
        """What is shown, with its colours."""
        show = [*self.tmux, "capture-pane", "-e", "-p"]
        return subprocess.run(show, capture_output=True, text=True, check=True).stdout

    def wait(self, words: str, *, is_gone: bool = False) -> str:
        """The screen once it shows these words, or shows them no more."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.read_screen()
            if (words in re.sub(r"\x1b\[[0-9;:]*m", "", screen)) != is_gone:
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{words!r}: waited in vain\n{self.read_screen()}")

    def end(self) -> None:
        """Waits until the program has left, as it writes files even then."""
        is_there = [*self.tmux, "has-session"]
        while subprocess.run(is_there, capture_output=True, check=False).returncode == 0:
            time.sleep(0.1)


@contextmanager
def neovim(folder: Path, file: str) -> Iterator[Terminal]:
    """Neovim in a terminal, with the settings of docs/editors.md."""
    for program in ("nvim", "tmux"):
        _ = shutil.which(program) or missing(f"{program} (a package of Debian)")
    lines = settings("Neovim", "lua", "Older ones")
    (folder / "init.lua").write_text(lines + LOOKS, encoding="utf-8")
    tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
    size = ["-x", str(EDITOR_COLUMNS), "-y", str(EDITOR_LINES)]
    subprocess.run(
        [*tmux, "new-session", "-d", *size, "nvim", "-n", "-u", "init.lua", file],
        cwd=folder,
        env=environment(folder) | {"TERM": "xterm-256color"},
        check=True,
    )
    try:
        yield Terminal(tmux)
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)


def write_in_neovim(folder: Path) -> str:
    """The screen, with its colours, after a slip in the finished spec; it ends saved and right."""
    with neovim(folder, "my_net.yaml") as terminal:
        terminal.press("i")
        terminal.write(BEGINNING.rstrip("\n"))
        terminal.wait("the bias of stem_conv1")
        terminal.press("gra")
        terminal.wait("no bias in any")
        terminal.press("1", "Enter")
        terminal.wait("bias: false")
        terminal.press("GA")
        terminal.write("\n" + UNITS.rstrip("\n"))
        terminal.wait("no shortcut rule")
        terminal.press("GA")
        terminal.write("\n" + RULE.rstrip("\n"))
        terminal.wait("'conv' has no")
        terminal.press("/strides", "Enter")
        terminal.press("gra")
        terminal.wait("write `stride`")
        terminal.press("1", "Enter")
        terminal.wait("'conv' has no", is_gone=True)
        terminal.press(":w", "Enter")
        terminal.wait("depth 10")
        terminal.press("/add: {with", "Enter", "ylp")
        terminal.wait("did you mean")
        terminal.press("gg/conv: {filters", "Enter", ":nohlsearch", "Enter", ":echo", "Enter", "K")
        screen = terminal.wait("Conv2D")
        terminal.press("u", ":w", "Enter")
        terminal.wait("did you mean", is_gone=True)
        terminal.press(":q", "Enter")
        terminal.end()
    return screen
