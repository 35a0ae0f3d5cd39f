"""Line charts as inline SVG."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from archcompile.report.chart import SOFT, Chart, Series, svg
from archcompile.report.legend import Entry, entry_width, legend_list, legend_rows


def draw_chart(**options) -> ElementTree.Element:
    line = options.pop(
        "line", Series(label="a", colour="#123456", points=[(1, 10.0), (2, 5.0), (4, 0.0)])
    )
    return ElementTree.fromstring(svg(Chart(title="title", lines=[line], **options)))


def labels(chart: ElementTree.Element) -> list[str]:
    return [
        e.text or ""
        for e in chart.findall("text")
        if "tick" in e.get("class", "") and not re.match("epoch|step", e.text or "")
    ]


def path(chart: ElementTree.Element) -> list[tuple[float, float]]:
    result = chart.find(".//polyline")
    assert result is not None
    return [tuple(map(float, pair.split(","))) for pair in result.get("points", "").split()]  # type: ignore[misc]


def test_points_lie_where_the_scales_say() -> None:
    chart = draw_chart(top=20.0)
    frame = chart.find("rect[@class='frame']")
    assert frame is not None
    x, y, width, height = (float(frame.get(key, "")) for key in ("x", "y", "width", "height"))
    expected = (
        (x, y + height / 2),
        (x + width / 3, y + height * 3 / 4),
        (x + width, y + height),
    )
    for actual, point in zip(path(chart), expected, strict=True):
        assert actual == pytest.approx(point, abs=0.01)
    assert labels(chart) == ["0", "5", "10", "15", "20", "1", "2", "3", "4"]


def test_what_is_too_high_is_cut_off_by_a_frame_of_its_own() -> None:
    chart = draw_chart(top=5.0)
    inner, frame = chart.find("svg"), chart.find("rect[@class='frame']")
    assert inner is not None and frame is not None
    assert [inner.get(key) for key in ("x", "y", "width", "height")] == [
        frame.get(key) for key in ("x", "y", "width", "height")
    ]
    assert inner.get("viewBox") == " ".join(
        frame.get(key, "") for key in ("x", "y", "width", "height")
    )
    assert min(y for _, y in path(chart)) < float(frame.get("y", ""))


def test_a_logarithmic_scale_only_where_it_says_more() -> None:
    wide, narrow, zero = ([(1, 2.0), (2, 0.02)], [(1, 2.0), (2, 1.0)], [(1, 2.0), (2, 0.0)])
    ticks = [
        labels(draw_chart(is_log=True, line=Series(label="a", colour="#000", points=points)))
        for points in (wide, narrow, zero)
    ]
    assert ticks[0][:7] == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]
    assert ticks[1][0] == "0" and ticks[2][0] == "0"


def test_steps_bands_and_single_points() -> None:
    assert (
        len({y for _, y in path(draw_chart(is_stepped=True))}) == 3
        and len(path(draw_chart(is_stepped=True))) == 6
    )
    banded = draw_chart(
        line=Series(
            label="a",
            colour="#000",
            points=[(1, 1.0), (2, 2.0)],
            band=[(1, 0.5, 1.5), (2, 1.0, 3.0)],
        )
    )
    outline = banded.find(".//polygon")
    assert outline is not None and len(outline.get("points", "").split()) == 4
    single = draw_chart(line=Series(label="a", colour="#000", points=[(1, 1.0)]))
    assert single.find(".//circle") is not None and single.find(".//polyline") is None
    assert svg(Chart(title="nothing", lines=[])) == ""


def test_a_value_that_is_no_number_interrupts_a_line() -> None:
    points = [(1, 1.0), (2, 2.0), (3, float("nan")), (4, 1.0), (5, 1.5)]
    chart = draw_chart(line=Series(label="a", colour="#000", points=points))
    assert [len(e.get("points", "").split()) for e in chart.findall(".//polyline")] == [2, 2]
    lost = [Series(label="a", colour="#000", points=[(1, float("inf"))])]
    assert svg(Chart(title="nothing", lines=lost)) == ""


@pytest.mark.parametrize("values", [[0.1, 1e13], [1e-7, 1e-3], [2.0, 900.0], [0.3, 7.0]])
def test_ticks_of_powers_are_few_and_within_the_axis(values: list[float]) -> None:
    points = list(enumerate(values, 1))
    chart = draw_chart(line=Series(label="a", colour="#000", points=points), is_log=True)
    frame = chart.find("rect[@class='frame']")
    ticks = [e for e in chart.findall("text") if e.get("text-anchor") == "end"]
    heights = [float(e.get("y", "")) for e in ticks]
    assert frame is not None and 2 <= len(ticks) <= 10
    assert min(a - b for a, b in pairwise(heights)) > 13, "words do not lie on one another"


def test_another_range_than_from_zero() -> None:
    points = [(1, 0.9), (2, 0.94)]
    line = Series(label="a", colour="#000", points=points)
    ticks = labels(draw_chart(line=line, is_from_zero=False, top=1.0))
    assert float(ticks[0]) >= 0.85 and all(float(tick) <= 1 for tick in ticks[:-3])


def test_a_second_axis_counts_steps() -> None:
    words = labels(draw_chart(steps=250))
    assert words[-4:] == ["400", "600", "800", "1,000"]


@pytest.mark.parametrize(
    "values", [[0.0, 0.0], [1e-9, 3e-9], [123456.0, 5.0], [99.99, 100.0], [1.0]]
)
def test_ticks_are_few_and_reach_over_all_values(values: list[float]) -> None:
    chart = draw_chart(line=Series(label="a", colour="#000", points=list(enumerate(values, 1))))
    ends = [e for e in chart.findall("text") if e.get("text-anchor") == "end"]
    left = [float((e.text or "").replace(",", "")) for e in ends]
    assert (
        2 <= len(left) <= 8
        and left[0] == 0
        and left == sorted(set(left))
        and max(left) >= max(values)
    )


def test_the_legend_escapes_and_marks_dashes() -> None:
    actual = ElementTree.fromstring(
        legend_list([Entry('"><script>', "#123456", is_dashed=True), Entry("b", "#000")])
    )
    assert [li.findtext("svg/line") or (li.find("svg/line").get("class")) for li in actual] == [
        "dashed",
        "solid",
    ]  # type: ignore[union-attr]
    assert not re.search("<script", legend_list([Entry('"><script>', "#123456")]))


def test_the_lines_of_a_legend_fit() -> None:
    entries = [Entry("training", SOFT), *(Entry("x" * n, "#000") for n in (5, 30, 50, 3, 200))]
    rows = legend_rows(entries, 600)
    assert [len(row) for row in rows] == [1, 2, 2, 1], "styles stand apart"
    assert all(sum(map(entry_width, row)) <= 600 for row in rows[:-1])
