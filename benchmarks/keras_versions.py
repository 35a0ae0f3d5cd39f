"""Does model.py compute, and model.keras load, under another Keras or another backend?

    python benchmarks/keras_versions.py make DIR SPEC…    # here: source, model, outputs
    KERAS_BACKEND=torch PYTHONPATH=/tmp/keras-3.11.0:/tmp/torch \\
        python benchmarks/keras_versions.py check DIR

`pip install --target /tmp/keras-3.11.0 --no-deps keras==3.11.0` puts a version where PYTHONPATH
finds it. `check` prints a line a spec: the largest difference as part of the largest output, of
model.py (but for its check of the version) and of model.keras.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def make(folder: Path, specs: list[str]) -> None:
    import archcompile
    from archcompile.keras_model.build import save_model
    from archcompile.keras_model.weights import settle
    from archcompile.quiet import load_keras

    load_keras()
    from archcompile.keras_config.live_models import live
    from archcompile.verification.random_weights import randomise

    for spec in specs:
        name, *sets = spec.split()
        graph = archcompile.compile(name, sets=sets)
        model = graph.to_keras()
        randomise(live(model), seed=0)
        settle(model)
        net_folder = folder / graph.name
        net_folder.mkdir(parents=True)
        (net_folder / "model.py").write_text(graph.to_source("article"))
        save_model(graph, model, net_folder / "model.keras")
        x = np.random.default_rng(0).normal(size=(4, *graph.input_shape)).astype("float32")
        np.savez(
            net_folder / "run.npz",
            *[np.asarray(weight) for weight in model.weights],
            x=x,
            y=np.asarray(model(x, training=False)),
        )


def check(folder: Path) -> None:
    import keras

    for net_folder in sorted(folder.iterdir()):
        held = np.load(net_folder / "run.npz")
        weights = [held[f"arr_{place}"] for place in range(len(held.files) - 2)]

        def difference(load: Callable[[], Any], held: Any = held, weights: Any = weights) -> str:
            try:
                model = load()
                model.set_weights(weights)
                for layer in model.layers:
                    if hasattr(layer, "finalize_state"):
                        layer.finalize_state()
                y = keras.ops.convert_to_numpy(model(held["x"], training=False))
            except Exception as error:  # of any kind: the version cannot
                return f"{type(error).__name__}: {str(error).strip().splitlines()[-1][:90]}"
            return f"{np.abs(y - held['y']).max() / np.abs(held['y']).max():.1e}"

        def from_source(net_folder: Path = net_folder) -> Any:
            names: dict[str, Any] = {"__name__": "emitted"}
            exec(
                re.sub(
                    r"^if tuple\(.*\n.*\n",
                    "",
                    (net_folder / "model.py").read_text(),
                    flags=re.MULTILINE,
                ),
                names,
            )
            return names["model"]

        def from_file(net_folder: Path = net_folder) -> Any:
            return keras.models.load_model(net_folder / "model.keras")

        print(
            f"{keras.__version__:8} {keras.config.backend():11} {net_folder.name:28} "
            f"model.py {difference(from_source):10} model.keras {difference(from_file)}"
        )


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), sys.argv[3:])
    else:
        check(Path(sys.argv[2]))
