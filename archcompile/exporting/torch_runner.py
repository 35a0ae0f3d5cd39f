"""Runs an exported module in PyTorch: started as a process of its own, never imported by archc.

`python torch_runner.py MODEL.py CLASS WEIGHTS.safetensors IMAGES.safetensors OUTPUTS.safetensors`:
images are `x` (N, C, H, W), in the type to compute in; outputs are as the module returns them, a
single one as `output`.
TensorFlow and PyTorch are not loaded into one process, and nothing here is read by pickle.
"""

import importlib.util
import sys
from collections.abc import Sequence
from typing import Any

import torch
from safetensors.torch import load_file, save_file

BATCH = 64  # images that are run at a time


def main(arguments: Sequence[str]) -> None:
    model_file, name, weights, images, outputs = arguments
    model = _module(model_file, name)
    model.load_state_dict(load_file(weights))
    x = load_file(images)["x"]
    model.to(x.dtype).eval()
    with torch.no_grad():
        parts = [_by_name(model(batch)) for batch in torch.split(x, BATCH)]
    joined = {}
    for label in parts[0]:
        joined[label] = torch.cat([part[label] for part in parts]).contiguous()
    save_file(joined, outputs)


def _module(file: str, name: str) -> Any:
    """An instance of the class that a file defines."""
    spec = importlib.util.spec_from_file_location("exported", file)
    assert spec is not None and spec.loader is not None
    exported = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(exported)
    return getattr(exported, name)()


def _by_name(result: Any) -> dict[str, Any]:
    return result if isinstance(result, dict) else {"output": result}


if __name__ == "__main__":
    main(sys.argv[1:])
