"""`archc runs` and `archc compare`: lists, tables, images; without a framework, and on whatever
lies there.
"""

import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import archcompile
from archcompile.errors import DataError
from archcompile.run_folder import Run, inputs, intact
from archcompile.run_folder.lock import hold_lock
from archcompile.run_folder.sealed_json import digest, seal
from tests.command_line import Archc, heavy_modules
from tests.report.written_runs import write_run

LIST = """\
run          network  recipe  data    seed  epochs  state          test accuracy  test loss  best (chosen on)                time  started
runs/old/b   net      small   digits     3     4/4  finished              0.7000     0.2500  0.8000 at epoch 3 (test set)     12s  2026-01-03 03:04
runs/a       net      small   digits     0     4/4  finished              0.7000     0.2500  0.8000 at epoch 3 (test set)     12s  2026-01-02 03:04
runs/open    net      small   digits     0     2/4  unfinished            0.6000     0.5000                                   10s  2026-01-02 03:04
runs/short   net      small   digits     0     1/4  stopped early         0.5000     1.0000  0.5000 at epoch 1 (validation)   12s  2026-01-01 00:00
runs/broken                                         damaged
damaged: runs/broken/result.json is damaged: test_accuracy: Field required
"""  # noqa: E501 - a table


@pytest.fixture
def runs_folder(tmp_path: Path) -> Path:
    """Runs of all kinds below `runs/`, in the folder the commands are called in."""
    write_run(tmp_path / "runs/a")
    write_run(tmp_path / "runs/old/b", seed=3, started="2026-01-03T03:04:05Z", spec="b" * 64)
    write_run(tmp_path / "runs/open", accuracies=(0.5, 0.6), result=False)
    write_run(
        tmp_path / "runs/short",
        accuracies=(0.5,),
        finished=False,
        started="2026-01-01T00:00:00Z",
        chosen_on="5 kept",
    )
    broken = write_run(tmp_path / "runs/broken") / "result.json"
    broken.write_text(broken.read_text().replace('"test_accuracy": 0.7', '"x": 0', 1))
    return tmp_path / "runs"


def test_the_list(archc: Archc, runs_folder: Path) -> None:
    done = archc("runs")
    assert (done.code, done.out, done.err) == (0, LIST, "")
    assert [
        line.split()[0] for line in archc("runs", "runs", "--sort", "name").out.splitlines()
    ] == ["run", "runs/a", "runs/old/b", "runs/open", "runs/short", "runs/broken", "damaged:"]
    actual = json.loads(archc("runs", runs_folder, "--json").out)["runs"]
    assert [Path(first["run"]).name for first in actual] == ["b", "a", "open", "short", "broken"]
    assert (
        actual[0]["hash"] == "b" * 64
        and actual[4]["state"] == "damaged"
        and "test_accuracy" in actual[4]["problem"]
    )


def test_the_same_architecture(archc: Archc, runs_folder: Path) -> None:
    for architecture in ("bbbb", "b" * 64, "runs/old/b"):
        assert [
            first["run"]
            for first in json.loads(archc("runs", "--same-arch", architecture, "--json").out)[
                "runs"
            ]
        ] == ["runs/old/b"]
    assert len(json.loads(archc("runs", "--same-arch", "runs/a", "--json").out)["runs"]) == 3
    none = archc("runs", "--same-arch", "cccc")
    assert (none.code, none.out, none.err) == (
        0,
        "",
        "there is no run below runs of that network\n",
    )
    assert archc("runs", "--same-arch", "resnet").code == 2


def test_where_there_is_nothing(archc: Archc, tmp_path: Path) -> None:
    none = archc("runs")
    assert none.code == 0 and "no runs yet: `archc train " in none.err
    assert json.loads(archc("runs", "--json").out) == {"runs": []}
    missing = archc("runs", "nowhere")
    assert missing.code == 2 and "there is no folder nowhere" in missing.err
    (tmp_path / "empty").mkdir()
    done = archc("runs", "empty")
    assert (done.code, done.out, done.err) == (0, "", "there is no run below empty\n")
    assert json.loads(archc("runs", "empty", "--json").out) == {"runs": []}


def test_a_run_in_training_is_running(archc: Archc, runs_folder: Path) -> None:
    with hold_lock(runs_folder / "a", print):
        actual = {
            Path(first["run"]).name: first["state"]
            for first in json.loads(archc("runs", "--json").out)["runs"]
        }
    assert (actual["a"], actual["b"]) == ("running", "finished")


def with_digests(run: Path) -> Path:
    """The run with what today's versions write besides: digests, and the files that have them."""
    (run / "spec.yaml").write_text("the spec")
    (run / "classes.json").write_text("[]")
    (run / "model.keras").write_text("the model")
    inputs.write(Run(run), {name: (run / name).read_bytes() for name in ("spec.yaml",)})
    for saved in (run / "checkpoints").iterdir():
        (saved / "weights.safetensors").write_bytes(bytes(intact.SMALL + 1))
        files = {path.name: path.read_bytes() for path in saved.iterdir()}
        entries = {
            name: {"size": len(data), "sha256": digest(data)} for name, data in files.items()
        }
        (saved / "MANIFEST.json").write_bytes(seal({"files": entries}))
    return run


