"""What this machine offers, in words and as JSON."""

import json
from functools import cache

import pytest

from archcompile import machine
from archcompile.machine import device_formats
from tests.command_line import Archc


@pytest.mark.keras
def test_doctor(archc: Archc, monkeypatch: pytest.MonkeyPatch) -> None:
    """The speeds of the device are measured once, for both answers."""
    import tensorflow as tf

    monkeypatch.setattr(machine, "examine", cache(machine.examine))
    actual = json.loads(archc("doctor", "--json").out)
    assert actual["packages"]["tensorflow"] == tf.__version__ and actual["cpus"] >= 1
    cpu = actual["devices"][0]
    assert cpu["kind"] == "CPU" and cpu["speed_beside_float32"]["float32"] == 1.0
    assert cpu["hardware"] == device_formats.cpu_formats()
    text = archc("doctor").out
    for part in (f"tensorflow     {tf.__version__}", "float32     always", "bfloat16"):
        assert part in text


@pytest.mark.parametrize(
    ("flags", "hardware"),
    [
        ("flags\t\t: fpu avx2 avx512_bf16", {"bfloat16": True, "float16": False}),
        ("flags\t\t: fpu avx2 amx_bf16 avx512_fp16", {"bfloat16": True, "float16": True}),
        ("Features\t: fp asimd fphp asimdhp", {"bfloat16": False, "float16": True}),
        ("model name\t: x", {"bfloat16": False, "float16": False}),
    ],
)
def test_what_a_processor_says_of_itself(flags: str, hardware: dict[str, bool]) -> None:
    assert device_formats.formats_of(device_formats.flags_in(flags)) == hardware
