"""What is said of a recipe before it trains: what it sets without effect."""

from collections.abc import Iterable
from dataclasses import replace

from archcompile.errors import Diagnostic
from archcompile.messages import Say
from archcompile.python_words import SETTING
from archcompile.training.request import TrainingRequest

LENGTH = "train.epochs"  # the setting that `--epochs` stands for


def remark(findings: Iterable[Diagnostic], request: TrainingRequest, say: Say) -> None:
    """Says the warnings among the findings of a recipe."""
    for finding in findings:
        if finding.severity == "warning":
            say(str(_as_typed(finding, request)))


def _as_typed(finding: Diagnostic, request: TrainingRequest) -> Diagnostic:
    """The finding at `--epochs`, if that gave what it is about."""
    at = finding.location
    if request.epochs is None or at.file != f"{SETTING}{LENGTH}":
        return finding
    return replace(finding, location=replace(at, file="--epochs"))
