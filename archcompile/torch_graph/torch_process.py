"""Builds, traces and runs a network in PyTorch: a process of its own, never imported by archc.

`python torch_process.py REQUEST.json` reads a request and writes the files that it names. `trace`
writes the graph of ATen operations as JSON; `run` computes with the weights of a file. TensorFlow
and PyTorch are not loaded into one process. What goes in and out is JSON and safetensors: nothing
is read by pickle, except that `weights_only` lets a state dict be tensors alone.
"""

import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

IMAGES = 2  # in the batch that is traced
Request = Mapping[str, Any]


class Refusal(Exception):
    """What the caller is told in words; the process ends with exit code 3."""


def main(arguments: list[str]) -> int:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)  # sums are added up in the same order every time
    torch.manual_seed(0)
    request = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    try:
        COMMANDS[request["command"]](request)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 3
    return 0


# ---- networks ------------------------------------------------------------------------------------


def build(request: Request) -> torch.nn.Module:
    """The network that a request names, without trained weights, in evaluation mode."""
    family, name = request["family"], request["name"]
    model = FAMILIES[family](name)
    return model.eval()


def _torchvision(name: str) -> torch.nn.Module:
    import torchvision

    known = torchvision.models.list_models(module=torchvision.models)
    _check_known("torchvision", name, known)
    # their drawn initial weights take a minute, and are replaced anyway
    settings = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return torchvision.models.get_model(name, weights=None, **settings)


def _timm(name: str) -> torch.nn.Module:
    import timm

    _check_known("timm", name.partition(".")[0], timm.list_models())
    try:
        return timm.create_model(name, pretrained=False)
    except RuntimeError as error:  # a tag behind the dot that timm does not have
        raise Refusal(f"timm cannot build {name}: {error}") from error


def _check_known(family: str, name: str, known: list[str]) -> None:
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, 1)
        more = f"; did you mean {near[0]}?" if near else ""
        raise Refusal(f"{family} has no network `{name}`{more}")


FAMILIES = {"torchvision": _torchvision, "timm": _timm}


def versions(family: str) -> dict[str, str]:
    """The versions of PyTorch and of the package that a network comes from."""
    package = __import__(family)
    return {"torch": str(torch.__version__), family: str(package.__version__)}


# ---- trace ---------------------------------------------------------------------------------------


def trace(request: Request) -> None:
    """Writes the graph of a network for images of `shape` (H, W, C)."""
    model = build(request)
    exported = _export(model, request)
    inputs = exported.graph_signature.inputs_to_parameters
    inputs = {**inputs, **exported.graph_signature.inputs_to_buffers}
    record = {
        "versions": versions(request["family"]),
        "input": exported.graph_signature.user_inputs[0],
        "tensors": {
            node.name: {"name": inputs[node.name], "shape": list(node.meta["val"].shape)}
            for node in exported.graph.nodes
            if node.name in inputs
        },
        "state": {key: list(value.shape) for key, value in model.state_dict().items()},
        "nodes": [_node(node) for node in exported.graph.nodes if node.op == "call_function"],
        "outputs": list(exported.graph_signature.user_outputs),
        "keys": _keys(model, request),
        "preprocessing": _preprocessing(request, model),
    }
    Path(request["graph"]).write_text(json.dumps(record), encoding="utf-8")


def _export(model: torch.nn.Module, request: Request) -> Any:
    try:
        return torch.export.export(model, (_images(request),))
    except Exception as error:  # whatever the network's code raises for images of this size
        words = str(error).strip().splitlines()
        raise Refusal(
            f"{request['name']} cannot be traced for images of {tuple(request['shape'])}: "
            f"{words[0] if words else type(error).__name__}"
        ) from error


def _images(request: Request) -> torch.Tensor:
    height, width, channels = request["shape"]
    return torch.zeros(IMAGES, channels, height, width)


def _node(node: Any) -> dict[str, Any]:
    """A call: its operation, arguments by name, the module it stands in, and its shape."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    return {
        "name": node.name,
        "operation": getattr(node.target, "__name__", None)
        if isinstance(node.target, type(len))
        else str(node.target),
        "module": stack[-1][0] if stack else "",
        "arguments": {key: _plain(value) for key, value in _arguments(node).items()},
        "shape": _shape(node.meta.get("val")),
    }


def _arguments(node: Any) -> dict[str, Any]:
    """All arguments by their names, those that are left out with their defaults."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return {str(place): value for place, value in enumerate(node.args)}
    given = {}
    for place, argument in enumerate(schema.arguments):
        if place < len(node.args):
            given[argument.name] = node.args[place]
        else:
            default = argument.default_value if argument.has_default_value() else None
            given[argument.name] = node.kwargs.get(argument.name, default)
    return given


def _plain(value: Any) -> Any:
    """An argument as JSON: a tensor is `{"node": NAME}`, what is no number or text its words."""
    if isinstance(value, torch.fx.Node):
        return {"node": value.name}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return {"words": str(value)}


