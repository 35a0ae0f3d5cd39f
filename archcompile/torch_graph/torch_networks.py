"""The networks of torchvision and timm, built in the process of PyTorch alone."""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any

import torch

USUAL = 224
IMAGES = 2  # in the batch that is traced
Request = Mapping[str, Any]


class Refusal(Exception):
    """What the caller is told in words; the process ends with exit code 3."""


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


def _python_file(file: str) -> torch.nn.Module:
    """The network that a Python file leaves in `model`, which the caller trusts."""
    import runpy

    try:
        # What the file prints is no part of the answer.
        with redirect_stdout(sys.stderr):
            model = runpy.run_path(file, run_name="source").get("model")
    except (Exception, SystemExit) as error:
        raise Refusal(f"{file} does not run: {type(error).__name__}: {error}") from error
    if not isinstance(model, torch.nn.Module):
        raise Refusal(f"{file} leaves no nn.Module in `model`")
    return model


FAMILIES = {"torchvision": _torchvision, "timm": _timm, "torch": _python_file}


def versions(family: str) -> dict[str, str]:
    """The versions of PyTorch and of the package that a network comes from."""
    package = import_module(family)
    return {"torch": str(torch.__version__), family: str(package.__version__)}


def export(model: torch.nn.Module, request: Request) -> Any:
    try:
        return torch.export.export(model, (images_of(request),))
    except Exception as error:  # whatever the network's code raises for images of this size
        words = str(error).strip().splitlines()
        raise Refusal(
            f"{request['name']} cannot be traced for images of {tuple(request['shape'])}: "
            f"{words[0] if words else type(error).__name__}"
        ) from error


def images_of(request: Request) -> torch.Tensor:
    height, width, channels = request["shape"]
    return torch.zeros(IMAGES, channels, height, width)


def by_key(result: Any, named: bool = True) -> dict[str, torch.Tensor]:
    """The outputs by key, or by place where there are none."""
    if isinstance(result, Mapping):
        return {str(key): value for key, value in result.items()}
    if not named:
        return {}
    values = [result] if isinstance(result, torch.Tensor) else list(result)
    return {str(place): value for place, value in enumerate(values)}


# ---- preprocessing -------------------------------------------------------------------------------


def preprocessing(request: Request, model: torch.nn.Module) -> dict[str, Any] | None:
    """How the package prepares pictures for the trained weights that it has; None without."""
    if request["family"] not in PREPROCESSING:
        return None
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


def usual_shape(family: str, name: str, model: torch.nn.Module) -> list[int]:
    """(H, W, C) of the images that a network is trained for: 224 pixels where nothing is said."""
    record = preprocessing({"family": family, "name": name}, model)
    height, width = (record["crop"] * 2)[:2] if record else (USUAL, USUAL)
    return [height, width, 3]
