"""The page of `archc studio` in a real browser: typed keys, light, a newcomer, hostile files."""

import re
from pathlib import Path

import pytest
from PIL import Image

from archcompile.api import compile as compile_spec
from archcompile.studio.exports import export_bytes
from tests.report.written_runs import history_rows, write_run
from tests.tools.need import FOLDER
from tests.tools.story import SIZE, WRITTEN, write_in_studio
from tests.tools.studio_use import studio, use

pytestmark = pytest.mark.tools

ROOT = FOLDER.parents[1]
SPEC = """\
archc: 1
uses: [blocks/residual.yaml]
vars: {n: 2}
input: [32, 32, 3]
stem: [conv: {filters: 16, kernel: 3}, bn, relu]
stages:
  s1: {block: basic, repeat: $n, filters: 16}
  s2: {block: basic, repeat: $n, filters: 32, first: {stride: 2}}
shortcut: projection
head: [global_avg_pool, dense: {units: 10, activation: softmax}]
"""
KEYS = ("The quick brown fox jumps over the lazy dog 0123456789 " * 6)[:300]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "net.yaml"
    file.write_text(SPEC)
    return file


@pytest.mark.parametrize("how", ["0.5", "lag"])
def test_no_key_is_lost(how: str, spec: Path) -> None:
    """300 keys, 20 in a second, against slow answers, and a server that hears of them late."""
    with studio(spec, spec.parent, how) as address:
        seen = use(address, "type", KEYS, "50")
    assert seen["complaints"] == [] and seen["text"] == f"{SPEC}# {KEYS}"
    assert seen["later"] == spec.read_text() == seen["text"]


def test_enter_begins_the_next_line_where_it_belongs(spec: Path) -> None:
    """Also where a word that was typed to its end is offered; another one is completed."""
    typed = [
        "stem:",
        "- conv: {filters: 4}",
        "- relu",
        "- fla",
        None,
        "s1:",
        "body:",
        "- add:",
        "x: 1",
    ]
    keys = [
        each for word in typed for each in ((word, "Enter") if word else ("Enter", "Backspace"))
    ]
    with studio(spec, spec.parent) as address:
        seen = use(address, "slowly", *keys)
    written = "stem:\n  - conv: {filters: 4}\n  - relu\n  - flatten\n"
    written += "s1:\n  body:\n    - add:\n        x: 1\n        "
    assert seen["complaints"] == [] and seen["text"] == written


def test_boxes_and_lines_light_each_other_up(spec: Path) -> None:
    with studio(spec, spec.parent) as address:
        seen = use(address, "light", "8", "s2_b1_conv1")
    assert seen["complaints"] == []
    assert {"s2_b1_conv1", "s2_b1_shortcut_conv1"} <= set(seen["boxes"])
    assert not any(box.startswith("s1") for box in seen["boxes"])
    assert any(line.startswith("  s2:") for line in seen["lines"]) and seen["cursor"]


def test_a_newcomer_writes_a_residual_net(tmp_path: Path) -> None:
    """What README shows: what is missing is said, what is right is drawn, remedies are clicks."""
    picture = tmp_path / "studio.png"
    seen = write_in_studio(tmp_path, picture)
    assert seen["complaints"] == []
    assert "bias" in seen["found0"] and "halved" in seen["found1"] and "strides" in seen["found2"]
    assert seen["boxes1"] == seen["boxes0"] < seen["boxes2"], "the last good drawing stays"
    assert "depth\n10" in seen["figures"] and seen["claims"] == ["holds", "holds"]
    assert seen["text"] == WRITTEN == (tmp_path / "my_net.yaml").read_text()
    with Image.open(picture) as shown:
        assert shown.size == SIZE


def test_a_child_is_saved_with_what_was_tried(spec: Path) -> None:
    with studio(spec, spec.parent) as address:
        seen = use(address, "child", "deeper", "n", "3")
    assert seen["text"] == SPEC == spec.read_text(), "trying changes no text"
    assert seen["slider"] == "3", "as in the field beside it"
    assert "keras.Model" in seen["source"] and "outside" in seen["refused"]
    child = (spec.parent / "deeper.yaml").read_text()
    assert seen["child"] == child and "extends: net.yaml" in child and "n: 3" in child
    assert not (spec.parent.parent / "outside.yaml").exists()


def test_a_draft_is_open_once(spec: Path) -> None:
    """The newer tab has the text as it stands, saved or not; the older one is closed."""
    with studio(spec, spec.parent) as address:
        seen = use(address, "apart")
    assert seen["second"] == f"{SPEC}# mine" and spec.read_text() == SPEC
    assert seen["back"] == f"{SPEC}# typed while alone"


