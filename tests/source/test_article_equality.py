"""The emitted models, and the models that the emitted source builds, are the article's networks.

The reference is the plain Keras network of `tests/oracles`, written by hand. The comparison runs in
a process of its own, on one thread: with several, sums are added up in another order from time to
time.
"""

import json
import sys
from typing import Any

import pytest

from tests.records import records_of

pytestmark = pytest.mark.keras

TOTALS = {"v1_8": 78_666, "v1_20": 274_442, "v1_56": 861_770,
          "v2_11": 299_178, "v2_29": 849_002, "v2_56": 1_673_738}  # fmt: skip
EVERY_RUN = ("v1_8", "v2_11")  # the deeper ones have the same units, more often
FORMS = ("model", "source")


def compare_all(*nets: str) -> None:
    """In the child process: print one JSON record for each net and form."""
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    import archcompile
    from archcompile.keras_config.live_models import live
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import match
    from archcompile.verification.numerics import compare
    from archcompile.verification.output_order import ModelsDiffer
    from archcompile.verification.random_weights import copy_weights, randomise
    from tests.oracles import article

    for net in nets:
        family, depth = net.split("_")
        reference = live(getattr(article, f"resnet_{family}")(int(depth)))
        randomise(reference, seed=int(depth))
        sets = [f"depth={depth}"] if net in EVERY_RUN else []
        graph = archcompile.compile(f"resnet_{family if sets else net}", sets=sets)
        namespace: dict[str, Any] = {"__name__": "emitted"}
        exec(compile(graph.to_source(), f"resnet_{net}.py", "exec"), namespace)
        for form, candidate in zip(FORMS, (graph.to_keras(), namespace["model"]), strict=True):
            record: dict[str, Any] = {"name": f"{net} {form}", "params": candidate.count_params()}
            try:
                ours = live(candidate)
                pairing = match(exact_view(reference.net), exact_view(ours.net))
                copy_weights(reference, ours, pairing)
                report = compare(reference, ours, pairing, seed=0)
                record |= {"verdict": report.verdict.value, "detail": str(report)}
                record |= {
                    "kinds": sorted({f"{q.kind} {q.mode}".strip() for q in report.quantities})
                }
            except ModelsDiffer as error:
                record |= {"verdict": "different", "detail": error.message}
            print(json.dumps(record), flush=True)


@pytest.fixture(scope="module")
def records() -> dict[str, Any]:
    return records_of(__file__, *EVERY_RUN)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("net", EVERY_RUN)
def test_emitted_is_the_articles_network(records: dict[str, Any], net: str, form: str) -> None:
    check(records[f"{net} {form}"], net)


@pytest.mark.thorough
@pytest.mark.parametrize("net", [net for net in TOTALS if net not in EVERY_RUN])
def test_emitted_deeper_ones_are_too(net: str) -> None:
    records = records_of(__file__, net)
    for form in FORMS:
        check(records[f"{net} {form}"], net)


def check(record: dict[str, Any], net: str) -> None:
    assert record["verdict"] == "equal", record["detail"]
    assert record["params"] == TOTALS[net]
    both = {
        f"{kind} {mode}"
        for kind in ("op", "output", "loss", "gradient")
        for mode in ("inference", "training")
    }
    assert set(record["kinds"]) == both | {"weight", "op state training", "state training"}


if __name__ == "__main__":
    compare_all(*sys.argv[1:])