STATE = "checkpoints/epoch-0004-step-00000040/state.json"
WEIGHTS = STATE.replace("state.json", "weights.safetensors")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("recipe.yaml", None, "is missing"),
        ("classes.json", b"[1]", "is damaged: it does not match"),
        ("MANIFEST.json", b"{}", "is damaged"),
        ("history.csv", None, "is missing"),
        ("model.keras", None, "is missing"),
        (STATE, b"{}", "is damaged: it does not match"),
        (WEIGHTS, None, "is missing"),
        (WEIGHTS, b"cut", "is damaged: it does not match"),
        (STATE.replace("state", "MANIFEST"), None, "cannot be read"),
    ],
)
def test_missing_and_changed_files_are_seen(
    archc: Archc, tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    """The line keeps what can be read; weights are not."""
    file = with_digests(write_run(tmp_path / "runs/a")) / name
    (row,) = json.loads(archc("runs", "--json").out)["runs"]
    assert (row["state"], row["problem"]) == ("finished", None)
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    (row,) = json.loads(archc("runs", "--json").out)["runs"]
    assert (row["state"], row["test_accuracy"]) == ("damaged", 0.7)
    assert f"runs/a/{name} {problem}" in row["problem"]
    lines = archc("runs").out.splitlines()
    assert "damaged " in lines[1] and "0.7000" in lines[1]
    assert lines[2].startswith(f"damaged: runs/a/{name} {problem}")
    done = archc("compare", "runs/a")
    assert (done.code, done.out) == (4, "") and f"runs/a/{name} {problem}" in done.err
    with pytest.raises(DataError, match=problem):
        archcompile.load_run("runs/a")


def test_files_of_a_run_in_training_are_not_checked(archc: Archc, tmp_path: Path) -> None:
    """They change while it writes."""
    run = with_digests(write_run(tmp_path / "runs/a"))
    (run / "classes.json").write_text("[1]")
    with hold_lock(run, print):
        (row,) = json.loads(archc("runs", "--json").out)["runs"]
        assert archc("compare", "runs/a").code == 0
    assert (row["state"], row["problem"]) == ("running", None)


def test_a_run_without_its_checkpoints_is_damaged(archc: Archc, tmp_path: Path) -> None:
    shutil.rmtree(write_run(tmp_path / "runs/a") / "checkpoints")
    (row,) = json.loads(archc("runs", "--json").out)["runs"]
    assert row["state"] == "damaged" and "its checkpoints are missing" in row["problem"]


COMPARED = """\
run                 network  parameters  seed  epochs        test loss    cross-entropy    test accuracy  best (chosen on)              time
runs/a           a  net           1,234     0     4/4           0.2500           0.2250           0.7000  0.8000 at epoch 3 (test set)   12s
runs/c           a  net           1,234     1     4/4           0.2500           0.2250           0.8000  0.8000 at epoch 3 (test set)   12s
mean ± std of 2  a  net                                0.2500 ± 0.0000  0.2250 ± 0.0000  0.7500 ± 0.0707
runs/d           b  other         1,234     0     4/4           0.2500           0.2250           0.7000  0.8000 at epoch 3 (test set)   12s

the runs differ in
  network: net (aaaaaaaaaaaa) in a | other (bbbbbbbbbbbb) in b
  data: digits (100 + 30 images, dddddddddddd) in a | digits (100 + 30 images, eeeeeeeeeeee) in b
"""  # noqa: E501 - a table


def test_compare(archc: Archc, runs_folder: Path) -> None:
    write_run(runs_folder / "c", seed=1, accuracies=(0.5, 0.6, 0.8, 0.8))
    write_run(runs_folder / "d", name="other", spec="b" * 64, data="e" * 64)
    done = archc("compare", "runs/a", "runs/c", "runs/d")
    assert (done.code, done.out) == (0, COMPARED)
    assert (
        done.err
        == "warning: the runs were scored on different images: their figures are not comparable\n"
    )
    actual = json.loads(archc("compare", "runs/a", "runs/c", "runs/d", "--json").out)
    assert [group["seeds"] for group in actual["groups"]] == [[0, 1], [0]]
    assert actual["groups"][0]["test_accuracy"] == {
        "mean": pytest.approx(0.75),
        "std": pytest.approx(0.0707, abs=1e-4),
    }
    assert [first["what"] for first in actual["differences"]] == ["network", "data"]


def test_images(archc: Archc, runs_folder: Path, tmp_path: Path) -> None:
    for suffix in ("svg", "PNG"):
        done = archc("compare", "runs/a", "runs/old/b", "-o", f"x.{suffix}")
        assert (done.code, done.err) == (0, f"wrote x.{suffix}\n") and done.out.startswith("run ")
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert Image.open(io.BytesIO((tmp_path / "x.PNG").read_bytes())).format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["runs/a", "-o", "x.pdf"], 2, ".svg, .png, .html, .md, .tex, .csv"),
        (["runs/a", "runs/old/../a"], 2, "runs/a is named twice"),
        (["runs"], 2, "runs is not a run folder"),
        (["nowhere"], 2, "nowhere is not a run folder"),
        (["runs/a", "-o", "nowhere/x.svg"], 2, "there is no folder nowhere"),
        (["runs/broken"], 4, "result.json is damaged"),
        (["runs/none", "-o", "x.svg"], 2, "none of the runs has finished an epoch"),
        ([], 2, "RUN"),
    ],
)  # fmt: skip
def test_mistakes(
    archc: Archc, runs_folder: Path, arguments: list[str], code: int, message: str
) -> None:
    (write_run(runs_folder / "none", accuracies=(), result=False) / "history.csv").unlink()
    done = archc("compare", *arguments)
    assert (done.code, done.out) == (code, "") and message in done.err


def test_lists_and_tables_import_no_framework(runs_folder: Path) -> None:
    calls = ["runs"], ["runs", "--json"], ["compare", "runs/a", "runs/open"]
    assert heavy_modules(*calls, cwd=runs_folder.parent) == set()
