"""Makes the pictures in `docs/pictures/`: `python docs/pictures.py [NAME …]`, where NAME is error,
training (with its report), graph, studio or neovim. A training takes a minute or two, and pages
need Chromium; the studio also needs node and what `make test-tools` installs, the editor Neovim
and tmux.
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
import time
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
ARCHC = Path(sys.executable).with_name("archc")
COLUMNS, LINES = 96, 40
EDITOR_LINES = 32
EDITOR_LOOKS = """
vim.o.number = true
vim.o.wrap = false
vim.cmd("highlight SignColumn ctermbg=none | highlight NormalFloat ctermfg=252 ctermbg=238")
vim.cmd("highlight CodeLens ctermfg=110 | highlight link LspCodeLens CodeLens")
"""
CLICK = """
const boxes = [...document.querySelectorAll(".shown [data-node]")];
boxes.find((box) => box.textContent.includes("1x1 conv, 512, /2"))
  .dispatchEvent(new MouseEvent("click"));
"""
STUDIO = """\
archc: 1
about: A residual net with a shortcut rule of its own
uses: [blocks/residual.yaml]
vars: {units: 2, width: 16}
input: [32, 32, 3]
defaults: {conv: {bias: false}}
shortcuts:
  halved:                     # half of the unit's input, brought to its shape
    body: [conv: {filters: $out_channels, kernel: 1, stride: $stride}, rescale: {scale: 0.5}, add: {with: branch}]
stem: [conv: {filters: $width, kernel: 3}, bn, relu]
stages:
  s1: {block: basic, repeat: $units, filters: $width}
  s2: {block: basic, repeat: $units, filters: $(2 * width), first: {stride: 2}}
  s3: {block: basic, repeat: $units, filters: $(4 * width), first: {stride: 2}}
shortcut: halved
head: [global_avg_pool, dense: {units: 10, activation: softmax}]
expect: {depth: 14, output: [10]}
"""  # noqa: E501 - a spec
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
    """The page with a spec of its own, and the cursor in a row; its text is dark or light as is."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "my_net.yaml"
        spec.write_text(STUDIO)
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.tools.studio_server", spec, folder],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        try:
            assert server.stdout
            address = server.stdout.readline().split(": ")[1].strip()
            script, target = ROOT / "tests/tools/studio.mjs", PICTURES / "studio.png"
            words = ["picture", target, "1440", "860", "light", "13"]
            subprocess.run(["node", script, _browser(), address, *words], check=True)
        finally:
            server.terminate()
            server.wait()
    _make_small(target)


def neovim() -> None:
    """Neovim with the settings of docs/editors.md: the line above a file, a mistake, and hover."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
        settings = re.findall(r"```lua\n(.*?)```", page, re.DOTALL)[-1]
        (folder / "init.lua").write_text(settings + EDITOR_LOOKS, encoding="utf-8")
        shutil.copy(ROOT / "specs" / "resnet_v1.yaml", folder / "my_net.yaml")
        screen = _in_neovim(folder, "my_net.yaml")
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(screen), no_wrap=True, crop=True)
    svg = console.export_svg(title="", code_format=FRAME, unique_id="archc-neovim")
    (PICTURES / "neovim.svg").write_text(svg, encoding="utf-8")


def _in_neovim(folder: Path, spec: str) -> str:
    """What is on the screen after a mistake has been typed, and K pressed on a step."""
    tmux = ["tmux", "-L", f"archc-{os.getpid()}", "-f", os.devnull]
    environment = os.environ | {"PATH": f"{ARCHC.parent}{os.pathsep}{os.environ['PATH']}"}
    size = ["-x", str(COLUMNS), "-y", str(EDITOR_LINES)]
    start = [*tmux, "new-session", "-d", *size, "nvim", "-n", "-u", "init.lua", spec]
    subprocess.run(start, cwd=folder, env=environment, check=True)

    def press(keys: str, expected: str) -> str:
        subprocess.run([*tmux, "send-keys", "-l", keys], check=True)
        for _ in range(600):
            show = [*tmux, "capture-pane", "-e", "-p"]
            screen = subprocess.run(show, capture_output=True, text=True, check=True).stdout
            if expected in re.sub(r"\x1b\[[0-9;:]*m", "", screen):
                return screen
            time.sleep(0.1)
        sys.exit(f"Neovim never showed {expected!r}")

    try:
        press("", "depth 20")
        press("/flatten\rftx:nohlsearch\r", "did you mean")
        return press("gg/conv: {filters\r:nohlsearch\r:echo\rK", "Conv2D").rstrip("\n")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


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
