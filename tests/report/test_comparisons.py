"""What a comparison says of groups: the spec's own words, the best first, intervals, tables."""

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import archcompile
from archcompile.report import page
from archcompile.report.contrasts import contrasts, t_quantile
from archcompile.report.groups import Comparison, compare_runs
from archcompile.report.reading import read
from archcompile.report.side_by_side import (
    as_record,
    contrast_words,
    difference_words,
    order_words,
)
from archcompile.report.table_files import table_file
from tests.report.test_page import scored_run
from tests.report.written_runs import write_run

NET = """\
archc: 1
vars: {{width: {width}}}
input: [8, 8, 1]
defaults: {{conv: {{kernel: 3, bias: {bias}}}}}
stem: [conv: {{filters: $width}}, relu]
head: [global_avg_pool, dense: {{units: {units}}}]
"""


def run_of(folder: Path, *, accuracy: float = 0.7, seed: int = 0, **values: object) -> Path:
    """A finished run of a network with these values."""
    text = NET.format(**{"width": 4, "bias": "true", "units": 3, **values})
    folder.with_suffix(".yaml").write_text(text)
    graph = archcompile.compile(str(folder.with_suffix(".yaml")))
    write_run(folder, spec=graph.hash, seed=seed, accuracies=(0.5, accuracy), epochs=2)
    (folder / "resolved.yaml").write_text(graph.spec_text)
    return folder


def of(*folders: Path) -> Comparison:
    return compare_runs([read(folder) for folder in folders])


@pytest.fixture
def widths(tmp_path: Path) -> Comparison:
    """Three widths with three seeds each, the best named last."""
    accuracies = {2: (0.60, 0.61, 0.62), 4: (0.70, 0.76, 0.73), 8: (0.75, 0.77, 0.79)}
    return of(
        *(
            run_of(tmp_path / f"w{width}_{seed}", width=width, seed=seed, accuracy=accuracy)
            for width, reached in accuracies.items()
            for seed, accuracy in enumerate(reached)
        )
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"width": 6}, ["width: 4 in a | 6 in b"]),
        ({"bias": "false"}, ["defaults.conv.bias: true in a | false in b"]),
        (
            {"width": 6, "units": 5},
            ["width: 4 in a | 6 in b", "head.1.dense.units: 3 in a | 5 in b"],
        ),
    ],
)
def test_networks_differ_in_the_words_of_their_specs(
    tmp_path: Path, values: dict[str, object], expected: list[str]
) -> None:
    actual = of(run_of(tmp_path / "a"), run_of(tmp_path / "b", **values))
    assert [difference_words(item, actual) for item in actual.differences] == expected


def test_networks_of_one_hash_do_not_differ(tmp_path: Path) -> None:
    """What one spec writes out, and another leaves to a default, is no difference."""
    folders = [run_of(tmp_path / "a"), run_of(tmp_path / "b"), run_of(tmp_path / "c", width=6)]
    resolved = folders[1] / "resolved.yaml"
    resolved.write_text(f"{resolved.read_text()}shortcut: none\n".replace("name: a", "name: x"))
    result = folders[1] / "result.json"
    result.write_text(result.read_text().replace('"net"', '"x"'))
    assert of(*folders[:2]).differences == []
    assert [item.what for item in of(*folders).differences] == ["width"]


def test_networks_with_little_in_common_are_named(tmp_path: Path) -> None:
    another = run_of(tmp_path / "b", width=6)
    text = "archc: 1\nname: other\ninput: [4, 4, 1]\n" + "".join(
        f"v{number}: 1\n" for number in range(9)
    )
    (another / "resolved.yaml").write_text(text)
    for number, content in enumerate((text, "not: [yaml")):
        (another / "resolved.yaml").write_text(content)
        (item,) = of(run_of(tmp_path / f"a{number}"), another).differences
        assert item.what == "network" and item.values[0] != item.values[1]


