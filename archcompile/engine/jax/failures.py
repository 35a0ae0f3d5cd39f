"""What JAX says where a computation fails: it raises few classes of errors, and many messages."""

import re

# where a process is gone
LOST = ("Gloo", "UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED", "CANCELLED", "Connection", "peer")
FULL = "RESOURCE_EXHAUSTED"
# how its messages begin: with the name of a status code, as `absl/status/status.h` has them
STATUS = re.compile(
    "(CANCELLED|UNKNOWN|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|ALREADY_EXISTS"
    "|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNIMPLEMENTED"
    "|INTERNAL|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED): "
)


def is_status(error: Exception) -> bool:
    """Whether it is a status in the form of a ValueError, as reading back a lost result has it."""
    return isinstance(error, ValueError) and STATUS.match(str(error)) is not None


def means_lost(error: Exception) -> bool:
    """Whether another process of the training is gone."""
    return any(word in str(error) for word in LOST)


def means_full(error: Exception) -> bool:
    """Whether a device has too little memory."""
    return FULL in str(error)
