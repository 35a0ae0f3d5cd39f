"""What `--device` can say."""

import re
from dataclasses import dataclass

from archcompile.errors import UsageError

FORMS = "cpu, gpu, gpu:N, gpu:0,gpu:1 or gpu:all"


@dataclass(frozen=True)
class DeviceNames:
    """Devices of a `kind`, CPU or GPU, by their `numbers`; None for all of them."""

    kind: str
    numbers: tuple[int, ...] | None

    @classmethod
    def read(cls, text: str) -> "DeviceNames":
        """Raises UsageError."""
        if text == "gpu:all":
            return cls("GPU", None)
        parts = [
            re.fullmatch(r"(cpu|gpu)(?::(\d{1,3}))?", part.strip().lower())
            for part in text.split(",")
        ]
        kinds = {match[1].upper() for match in parts if match}
        if not all(parts) or len(kinds) != 1:
            raise UsageError(f"--device: expected {FORMS}, got `{text}`")
        numbers = tuple(int(match[2] or 0) for match in parts if match)
        if len(set(numbers)) != len(numbers):
            raise UsageError(f"--device {text} names a device twice")
        return cls(kinds.pop(), numbers)
