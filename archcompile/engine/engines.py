"""The engines there are, by name."""

from archcompile.engine.contract import Engine


def open_engine() -> Engine:
    """The engine that trains here; importing it starts no framework yet."""
    from archcompile.engine import tensorflow

    return tensorflow
