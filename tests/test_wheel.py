"""The built wheel, installed elsewhere: specs travel with it, and `archc build NAME` works in any
folder.
"""

import json
import os
import runpy
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.warm import read_output

ROOT = Path(__file__).parents[1]


def run(
    arguments: list[str], cwd: Path, environment: Mapping[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """A program, with these variables; None is one that is not set."""
    names = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    clean = {k: v for k, v in {**names, **(environment or {})}.items() if v is not None}
    return subprocess.run(
        arguments, cwd=cwd, capture_output=True, text=True, check=False, env=clean
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`archc` of an empty environment into which only the wheel was installed.

    What it depends on is lent from this environment by its folder: an entry in a .pth file reads no
    further .pth files, so the editable install of archcompile here stays out of sight.
    """
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(folder),
            str(ROOT),
        ],
        folder,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("archcompile-*.whl")
    place = folder / "env"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    libraries = run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder
    ).stdout.strip()
    installed = run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--no-deps",
            "--quiet",
            str(wheel),
        ],
        folder,
    )
    assert installed.returncode == 0, installed.stderr
    Path(libraries, "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run([str(python), "-c", "import archcompile; print(archcompile.__file__)"], folder)
    assert where.stdout.startswith(libraries), where.stdout + where.stderr
    return place / "bin" / "archc"


def test_builds_by_name_elsewhere(program: Path, tmp_path: Path) -> None:
    done = run([str(program), "build", "resnet_v1_20", "--emit", "source,graph"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "274,442" in done.stdout
    assert (tmp_path / "build/resnet_v1_20/model.py").exists()


def test_a_spec_elsewhere_extends_what_ships(program: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "archc: 1\nextends: resnet_v1\nvars: {depth: 8}\nexpect: {depth: 8}\n"
    )
    done = run([str(program), "validate", "mine.yaml"], tmp_path)
    assert done.returncode == 0, done.stderr


def load_elsewhere(folder: str) -> None:
    """In a process that has no archcompile: the built model, saved and printed, as plain Keras."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "archcompile"]:
        del sys.modules[name]
    sys.modules["archcompile"] = None  # type: ignore[assignment] # an import fails
    import keras

    saved = keras.models.load_model(f"{folder}/model.keras")
    printed = runpy.run_path(f"{folder}/model.py")["model"]
    for model in (saved, printed):
        print(model.count_params(), len(model.layers), model.name)


@pytest.mark.keras
@pytest.mark.thorough
def test_builds_a_model_that_loads_in_plain_keras_and_nothing_is_noisy(
    program: Path, tmp_path: Path
) -> None:
    """Keras starts in silence and on TensorFlow, whatever the environment says."""
    environment = {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": None}
    done = run([str(program), "build", "resnet_v1_20", "--json"], tmp_path, environment)
    assert (done.returncode, done.stderr) == (0, "")
    built = json.loads(done.stdout)
    folder = tmp_path / "build/resnet_v1_20"
    assert {path.name for path in folder.iterdir()} == {"graph.json", "model.keras", "model.py"}
    assert built["nodes"] == 72 and built["params"]["total"] == 274442
    loaded = read_output(load_elsewhere, str(folder), cwd=tmp_path)
    assert loaded.splitlines() == ["274442 72 resnet_v1_20"] * 2
