"""Puts exported modules through what users of PyTorch do with them, as a process of its own.

`python torch_uses.py ROWS.json`: each row has the file and the class, the shape of its images
(N, C, H, W), and a `use`: `compile` (with a step in training), `export` or `onnx`. Prints for each
row, as JSON, the largest difference to the module itself, as a part of its largest output.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parent))
from torch_step import by_label, module  # type: ignore[import-not-found]


def main(rows_file: str) -> None:
    results = []
    torch.set_num_threads(1)
    for row in json.loads(Path(rows_file).read_text()):
        torch.manual_seed(0)
        model = module(row["file"], row["class"])
        settle(model)
        results.append(USES[row["use"]](model.eval(), torch.randn(row["shape"])))
    print(json.dumps(results))


def settle(model: Any) -> None:
    """Statistics other than 0 and 1."""
    for name, buffer in model.named_buffers():
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
        if name.endswith("running_mean"):
            buffer.uniform_(-0.1, 0.1)


def compare_compiled(model: Any, x: Any) -> float:
    """Inference, and the gradients of a step in training, in both ways."""
    fast = torch.compile(model)
    at_inference = difference(model(x), fast(x))
    gradients = []
    for each in (model, fast):
        model.zero_grad()
        images = x.clone().requires_grad_()
        sum(value.square().sum() for value in by_label(each.train()(images)).values()).backward()
        weights = {name: weight.grad for name, weight in model.named_parameters()}
        gradients.append({**weights, "x": images.grad})
    largest = max(float(value.abs().max()) for value in gradients[0].values())
    apart = max(
        float((value - gradients[1][name]).abs().max()) for name, value in gradients[0].items()
    )
    return max(at_inference, apart / largest)


def compare_exported(model: Any, x: Any) -> float:
    """A graph for any number of images."""
    program = torch.export.export(
        model, (x,), dynamic_shapes=({0: torch.export.Dim("images", min=2)},)
    )
    more = torch.cat((x, x, x))
    return difference(model(more), program.module()(more))


def onnx(model: Any, x: Any) -> float:
    import onnxruntime

    program = torch.onnx.export(model, (x,), dynamo=True, verbose=False)
    content = program.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    results = session.run(None, {given.name: x.numpy()})
    return difference(model(x), dict(enumerate(map(torch.from_numpy, results))))


USES = {"compile": compare_compiled, "export": compare_exported, "onnx": onnx}


def difference(expected: Any, actual: Any) -> float:
    """Of outputs that depend on the image."""
    parts = []
    for right, value in zip(by_label(expected).values(), by_label(actual).values(), strict=True):
        assert not torch.equal(right[0], right[1])
        parts.append(float(((right - value).abs().max() / right.abs().max()).detach()))
    return max(parts)


if __name__ == "__main__":
    main(sys.argv[1])
