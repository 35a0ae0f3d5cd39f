"""Every shipped spec compiled, checked and costed in one process, without TensorFlow, family by
family.

python benchmarks/zoo.py
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import archcompile  # noqa: E402
from archcompile.analyses.cost import layers, totals  # noqa: E402
from archcompile.analyses.depths import depth  # noqa: E402
from archcompile.authoring.catalogue import list_shipped  # noqa: E402
from archcompile.cli.console import table  # noqa: E402
from archcompile.errors import ArchError  # noqa: E402

FRAMEWORKS = ("tensorflow", "keras", "numpy")


def main() -> None:
    began = time.perf_counter()
    rows = [("name", "depth", "parameters", "multiply-adds")]
    wrong: list[str] = []
    for spec in list_shipped():
        try:
            graph = archcompile.compile(spec.name)  # with what the spec itself expects
        except ArchError as error:
            wrong.append(f"{spec.name}: {error}")
            continue
        wrong += [str(note) for note in graph.notes]
        sums = totals(layers(graph))
        label = spec.name if spec.name == spec.family else f"  {spec.name}"
        rows.append((label, str(depth(graph)), f"{sums.params:,}", f"{sums.macs:,}"))
    print(table(rows, frozenset((1, 2, 3))))
    print(f"\n{len(rows) - 1} networks in {time.perf_counter() - began:.1f} s")
    wrong += [f"{name} was imported" for name in FRAMEWORKS if name in sys.modules]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
