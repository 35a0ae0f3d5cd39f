"""Messages for a caller in Python: options are arguments, commands are functions."""

import pytest

import archcompile
from archcompile.errors import ArchError, UsageError
from archcompile.python_words import in_python

ROWS = [
    ("archc train SPEC --recipe FILE", "archcompile.train(SPEC, recipe=FILE)"),
    (
        "archc train --resume --run-dir runs/x-0 continues",
        'archcompile.train(resume=True, run_dir="runs/x-0") continues',
    ),
    ("archc runs --json shows the hashes", "archcompile.runs() shows the hashes"),
    ("`archc list` shows what ships", "`archcompile.list_specs()` shows what ships"),
    ("`archc explain` lists the codes", "`archc explain` lists the codes"),
    ("archc data fetch cifar10", "archc data fetch cifar10"),
    ("give it with --run-dir", "give it with `run_dir`"),
    ("`--time-limit` ends a run", "`time_limit` ends a run"),
    ("--init takes the weights that fit", "`init` takes the weights that fit"),
    ("--device gpu:3: TensorFlow sees 0", 'device="gpu:3": TensorFlow sees 0'),
    ("the CPU is --device cpu", 'the CPU is device="cpu"'),
    ("give more --epochs 12", "give more epochs=12"),
    ("--set data.fit=resize, or =crop", 'sets=["data.fit=resize"], or =crop'),
    ("--set is for specs", "`sets` is for specs"),
    ("--freeze stem,s9: x has no part", 'freeze="stem,s9": x has no part'),
    ("or --force, if it is meant", "or force=True, if it is meant"),
    ("-o build/x.py", 'output="build/x.py"'),
    ("name such a file with -o", "name such a file with `output`"),
    ("a well-known 3-by-3 - and so on", "a well-known 3-by-3 - and so on"),
]


@pytest.mark.parametrize(("message", "words"), ROWS)
def test_words(message: str, words: str) -> None:
    assert in_python(message) == words


def test_an_error_is_its_whole_message() -> None:
    with pytest.raises(ArchError) as caught:
        archcompile.compile("resnet_v1", depth=21)
    lines = str(caught.value).splitlines()
    assert lines[:5] == [
        "depth=21: error[not-whole]: `repeat` for depth 21: expected a whole number, got 3 1/6",
        "  1 | depth=21",
        "    |       ^^",
        "  help: the nearest values of `depth` that fit: 20 and 26",
        "  note: used here: specs/resnet_v1.yaml:20:30",
    ]
    error = UsageError("two\nlines \x1b[2J", hint="try --seed 3")
    assert str(error) == "two\nlines \\x1b[2J\n  help: try seed=3"


def test_of_many_mistakes_the_first_are_shown() -> None:
    steps = "".join(f"  - conv: {{filtres: {n}}}\n" for n in range(30))
    with pytest.raises(ArchError) as caught:
        archcompile.compile_text(f"archc: 1\ninput: [8, 8, 1]\nstem:\n{steps}")
    message = str(caught.value)
    assert message.count("error[") == 20 and message.endswith(" more")
