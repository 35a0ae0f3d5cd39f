"""Options of other programs for training, and what does the same here."""

import re

_SAME = {
    "`--run-dir RUN` is where the run is written": (
        "--out",
        "--output",
        "--output-dir",
        "--outdir",
        "--out-dir",
        "--save-dir",
        "--save",
        "--dir",
        "--name",
        "--log-dir",
        "--logdir",
        "--project",
        "-o",
    ),
    "`--set train.batch_size=N` sets the batch size": ("--batch", "--batch-size", "--bs", "-b"),
    "`--set train.optimizer.learning_rate=RATE` sets the learning rate": (
        "--lr",
        "--learning-rate",
        "--lr0",
    ),
    "`--set train.optimizer.kind=NAME` sets the optimizer, `archc recipe show` what goes with it": (
        "--opt",
        "--optimizer",
        "--optim",
    ),
    "`--set train.precision=mixed_bfloat16` trains in 16 bits": (
        "--amp",
        "--fp16",
        "--bf16",
        "--half",
        "--precision",
    ),
    "`--device gpu` chooses the device": ("--gpu", "--gpus", "--cuda", "--accelerator"),
    "`--data SOURCE` names the data, `--data-dir DIR` the folder that holds it": (
        "--dataset",
        "--data-path",
        "--root",
    ),
    "`--init RUN` starts from its weights": ("--weights", "--pretrained", "--checkpoint"),
}
_HINTS = {option: hint for hint, options in _SAME.items() for option in options}


def option_hint(message: str, command: str) -> tuple[str, str] | None:
    """(problem, hint) for a message about an option that `archc train` has under another name.

    None for any other message, option or command.
    """
    match = re.match(r"No such option: (--?[\w-]+)", message)
    hint = _HINTS.get(match[1].lower()) if match and command == "train" else None
    return (f"No such option: {match[1]}", hint) if match and hint else None
