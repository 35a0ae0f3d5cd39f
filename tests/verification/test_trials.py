"""What `verify` leaves aside on request, and that an unlucky seed is not the last word."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.api import compile_text

pytestmark = pytest.mark.keras

SPEC = """
archc: 1
input: [8, 8, 3]
stem: [conv: {filters: 4, kernel: 3, init: he_normal}]
head: [global_avg_pool, dense: {units: 3, activation: softmax}]
"""


def test_initialisers_are_left_aside_on_request(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    x = inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", kernel_initializer="random_uniform")(x)
    x = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    keras.Model(inputs, x).save(tmp_path / "model.keras")
    graph = compile_text(SPEC)
    with_them = archcompile.verify(graph, tmp_path / "model.keras")
    assert with_them.verdict == "different" and "kernel_initializer" in with_them.reason
    without = archcompile.verify(graph, tmp_path / "model.keras", ignore_initialisers=True)
    assert without.verdict == "same"
    assert without.certificate["reference"]["set_aside"] == [
        "initial values, which were not compared"
    ]
    wider = compile_text(SPEC.replace("kernel: 3", "kernel: 5"))
    assert not archcompile.verify(wider, tmp_path / "model.keras", ignore_initialisers=True).is_same


def test_seeds_that_cannot_tell_are_followed_by_others(
    keras: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archcompile.verification import Verdict, of_graph, proof, prove

    compare, seeds = proof.compare, []

    def unlucky(*sides: Any, seed: int, **given: Any) -> Any:
        seeds.append(seed)
        report = compare(*sides, seed=seed, **given)
        if len(seeds) == 3:
            return report
        first, *rest = report.quantities
        return replace(report, quantities=(replace(first, verdict=Verdict.CANNOT_TELL), *rest))

    monkeypatch.setattr(proof, "compare", unlucky)
    result = prove(of_graph(compile_text(SPEC)), of_graph(compile_text(SPEC)), seed=5)
    assert (result.verdict, result.seed, seeds) == (Verdict.EQUAL, 7, [5, 6, 7])
