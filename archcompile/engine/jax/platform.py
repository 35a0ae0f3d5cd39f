"""What JAX computes with on this machine."""

from archcompile.engine import Platform
from archcompile.quiet import load_jax, load_keras


def read_platform() -> Platform:
    """Versions and devices; see `archcompile.engine.Platform`. JAX counts threads by itself."""
    import jaxlib
    import numpy

    jax, keras = load_jax(), load_keras()
    devices = jax.devices()
    return Platform(
        engine="jax",
        packages={module.__name__: module.__version__ for module in (jax, jaxlib, keras, numpy)},
        devices=[device.platform.upper() for device in devices],
        gpus=[device.device_kind for device in devices if device.platform != "cpu"],
        threads={},
    )
