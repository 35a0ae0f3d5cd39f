"""The processors and cards that TensorFlow sees, and the formats of 16 bits they compute in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.machine.speed import convolution_seconds
from archcompile.quiet import load_tensorflow, quiet_start

FLOAT32, BFLOAT16, FLOAT16 = "float32", "bfloat16", "float16"
CPU, GPU = "CPU", "GPU"
CPU_FLAGS = {
    BFLOAT16: ("avx512_bf16", "amx_bf16", "bf16"),
    FLOAT16: ("avx512_fp16", "amx_fp16", "fphp"),
}
# of NVIDIA cards with tensor cores for it: Volta, Ampere
CAPABILITY = {FLOAT16: (7, 0), BFLOAT16: (8, 0)}


@dataclass(frozen=True, slots=True)
class Card:
    """What a GPU says of itself."""

    name: str | None
    compute_capability: tuple[int, ...]

    def formats(self) -> dict[str, bool]:
        return {dtype: self.compute_capability >= least for dtype, least in CAPABILITY.items()}

    @property
    def capability_words(self) -> str:
        return ".".join(map(str, self.compute_capability))

    def record(self) -> dict[str, Any]:
        return {"card": self.name, "compute_capability": self.capability_words}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device: a CPU, or the GPU of a `card`.

    `hardware` says which formats of 16 bits it computes in itself, `speeds` how many times as fast
    as in float32 a convolution runs in each format.
    """

    name: str
    card: Card | None
    hardware: Mapping[str, bool]
    speeds: Mapping[str, float]

    @property
    def is_gpu(self) -> bool:
        return self.card is not None

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": GPU if self.is_gpu else CPU,
            **(self.card.record() if self.card else {}),
            "hardware": dict(self.hardware),
            "speed_beside_float32": dict(self.speeds),
        }


def devices() -> Iterator[Device]:
    tf = load_tensorflow()
    for logical in tf.config.list_logical_devices():
        if logical.device_type in (CPU, GPU):
            card = card_of(logical.name) if logical.device_type == GPU else None
            yield Device(
                name=logical.name,
                card=card,
                hardware=card.formats() if card else cpu_formats(),
                speeds=_speeds(logical.name),
            )


def has_bfloat16(device: str | None) -> bool:
    """Whether the device computes in bfloat16: the first GPU, or the CPU if there is none.

    `cpu` asks for the CPU.
    """
    tf = load_tensorflow()
    gpus = [] if device == "cpu" else tf.config.list_logical_devices(GPU)
    formats = card_of(gpus[0].name).formats() if gpus else cpu_formats()
    return formats[BFLOAT16]


def card_of(device: str) -> Card:
    """The card of a GPU, by the device's name in TensorFlow."""
    config = load_tensorflow().config
    visible = config.get_visible_devices(GPU)[int(device.rsplit(":", 1)[1])]
    details = config.experimental.get_device_details(visible)
    return Card(details.get("device_name"), tuple(details.get("compute_capability", (0, 0))))


def cpu_formats() -> dict[str, bool]:
    """Whether this processor computes in each format of 16 bits itself."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        text = ""  # another system: what it is quick at, the speeds tell
    return formats_of(flags_in(text))


def flags_in(text: str) -> set[str]:
    """The words of the first line of flags in Linux' /proc/cpuinfo.

    It begins with `flags` on x86, with `Features` on ARM.
    """
    lines = [
        line.split(":", 1)[1]
        for line in text.splitlines()
        if line.startswith(("flags", "Features"))
    ]
    return set(lines[0].split()) if lines else set()


def formats_of(flags: set[str]) -> dict[str, bool]:
    """Whether a processor with these flags computes in each format of 16 bits itself."""
    return {dtype: not flags.isdisjoint(names) for dtype, names in CPU_FLAGS.items()}


def _speeds(device: str) -> dict[str, float]:
    with quiet_start():  # what has no kernel of its own is logged
        seconds = {
            dtype: convolution_seconds(device, dtype) for dtype in (FLOAT32, BFLOAT16, FLOAT16)
        }
    return {dtype: round(seconds[FLOAT32] / taken, 2) for dtype, taken in seconds.items()}
