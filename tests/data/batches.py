"""Small CIFAR-10 batches, written as each NumPy and Python writes them."""

import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")


def content(number: int, count: int = 4) -> tuple[np.ndarray, list[int]]:
    """Rows of pixels (count, 3072) and labels of one batch; all batches together have all
    classes.
    """
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, (count, 3072), np.uint8), [
        (7 * (number * count + i)) % 10 for i in range(count)
    ]


def small_files(count: int = 4, protocol: int = 4) -> dict[str, bytes]:
    files = {}
    for number, name in enumerate(BATCHES):
        data, labels = content(number, count)
        files[name] = pickle.dumps(
            {b"labels": labels, b"data": data, b"filenames": [b"x.png"] * count}, protocol
        )
    meta = {
        b"num_cases_per_batch": count,
        b"label_names": [name.encode() for name in CLASSES],
        b"num_vis": 3072,
    }
    return files | {"batches.meta": pickle.dumps(meta, protocol)}


def python2_batch(number: int) -> bytes:
    """A batch by the opcodes that Python 2's cPickle wrote for the official files (protocol 2,
    NumPy 1).
    """
    data, labels = content(number)

    def text(value: bytes) -> bytes:
        return (
            b"U" + bytes([len(value)]) + value
            if len(value) < 256
            else b"T" + struct.pack("<i", len(value)) + value
        )

    dtype = b"cnumpy\ndtype\nq\x01" + text(b"u1") + b"K\x00K\x01\x87R(K\x03" + text(b"|") + b"NNN"
    dtype += struct.pack("<ciciccc", b"J", -1, b"J", -1, b"K", b"\x00", b"t") + b"b"
    shape = b"K" + bytes([len(data)]) + b"M" + struct.pack("<H", 3072) + b"\x86"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text(b"b") + b"\x87R"
    )
    array += b"(K\x01" + shape + dtype + b"\x89" + text(data.tobytes()) + b"tb"
    numbers = b"](" + b"".join(b"K" + bytes([n]) for n in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + numbers + b"u."


def written(root: Path, files: dict[str, bytes]) -> Path:
    """`root` with the files in an extracted batches folder."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return root


def archive(
    file: Path, files: dict[str, bytes], mode: str = "w:gz", *, prefix: str = "cifar-10-batches-py/"
) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, mode) as tar:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file