def _shape(value: Any) -> Any:
    """The shape of a tensor, or a list of those of several."""
    if isinstance(value, list | tuple):
        return [_shape(item) for item in value]
    return [int(size) for size in value.shape] if isinstance(value, torch.Tensor) else None


def _keys(model: torch.nn.Module, request: Request) -> list[str]:
    """The keys of a map that the network returns; nothing where it returns no map."""
    with torch.no_grad():
        return list(_by_key(model(_images(request)), named=False))


def _by_key(result: Any, named: bool = True) -> dict[str, torch.Tensor]:
    """The outputs by key, or by place where there are none."""
    if isinstance(result, Mapping):
        return {str(key): value for key, value in result.items()}
    if not named:
        return {}
    values = [result] if isinstance(result, torch.Tensor) else list(result)
    return {str(place): value for place, value in enumerate(values)}


def _preprocessing(request: Request, model: torch.nn.Module) -> dict[str, Any] | None:
    """How the package prepares pictures for the trained weights that it has; None without."""
    return PREPROCESSING[request["family"]](request["name"], model)


def _torchvision_preprocessing(name: str, model: torch.nn.Module) -> dict[str, Any] | None:
    import torchvision

    weights = getattr(torchvision.models.get_model_weights(name), "DEFAULT", None)
    if weights is None:
        return None
    transform = weights.transforms()
    record = {
        "weights": str(weights),
        "mean": list(transform.mean),
        "std": list(transform.std),
        "resize": list(transform.resize_size),
        "crop": list(transform.crop_size),
        "interpolation": str(transform.interpolation.value),
    }
    if name in ("googlenet", "inception_v3"):
        # their code turns ImageNet's scaling into one of -1 to 1 where weights are loaded
        record |= {"mean": [0.5] * 3, "std": [0.5] * 3}
    return record


def _timm_preprocessing(name: str, model: torch.nn.Module) -> dict[str, Any] | None:
    import timm

    settings = timm.data.resolve_model_data_config(model)
    size = settings["input_size"][1:]
    return {
        "weights": str(model.pretrained_cfg.get("tag", "")),
        "mean": list(settings["mean"]),
        "std": list(settings["std"]),
        "resize": [int(length / settings["crop_pct"]) for length in size],
        "crop": list(size),
        "interpolation": settings["interpolation"],
        "mode": settings["crop_mode"],
    }


PREPROCESSING = {"torchvision": _torchvision_preprocessing, "timm": _timm_preprocessing}


# ---- run -----------------------------------------------------------------------------------------


def run(request: Request) -> None:
    """Writes what the network computes with the weights of `state` for the images of `images`.

    `output/MODE/PLACE`, and with targets `gradient/MODE/PARAMETER` of the mean squared distance to
    them; in `training` norms take the statistics of their batch, and `state/training/BUFFER` are
    the running ones behind the step. Dropout is off. `op/NODE` are the values within the graph,
    for the first images.
    """
    model = build(request)
    _load(model, request["state"])
    given = load_file(request["images"])
    targets = [given[f"target/{place}"] for place in range(request["targets"])]
    results: dict[str, torch.Tensor] = {}
    if request["values"]:
        results |= _values(model, given["x"][:IMAGES], request)
    for mode in request["modes"]:
        norms = (m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm))
        for norm in norms:
            norm.train(mode == "training")
        before = {key: value.clone() for key, value in model.state_dict().items()}
        results |= _passes(model, given["x"], targets, mode=mode)
        if mode == "training":
            after = {key: value for key, value in model.state_dict().items()}
            changed = (key for key in after if not torch.equal(after[key], before[key]))
            results |= {f"state/training/{key}": after[key].clone() for key in changed}
            model.load_state_dict(before)
    save_file({key: value.contiguous() for key, value in results.items()}, request["results"])


def _passes(
    model: torch.nn.Module, x: torch.Tensor, targets: list[torch.Tensor], *, mode: str
) -> dict[str, torch.Tensor]:
    model.zero_grad(set_to_none=True)
    with torch.set_grad_enabled(bool(targets)):
        outputs = list(_by_key(model(x)).values())
    results = {f"output/{mode}/{place}": y.detach() for place, y in enumerate(outputs)}
    if targets:
        pairs = zip(outputs, targets, strict=True)
        sum(((y - target) ** 2).mean() for y, target in pairs).backward()  # type: ignore[union-attr]
        results |= {
            f"gradient/{mode}/{name}": parameter.grad
            for name, parameter in model.named_parameters()
            if parameter.grad is not None
        }
    return results


class _Recorder(torch.fx.Interpreter):
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
    exported = _export(model, request)
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
    except Exception as error:  # likewise; a file of anything but tensors, too
        words = str(error).strip().splitlines()
        raise Refusal(
            f"PyTorch cannot read it as tensors alone: {words[0] if words else error!r}"
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


COMMANDS = {"trace": trace, "run": run, "convert": convert}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
