"""Commands of other tools, and what does the same here."""

import re
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from archcompile.run_files import holds_run
from archcompile.shipped import SUFFIXES, shipped_specs

_SAME = {
    "init": ("create", "start", "scaffold", "template", "templates", "quickstart", "begin"),
    "new": ("derive", "inherit", "extend", "fork", "copy"),
    "cost": (
        "summary",
        "info",
        "describe",
        "inspect",
        "stats",
        "param",
        "params",
        "parameters",
        "flops",
        "macs",
        "gflops",
        "memory",
        "shapes",
        "layers",
        "size",
        "count",
        "profile",
        "analyze",
        "analyse",
    ),
    "graph": (
        "plot",
        "plot_model",
        "draw",
        "drawing",
        "visualize",
        "visualise",
        "view",
        "open",
        "display",
        "diagram",
        "figure",
        "picture",
        "render",
        "svg",
        "png",
        "dot",
    ),
    "table": ("family", "variants", "vary"),
    "train": ("fit", "learn", "run", "finetune", "fine-tune"),
    "experiment": ("sweep", "grid", "tune", "search", "repeat", "experiments"),
    "eval": ("test", "evaluate", "score", "val", "accuracy"),
    "predict": ("infer", "inference", "classify", "detect"),
    "bench": ("benchmark", "speed", "time", "timeit"),
    "validate": ("check", "lint", "format", "fmt"),
    "verify": ("prove", "equal", "same", "equivalent"),
    "build": ("compile", "generate", "codegen", "code", "emit", "make", "write"),
    "export": ("convert", "save", "onnx", "tflite", "litert", "deploy", "dump", "freeze"),
    "import": ("load", "read", "from_keras", "reverse"),
    "list": ("ls", "models", "zoo", "networks", "specs", "examples"),
    "explain": ("doc", "docs", "why", "codes", "errors", "man"),
    "show": ("print", "cat", "resolve", "expand"),
    "studio": ("edit", "editor", "ui", "gui", "playground", "serve", "server"),
    "watch": ("live", "preview", "follow"),
    "runs": ("history", "log", "logs", "results", "status", "leaderboard"),
    "doctor": ("env", "environment", "devices", "device", "gpu", "versions", "collect_env"),
}
_HOW = {
    "init": "init NAME` starts a spec of your own",
    "new": "new NAME --from SPEC` starts a spec from another; `archc list` shows those that ship",
    "cost": "cost SPEC` prints layers, shapes and parameters",
    "graph": "graph SPEC -o FILE.svg` draws a network",
    "table": "table SPEC --vary K=1,2,3` compares variants of a spec",
    "train": "train SPEC --recipe digits` trains a network, `--data DIR` on your images",
    "experiment": "experiment FILE` trains every spec of a file with every recipe and seed",
    "eval": "eval RUN` evaluates a run on its test set",
    "predict": "predict RUN IMAGE` classifies images",
    "bench": "bench SPEC` measures the speed of training and of inference",
    "validate": "validate SPEC` checks a spec",
    "verify": "verify SPEC --against REF` proves that two networks are the same",
    "build": "build SPEC` writes the Keras model and its source",
    "export": "export RUN --format onnx` writes other forms",
    "import": "import MODEL.keras` makes a spec from a Keras model",
    "list": "list` shows what ships",
    "explain": "explain CODE` explains what a finding means",
    "show": "show SPEC` prints a spec with all it inherits",
    "studio": "studio SPEC` opens a spec in the browser, beside its drawing",
    "watch": "watch SPEC` shows a spec in the browser while another editor writes it",
    "runs": "runs` lists trainings",
    "doctor": "doctor` shows versions and devices",
}


_BEYOND = {  # what is no command of its own
    "help": "`archc --help` lists the commands, `archc COMMAND --help` describes one",
    "version": "`archc --version` prints it",
    "download": "`archc data fetch NAME` downloads a data set",
    "fetch": "`archc data fetch NAME` downloads a data set",
    "dataset": "`archc data list` shows the sources of data",
    "datasets": "`archc data list` shows the sources of data",
    "recipes": "`archc recipe list` shows the recipes",
    "resume": "`archc train --resume --run-dir RUN` resumes a training",
    "continue": "`archc train --resume --run-dir RUN` resumes a training",
    "report": "`archc compare RUN -o report.html` writes a page; each run has its own report.html",
    "tensorboard": "`archc train SPEC --tensorboard` also writes the history for TensorBoard",
    "completion": "`archc --install-completion` installs completion for your shell",
    "completions": "`archc --install-completion` installs completion for your shell",
}


def command_hint(
    message: str, following: Sequence[str] = (), commands: Sequence[str] = ()
) -> tuple[str, str] | None:
    """(problem, hint) for a message about an unknown command that is a word of other tools.

    Also where it is a spec, which goes behind a command. The hint has what was typed behind it,
    `following`, in the place of SPEC or RUN, and the command of `commands` that help is asked for.
    None for any other message or word.
    """
    match = re.match(r"No such command '([^']*)'", message)
    if match is None:
        return None
    word = match[1].lower()
    ours = next((ours for ours, words in _SAME.items() if word in words), None)
    hint = f"`archc {_HOW[ours]}" if ours else _BEYOND.get(word)
    if word == "help" and following and following[0] in commands:
        hint = f"`archc {following[0]} --help` describes it"
    elif hint is None and (word.endswith(SUFFIXES) or match[1] in shipped_specs()):
        hint = f"`archc graph {match[1]}` shows that network, `archc build {match[1]}` writes it"
    return (f"{match[0]}.", _with_names(hint, following)) if hint else None


def _with_names(hint: str, following: Sequence[str]) -> str:
    """A hint with the spec and the run that were typed in the place of SPEC and RUN."""
    for name in following:
        is_spec = name.endswith(SUFFIXES) or name in shipped_specs()
        if is_spec or holds_run(Path(name)):
            hint = hint.replace("SPEC" if is_spec else "RUN", quote(name), 1)
    return hint
