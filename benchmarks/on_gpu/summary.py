"""The record of the GPU benchmark as Markdown tables and as a picture."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import accumulate
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from archcompile import atomic

TABLES, PICTURE = "gpu.md", "gpu.png"
BASE = "torch_compile"  # the contender that speeds are compared with
LABELS = {
    "archc": "archc on TensorFlow",
    "jax": "archc on JAX",
    "torch": "PyTorch",
    "torch_compile": "torch.compile",
}
COLOURS = {"archc": "#1f77c4", "jax": "#0f8f8f", "torch": "#b8860b", "torch_compile": "#d1431f"}
ENGINES = {"jax": "jax", "tensorflow": "archc"}  # whose colours their contenders have
Row = Mapping[str, Any]
HEAD = (
    "network",
    "trained by",
    "images/s",
    "times torch.compile",
    "compile, s",
    "host, ms a step",
    "of matrix rate",
    "of bandwidth",
    "times the least",
)


def write(content: Mapping[str, Any], folder: Path) -> None:
    """Writes the tables and the picture into a folder."""
    atomic.put(folder / TABLES, f"# On a GPU, measured\n\n{tables(content)}")
    atomic.put(folder / PICTURE, picture(content))
    print(f"{folder / TABLES}\n{folder / PICTURE}")


# ---- figures of rows ----


def rows_of(content: Mapping[str, Any], kind: str) -> list[Row]:
    return [row for key, row in content["rows"].items() if key.startswith(f"{kind}/")]


def images_per_second(row: Row) -> float | None:
    """The median of its turns."""
    seconds = row["seconds_per_image"]
    return None if row["missing"] or not seconds else 1 / float(median(seconds))


def best_rates(content: Mapping[str, Any]) -> tuple[float, float] | None:
    """The most operations and bytes a second that any framework reached."""
    rows = [row for row in rows_of(content, "rates") if not row["missing"]]
    if not rows:
        return None
    operations = max(float(row["operations_per_second"]) for row in rows)
    return operations, max(float(row["bytes_per_second"]) for row in rows)


def shares(row: Row, rates: tuple[float, float]) -> tuple[float, float, float]:
    """What a step reaches of both rates, and how many times the least time it takes."""
    operations, traffic = rates
    step = float(median(row["seconds_per_image"])) * row["batch"]
    works = row["work"]
    done = sum(work["times"] * work["operations"] for work in works)
    moved = sum(work["times"] * work["bytes"] for work in works)
    least = sum(
        work["times"] * max(work["operations"] / operations, work["bytes"] / traffic)
        for work in works
    )
    return done / step / operations, moved / step / traffic, step / least


# ---- tables ----


def tables(content: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            *_calls(content),
            *_rates(content),
            *_speeds(content),
            *_trainings(content),
        ]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int) -> list[str]:
    """A table whose first columns are texts, the others numbers; nothing where it has no row."""
    if not rows:
        return []
    marks = ["---"] * texts + ["---:"] * (len(head) - texts)
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)] + [""]


def _calls(content: Mapping[str, Any]) -> list[str]:
    """When, where and from what source each measurement comes; equal machines once."""
    lines: dict[str, list[str]] = {}
    for call in content["calls"]:
        cards = [", ".join(card.values()) for card in call["cards"]] or ["no GPU"]
        versions = ", ".join(f"{name} {version}" for name, version in call["versions"].items())
        where = (
            f"{'; '.join(cards)}; {call['cpus']} cores, {call['processor']}; {call['platform']}; "
            f"{versions}; commit {call['commit']}"
        )
        lines.setdefault(where, []).append(f"{call['date']} `{call['command']}`")
    return [line for where, calls in lines.items() for line in (f"{where}:", "", *_list(calls))]


def _list(lines: Sequence[str]) -> list[str]:
    return [*(f"- {line}" for line in lines), ""]


def _rates(content: Mapping[str, Any]) -> list[str]:
    rows = []
    for row in rows_of(content, "rates"):
        if row["missing"]:
            rows.append((row["framework"], row["missing"], "", ""))
            continue
        operations = f"{row['operations_per_second'] / 1e12:.3g}"
        rows.append(
            (row["framework"], row["built"], operations, f"{row['bytes_per_second'] / 1e9:.4g}")
        )
    head = ("rates of the card", "by", "bfloat16 TFLOP/s", "GB/s copied")
    return _table(head, rows, texts=2)


def _speeds(content: Mapping[str, Any]) -> list[str]:
    rates, rows = best_rates(content), rows_of(content, "speed")
    bases = {row["case"]: images_per_second(row) for row in rows if row["contender"] == BASE}
    lines = [_speed_row(row, bases.get(row["case"]), rates) for row in rows]
    return _table(HEAD, lines, texts=2)


def _speed_row(row: Row, base: float | None, rates: tuple[float, float] | None) -> list[str]:
    speed = images_per_second(row)
    cells = [row["case"], LABELS[row["contender"]]]
    if speed is None:
        words = row["missing"] or "not measured yet"
        return [*cells, words, *[""] * (len(HEAD) - 3)]
    cells += [f"{speed:,.0f}", f"{speed / base:.2f}" if base else ""]
    cells += [f"{row['compile_seconds']:.1f}", f"{1000 * row['host_seconds']:.2f}"]
    if rates is None:
        return [*cells, "", "", ""]
    matrix, traffic, times = shares(row, rates)
    return [*cells, f"{matrix:.1%}", f"{traffic:.1%}", f"{times:.2f}"]


def _trainings(content: Mapping[str, Any]) -> list[str]:
    rows = []
    for row in rows_of(content, "training"):
        result, history = row.get("result", {}), row.get("history", {"seconds": []})
        accuracy, goal = result.get("test_accuracy"), row["goal"]
        is_finished = bool(result.get("finished"))
        reached = ""
        if goal and is_finished:
            reached = "yes" if accuracy >= goal else "no"
        rows.append(
            (
                row["course"],
                row["engine"],
                row["missing"] or ("finished" if is_finished else "not finished"),
                result.get("dataset", ""),
                str(len(history["seconds"])),
                f"{row['seconds']:.0f}",
                f"{sum(history['seconds']):.0f}",
                "" if accuracy is None else f"{accuracy:.2%}",
                f"{goal:.0%}: {reached}" if reached else "",
            )
        )
    head = (
        *("training", "engine", "state", "data", "epochs", "seconds", "of these in steps"),
        *("test accuracy", "goal reached"),
    )
    return _table(head, rows, texts=4)


# ---- the picture ----


def picture(content: Mapping[str, Any]) -> bytes:
    """Images a second, a panel for each case, and the courses of trainings, as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = rows_of(content, "speed")
    cases = list(dict.fromkeys(row["case"] for row in rows))
    courses = [row for row in rows_of(content, "training") if row.get("history")]
    panels = len(cases) + bool(courses)
    columns = min(panels, 3) or 1
    lines = ceil(panels / columns) or 1
    figure = Figure(figsize=(4.6 * columns, 2.3 * lines + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    cards = {card["name"] for call in content["calls"] for card in call["cards"]}
    figure.suptitle(", ".join(sorted(cards)) or "no GPU", parse_math=False)
    axes = figure.subplots(lines, columns, squeeze=False).flatten()
    for place, case in zip(axes, cases, strict=False):
        _bars(place, case, [row for row in rows if row["case"] == case])
    if courses:
        _courses(axes[len(cases)], courses)
    for place in axes[panels:]:
        place.axis("off")
    file = BytesIO()
    figure.savefig(file, format="png", dpi=120, metadata={"Software": None})
    return file.getvalue()


def _bars(axes: Any, case: str, rows: Sequence[Row]) -> None:
    speeds = [images_per_second(row) for row in rows]
    axes.barh(
        range(len(rows)),
        [speed or 0.0 for speed in speeds],
        color=[COLOURS[row["contender"]] for row in rows],
    )
    for number, speed in enumerate(speeds):
        words = "not measured" if speed is None else f"{speed:,.0f}"
        axes.annotate(
            words,
            (speed or 0.0, number),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
    axes.set_yticks(range(len(rows)), [LABELS[row["contender"]] for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.3 * max((speed or 0.0 for speed in speeds), default=0.0) or 1.0)
    axes.set_title(case, fontsize="medium")
    axes.set_xlabel("images/s")
    if not any(speeds):
        axes.set_xticks([])


def _courses(axes: Any, rows: Sequence[Row]) -> None:
    """Accuracy on images that are not trained on, over the seconds of the steps."""
    from matplotlib.ticker import LogLocator, NullFormatter

    for row in rows:
        history = row["history"]
        axes.plot(
            list(accumulate(history["seconds"])),
            [100 * accuracy for accuracy in history["val_accuracy"]],
            label=f"{row['course']}, {row['engine']}",
            color=COLOURS[ENGINES[row["engine"]]],
            linestyle="-" if row["goal"] else "--",
            marker="o" if len(history["seconds"]) == 1 else "",
        )
    axes.set_xscale("log")  # a fast training beside one of hours
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_title("accuracy, %", fontsize="medium")
    axes.set_xlabel("seconds of training")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
