"""`archc doctor`: what this machine offers."""

import json
from collections.abc import Iterator
from typing import Any

from archcompile.cli.options import AsJson


def doctor(
    as_json: AsJson = False,
) -> None:
    """Show versions, devices and optional packages.

    For each device, also the precisions that the hardware really has.
    """
    from archcompile.training import examine

    machine = examine()
    print(json.dumps(machine, indent=2) if as_json else "\n".join(_lines(machine)))


def _lines(machine: dict[str, Any]) -> Iterator[str]:
    memory = f", {machine['memory_bytes'] / 2**30:.0f} GiB" if machine["memory_bytes"] else ""
    yield f"archc {machine['archcompile']}, Python {machine['python']}, {machine['platform']}"
    yield f"{machine['processor']}, {machine['cpus']} cores{memory}"
    yield ""
    for name, version in machine["packages"].items():
        yield f"{name:<15}{version or 'missing'}"
    yield ""
    for name, entry in machine["optional"].items():
        command = f"pip install 'archcompile[{entry['extra']}]'"
        yield f"{name:<15}{entry['version'] or 'not installed'}  ({entry['for']}: {command})"
    for device in machine["devices"]:
        yield from _device_lines(device)
    if not any(device["kind"] == "GPU" for device in machine["devices"]):
        yield ""
        yield "TensorFlow sees no GPU (for NVIDIA cards: pip install 'archcompile[gpu]')"


def _device_lines(device: dict[str, Any]) -> Iterator[str]:
    card = ""
    if "card" in device:
        card = f"  {device['card']}, compute capability {device['compute_capability']}"
    yield ""
    yield f"{device['name']}{card}"
    yield "  float32     always"
    for kind, is_in_hardware in device["hardware"].items():
        how = "in hardware" if is_in_hardware else "emulated   "
        speed = device["speed_beside_float32"][kind]
        yield f"  {kind:<10}  {how}  a convolution runs {speed:g} times as fast as in float32"
