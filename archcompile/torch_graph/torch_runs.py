"""What a network computes with the weights of a file, in the process of PyTorch alone."""

from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from archcompile.torch_graph.torch_networks import IMAGES, Refusal, Request, build, by_key, export


def run(request: Request) -> None:
    """Writes what the network computes with the weights of `state` for the images of `images`.

    `output/MODE/PLACE`, and with targets `gradient/MODE/PARAMETER` of the mean squared distance to
    them; in `training` norms take the statistics of their batch, and `state/training/BUFFER` are
    the running ones behind the step. Dropout is off. All that is in float64. `op/NODE` are the
    values within the graph, for the first images, in float32.
    """
    model = build(request)
    _load(model, request["state"])
    given = load_file(request["images"])
    targets = [given[f"target/{place}"].double() for place in range(request["targets"])]
    results: dict[str, torch.Tensor] = {}
    if request["values"]:
        results |= _values(model, given["x"][:IMAGES], request)
    model.double()
    for mode in request["modes"]:
        norms = (m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm))
        for norm in norms:
            norm.train(mode == "training")
        before = {key: value.clone() for key, value in model.state_dict().items()}
        results |= _passes(model, given["x"].double(), targets, mode=mode)
        if mode == "training":
            after = model.state_dict()
            changed = (key for key in after if not torch.equal(after[key], before[key]))
            results |= {f"state/training/{key}": after[key].clone() for key in changed}
            model.load_state_dict(before)
    save_file({key: value.contiguous() for key, value in results.items()}, request["results"])


def _passes(
    model: torch.nn.Module, x: torch.Tensor, targets: list[torch.Tensor], *, mode: str
) -> dict[str, torch.Tensor]:
    model.zero_grad(set_to_none=True)
    with torch.set_grad_enabled(bool(targets)):
        outputs = list(by_key(model(x)).values())
    results = {f"output/{mode}/{place}": y.detach() for place, y in enumerate(outputs)}
    if targets:
        pairs = zip(outputs, targets, strict=True)
        sum(((y - target) ** 2).mean() for y, target in pairs).backward()
        results |= {
            f"gradient/{mode}/{name}": parameter.grad
            for name, parameter in model.named_parameters()
            if parameter.grad is not None
        }
    return results


class _Recorder(torch.fx.Interpreter):  # type: ignore[misc]
    """Runs a graph, and copies the values of some nodes before others write over them."""

    def __init__(self, module: Any, names: set[str]):
        super().__init__(module)
        self.names, self.values = names, {}  # type: ignore[var-annotated]

    def run_node(self, node: Any) -> Any:
        value = super().run_node(node)
        if node.name in self.names:
            self.values[f"op/{node.name}"] = value.detach().clone()
        return value


def _values(model: torch.nn.Module, x: torch.Tensor, request: Request) -> dict[str, torch.Tensor]:
    exported = export(model, request)
    signature = exported.graph_signature
    sources = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    state = {**exported.state_dict, **exported.constants}
    names = (node.name for node in exported.graph.nodes if node.op == "placeholder")
    arguments = [state[sources[name]] if name in sources else x for name in names]
    recorder = _Recorder(exported.graph_module, set(request["values"]))
    with torch.no_grad():
        recorder.run(*arguments)
    return recorder.values


# ---- weights -------------------------------------------------------------------------------------


def _load(model: torch.nn.Module, file: str) -> None:
    """Puts a state dict into the network. Raises Refusal unless both have the same tensors."""
    state = _state_dict(file)
    expected = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    counters = {key for key in expected if key.endswith("num_batches_tracked")}
    unknown = sorted(state.keys() - expected.keys())
    missing = sorted(expected.keys() - counters - state.keys())
    if unknown or missing:
        sides = [("the network has no", unknown), ("the file lacks", missing)]
        words = [f"{side} {_some(keys)}" for side, keys in sides if keys]
        raise Refusal("; ".join(words))
    for key, value in state.items():
        if tuple(value.shape) != expected[key]:
            raise Refusal(
                f"{key} is {tuple(value.shape)} in the file and {expected[key]} in the network"
            )
    model.load_state_dict(state, strict=False)  # only counters of batches may be missing


def _state_dict(file: str) -> dict[str, torch.Tensor]:
    if file.endswith(".safetensors"):
        try:
            return load_file(file)
        except Exception as error:  # whatever the bytes lead the reader to
            raise Refusal(f"it is not a file of safetensors: {error}") from error
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # likewise; and where a pickle holds anything but tensors
        raise Refusal(
            "PyTorch cannot read it as a state dict of tensors alone, which is all that is read of "
            f"such a file ({type(error).__name__})"
        ) from error
    if not isinstance(state, Mapping) or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in state.items()
    ):
        raise Refusal("it does not hold a state dict: tensors by name, and nothing else")
    return dict(state)


def _some(keys: list[str], most: int = 3) -> str:
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(keys[:most]) + more


def convert(request: Request) -> None:
    """Writes the tensors of a state dict, held against the network, as safetensors."""
    model = build(request)
    _load(model, request["state"])
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, request["results"])
