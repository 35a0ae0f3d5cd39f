"""The pre-commit hook that others use, run by pre-commit itself in a repository of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent
GOOD = "archc: 1\ninput: [8, 8, 3]\nhead: [global_avg_pool, dense: {units: 2}]\n"
WRONG = GOOD.replace("units", "unit")


def run_command(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that has the hook, in the environment of these tests instead of one that
    pre-commit would install.
    """
    (hook,) = yaml.safe_load(HOOKS.read_text())
    local = {**hook, "language": "system", "entry": f"{BIN}/{hook['entry']}"}
    (tmp_path / ".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]})
    )
    assert run_command("git", "init", "-q", folder=tmp_path).returncode == 0
    for name, text in {
        "specs/good.yaml": GOOD,
        "specs/deep/good.yml": GOOD,
        "other.yaml": WRONG,
        "specs/note.txt": WRONG,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    run_command("git", "add", ".", folder=tmp_path)
    return tmp_path


def test_the_definition_is_one() -> None:
    done = run_command(f"{BIN}/pre-commit", "validate-manifest", str(HOOKS), folder=ROOT)
    assert done.returncode == 0, done.stdout


def test_the_hook_passes_what_is_right_and_stops_what_is_wrong(repository: Path) -> None:
    run = (f"{BIN}/pre-commit", "run", "archc-validate")
    right = run_command(*run, folder=repository)
    assert (right.returncode, "Passed" in right.stdout) == (0, True), right.stdout + right.stderr
    (repository / "specs/wrong.yaml").write_text(WRONG)
    run_command("git", "add", ".", folder=repository)
    wrong = run_command(*run, folder=repository)
    assert wrong.returncode == 1
    assert "specs/wrong.yaml:3:33" in wrong.stdout and "`units`" in wrong.stdout