def test_the_best_group_comes_first_and_the_others_are_compared_with_it(
    widths: Comparison,
) -> None:
    """Welch's interval, worked out by hand from tables of Student's t."""
    assert [group.runs[0].path.name for group in widths.groups] == ["w8_0", "w4_0", "w2_0"]
    second, third = contrasts(widths)
    assert second.difference == pytest.approx(-0.04)
    # errors of 0.02 and 0.03 over the root of 3: 3.485 degrees of freedom, t = 2.944
    assert (second.low, second.high) == pytest.approx((-0.1013, 0.0213), abs=2e-4)
    assert third.difference == pytest.approx(-0.16) and third.high < 0
    assert contrast_words(widths)[1] == "  b  -0.0400, 95% interval -0.1013 to +0.0213"
    shown = page.of_runs(widths, [scored_run(["a", "b"])] * 9)
    assert "<h3>test accuracy compared with a</h3><ul><li>  b  -0.0400, 95% interval" in shown
    assert [item["test_accuracy"] for item in as_record(widths)["contrasts"]] == pytest.approx(
        [-0.04, -0.16]
    )


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.3027), (4, 2.7764), (10, 2.2281), (1000, 1.9623)]
)
def test_quantiles_are_those_of_the_tables(freedom: float, expected: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(expected, abs=5e-4)


def test_seeds_that_all_come_out_alike_have_no_interval(tmp_path: Path) -> None:
    folders = [
        run_of(tmp_path / f"{width}_{seed}", width=width, seed=seed)
        for width in (2, 4)
        for seed in (0, 1)
    ]
    (alone,) = contrasts(of(*folders))
    assert (alone.low, alone.difference, alone.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("has_seeds", [False, True])
def test_a_table_fits_an_article(tmp_path: Path, has_seeds: bool) -> None:
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("needs pdflatex")
    compared = of(
        *(
            run_of(tmp_path / f"resnet_v1-depth_{width}_{seed}", width=width, seed=seed)
            for width in (2, 4)
            for seed in ((0, 1, 2) if has_seeds else (0,))
        )
    )
    begin = r"\documentclass{article}\begin{document}\noindent "
    document = f"{begin}\n{table_file(compared, '.tex')}\\end{{document}}\n"
    (tmp_path / "x.tex").write_text(document)
    done = subprocess.run(
        [program, "-interaction=nonstopmode", "-halt-on-error", "x.tex"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Overfull" not in done.stdout, done.stdout


def test_an_unfinished_run_stands_last_and_says_why(tmp_path: Path) -> None:
    write_run(tmp_path / "open", accuracies=(0.9,), result=False)
    compared = of(tmp_path / "open", run_of(tmp_path / "done"))
    assert [group.runs[0].path.name for group in compared.groups] == ["done", "open"]
    assert order_words(compared) == ["b: not finished, so below all that are"]
    shown = page.of_runs(compared, [scored_run(["a", "b"])] * 2)
    assert "b: not finished" in shown
    links = re.findall(r'href="#run\d">([^<]*)', shown)
    assert links == [compared.labels[1], compared.labels[0]]


def test_tables_for_papers(widths: Comparison) -> None:
    head, _, *rows = table_file(widths, ".md").splitlines()
    assert head.startswith("| network | parameters | runs |") and len(rows) == 5
    assert rows[1].endswith("| 0.7300 ± 0.0300 | -0.0400 (-0.1013 … +0.0213) |")
    assert rows[4] == "* width: 8 in a \\| 4 in b \\| 2 in c"
    tex = table_file(widths, ".tex")
    (row,) = (line for line in tex.splitlines() if line.startswith("b & "))
    interval = r"\raggedright $-$0.0400 ($-$0.1013 \ldots{} +0.0213) \tabularnewline"
    assert row.endswith(rf"& 1,234 & 3 & 0.7300 $\pm$ 0.0300 & {interval}")
    assert tex.startswith("% width: 8 in a | 4 in b | 2 in c\n")
    read_back = list(csv.DictReader(io.StringIO(table_file(widths, ".csv"))))
    assert [(row["group"], row["seed"], row["width"]) for row in read_back[::4]] == [
        ("c", "0", "2"),
        ("b", "1", "4"),
        ("a", "2", "8"),
    ]
    assert float(read_back[0]["test_accuracy"]) == 0.6
