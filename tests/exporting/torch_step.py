"""Runs exported modules in PyTorch, as a process of its own: inference, and a step in training.

`python torch_step.py ROWS.json`: each row has the file, the class, the weights, what is given and
where results go, and the type to compute in. Given are images `x` and for each output a
`weight/LABEL`: the loss is the sum of outputs times these. Results are `inference/LABEL`,
`training/LABEL`, `gradient/x`, `gradient/PARAMETER` and `statistics/BUFFER`.
"""

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file


def main(rows_file: str) -> None:
    for row in json.loads(Path(rows_file).read_text()):
        results = run(row)
        save_file(
            {key: value.detach().clone().contiguous() for key, value in results.items()},
            row["results"],
        )


def run(row: dict[str, Any]) -> dict[str, Any]:
    torch.manual_seed(row.get("seed", 0))
    kind = getattr(torch, row["type"])
    model = module(row["file"], row["class"])
    model.load_state_dict(load_file(row["weights"]))
    model.to(kind)
    given = {key: value.to(kind) for key, value in load_file(row["given"]).items()}
    with torch.no_grad():
        outputs = by_label(model.eval()(given["x"]))
    results = {f"inference/{label}": value for label, value in outputs.items()}
    if row["mode"] == "training":
        results |= training_step(model, given)
    return results


def training_step(model: Any, given: dict[str, Any]) -> dict[str, Any]:
    x = given["x"].requires_grad_()
    outputs = by_label(model.train()(x))
    sum((value * given[f"weight/{label}"]).sum() for label, value in outputs.items()).backward()
    gradients = {name: weight.grad for name, weight in model.named_parameters()}
    state = model.state_dict()
    return {
        **{f"training/{label}": value.detach() for label, value in outputs.items()},
        "gradient/x": x.grad,
        **{f"gradient/{name}": value for name, value in gradients.items()},
        **{f"statistics/{name}": state[name] for name in state.keys() - gradients.keys()},
    }


def module(file: str, name: str) -> Any:
    spec = spec_from_file_location("exported", file)
    assert spec is not None and spec.loader is not None
    exported = module_from_spec(spec)
    spec.loader.exec_module(exported)
    return getattr(exported, name)()


def by_label(outputs: Any) -> dict[str, Any]:
    return outputs if isinstance(outputs, dict) else {"output": outputs}


if __name__ == "__main__":
    main(sys.argv[1])
