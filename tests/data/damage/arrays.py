"""Arrays in a `.npz` file."""

import io
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from tests.data.arrays import npz_arrays
from tests.data.damage.kinds import EVIL, kind


def arrays(root: Path, **changes: np.ndarray | None) -> None:
    np.savez(
        root / "x.npz",
        **{name: array for name, array in (npz_arrays() | changes).items() if array is not None},
    )


def member(root: Path, data: bytes, compression: int = zipfile.ZIP_STORED) -> None:
    """The file with `x_test.npy` made of these bytes."""
    with zipfile.ZipFile(root / "x.npz") as old:
        rest = {
            entry.filename: old.read(entry)
            for entry in old.infolist()
            if entry.filename != "x_test.npy"
        }
    with zipfile.ZipFile(root / "x.npz", "w") as new:
        new.writestr("x_test.npy", data, compression)
        for name, held in rest.items():
            new.writestr(name, held)


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


@kind("npz", "x.npz: x_train", "holds Python objects")
def npz_of_objects_that_run_a_command(root: Path) -> None:
    arrays(root, x_train=np.array([EVIL], object))


@kind("npz", "x.npz", "not a readable .npz file")
def npz_that_is_text(root: Path) -> None:
    (root / "x.npz").write_text("hello")


@kind("npz", "x.npz", "not a readable .npz file")
def npz_cut_short(root: Path) -> None:
    os.truncate(root / "x.npz", (root / "x.npz").stat().st_size - 30)


@kind("npz", "x.npz", "not a readable .npz file, or truncated: Bad CRC-32")
def npz_with_a_flipped_bit(root: Path) -> None:
    data = bytearray((root / "x.npz").read_bytes())
    data[600] ^= 1
    (root / "x.npz").write_bytes(data)


@kind("npz", "x.npz", "missing among its arrays: y_test; there: x_train, y_train, x_test")
def npz_without_labels(root: Path) -> None:
    arrays(root, y_test=None)


@kind("npz", "x.npz", "x_test.npy appears twice")
def npz_with_an_array_twice(root: Path) -> None:
    with (
        zipfile.ZipFile(root / "x.npz", "a") as file,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        file.writestr("x_test.npy", b"x")


@kind("npz", "x.npz", "x_train: expected uint8, 0 to 255, got float32")
def npz_of_floats(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].astype(np.float32) / 255)


@kind("npz", "x.npz", "x_test: expected uint8, 0 to 255, got float64")
def npz_of_nan(root: Path) -> None:
    arrays(root, x_test=np.full((8, 6, 5, 3), np.nan))


@kind("npz", "x.npz", "x_train: expected uint8, 0 to 255, got int64")
def npz_of_wide_integers(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].astype(np.int64))


@kind("npz", "x.npz", "channels, got (20, 90)")
def npz_of_flat_rows(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].reshape(20, 90))


@kind("npz", "x.npz", "x_train: expected images (N, height, width)")
def npz_of_channels_first(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].transpose(0, 3, 1, 2))


@kind("npz", "x.npz", "y_train: expected whole numbers, 0 to classes - 1, got float64")
def npz_of_labels_with_a_point(root: Path) -> None:
    arrays(root, y_train=np.zeros(20))


@kind("npz", "x.npz", "y_train: expected (20,) like the images of x_train, got (20, 4)")
def npz_of_one_hot_labels(root: Path) -> None:
    arrays(root, y_train=np.eye(4, dtype=np.int64)[npz_arrays()["y_train"]])


@kind("npz", "x.npz", "y_train: expected (20,) like the images of x_train, got (19,)")
def npz_of_a_label_too_few(root: Path) -> None:
    arrays(root, y_train=np.zeros(19, np.int64))


@kind("npz", "x.npz", "with a training image, got -1")
def npz_of_a_negative_label(root: Path) -> None:
    arrays(root, y_test=np.full(8, -1))


