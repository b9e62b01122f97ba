"""One measure against another: each object where its two numbers say."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from morula.errors import RequestError
from morula.objects.tables import write_columns
from morula.plots.against import draw_against
from morula.plots.experiment import ExperimentSettings, read_experiment
from morula.plots.figures import figure_in_style
from morula.workflows import plot


@pytest.fixture
def table(tmp_path) -> Path:
    """Three objects of each of two conditions; of one, the area is not known."""
    columns = {
        "file": [f"{name}.tif" for name in ("a 1", "a 2", "a 3", "b 1", "b 2", "b 3")],
        "frame": [0] * 6,
        "object": [1] * 6,
        "area_um2": [10_000.0, 20_000.0, None, 40_000.0, 50_000.0, 60_000.0],
        "solidity": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
    }
    write_columns(tmp_path / "t.csv", columns)
    return tmp_path / "t.csv"


def test_points_are_where_both_numbers_say(table):
    found = read_experiment([table], ExperimentSettings(measures=("solidity",), conditions="^[ab]"))
    figure = Figure()
    draw_against(figure, found, "area_um2")
    [axes] = figure.axes
    a, b = (line.get_xydata().tolist() for line in axes.lines)
    assert a == [[10_000, 0.9], [20_000, 0.8]]
    assert b == [[40_000, 0.6], [50_000, 0.5], [60_000, 0.4]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("area (µm²)", "solidity")
    assert axes.get_title(loc="right") == "n = 5 samples"
    figure.canvas.draw()
    assert "40,000" in [label.get_text() for label in axes.get_xticklabels()]
    markers = {line.get_marker() for line in axes.lines}
    assert len(markers) == 2  # conditions are told apart without colours


def test_it_is_a_picture_among_others(table):
    plotted = plot(table, table.parent / "out", measures=("solidity",), against="area", format="svg")
    assert [path.name for path in plotted.pictures] == ["conditions.svg", "against.svg"]
    with pytest.raises(RequestError, match="no column 'length'"):
        plot(table, table.parent / "out", against="length")


@pytest.mark.parametrize("inches", [4.0, 10.0])
def test_no_legend_is_cut_off(table, inches):
    found = read_experiment([table], ExperimentSettings(measures=("solidity",), conditions="^.*(?=.tif)"))
    with figure_in_style("legend", inches, 4) as figure:
        draw_against(figure, found, "area_um2")
        figure.canvas.draw()
        assert figure.legends[0].get_window_extent().x1 <= inches * figure.dpi
