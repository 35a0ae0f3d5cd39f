"""Data that is damaged or hostile, by name: each makes it below a folder and says what to check and
what is found wrong.
"""

import gzip
import io
import os
import pickle
import re
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.arrays import idx, idx_files, npz_arrays, write
from tests.data.batches import content, small_files
from tests.data.trees import mixed

Make = Callable[[Path], object]  # spoils good data that lies in a folder
CIFAR = "cifar-10-batches-py/"
# by name: what is good before, how it is spoilt, the file at fault, words of the error
KINDS: dict[str, tuple[str, Make, str, str]] = {}


def kind(base: str, file: str, words: str) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        KINDS[make.__name__.strip("_").replace("_", " ")] = (base, make, file, words)
        return make

    return add


class Call:
    """What pickles to a call of a function."""

    def __init__(self, function: Callable[..., object], *arguments: object):
        self.made = function, arguments

    def __reduce__(self) -> tuple[object, ...]:
        return self.made


EVIL = Call(os.system, "touch ran; touch ../ran")


# CIFAR-10 in its archive


def packed(members: list[tuple[str, bytes | None, dict[str, object]]]) -> bytes:
    """A gzipped tar of (name, content, further attributes of the entry)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, data, further in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data or b"")
            for key, value in further.items():
                setattr(entry, key, value)
            tar.addfile(entry, io.BytesIO(data or b""))
    return out.getvalue()


def members(**changes: bytes | None) -> list[tuple[str, bytes | None, dict[str, object]]]:
    return [
        (CIFAR + name, data, {})
        for name, data in (small_files() | changes).items()
        if data is not None
    ]


def archive(
    root: Path, *more: tuple[str, bytes | None, dict[str, object]], **changes: bytes | None
) -> None:
    (root / "cifar.tar.gz").write_bytes(packed([*more, *members(**changes)]))


@kind("archive", "cifar.tar.gz", "truncated")
def tar_cut_short(root: Path) -> None:
    os.truncate(root / "cifar.tar.gz", (root / "cifar.tar.gz").stat().st_size // 2)


@kind("archive", "cifar.tar.gz", "truncated")
def tar_with_a_flipped_bit(root: Path) -> None:
    data = bytearray((root / "cifar.tar.gz").read_bytes())
    data[len(data) // 2] ^= 4
    (root / "cifar.tar.gz").write_bytes(data)


@kind("archive", "cifar.tar.gz", "not a readable tar archive")
def tar_that_is_text(root: Path) -> None:
    (root / "cifar.tar.gz").write_text("404 not found")


@kind("archive", "cifar.tar.gz", "not a readable tar archive")
def tar_that_is_empty(root: Path) -> None:
    (root / "cifar.tar.gz").write_bytes(b"")


@kind("archive", "cifar.tar.gz", "missing among the files of CIFAR-10: test_batch")
def tar_that_climbs_out(root: Path) -> None:
    climbing = (f"{CIFAR}../../escaped/test_batch", b"x", {})
    archive(
        root,
        climbing,
        ("../escaped", b"x", {}),
        (f"{CIFAR}../test_batch", b"x", {}),
        test_batch=None,
    )


@kind("archive", "cifar.tar.gz", "missing among the files of CIFAR-10: test_batch")
def tar_with_an_absolute_path(root: Path) -> None:
    archive(
        root,
        (f"{root.parent}/escaped", b"x", {}),
        (f"/{CIFAR}test_batch", b"x", {}),
        test_batch=None,
    )


@kind("archive", "cifar.tar.gz", "data_batch_1 appears twice, or is not a plain file")
def tar_with_a_symbolic_link(root: Path) -> None:
    archive(
        root, (f"{CIFAR}data_batch_1", None, {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})
    )


@kind("archive", "cifar.tar.gz", "data_batch_1 appears twice, or is not a plain file")
def tar_with_a_hard_link(root: Path) -> None:
    archive(
        root,
        (f"{CIFAR}data_batch_1", None, {"type": tarfile.LNKTYPE, "linkname": "../outside/secret"}),
    )


@kind("archive", "cifar.tar.gz", "meta appears twice, or is not a plain file")
def tar_with_a_pipe(root: Path) -> None:
    archive(root, (f"{CIFAR}batches.meta", None, {"type": tarfile.FIFOTYPE}))


@kind("archive", "cifar.tar.gz", "test_batch appears twice")
def tar_with_a_file_twice(root: Path) -> None:
    archive(root, (f"{CIFAR}test_batch", small_files()["test_batch"], {}))


@kind("archive", "cifar.tar.gz", "too many or too large entries")
def tar_with_very_many_entries(root: Path) -> None:
    archive(root, *((f"{CIFAR}extra_{i}", b"", {}) for i in range(100)))


@kind("archive", "cifar.tar.gz", "too many or too large entries")
def tar_with_an_entry_that_claims_a_terabyte(root: Path) -> None:
    entry = tarfile.TarInfo(f"{CIFAR}data_batch_1")
    entry.size = 1 << 40
    (root / "cifar.tar.gz").write_bytes(
        gzip.compress(entry.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
    )


@kind("archive", "cifar.tar.gz", "unpacks to more than 400 MiB")
def tar_that_unpacks_to_more_than_it_may(root: Path) -> None:
    entry = tarfile.TarInfo("readme")
    entry.size = 150 << 20
    with gzip.open(root / "cifar.tar.gz", "wb", compresslevel=1) as out:
        for name in ("cifar-10-batches-py/readme", "b", "c"):
            entry.name = name
            out.write(entry.tobuf())
            for _ in range(150):
                out.write(bytes(1 << 20))


@kind("archive", "cifar.tar.gz", "missing among the files of CIFAR-10: data_batch_3")
def tar_without_a_batch(root: Path) -> None:
    archive(root, data_batch_3=None)


# the pickles in it


def pickled(name: str, **changes: object) -> bytes:
    """A batch, or the file of names, with other values."""
    return pickle.dumps(
        pickle.loads(small_files()[name]) | {key.encode(): value for key, value in changes.items()}
    )


@kind("archive", "test_batch", "asks for `posix.system`")
def pickle_that_runs_a_command(root: Path) -> None:
    archive(root, test_batch=pickle.dumps(EVIL))


@kind("archive", "data_batch_2", "asks for `posix.system`")
def pickle_that_runs_a_command_for_its_labels(root: Path) -> None:
    archive(root, data_batch_2=pickled("data_batch_2", labels=EVIL))


@kind("archive", "data_batch_2", "asks for `builtins.eval`")
def pickle_that_evaluates_python(root: Path) -> None:
    archive(root, data_batch_2=pickled("data_batch_2", data=Call(eval, "open('ran', 'w')")))


@kind("archive", "data_batch_1", "memo index")
def pickle_that_takes_all_memory(root: Path) -> None:
    archive(root, data_batch_1=b"Nr" + struct.pack("<I", 1 << 31) + b".")


@kind("archive", "data_batch_1", "not a readable pickle")
def pickle_cut_short(root: Path) -> None:
    archive(root, data_batch_1=small_files()["data_batch_1"][:-99])


@kind("archive", "test_batch", "expected a pickled dict, got list")
def pickle_of_a_list(root: Path) -> None:
    archive(root, test_batch=pickle.dumps([1]))


@kind("archive", "test_batch", "dtype 'f8', expected integers")
def pickle_of_images_with_nan(root: Path) -> None:
    archive(root, test_batch=pickled("test_batch", data=np.full((4, 3072), np.nan)))


@kind("archive", "test_batch", "expected `data`, uint8 (N, 3072), got uint8 (4, 3071)")
def pickle_of_a_wrong_shape(root: Path) -> None:
    archive(root, test_batch=pickled("test_batch", data=np.zeros((4, 3071), np.uint8)))


@kind("archive", "data_batch_4", "labels from 0 to 9, got 10")
def pickle_of_a_class_too_many(root: Path) -> None:
    archive(root, data_batch_4=pickled("data_batch_4", labels=[0, 1, 2, 10]))


@kind("archive", "data_batch_4", "`labels`, 4 integers, got a list of 3")
def pickle_of_a_label_too_few(root: Path) -> None:
    archive(root, data_batch_4=pickled("data_batch_4", labels=[0, 1, 2]))


@kind("archive", "data_batch_5", "holds 3 images, expected 4")
def pickle_of_an_image_too_few(root: Path) -> None:
    archive(root, data_batch_5=pickled("data_batch_5", data=content(0, 3)[0], labels=[1, 2, 3]))


@kind("archive", "batches.meta", "10 different names")
def pickle_of_one_name_for_all_classes(root: Path) -> None:
    archive(root, **{"batches.meta": pickled("batches.meta", label_names=[b"cat"] * 10)})


# arrays


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


@kind("npz", "x.npz", "x_train is float32, expected uint8, 0 to 255")
def npz_of_floats(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].astype(np.float32) / 255)


@kind("npz", "x.npz", "x_test is float64, expected uint8")
def npz_of_nan(root: Path) -> None:
    arrays(root, x_test=np.full((8, 6, 5, 3), np.nan))


@kind("npz", "x.npz", "x_train is int64, expected uint8")
def npz_of_wide_integers(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].astype(np.int64))


@kind("npz", "x.npz", "x_train is (20, 90), expected images")
def npz_of_flat_rows(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].reshape(20, 90))


@kind("npz", "x.npz", "x_train is (20, 3, 6, 5), expected images (N, height, width)")
def npz_of_channels_first(root: Path) -> None:
    arrays(root, x_train=npz_arrays()["x_train"].transpose(0, 3, 1, 2))


@kind("npz", "x.npz", "y_train is float64, expected whole numbers")
def npz_of_labels_with_a_point(root: Path) -> None:
    arrays(root, y_train=np.zeros(20))


@kind("npz", "x.npz", "y_train is (20, 4), expected (20,) like the images")
def npz_of_one_hot_labels(root: Path) -> None:
    arrays(root, y_train=np.eye(4, dtype=np.int64)[npz_arrays()["y_train"]])


@kind("npz", "x.npz", "y_train is (19,), expected (20,)")
def npz_of_a_label_too_few(root: Path) -> None:
    arrays(root, y_train=np.zeros(19, np.int64))


@kind("npz", "x.npz", "y_test has the label -1")
def npz_of_a_negative_label(root: Path) -> None:
    arrays(root, y_test=np.full(8, -1))


@kind("npz", "x.npz", f"y_test has the label {2**63}")
def npz_of_a_label_beyond_everything(root: Path) -> None:
    arrays(root, y_test=np.full(8, 2**63, np.uint64))


@kind("npz", "x.npz", "the class 1 has no training image")
def npz_of_a_class_without_images(root: Path) -> None:
    arrays(root, y_train=np.where(npz_arrays()["y_train"] == 1, 2, npz_arrays()["y_train"]))


@kind("npz", "x.npz", "x_train has images of (6, 5, 3), x_test of (5, 6, 3)")
def npz_of_two_sizes(root: Path) -> None:
    arrays(root, x_test=npz_arrays((5, 6, 3))["x_test"])


@kind("npz", "x.npz", "x_test is (0, 6, 5, 3)")
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


# IDX files

IMAGES, LABELS = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def change(root: Path, name: str, make: Callable[[bytes], bytes]) -> None:
    (root / name).write_bytes(make((root / name).read_bytes()))


def repack(root: Path, name: str, make: Callable[[bytes], bytes]) -> None:
    """The file, gzipped and then changed, in place of the raw one."""
    (root / f"{name}.gz").write_bytes(make(gzip.compress((root / name).read_bytes())))
    (root / name).unlink()


@kind("idx", IMAGES, "not an IDX file: it begins with 1f 8b")
def idx_packed_without_saying_so(root: Path) -> None:
    change(root, IMAGES, gzip.compress)


@kind("idx", IMAGES, "got the code 0d in 3")
def idx_of_floats(root: Path) -> None:
    change(root, IMAGES, lambda data: b"\0\0\x0d" + data[3:])


@kind("idx", IMAGES, "expected unsigned bytes (08) in 3 dimensions, got the code 08 in 1")
def idx_of_labels_for_images(root: Path) -> None:
    shutil.copy(root / LABELS, root / IMAGES)


@kind("idx", IMAGES, "expected 23,520 bytes after the header, for (30, 28, 28), got 23,519")
def idx_cut_short(root: Path) -> None:
    change(root, IMAGES, lambda data: data[:-1])


@kind("idx", IMAGES, "got more")
def idx_too_long(root: Path) -> None:
    change(root, IMAGES, lambda data: data + b"\0")


@kind("idx", LABELS, "it has 5 bytes, fewer than its header")
def idx_cut_in_the_header(root: Path) -> None:
    change(root, LABELS, lambda data: data[:5])


@kind("idx", LABELS, "it has 0 bytes")
def idx_that_is_empty(root: Path) -> None:
    change(root, LABELS, lambda data: b"")


@kind("idx", IMAGES, "its header says 79,228,162,458,924,105,385,300,197,375 bytes")
def idx_that_claims_more_than_there_is(root: Path) -> None:
    change(root, IMAGES, lambda data: data[:4] + b"\xff" * 12)


@kind("idx", f"{IMAGES}.gz", "truncated")
def idx_packed_and_cut(root: Path) -> None:
    repack(root, IMAGES, lambda data: data[: len(data) // 2])


@kind("idx", f"{IMAGES}.gz", "CRC check failed")
def idx_packed_with_a_wrong_sum(root: Path) -> None:
    repack(root, IMAGES, lambda data: data[:-8] + bytes(4) + data[-4:])


@kind("idx", f"{IMAGES}.gz", "got more")
def idx_that_unpacks_to_a_gigabyte(root: Path) -> None:
    head = gzip.decompress(gzip.compress(idx_files()[IMAGES]))
    repack(root, IMAGES, lambda _: gzip.compress(head) + gzip.compress(bytes(1 << 20)) * 1024)


@kind("idx", f"{LABELS}.gz", "Not a gzipped file")
def idx_not_packed_though_named_so(root: Path) -> None:
    (root / LABELS).rename(root / f"{LABELS}.gz")


@kind("idx", "in", "there is no train-images-idx3-ubyte, raw or .gz")
def idx_with_a_file_missing(root: Path) -> None:
    (root / IMAGES).unlink()


@kind("idx", "in", "t10k-images has 12 images, t10k-labels 11 labels")
def idx_of_a_label_too_few(root: Path) -> None:
    (root / LABELS).write_bytes(idx(np.zeros(11, np.uint8)))


@kind("idx", "in", "train-images has no images: its shape is (0, 28, 28)")
def idx_of_no_images(root: Path) -> None:
    write(
        root,
        {
            IMAGES: idx(np.zeros((0, 28, 28), np.uint8)),
            "train-labels-idx1-ubyte": idx(np.zeros(0, np.uint8)),
        },
    )


@kind("idx", "in", "the training images are 28x27, those of the test set 28x28")
def idx_of_two_sizes(root: Path) -> None:
    (root / IMAGES).write_bytes(idx(np.zeros((30, 28, 27), np.uint8)))


@kind("idx", "in", "the class 10 has no training image")
def idx_of_a_class_without_images(root: Path) -> None:
    (root / LABELS).write_bytes(idx(np.full(12, 10, np.uint8)))


# folders of images


def put(root: Path, name: str, data: bytes = b"") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)


def png(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that claims a size and holds nothing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    header = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    )
    return header + struct.pack(">I", 8) + b"IDAT" + bytes(12)


def image(
    form: str, mode: str = "RGB", size: tuple[int, int] = (40, 40), **settings: object
) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(out, form, **settings)
    return out.getvalue()


DOG = "train/dog/01.png"


@kind("folder", DOG, "is empty")
def image_without_a_byte(root: Path) -> None:
    put(root, DOG)


@kind("folder", DOG, "it is neither JPEG nor PNG")
def image_that_is_text(root: Path) -> None:
    put(root, DOG, b"<html>404</html>")


@kind("folder", DOG, "it is neither JPEG nor PNG")
def image_of_another_format(root: Path) -> None:
    put(root, DOG, image("GIF"))


@kind("folder", DOG, "is not a readable image")
def png_cut_short(root: Path) -> None:
    put(root, DOG, image("PNG")[:-2000])


@kind("folder", DOG, "is not a readable image")
def png_cut_in_the_header(root: Path) -> None:
    put(root, DOG, image("PNG")[:20])


@kind("folder", DOG, "is not a readable image: broken PNG file")
def png_with_a_wrong_sum(root: Path) -> None:
    put(root, DOG, image("PNG")[:29] + b"\0\0\0\0" + image("PNG")[33:])


@kind("folder", "train/dog/x.jpg", "is not a readable image: image file is truncated")
def jpeg_cut_short(root: Path) -> None:
    put(root, "train/dog/x.jpg", image("JPEG")[:-400])


@kind("folder", DOG, "claims to be 60000x60000, more than 89,478,485 pixels")
def png_that_claims_to_be_giant(root: Path) -> None:
    put(root, DOG, png(60_000, 60_000))


@kind("folder", DOG, "has 16 bits per channel")
def png_of_sixteen_bits_in_grey(root: Path) -> None:
    Image.new("I;16", (9, 9), 5000).save(root / DOG)


@kind("folder", DOG, "has 16 bits per channel")
def png_of_sixteen_bits_in_colour(root: Path) -> None:
    put(root, DOG, png(9, 9, 16))


@kind("folder", DOG, "is transparent in places")
def png_that_is_transparent(root: Path) -> None:
    Image.new("RGBA", (9, 9), (1, 2, 3, 4)).save(root / DOG)


@kind("folder", DOG, "is transparent in places")
def png_with_a_transparent_palette(root: Path) -> None:
    put(root, DOG, image("PNG", "P", transparency=bytes([128] * 256)))


@kind("folder", DOG, "is an animation")
def png_that_moves(root: Path) -> None:
    frames = [Image.new("RGB", (9, 9), (n, n, n)) for n in (0, 200)]
    frames[0].save(root / DOG, save_all=True, append_images=frames[1:])


@kind("folder", "train/gnu", "has no image")
def class_without_images(root: Path) -> None:
    for split in ("train", "test"):
        put(root, f"{split}/gnu/notes.txt")


@kind("folder", "train/eel", "is a class that")
def class_missing_in_test(root: Path) -> None:
    shutil.rmtree(root / "test/eel")


@kind("folder", "test/cats", "is a class that")
def class_missing_in_train(root: Path) -> None:
    put(root, "test/cats/1.png", image("PNG"))


@kind("folder", "train/a\\x1b[2J", "has characters in its name that cannot be shown")
def class_whose_name_clears_the_terminal(root: Path) -> None:
    for split in ("train", "test"):
        put(root, f"{split}/a\x1b[2J/1.png", image("PNG"))


@kind("folder", "train/dog/more", "is a folder inside a class")
def folder_inside_a_class(root: Path) -> None:
    put(root, "train/dog/more/1.png", image("PNG"))


@kind("folder", "train/dog/deep.png", "is a folder inside a class")
def folder_named_like_an_image(root: Path) -> None:
    (root / "train/dog/deep.png").mkdir()


@kind("folder", "train/1.png", "is outside any class")
def image_outside_any_class(root: Path) -> None:
    put(root, "train/1.png", image("PNG"))


@kind("folder", DOG, "is a link out of")
def link_out_of_the_folder(root: Path) -> None:
    (root / DOG).unlink()
    (root / DOG).symlink_to(root.parent / "outside" / "secret.png")


@kind("folder", "train/dog", "is a link out of")
def class_that_is_a_link_out_of_the_folder(root: Path) -> None:
    shutil.rmtree(root / "train/dog")
    (root / "train/dog").symlink_to(root.parent / "outside")


@kind("folder", "test", "is a link out of")
def test_set_that_is_a_link_out_of_the_folder(root: Path) -> None:
    shutil.rmtree(root / "test")
    (root / "test").symlink_to(root.parent / "outside")


@kind("folder", DOG, "is a broken link")
def link_in_a_circle(root: Path) -> None:
    (root / DOG).unlink()
    (root / DOG).symlink_to(root / DOG)


@kind("folder", "train/dog/gone.png", "is a broken link")
def link_to_nothing(root: Path) -> None:
    (root / "train/dog/gone.png").symlink_to("never.png")


@kind("folder", "train/dog/pipe.png", "is not a plain file")
def pipe_named_like_an_image(root: Path) -> None:
    os.mkfifo(root / "train/dog/pipe.png")


@kind("folder", DOG, "is not a readable image: Permission denied")
def image_that_may_not_be_read(root: Path) -> None:
    (root / DOG).chmod(0)


@kind("folder", "train/dog", "cannot be read: Permission denied")
def class_that_may_not_be_read(root: Path) -> None:
    (root / "train/dog").chmod(0)


@kind("folder", "train", "holds no class folders")
def folder_without_classes(root: Path) -> None:
    for name in ("cat", "dog", "eel"):
        shutil.rmtree(root / "train" / name)


@kind(
    "folder", "train/yak/1.png", "is the only image of the class yak, so none is left for testing"
)
def class_of_one_image_to_hold_out_from(root: Path) -> None:
    shutil.rmtree(root / "test")
    put(root, "train/yak/1.png", image("PNG"))


@kind("folder", "in", "is not data that archc knows")
def folder_of_another_layout(root: Path) -> None:
    (root / "train").rename(root / "pictures")


UNREADABLE = ("image that may not be read", "class that may not be read")  # by all but root


def good(base: str, root: Path) -> list[str]:
    """Makes data with nothing wrong below `root`; what `archc data check` is called with."""
    root.mkdir(exist_ok=True)
    if base == "archive":
        archive(root)
        return ["cifar10", "--data-dir", str(root / "cifar.tar.gz")]
    if base == "npz":
        arrays(root)
        return [str(root / "x.npz")]
    if base == "idx":
        return [str(write(root, idx_files()))]
    return [str(mixed(root))]