@kind("npz", "x.npz", f"with a training image, got {2**63}")
def npz_of_a_label_beyond_everything(root: Path) -> None:
    arrays(root, y_test=np.full(8, 2**63, np.uint64))


@kind("npz", "x.npz", "the class 1 has no training image")
def npz_of_a_class_without_images(root: Path) -> None:
    arrays(root, y_train=np.where(npz_arrays()["y_train"] == 1, 2, npz_arrays()["y_train"]))


@kind("npz", "x.npz", "x_train has images of (6, 5, 3), x_test of (5, 6, 3)")
def npz_of_two_sizes(root: Path) -> None:
    arrays(root, x_test=npz_arrays((5, 6, 3))["x_test"])


@kind("npz", "x.npz", "channels, got (0, 6, 5, 3)")
def npz_of_no_images(root: Path) -> None:
    arrays(root, x_test=np.zeros((0, 6, 5, 3), np.uint8), y_test=np.zeros(0, np.int64))


@kind("npz", "x.npz", "arrays unpack to 5,")
def npz_that_unpacks_to_gigabytes(root: Path) -> None:
    """A deflated array of zeros: 5 GiB from 5 MB, written as the one block of zeros again and
    again.
    """
    compress, block = zlib.compressobj(9, zlib.DEFLATED, -15), bytes(1 << 20)
    first = compress.compress(block) + compress.flush(zlib.Z_FULL_FLUSH)
    # begins anew: can be repeated
    later = compress.compress(block) + compress.flush(zlib.Z_FULL_FLUSH)
    body, name, size = first + later * 5119 + b"\x03\x00", b"x_train.npy", 5120 << 20
    wide = struct.pack("<HHQQ", 1, 16, size, len(body))
    head = struct.pack(
        "<HHHHHIIIHH", 45, 0, 8, 0, 33, 0, len(body), 0xFFFFFFFF, len(name), len(wide[:12])
    )
    arrays(root, x_train=None)
    old = (root / "x.npz").read_bytes()
    start = struct.unpack("<I", old[-6:-2])[0]  # of the old table of contents
    entry = (
        b"PK\x01\x02\x2d\x00"
        + head
        + bytes(10)
        + struct.pack("<I", start)
        + name
        + struct.pack("<HHQ", 1, 8, size)
    )
    local = b"PK\x03\x04" + head + name + struct.pack("<HHQ", 1, 8, size) + body
    table = old[start:-22] + entry
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 4, 4, len(table), start + len(local), 0)
    (root / "x.npz").write_bytes(old[:start] + local + table + end)


@kind(
    "npz",
    "x.npz: x_test",
    "expected 1,000,000,000,000 bytes, for uint8 (1000000, 1000000), got 80",
)
def npz_that_claims_a_terabyte(root: Path) -> None:
    good = npy(np.zeros((10, 8), np.uint8))
    member(root, good.replace(b"(10, 8), }" + b" " * 11, b"(1000000, 1000000), }"))


@kind("npz", "x.npz: x_test", "got more")
def npz_with_something_after_the_array(root: Path) -> None:
    member(root, npy(npz_arrays()["x_test"]) + b"more")


@kind("npz", "x.npz: x_test", "is not an array as NumPy writes it")
def npz_with_code_for_a_header(root: Path) -> None:
    header = b"__import__('os').system('touch ran')\n"
    member(root, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)


@kind("npz", "x.npz", "x_test.npy is compressed in a way NumPy does not use")
def npz_compressed_otherwise(root: Path) -> None:
    member(root, npy(npz_arrays()["x_test"]), zipfile.ZIP_BZIP2)


@kind("npz", "x.npz", "is encrypted")
def npz_with_a_password(root: Path) -> None:
    data = (root / "x.npz").read_bytes()
    (root / "x.npz").write_bytes(
        re.sub(rb"(PK\x01\x02....)\x00", rb"\1" + b"\x01", data, flags=re.DOTALL)
    )