LIBRARY = """\
archc: 1
blocks:
  unit:
    args: {filters: int}
    body: [conv: {filters: $filters, kernel: 3}, relu]
"""
USER = """\
archc: 1
uses: [lib.yaml]
input: [32, 32, 3]
stages:
  s1: {block: unit, filters: 4}
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
"""


def test_names_lead_into_other_files(tmp_path: Path) -> None:
    """A definition is shown, a new name and a remedy are written, in a library of the tree."""
    library, file = tmp_path / "lib.yaml", tmp_path / "net.yaml"
    library.write_text(LIBRARY)
    file.write_text(USER)
    renamed = LIBRARY.replace("unit:", "cell:")
    broken = renamed.replace("$filters", "$filtres")
    with studio(file, tmp_path) as address:
        seen = use(address, "names", "unit", "cell", "s1", str(library), broken)
    assert seen["complaints"] == []
    assert seen["definition"] == ["lib.yaml:3read only; Esc closes", "  unit:"]
    assert len(seen["uses"]) == 2 and seen["outline"] == ["s1"] and seen["line"] == 5
    assert "Also in lib.yaml" in seen["asked"] and "not a valid name" in seen["refused"]
    assert seen["text"] == USER.replace("unit,", "cell,") and file.read_text() == USER
    assert seen["fix"] == "write `filters` (in lib.yaml, saved at once)"
    assert seen["undone"] == [USER, LIBRARY] and seen["redone"] == [seen["text"], renamed]
    assert seen["unmended"] == [f"{seen['text']}# more", broken]
    assert library.read_text() == f"{broken}# theirs"


def test_watch_follows_the_file(spec: Path) -> None:
    """As an editor saves: a new file under the same name."""
    with studio(spec, spec.parent, "watch") as address:
        seen = use(address, "watch", str(spec), SPEC.replace("n: 2", "n: 3"))
    assert seen["editors"] == 0
    assert "depth10" in seen["before"] and "depth14" in seen["after"]


CHILD = "archc: 1\nextends: parent.yaml\n"
PARENT = """\
archc: 1
uses: [lib.yaml]
vars: {n: 2}
input: [32, 32, 3]
stages:
  s1: {block: unit, repeat: $n, filters: 4}
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
"""


@pytest.fixture
def child(tmp_path: Path) -> Path:
    """A spec with a parent that has a library."""
    file = tmp_path / "child.yaml"
    for name, text in (("lib.yaml", LIBRARY), ("parent.yaml", PARENT), ("child.yaml", CHILD)):
        (tmp_path / name).write_text(text)
    return file


@pytest.mark.parametrize("how", [[], ["watch"]], ids=["studio", "watch"])
def test_the_files_that_a_text_uses_are_followed(how: list[str], child: Path) -> None:
    """A parent, a library, a library that is broken for a while; the open file does not change."""
    library, parent = str(child.parent / "lib.yaml"), str(child.parent / "parent.yaml")
    broken, deeper = LIBRARY.replace("$filters", "$filtres"), PARENT.replace("n: 2", "n: 3")
    wider = LIBRARY.replace("kernel: 3", "kernel: 5")
    with studio(child, child.parent, *how) as address:
        files = (parent, deeper, library, wider, library, broken, library, LIBRARY)
        seen = use(address, "follow", *files)
    assert seen["complaints"] == [] and child.read_text() == CHILD
    depths = [re.search(r"depth(\d)", each) for each in seen["figures"]]
    assert [each and each[1] for each in depths] == ["3", "4", "4", "4", "4"]
    parameters = [
        re.findall(r"parameters([\d,]+?)(?=[+-]|multiply)", each)[0] for each in seen["figures"]
    ]
    assert parameters == ["275", "423", "1,127", "1,127", "423"]
    stale, words = zip(*seen["marks"], strict=True)
    assert stale == (False, False, True, False)
    assert "filtres" in words[2] and not words[1]


def test_a_parents_variable_is_tried_and_written(child: Path) -> None:
    with studio(child, child.parent) as address:
        seen = use(address, "inherited", "n", "depth\n4")
    assert seen["complaints"] == [] and seen["sliders"] == ["n"]
    assert seen["before"] == CHILD and seen["after"] == f"{CHILD}vars: {{n: 3}}\n"
    assert seen["value"] == "3" and seen["undone"] == [CHILD, "2"]
    assert (child.parent / "parent.yaml").read_text() == PARENT


