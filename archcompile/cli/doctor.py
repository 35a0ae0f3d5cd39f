"""`archc doctor`: what this machine offers."""

import json
from typing import Any

from archcompile.cli.options import AsJson


def doctor(
    as_json: AsJson = False,
) -> None:
    """Show versions, devices, the precisions that the hardware really has, and optional
    packages.
    """
    from archcompile.training import examine

    machine = examine()
    print(json.dumps(machine, indent=2) if as_json else "\n".join(_lines(machine)))


def _lines(machine: dict[str, Any]) -> list[str]:
    memory = f", {machine['memory_bytes'] / 2**30:.0f} GiB" if machine["memory_bytes"] else ""
    lines = [
        f"archc {machine['archcompile']}, Python {machine['python']}, {machine['platform']}",
        f"{machine['processor']}, {machine['cpus']} cores{memory}",
        "",
        *(f"{name:<15}{version or 'missing'}" for name, version in machine["packages"].items()),
        "",
    ]
    for name, entry in machine["optional"].items():
        command = f"pip install 'archcompile[{entry['extra']}]'"
        lines.append(
            f"{name:<15}{entry['version'] or 'not installed'}  ({entry['for']}: {command})"
        )
    for device in machine["devices"]:
        card = ""
        if "card" in device:
            card = f"  {device['card']}, compute capability {device['compute_capability']}"
        lines += ["", f"{device['name']}{card}", "  float32     always"]
        for kind, has in device["hardware"].items():
            speed, how = (
                device["speed_beside_float32"][kind],
                "in hardware" if has else "emulated   ",
            )
            lines.append(
                f"  {kind:<10}  {how}  a convolution runs {speed:g} times as fast as in float32"
            )
    if not any(device["kind"] == "GPU" for device in machine["devices"]):
        lines += ["", "TensorFlow sees no GPU (for NVIDIA cards: pip install 'archcompile[gpu]')"]
    return lines
