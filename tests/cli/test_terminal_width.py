"""Every command in a real terminal of 60 and 140 columns, in the thorough run of 80 too: no line is
wider, no word is broken.

Files in a language of their own (JSON, Python) are printed as they are and not looked at.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from archcompile.bench.task import Outcome, Task
from archcompile.cli.app import app
from archcompile.machine.device_formats import Card, Device
from archcompile.machine.examination import Machine, OptionalPackage
from archcompile.spec.language import resolved_trees
from archcompile.spec.loading import load
from archcompile.spec.yaml import plain
from archcompile.terminal import cells
from tests.cli.test_cli import BAD, GOOD
from tests.command_line import call
from tests.report.written_runs import write_run
from tests.terminal import in_terminal

WIDTHS = (60, 80, 140)
LONG = "a_folder_with_quite_a_long_name/and_another_one_within_it/resnet_v1_20-digits-s0"
RUNS = ("runs/a", "runs/b", "runs/c")

# Calls of every command that need no framework; what goes wrong is as good as what does not.
CALLS: dict[str, Sequence[str]] = {
    "bench": ["good.yaml --against nobody"],
    "build": ["good.yaml --emit source,graph", "bad.yaml", "good.yaml --emit nothing"],
    "compare": [" ".join(RUNS), "runs/a", "runs/a runs/a", f"runs/a {LONG}"],
    "cost": ["resnet_v1_20", "resnet_50 --level block", "good.yaml --no-such-option", ""],
    "data check": ["nowhere.npz"],
    "data fetch": ["imagenet"],
    "data list": [""],
    "data preview": ["he2015 -o sheet.svg", "he2015 -o sheet.png --data nowhere.npz"],
    "diff": ["resnet_v1_20 resnet_v2_29", "resnet_a_56 plain_56"],
    "doctor": ["--no-such-option"],
    "eval": ["runs/none"],
    "expect": ["resnet_v1_20", "wrong_claim.yaml"],
    "experiment": ["none.yaml"],
    "explain": ["", "not-whole", "shape-mismatch", "nothing-of-the-kind"],
    "export": ["good.yaml --format source --preprocessing", "good.yaml --format source -o x.py"],
    "graph": ["resnet_v1_20", "keras_efficientnet_b0", "vgg_19", "resnet_50 -o x.png"],
    "import": ["none.keras", "good.yaml -o good.yaml"],
    "init": ["mine", "mine --template fpn", "good.yaml"],
    "list": ["", "resnet"],
    "lsp": ["--no-such-option"],
    "new": ["child --from resnet_v1_20 --set stages.s3.filters=96", "child --from good.yaml"],
    "predict": ["runs/none photo.png"],
    "recipe diff": ["article he2015"],
    "recipe list": [""],
    "recipe lint": ["article --set train.epochs=3", "fast --spec resnet_v1_20"],
    "recipe show": ["fast", "fast --blame", "cosine_200"],
    "runs": ["", "empty", "none", "--same-arch xyz", "--sort accuracy"],
    "schema": ["--for none.yaml"],
    "show": [
        "resnet_v1_20",
        "resnet_v1_20 --blame --set depth=32",
        "resnet_v1_20 --defaults",
        "keras_inception_v3",
        "far_to_the_right.yaml",
    ],
    "studio": ["none.yaml", "good.yaml --port 0"],
    "table": [
        "resnet_v1 --vary depth=20,32 --vary stages.s3.filters=64,96",
        "resnet_v1 --vary n=x",
    ],
    "train": ["bad.yaml", "resnet_v1_20 --recipe nothing", "good.yaml --data nowhere.npz"],
    "watch": ["none.yaml"],
    "validate": [". -v", "resnet_v1_20 good.yaml -v"],
    "verify": ["good.yaml --against bad.yaml", "good.yaml --against x.keras --input 1,2,3"],
}
# words of what a narrow terminal is told besides, and signs that something is left out
BESIDES = frozenset(  # what a pipe does not get
    """
    no room for … reading spec recipe and data
    next archc graph SPEC draws it new NAME --from starts from what it is spec
    """.split()  # noqa: SIM905 - a list of words
)
BARS = "▁▂▃▄▅▆▇█"  # a curve has as many as there is room for


def commands(group: TyperGroup, before: str = "") -> Iterator[str]:
    """The commands of archc, those of a group behind its name."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


EVERY = sorted(commands(typer.main.get_command(app)))  # type: ignore[arg-type]


