"""`archc doctor`: what this machine offers."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archcompile.cli.options import AsJson

if TYPE_CHECKING:
    from archcompile.machine import Device, Machine


def doctor(
    as_json: AsJson = False,
) -> None:
    """Show versions, devices and optional packages.

    For each device, also the precisions that the hardware really has.
    """
    from archcompile.cli.console import print_text
    from archcompile.machine import examine

    machine = examine()
    if as_json:
        print(json.dumps(machine.record(), indent=2))
    else:
        print_text("\n".join(_lines(machine)))


def _lines(machine: "Machine") -> Iterator[str]:
    memory = f", {machine.memory_bytes / 2**30:.0f} GiB" if machine.memory_bytes else ""
    yield f"archc {machine.archcompile}, Python {machine.python}, {machine.platform}"
    yield f"{machine.processor}, {machine.cpus} cores{memory}"
    yield ""
    for name, version in machine.packages.items():
        yield f"{name:<15}{version or 'missing'}"
    yield ""
    for package in machine.optional:
        command = f"pip install 'archcompile[{package.extra}]'"
        version = package.version or "not installed"
        yield f"{package.name:<15}{version}  ({package.use}: {command})"
    for device in machine.devices:
        yield ""
        yield from _device_lines(device)
    if not machine.has_gpu:
        yield ""
        yield "TensorFlow sees no GPU (for NVIDIA cards: pip install 'archcompile[gpu]')"


def _device_lines(device: "Device") -> Iterator[str]:
    card = ""
    if device.card:
        card = f"  {device.card.name}, compute capability {device.card.capability_words}"
    yield f"{device.name}{card}"
    yield "  float32     always"
    for dtype, is_in_hardware in device.hardware.items():
        how = "in hardware" if is_in_hardware else "emulated   "
        yield (
            f"  {dtype:<10}  {how}  a convolution runs {device.speeds[dtype]:g} times as fast as "
            "in float32"
        )
