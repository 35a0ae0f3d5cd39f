"""Settings that Keras layers have in common, as attributes of ops."""

from typing import Any

from archcompile.importer.inexpressible import Foreign, Rest
from archcompile.ops import ACTIVATIONS, Shape

OURS = {keras: ours for ours, keras in ACTIVATIONS.items()}  # activations
INITS = {
    "HeNormal": "he_normal",
    "HeUniform": "he_uniform",
    "GlorotNormal": "glorot_normal",
    "GlorotUniform": "glorot_uniform",
    "LecunNormal": "lecun_normal",
    "LecunUniform": "lecun_uniform",
    "Zeros": "zeros",
    "Ones": "ones",
}
NORMALS = {"RandomNormal": "normal", "TruncatedNormal": "truncated_normal"}
PENALTIES = {None: (), "L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}


def initial_of(rest: Rest, key: str) -> Any:
    """An initialiser as the language says it."""
    name = rest.pop(key)
    if name in INITS:
        return INITS[name]
    if name == "VarianceScaling":
        return {
            "variance_scaling": {
                part: rest.pop(f"{key}.{part}") for part in ("scale", "mode", "distribution")
            }
        }
    if name in NORMALS and not rest.get(f"{key}.mean"):
        rest.pop(f"{key}.mean", None)
        return {NORMALS[name]: {"std": rest.pop(f"{key}.stddev")}}
    if name == "RandomUniform" and rest[f"{key}.minval"] == -rest[f"{key}.maxval"]:
        del rest[f"{key}.minval"]
        return {"uniform": {"limit": rest.pop(f"{key}.maxval")}}
    if name == "Orthogonal":
        gain = rest.pop(f"{key}.gain")
        return "orthogonal" if gain == 1 else {"orthogonal": {"gain": gain}}
    if name == "Constant" and isinstance(rest.get(f"{key}.value"), int | float):
        return {"constant": {"value": rest.pop(f"{key}.value")}}
    raise Foreign(f"no `init` says {key}={name!r}")


def start_of(rest: Rest, key: str) -> float:
    """The one number that an initialiser makes."""
    start = initial_of(rest, key)
    if isinstance(start, str):
        number = {"zeros": 0.0, "ones": 1.0}.get(start)
    else:
        number = start.get("constant", {}).get("value")
    if number is None:
        raise Foreign(f"{key} is not a constant")
    return float(number)


def penalties_of(rest: Rest, key: str) -> Rest:
    """`l1` and `l2`, where a regulariser has them."""
    name = rest.pop(key)
    if name not in PENALTIES:
        raise Foreign(f"{key} is neither L1 nor L2")
    return {part: float(rest.pop(f"{key}.{part}")) for part in PENALTIES[name]}


def activation_of(rest: Rest) -> str | None:
    """An activation as the language says it; None where there is none."""
    name = rest.pop("activation")
    if name == "linear":
        return None
    if name not in OURS:
        raise Foreign(f"the language has no activation {name!r}")
    return OURS[name]


def weight_attributes(rest: Rest, prefix: str = "kernel") -> Rest:
    """What kernels and biases begin with, and what their sizes cost."""
    return {
        "bias": rest.pop("use_bias"),
        "init": initial_of(rest, f"{prefix}_initializer"),
        **penalties_of(rest, f"{prefix}_regularizer"),
        "bias_init": start_of(rest, "bias_initializer"),
    }


def kernel_attributes(rest: Rest, prefix: str = "kernel") -> Rest:
    """What every layer with a kernel, a bias and an activation has."""
    return {**weight_attributes(rest, prefix), "activation": activation_of(rest)}


def window_attributes(rest: Rest, prefix: str = "kernel") -> Rest:
    """What every layer whose kernel slides over a map has."""
    padding = rest.pop("padding")
    if padding not in ("same", "valid"):
        raise Foreign(f"no op says padding={padding!r}")
    return {
        "kernel": rest.pop("kernel_size"),
        "stride": rest.pop("strides"),
        "padding": padding,
        "dilation": rest.pop("dilation_rate"),
        **kernel_attributes(rest, prefix),
    }


def check_last_axis(rest: Rest, shape: Shape) -> None:
    """Raises Foreign unless the axis is that of the channels."""
    axis = rest.pop("axis")
    only = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    if only not in (-1, len(shape)):
        raise Foreign(f"axis={axis!r} is not that of the channels")