def test_every_command_is_called() -> None:
    assert sorted(CALLS) == EVERY


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with specs and runs of all kinds."""
    tmp_path = tmp_path_factory.mktemp("examples")
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "wrong_claim.yaml").write_text(GOOD.replace("depth: 2", "depth: 3"))
    steps = ", ".join(["conv: {filters: 4, kernel: 3}", "relu"] * 9)
    (tmp_path / "far_to_the_right.yaml").write_text(
        f"archc: 1\ninput: [8, 8, 3]\nstem: [{steps}, conv: {{filters: 2, kernal: 3}}, relu]\n"
    )
    (tmp_path / "empty").mkdir()
    for seed, run in enumerate(RUNS):
        write_run(tmp_path / run, seed=seed % 2, name=f"resnet_v1_20-shortcut_{seed}")
    write_run(tmp_path / LONG, recipe={"batch_size": 20})
    broken = write_run(tmp_path / "runs/broken") / "result.json"
    broken.write_text(broken.read_text().replace('"test_accuracy": 0.7', '"x": 0', 1))
    return tmp_path


def tokens(text: str) -> set[str]:
    """The words of a text, without the punctuation around them."""
    return {word.strip("(),;:.`'\"{}[]#" + BARS) for word in text.split()}


def check(shown: str, columns: int, elsewhere: str) -> None:
    """No line is wider, and every word is one of those that a pipe gets."""
    for line in re.split(r"[\n\r]", shown):
        assert cells(line) <= columns or " " not in line.strip(), line
    known = tokens(elsewhere)
    ends = {word.rpartition("/")[2] for word in known}  # a place may be named without its folder
    assert tokens(shown) - known - ends - BESIDES == set()


@pytest.mark.parametrize(
    "widths", [(60,), pytest.param((80, 140), marks=pytest.mark.thorough)], ids=str
)
@pytest.mark.parametrize(
    "name",
    [
        # it loads Keras before it looks for the model
        pytest.param(name, marks=pytest.mark.keras if name == "import" else ())
        for name in EVERY
    ],
)
def test_everything_fits(
    name: str,
    widths: Sequence[int],
    examples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each time in a folder of its own, since a file that is there already is not written."""
    calls = [[*name.split(), *options.split()] for options in (*CALLS[name], "--help")]
    shown: dict[int, list[str]] = {}
    for columns in (0, *widths):
        folder = tmp_path / f"in_{columns}"
        shutil.copytree(examples, folder)
        monkeypatch.chdir(folder)
        shown[columns] = [show(columns, *arguments) for arguments in calls]
    for columns in widths:
        for text, elsewhere in zip(shown[columns], shown[0], strict=True):
            check(text, columns, elsewhere)


def show(columns: int, *arguments: str) -> str:
    """What a command shows in a terminal; without columns, in a pipe."""
    if columns:
        return in_terminal(columns, *arguments)
    done = call(*arguments)
    return done.out + done.err


@pytest.mark.parametrize("arguments", ["", "--help", "--version", "nonsense", "summary", "recipe"])
def test_the_program_itself_fits(arguments: str) -> None:
    fits(*arguments.split())


def test_a_wrapped_spec_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a narrow terminal shows can be copied into a file."""
    monkeypatch.chdir(tmp_path)
    for name in ("resnet_v1_20", "keras_inception_v3", "stochastic_depth_110"):
        for option in ([], ["--blame"]):
            Path("copied.yaml").write_text(in_terminal(60, "show", name, *option))
            copied, shipped = (resolved_trees(load(spec)) for spec in ("copied.yaml", name))
            assert {key: plain(tree) for key, tree in copied.items()} == {
                key: plain(tree) for key, tree in shipped.items()
            }


def fits(*arguments: str) -> None:
    """Checks a command that may write what it likes as often as it likes."""
    elsewhere = show(0, *arguments)
    for columns in WIDTHS:
        check(show(columns, *arguments), columns, elsewhere)


def test_a_machine_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(name="A card with a long name 80GB", compute_capability=(8, 0))
    devices = (
        Device(
            name="/device:CPU:0", card=None, hardware={"bfloat16": True}, speeds={"bfloat16": 2}
        ),
        Device(name="/device:GPU:0", card=card, hardware={"float16": True}, speeds={"float16": 3}),
    )
    machine = Machine(
        archcompile="0.1.0",
        python="3.11",
        platform="Linux-6.18.44-with-a-long-word-behind-it",
        packages={"tensorflow": "2.21.0", "jax": None},
        optional=(OptionalPackage(name="onnx", version=None, use="archc export", extra="onnx"),),
        processor="A processor",
        cpus=2,
        memory_bytes=2**34,
        devices=devices,
    )
    monkeypatch.setattr("archcompile.machine.examine", lambda: machine)
    fits("doctor")


def test_speeds_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(tasks: Sequence[Task], say: object) -> list[Outcome]:
        *measured, last = tasks
        outcomes = [
            Outcome(task=t, seconds=(1e-3, 2e-3), built="functions of XLA") for t in measured
        ]
        return [*outcomes, Outcome(task=last, missing="it needs a package that is not installed")]

    monkeypatch.setattr("archcompile.bench.measure", measure)
    monkeypatch.setattr("archcompile.bench.plan_of", lambda task: None)
    fits("bench", "digits_cnn", "--precision", "float32")
    fits("bench", "digits_cnn", "--inference")
