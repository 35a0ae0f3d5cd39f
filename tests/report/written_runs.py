"""Folders of runs that nobody trained: the plain files alone, as a run leaves them."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archcompile.recipe.model import Recipe

RECIPE = {
    "archc": 1,
    "name": "small",
    "batch_size": 10,
    "epochs": 4,
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
}
SPEC = (
    "archc: 1\nname: net\ninput: [8, 8, 1]\nstem: [conv: {filters: 2, kernel: 3}]\nhead: "
    "[global_avg_pool, dense: {units: 3}]\n"
)
SESSION = {
    "started": "2026-01-02T03:04:05Z",
    "command": "archc train net.yaml --recipe small",
    "platform": "Linux",
    "processor": "CPU",
    "gpus": [],
    "versions": {"python": "3.11", "archcompile": "0.1", "tensorflow": "2.21", "keras": "3.15"},
    "devices": ["CPU"],
    "replicas": 1,
    "kernels": "fused",
    "deterministic": False,
}
OPTIONS = {
    "seed": 0,
    "kernels": "fused",
    "deterministic": False,
    "init": None,
    "freeze": [],
    "tensorboard": False,
}
DATA = {
    "label": "digits",
    "place": "here",
    "fit": None,
    "fingerprint": "d" * 64,
    "train": 100,
    "validation": 0,
    "test": 30,
}
HISTORY = (
    "epoch",
    "learning_rate",
    "loss",
    "cross_entropy",
    "l2",
    "accuracy",
    "val_loss",
    "val_cross_entropy",
    "val_accuracy",
    "seconds",
    "images_per_second",
)


def history_rows(accuracies: Sequence[float]) -> list[tuple[float, ...]]:
    return [
        (
            epoch,
            0.01,
            2 / epoch,
            1.5 / epoch,
            0.5 / epoch,
            accuracy + 0.1,
            1 / epoch,
            0.9 / epoch,
            accuracy,
            2.0,
            50.0,
        )
        for epoch, accuracy in enumerate(accuracies, 1)
    ]


def best_epoch(accuracies: Sequence[float], chosen_on: str) -> dict[str, Any] | None:
    if not accuracies:
        return None
    best = max(range(len(accuracies)), key=accuracies.__getitem__)
    return {
        "epoch": best + 1,
        "monitor": "val_accuracy",
        "chosen_on": chosen_on,
        "test_accuracy": accuracies[best],
        "test_loss": 1 / (best + 1),
    }


def write_run(
    folder: Path,
    *,
    name: str = "net",
    seed: int = 0,
    spec: str = "a" * 64,
    data: str = "d" * 64,
    label: str = "digits",
    accuracies: Sequence[float] = (0.5, 0.6, 0.8, 0.7),
    epochs: int = 4,
    finished: bool = True,
    result: bool = True,
    validation: int = 0,
    started: str = SESSION["started"],
    recipe: dict[str, Any] | None = None,
    chosen_on: str = "test set",
) -> Path:
    """A run of steps by ten an epoch; with `result`, result.json says the last of `accuracies` and
    the best.
    """
    folder.mkdir(parents=True)
    trained = Recipe.model_validate({**RECIPE, "epochs": epochs, **(recipe or {})})
    (folder / "recipe.yaml").write_text(trained.text())
    (folder / "resolved.yaml").write_text(SPEC.replace("name: net", f"name: {name}"))
    identity = {"spec": spec, "recipe": trained.identity(), "data": data, "seed": seed}
    dataset = {**DATA, "label": label, "validation": validation}
    put(
        folder / "environment.json",
        {
            **SESSION,
            "started": started,
            "seed": seed,
            "identity": identity,
            "options": OPTIONS,
            "dataset": dataset,
            "resumed": [],
        },
    )
    with (folder / "history.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HISTORY, *history_rows(accuracies)])
    done = len(accuracies)
    state = {
        "pace": {"epoch": 10, "total": 10 * epochs, "step": 0, "progress": 0.0},
        "epoch": done,
        "step": 10 * done,
        "seconds": 9.5,
    }
    if done:
        put(folder / "checkpoints" / f"epoch-{done:04d}-step-{10 * done:08d}" / "state.json", state)
    if result:
        put(
            folder / "result.json",
            {
                "name": name,
                "hash": spec,
                "params": 1234,
                "recipe": "small",
                "epochs": done,
                "steps": 10 * done,
                "finished": finished,
                "test_loss": 1 / max(done, 1),
                "test_cross_entropy": 0.9 / max(done, 1),
                "test_accuracy": accuracies[-1] if done else 0.1,
                "best": best_epoch(accuracies, chosen_on),
                "dataset": label,
                "seconds": 12.25,
            },
        )
    return folder


def put(file: Path, value: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value))