def test_findings_cover_no_line_that_is_written(spec: Path) -> None:
    with studio(spec, spec.parent) as address:
        seen = use(address, "covered", "# more\n" * 30, "expect: {a: 1, b: 1, c: 1}")
    (top, bottom), (upper, lower) = seen["cursor"], seen["frame"]
    assert seen["complaints"] == [] and upper <= top < bottom <= lower


def test_it_fits_screens_of_all_sizes_in_light_and_dark(spec: Path) -> None:
    with studio(spec, spec.parent) as address:
        seen = use(address, "sizes", "1280", "1920", "3840")
    assert seen["complaints"] == [] and len(seen["sizes"]) == 6
    for place, size in enumerate(seen["sizes"]):
        assert size["cut"] == [] and size["shown"] and not size["scrolls"], size
        is_dark = place >= 3
        assert (_brightness(size["ground"]) < 60) == is_dark
        for words in ("ink", "drawn"):
            assert abs(_brightness(size[words]) - _brightness(size["ground"])) > 120, size
    letters = [size["letters"] for size in seen["sizes"]]
    assert letters[2] > letters[1] >= letters[0] >= 13


def _brightness(colour: str) -> float:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


def test_a_drawing_is_exported(spec: Path) -> None:
    file = spec.parent / "given.svg"
    with studio(spec, spec.parent) as address:
        seen = use(address, "download", "Drawing as SVG", str(file))
    assert seen["complaints"] == [] and seen["name"] == "net.svg"
    assert file.read_bytes() == export_bytes(compile_spec(spec), ".svg")


def test_runs_may_come_later_and_go_on(spec: Path) -> None:
    prepared, runs = spec.parent / "prepared", spec.parent / "runs"
    write_run(prepared / "first", name="net")
    going = {"finished": False, "result": False, "accuracies": (0.5, 0.6)}
    write_run(prepared / "second", name="net", **going)
    row = ",".join(map(str, history_rows((0.5, 0.6, 0.7))[-1]))
    with studio(spec, runs) as address:
        seen = use(address, "runs", str(prepared), str(runs), "second", f"{row}\r\n")
    assert seen["runs"] == ["second"] and seen["points"] == [2, 3]
    assert seen["complaints"] == []
    assert seen["before"].endswith(f"no runs in {runs}: `archc train` makes some")
    assert seen["after"].endswith("2 of 2 runs")


def test_another_page_gets_nothing(spec: Path) -> None:
    """A page of another port, in the browser that has the cookie."""
    with studio(spec, spec.parent) as address:
        seen = use(address, "attack")
    assert seen["attack"] == {
        "socket": "refused",
        "read": "refused",
        "post": "refused",
        "inside": "closed",
        "script": "refused",
    }


MARKUP = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>`${window.hacked=1}"
HOSTILE = f"""\
archc: 1
about: '</script>{MARKUP} ]]> &quot; </textarea>'
vars: {{words: '{MARKUP}', n: 2}}
input: [32, 32, 3]
blocks:
  unit:
    about: '{MARKUP}'
    label: '{MARKUP}'
    body: [conv: {{filters: 16, kernel: 3}}, relu, conv: {{filters: 16, kernel: 3}}]
stem: [unit, unit]
head: [global_avg_pool, dense: {{units: 10}}]
expect: {{params: 1}}
"""


def test_markup_stays_text(tmp_path: Path) -> None:
    """A spec and a run full of markup: no script of theirs runs, in the page or in a report."""
    file = tmp_path / "hostile.yaml"
    file.write_text(HOSTILE)
    name = "<img src=x onerror=window.hacked=1>"
    run = write_run(tmp_path / "runs" / name, name="net", label=MARKUP)
    (run / "report.html").write_text(
        "<h1>report</h1><script>parent.hacked=1; document.querySelector('h1').textContent='ran'"
        f"</script>{MARKUP}<img src='http://127.0.0.1:9/x.png'>"
    )
    with studio(file, tmp_path / "runs") as address:
        seen = use(address, "hostile", f"\n'{MARKUP}': {MARKUP}\n")
    assert seen["report"] == "report" and seen["ran"] is None and seen["scripts"] == 0
    assert all(re.search("Blocked script|Content Security Policy", c) for c in seen["complaints"])
    assert seen["blocked"], "what the report asks for elsewhere is not asked"
    assert seen["curves"] >= 2 and seen["dialogs"] == []
