"""Compiled steps, kept in the user's cache: a resumed run need not wait for XLA again."""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

from archcompile.data import user_cache

LASTING = ("model name", "flags", "Features")  # lines of /proc/cpuinfo
CHOSEN = "JAX_COMPILATION_CACHE_DIR"  # where the user wants them instead; JAX reads it


def keep_compiled(jax: Any) -> None:
    """Has JAX keep what takes it longer than a second to compile.

    JAX_ENABLE_COMPILATION_CACHE=0 turns that off, as it does everywhere.
    """
    if not os.environ.get(CHOSEN):
        folder = user_cache() / "jax" / _processor()
        jax.config.update("jax_compilation_cache_dir", str(folder))


def _processor() -> str:
    """What tells processors apart: JAX does not, and a home may be shared by many machines."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = [platform.processor()]
    lasting = sorted({line for line in lines if line.startswith(LASTING)})
    text = "\n".join([platform.machine(), *(lasting or lines)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
