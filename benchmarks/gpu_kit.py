"""What a machine with a GPU and no network needs for `benchmarks/gpu.py`, in one archive.

    python benchmarks/gpu_kit.py                     # build/gpu-kit and build/gpu-kit.tar.xz

Such a machine is taken to have JAX, TensorFlow or PyTorch, with what these need, Pillow,
Matplotlib and Pygments. The kit brings the other packages as wheels, the pictures of
CIFAR-10's JPEG copy, and this project. It needs a network here, and git.
"""

import argparse
import lzma
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.on_gpu.record import commit  # noqa: E402

LIMIT = 35_000_000  # bytes of the archive
PROJECT = ("archcompile", "specs", "benchmarks", "pyproject.toml", "README.md", "LICENSE")
PICTURES = ("cifar10-jpeg.tar.xz", "unpack_cifar10")
# what of our own needs, and of theirs, is taken to be there
PRESENT = ("tensorflow", "matplotlib", "pillow", "resvg-py")
PRESENT_BELOW = ("numpy", "ml-dtypes", "pygments")
PLATFORMS = ("2_28", "2_27", "2_17")  # versions of manylinux
README = """\
# archcompile on a GPU

From commit {commit}, for Python {pythons} on Linux x86-64 with JAX, TensorFlow or PyTorch. In this
folder, without a network:

```bash
python -m pip install --no-index --find-links wheels -r wheels/requirements.txt
python benchmarks/gpu.py --out results        # again and again, until it says that all is measured
```

`python benchmarks/gpu.py --help` says more. `--out results --summary` writes tables and a picture.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "gpu-kit")
    parser.add_argument("--python", action="append", help="a version, 3.12 by default; repeatable")
    parser.add_argument("--pictures", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels, instead of downloading")
    options = parser.parse_args()
    pythons = options.python or ["3.12"]
    shutil.rmtree(options.out, ignore_errors=True)
    copy_project(options.out)
    gather_wheels(options.out / "wheels", pythons, options.wheels)
    copy_pictures(options.out / "data", options.pictures)
    readme = README.format(commit=commit(), pythons=" and ".join(pythons))
    (options.out / "README.md").write_text(readme, encoding="utf-8")
    archive = pack(options.out)
    check_size(archive, options.out)
    print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB")


def copy_project(kit: Path) -> None:
    """The files under git that a measurement needs, and the commit that they are from."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", *PROJECT]
    done = subprocess.run(listing, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the kit is made from a git checkout: {done.stderr.strip()}")
    for name in filter(None, done.stdout.split("\0")):
        target = kit / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    (kit / "COMMIT").write_text(f"{commit()}\n", encoding="utf-8")


def requirements() -> list[str]:
    """Our own needs, but for what is taken to be there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs: list[str] = project["dependencies"]
    return [need for need in needs if name_of(need) not in PRESENT]


def name_of(requirement: str) -> str:
    """The package that a requirement, or the name of a wheel, begins with."""
    name = re.match(r"[A-Za-z0-9_.]+(-(?!\d)[A-Za-z0-9_.]+)*", requirement)
    return name[0].lower().replace("_", "-") if name else ""


def gather_wheels(folder: Path, pythons: Sequence[str], source: Path | None) -> None:
    """Wheels of our needs and of theirs, from `source` or by pip."""
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text("\n".join([*requirements(), ""]), encoding="utf-8")
    if source is not None:
        for wheel in source.glob("*.whl"):
            shutil.copy(wheel, folder)
    for python in pythons if source is None else ():
        download(folder, python)
    for wheel in folder.glob("*.whl"):
        if name_of(wheel.name) in PRESENT_BELOW:
            wheel.unlink()


def download(folder: Path, python: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", python, "--dest", str(folder)]
    for version in PLATFORMS:
        command += ["--platform", f"manylinux_{version}_x86_64"]
    command += ["--platform", "manylinux2014_x86_64", *requirements()]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"pip could not download the wheels for Python {python}")


def copy_pictures(folder: Path, source: Path) -> None:
    missing = [name for name in PICTURES if not (source / name).exists()]
    if missing:
        print(f"no pictures in the kit: {source} has no {' and no '.join(missing)}")
        return
    folder.mkdir(parents=True)
    for name in PICTURES:
        shutil.copy(source / name, folder)


def pack(kit: Path) -> Path:
    """The folder as an archive beside it."""
    archive = kit.with_name(f"{kit.name}.tar.xz")
    with lzma.open(archive, "wb", preset=6) as file, tarfile.open(fileobj=file, mode="w") as tar:
        tar.add(kit, kit.name, filter=_without_owner)
    return archive


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def check_size(archive: Path, kit: Path) -> None:
    size = archive.stat().st_size
    if size <= LIMIT:
        return
    files = sorted(kit.rglob("*"), key=lambda path: path.stat().st_size, reverse=True)
    largest = ", ".join(f"{path.name} {path.stat().st_size / 1e6:.1f}" for path in files[:4])
    sys.exit(
        f"the kit has {size / 1e6:.1f} MB and may have {LIMIT / 1e6:.0f}: its largest files are "
        f"{largest}"
    )


if __name__ == "__main__":
    main()
