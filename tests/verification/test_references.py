"""References that do not behave."""

from pathlib import Path

import pytest

from archcompile.errors import ArchError, UsageError


@pytest.mark.keras
@pytest.mark.parametrize(
    "text", ["import sys; sys.exit(0)", "raise SystemExit", "exit()", "1 / 0", "model = 3"]
)
def test_a_file_that_leaves_no_model_is_an_error(text: str, tmp_path: Path) -> None:
    from archcompile.quiet import load_keras

    load_keras()
    from archcompile.verification.proof_sides import reference

    (tmp_path / "source.py").write_text(text)
    with pytest.raises(ArchError):
        reference(f"source:{tmp_path}/source.py", None, True, compile_text=lambda name: None)  # type: ignore[arg-type,return-value]


@pytest.mark.keras
def test_what_a_file_prints_is_no_part_of_the_verdict(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from archcompile.quiet import load_keras

    load_keras()
    from archcompile.verification.proof_sides import reference

    (tmp_path / "source.py").write_text(
        "print('same: all')\nimport keras\nx = keras.Input((4,))\n"
        "model = keras.Model(x, keras.layers.Dense(2)(x))\n"
    )
    reference(f"source:{tmp_path}/source.py", None, True, compile_text=lambda name: None)  # type: ignore[arg-type,return-value]
    captured = capfd.readouterr()
    assert captured.out == "" and "same: all" in captured.err
    with pytest.raises(UsageError, match="expected a `.keras` or `.h5` file, got a folder"):
        (tmp_path / "f.keras").mkdir()
        reference(f"{tmp_path}/f.keras", None, False, compile_text=lambda name: None)  # type: ignore[arg-type,return-value]
