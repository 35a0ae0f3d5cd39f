"""A socket on this machine alone."""

import socket

from archcompile.errors import UsageError

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8420
PORTS = 50  # that are tried before the system chooses one


def listen(port: int | None = None) -> socket.socket:
    """A socket that listens on loopback: at `port`, else at the first free one of ours.

    Raises UsageError where the given port is taken.
    """
    if port is not None:
        bound = _bind(port)
        if bound is None:
            raise UsageError(
                f"port {port} is taken", hint="leave out --port, and a free one is found"
            )
        return bound
    for tried in (*range(FIRST_PORT, FIRST_PORT + PORTS), 0):
        bound = _bind(tried)
        if bound is not None:
            return bound
    raise UsageError("no port is free on this machine")


def _bind(port: int) -> socket.socket | None:
    """The socket, or None where the port is taken or closed to us."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind((LOOPBACK, port))
        bound.listen(64)
    except OSError:
        bound.close()
        return None
    return bound
