"""Three of four models that packages of PyPI hold come in, and none comes in wrong.

The packages are installed, once, into a folder of their own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.importer.pypi_models import MODELS, PACKAGES, SUFFIXES
from tests.records import records_of

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

FOLDER = ROOT / ".cache" / "pypi_models"


def import_all(*files: str) -> None:
    """In the child process: one JSON record of each import."""
    from archcompile.verification import start_exactly

    start_exactly()
    import keras

    from archcompile.authoring import import_model
    from archcompile.errors import ArchError

    for file in files:
        keras.utils.clear_session()
        name = Path(file).stem
        try:
            imported = import_model(file, "imported.yaml", level=MODELS[name].level)
            outcome = {"is_in": True, "words": imported.proof.reason}
        except ArchError as error:
            outcome = {"is_in": False, "words": f"{error.code} {error}"}
        print(json.dumps({"name": file, **outcome}), flush=True)


@pytest.fixture(scope="module")
def packages() -> Path:
    """Where the packages lie."""
    note = FOLDER / "installed.txt"
    if note.is_file() and note.read_text(encoding="utf-8") == "\n".join(PACKAGES):
        return FOLDER
    pip = shutil.which("pip")
    if pip is None:
        pytest.skip("there is no pip to install the packages with")
    shutil.rmtree(FOLDER, ignore_errors=True)
    install = [pip, "install", "--quiet", "--no-deps", "--target", str(FOLDER), *PACKAGES]
    result = subprocess.run(install, check=False, capture_output=True, text=True)
    if result.returncode:
        pytest.skip(f"the packages cannot be installed: {result.stderr[-200:]}")
    note.write_text("\n".join(PACKAGES), encoding="utf-8")
    return FOLDER


@pytest.fixture(scope="module")
def records(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("models")
    script = str(Path(__file__).with_name("pypi_models.py"))
    for framework in SUFFIXES:
        legacy = {"TF_USE_LEGACY_KERAS": "1"} if framework == "tf_keras" else {}
        paths = {"PYTHONPATH": os.pathsep.join((str(packages), str(ROOT)))}
        subprocess.run(
            [sys.executable, script, framework, str(folder)],
            check=True,
            env={**os.environ, **paths, **legacy},
        )
    files = [folder / f"{name}{SUFFIXES[verdict.framework]}" for name, verdict in MODELS.items()]
    by_file = records_of(__file__, *map(str, files))
    return {Path(file).stem: record for file, record in by_file.items()}


@pytest.mark.parametrize("name", MODELS)
def test_comes_in_or_says_why_not(records: dict[str, Any], name: str) -> None:
    record, refusal = records[name], MODELS[name].refusal
    assert record["is_in"] is not bool(refusal), record["words"]
    assert refusal in record["words"] and "not-proven" not in record["words"]


def test_three_of_four_come_in() -> None:
    assert len(MODELS) >= 30
    assert 4 * sum(not verdict.refusal for verdict in MODELS.values()) >= 3 * len(MODELS)


if __name__ == "__main__":
    import_all(*sys.argv[1:])
