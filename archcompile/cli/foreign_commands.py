"""Commands of other tools, and what does the same here."""

import re

_SAME = {
    "new": ("init", "create", "start", "scaffold"),
    "cost": (
        "summary",
        "info",
        "describe",
        "inspect",
        "stats",
        "params",
        "flops",
        "macs",
        "count",
        "profile",
    ),
    "graph": ("plot", "draw", "visualize", "visualise", "diagram", "render", "svg"),
    "train": ("fit", "learn", "run"),
    "eval": ("test", "evaluate", "score"),
    "predict": ("infer", "inference", "classify"),
    "validate": ("check", "lint"),
    "build": ("compile", "generate", "codegen", "emit", "make"),
    "export": ("convert", "save", "onnx"),
    "import": ("load", "read"),
    "list": ("ls", "models", "zoo"),
    "explain": ("doc", "docs", "why"),
    "show": ("print", "cat", "resolve"),
    "runs": ("history", "log", "logs", "results"),
}
_HOW = {
    "new": "new NAME --from SPEC` starts a spec from another; `archc list` shows those that ship",
    "cost": "cost SPEC` prints layers, shapes and parameters",
    "graph": "graph SPEC -o FILE.svg` draws a network",
    "train": "train SPEC --data DATA` trains a network",
    "eval": "eval RUN` evaluates a run on its test set",
    "predict": "predict RUN IMAGE` classifies images",
    "validate": "validate SPEC` checks a spec",
    "build": "build SPEC` writes the Keras model and its source",
    "export": "export RUN --format onnx` writes other forms",
    "import": "import MODEL.keras` makes a spec from a Keras model",
    "list": "list` shows what ships",
    "explain": "explain CODE` explains what a finding means",
    "show": "show SPEC` prints a spec with all it inherits",
    "runs": "runs` lists trainings",
}


_BEYOND = {  # what is no command of its own
    "help": "`archc --help` lists the commands, `archc COMMAND --help` describes one",
    "version": "`archc --version` prints it",
    "download": "`archc data fetch NAME` downloads a data set",
    "fetch": "`archc data fetch NAME` downloads a data set",
    "resume": "`archc train --resume --run-dir RUN` resumes a training",
}


def command_hint(message: str) -> tuple[str, str] | None:
    """(problem, hint) for a message about an unknown command that other tools have, else None."""
    match = re.match(r"No such command '([^']*)'", message)
    if match is None:
        return None
    word = match[1].lower()
    ours = next((ours for ours, words in _SAME.items() if word in words), None)
    hint = f"`archc {_HOW[ours]}" if ours else _BEYOND.get(word)
    return (f"{match[0]}.", hint) if hint else None
