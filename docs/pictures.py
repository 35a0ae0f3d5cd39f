"""Makes the pictures in `docs/pictures/`: `python -m docs.pictures [NAME …]`, where NAME is error,
training (with its report), graph, studio or neovim. A training takes a minute or two, and pages
need Chromium; the studio also needs node and what `make test-tools` installs, the editor Neovim
and tmux. The last two are the end of a story that tests live through, too.
"""

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

from tests.tools.story import EDITOR_COLUMNS, write_in_neovim, write_in_studio

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
ARCHC = Path(sys.executable).with_name("archc")
COLUMNS, LINES = 96, 40
CLICK = """
const boxes = [...document.querySelectorAll(".shown [data-node]")];
boxes.find((box) => box.textContent.includes("1x1 conv, 512, /2"))
  .dispatchEvent(new MouseEvent("click"));
"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# rich's own frame fetches a font from another host
FRAME = """\
<svg class="{unique_id}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
<rect width="{width}" height="{height}" rx="10" fill="#1d2430"/>
<g fill="#4c566a"><circle cx="24" cy="22" r="7"/><circle cx="48" cy="22" r="7"/><circle cx="72" cy="22" r="7"/></g>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""  # noqa: E501 - a picture's text


def error() -> None:
    command = "archc build resnet_v1 --set depth=21"
    _terminal("error", command, ROOT)


def training() -> None:
    """The training's terminal and, since that takes a minute, its report too."""
    with tempfile.TemporaryDirectory() as folder:
        command = "archc train resnet_v1_20 --recipe digits --run-dir runs/first"
        _terminal("training", command, Path(folder))
        _page("report", Path(folder) / "runs/first/report.html", (1000, 1350))


def graph() -> None:
    """The page after a click. The page allows no script but its own; this copy allows the click."""
    with tempfile.TemporaryDirectory() as folder:
        _in_a_terminal("archc graph resnet_50 -o resnet_50.html", Path(folder))
        page = Path(folder) / "resnet_50.html"
        text = re.sub("<meta[^>]*Content-Security-Policy[^>]*>", "", page.read_text("utf-8"))
        page.write_text(text.replace("</body>", f"<script>{CLICK}</script></body>"), "utf-8")
        _page("graph", page, (1200, 760))


def studio() -> None:
    """The page when a net with a shortcut rule of its own has been written there."""
    target = PICTURES / "studio.png"
    with tempfile.TemporaryDirectory() as folder:
        write_in_studio(Path(folder), target)
    _make_small(target)


def neovim() -> None:
    """The same in Neovim: the line above the file, hover, and a slip with its remedy."""
    with tempfile.TemporaryDirectory() as folder:
        screen = write_in_neovim(Path(folder)).rstrip("\n")
    console = Console(record=True, width=EDITOR_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(screen), no_wrap=True, crop=True)
    svg = console.export_svg(title="", code_format=FRAME, unique_id="archc-neovim")
    (PICTURES / "neovim.svg").write_text(svg, encoding="utf-8")


def _in_a_terminal(command: str, folder: Path) -> str:
    """What the command leaves on a terminal, with its colours."""
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (LINES, COLUMNS))
    environment = {key: text for key, text in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [ARCHC, *command.split()[1:]],
        **dict.fromkeys(("stdin", "stdout", "stderr"), terminal),
        cwd=folder,
        env={**environment, "TERM": "xterm-256color"},
    )
    os.close(terminal)
    chunks = []
    try:
        while chunk := os.read(screen, 65536):
            chunks.append(chunk)
    except OSError:  # how Linux tells that the last writer is gone
        pass
    process.wait()
    return b"".join(chunks).decode()


def _terminal(name: str, command: str, folder: Path) -> None:
    output = _in_a_terminal(command, folder)
    # a line that was written over stands on the terminal as it was written last
    lines = [re.split(r"\r(?:\x1b\[K)?", line.rstrip("\r"))[-1] for line in output.split("\n")]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "dim"), (command, "bold")))
    console.print(Text.from_ansi("\n".join(lines).rstrip()))
    svg = console.export_svg(title="", code_format=FRAME, unique_id=f"archc-{name}")
    (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")


def _page(name: str, page: Path, size: tuple[int, int]) -> None:
    target = PICTURES / f"{name}.png"
    flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size={},{}".format(*size)]
    subprocess.run(
        [_browser(), *flags, f"--screenshot={target}", page.as_uri()],
        check=True,
        capture_output=True,
    )
    _make_small(target)


def _browser() -> str:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    return browser or sys.exit("pictures of pages need Chromium")


def _make_small(target: Path) -> None:
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE)
    small.save(target, optimize=True)


MAKERS = {
    "error": error,
    "training": training,
    "graph": graph,
    "studio": studio,
    "neovim": neovim,
}

if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()
