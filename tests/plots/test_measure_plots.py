"""Pictures of measures: what is drawn is what the table says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from matplotlib.figure import Figure
from PIL import Image as Picture

import morula
from morula.errors import RequestError
from morula.images.write import write_mask
from morula.objects.tables import read_table, write_columns
from morula.plots.comparison import FARTHEST, draw_conditions, draw_effects, effects
from morula.plots.experiment import Experiment, ExperimentSettings, read_experiment
from morula.plots.figures import figure_in_style
from morula.plots.kymographs import draw_kymographs
from morula.plots.object_gallery import chosen_rows, draw_gallery, images_of
from morula.plots.outline_series import draw_outlines, read_outlines
from morula.plots.over_time import draw_over_time

MOMENTS = 4


@pytest.fixture
def grown(tmp_path):
    """Movies of discs that grow: three of condition a, by 1 px a frame, and three of b, by 2; their light rises too."""
    y, x = np.mgrid[:64, :64] - 31.3
    (tmp_path / "images").mkdir()
    for place, name in enumerate(("a_1", "a_2", "a_3", "b_1", "b_2", "b_3")):
        radii = [9 + place % 3 + (1 + place // 3) * moment for moment in range(MOMENTS)]
        frames = np.array([np.hypot(y, x) <= radius for radius in radii], np.uint8)
        write_mask(tmp_path / "masks" / f"{name}.tif", frames, pixel_size=(0.5, 0.5))
        light = frames * (np.arange(MOMENTS)[:, None, None] * 20 + 50 + x.astype(int)) + 5
        tifffile.imwrite(tmp_path / "images" / f"{name}.tif", light.astype(np.uint8), imagej=True,
                         metadata={"axes": "TYX"})
    morula.measure(tmp_path / "masks", tmp_path / "t.csv", images=tmp_path / "images", geojson=tmp_path / "outlines",
                   measures=["size", "inward"], parts=4)
    return tmp_path


def experiment(grown, **settings) -> Experiment:
    return read_experiment([grown / "t.csv"], ExperimentSettings(**{"conditions": "^[ab]", **settings}))


def test_the_thick_line_is_the_mean_of_movies(grown):
    found, figure = experiment(grown, measures=("area",), minutes_per_frame=30), Figure()
    draw_over_time(figure, found)
    [axes] = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (h)", "area (µm²)")
    assert axes.get_title(loc="right") == "n = 6 movies"
    lines = [line.get_xydata() for line in axes.lines]
    thick = [line.get_xydata() for line in axes.lines if line.get_linewidth() > 2]
    assert len(lines) == 6 + 2
    for line, growth in zip(thick, (1, 2), strict=True):
        means = [np.pi / 4 * np.mean([(9 + movie + growth * m) ** 2 for movie in range(3)]) for m in range(MOMENTS)]
        assert line[:, 0].tolist() == [0, 0.5, 1, 1.5]
        assert line[:, 1] == pytest.approx(means, rel=0.03)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "a: 3 movies", "b: 3 movies", "thick: mean of movies with its 95 % interval"]


def test_a_movie_that_misses_a_moment_does_not_bend_the_mean(grown):
    columns = read_table(grown / "t.csv")
    row = list(zip(columns["file"], columns["frame"], strict=True)).index(("b_3.tif", 1))
    columns["area_um2"][row] = None
    write_columns(grown / "t.csv", columns)
    figure = Figure()
    draw_over_time(figure, experiment(grown, measures=("area_um2",)))
    *_, mean = [line.get_ydata() for line in figure.axes[0].lines if line.get_linewidth() > 2]
    assert np.abs(np.diff(mean, 2)).max() < 0.35 * np.diff(mean).min()


def test_intervals_of_the_table_are_bands_of_its_tracks(grown):
    columns = read_table(grown / "t.csv")
    columns |= {f"area_um2{end}": [value * size for value in columns["area_um2"]]
                for end, size in (("_low", 0.9), ("_high", 1.2))}
    keep = [row for row, file in enumerate(columns["file"]) if file == "a_2.tif"]
    write_columns(grown / "t.csv", {name: [values[row] for row in keep] for name, values in columns.items()})
    figure = Figure()
    draw_over_time(figure, experiment(grown, measures=("area_um2",)))
    [band] = figure.axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx(1.2 * max(columns["area_um2"][row] for row in keep))
    assert heights.min() == pytest.approx(0.9 * min(columns["area_um2"][row] for row in keep))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "a: 1 movie", "pale: intervals of single objects"]


def test_no_interval_is_claimed_over_a_single_movie(grown):
    """Two cells of one movie have a mean, and scatter; but they are no two samples of their condition."""
    columns = read_table(grown / "t.csv")
    keep = [row for row, file in enumerate(columns["file"]) if file == "a_2.tif"]
    columns = {name: [values[row] for row in keep] for name, values in columns.items()}
    moments = len(keep)
    columns = {name: values * 2 for name, values in columns.items()}
    columns["object"] = [1] * moments + [2] * moments
    columns["area_um2"] = [value * size for value, size in zip(columns["area_um2"], [1] * moments + [3] * moments,
                                                               strict=True)]
    write_columns(grown / "t.csv", columns)
    found, figure, beside = experiment(grown, measures=("area_um2",)), Figure(), Figure()
    draw_over_time(figure, found)
    [axes] = figure.axes
    [thick] = [line.get_ydata() for line in axes.lines if line.get_linewidth() > 2]
    assert thick == pytest.approx(np.array(columns["area_um2"][:moments]) * 2)  # the mean of once and three times
    assert not axes.collections
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "a: 1 movie", "thick: mean of its objects"]
    draw_conditions(beside, found)
    assert beside.get_supxlabel() == (
        "small points: objects, means over time; large: means of movies; n = movies (objects)")


def test_samples_and_differences_are_those_of_movies(grown):
    found, figure = experiment(grown, measures=("equivalent_diameter",)), Figure()
    draw_conditions(figure, found)
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a\nn = 3", "b\nn = 3"]
    [difference] = effects(found).values()
    assert difference.difference == pytest.approx((MOMENTS - 1) / 2, rel=0.03)
    assert difference.low < 1.5 < difference.high
    forest = Figure()
    draw_effects(forest, found)
    [axes] = forest.axes
    texts = [text.get_text() for text in axes.texts]
    assert texts[0] == "equivalent diameter (µm)"
    assert texts[1].startswith("+1.5")
    assert texts[1].endswith("n 3, 3")


def test_a_kymograph_holds_the_profiles(grown):
    found, figure = experiment(grown), Figure()
    draw_kymographs(figure, found)
    left, right, _ = figure.axes
    assert (left.get_title(), right.get_title()) == ("a, n = 3 movies", "b, n = 3 movies")
    picture = left.collections[0].get_array()
    assert picture.shape == (4, MOMENTS)
    rows = [row for row, file in enumerate(found.columns["file"]) if file.startswith("a")]
    last = [found.numbers("inward_3_grey")[row] for row in rows if found.columns["frame"][row] == 3]
    assert picture[2, 3] == pytest.approx(np.mean(last))
    assert np.diff(picture, axis=1).min() > 10


def test_frames_that_begin_at_the_other_end_are_turned_round(tmp_path):
    profile = np.array([4.0, 3, 2, 1.5, 1])
    seen = [profile, profile[::-1] + 0.1, profile + 0.2, profile[::-1], profile]
    columns = {"file": ["a.tif"] * 5, "frame": list(range(5)), "object": [1] * 5, "area_um2": [1.0] * 5}
    columns |= {f"along_{part + 1}_GFP": [float(each[part]) for each in seen] for part in range(5)}
    columns |= {f"inward_{part + 1}_GFP": [float(each[part]) for each in seen] for part in range(5)}
    write_columns(tmp_path / "t.csv", columns)
    figure = Figure()
    draw_kymographs(figure, read_experiment([tmp_path / "t.csv"], ExperimentSettings()))
    along, inward = (axes.collections[0].get_array() for axes in figure.axes[:2])
    assert np.diff(along, axis=0).max() < 0
    assert np.abs(inward.T - np.array(seen)).max() < 1e-6


def test_outlines_lie_where_objects_are_and_know_their_time(grown):
    found, figure = experiment(grown), Figure()
    draw_outlines(figure, found, read_outlines(grown / "outlines", found))
    *panels, _ = figure.axes
    assert len(panels) == 6
    [lines] = panels[3].collections
    assert lines.get_array().tolist() == [0, 1, 2, 3]
    for moment, path in enumerate(lines.get_paths()):
        middle = path.vertices[:-1].mean(axis=0)
        assert middle == pytest.approx([31.8 / 2, 31.8 / 2], abs=0.2)
        assert np.linalg.norm(path.vertices - middle, axis=1).mean() == pytest.approx((9 + 2 * moment) / 2, rel=0.03)
    assert panels[3].get_xlabel() == "x (µm)"


@pytest.mark.parametrize(("change", "marker"), [(50, ">"), (-50, "<"), (0.2, "o")])
def test_differences_far_off_are_arrows_at_the_edge(tmp_path, change, marker):
    values = [100, 100.2, 100.1, *(100 + change + rest for rest in (0, 0.2, 0.1))]
    columns = {"file": [f"{condition}_{sample}.tif" for condition in "ab" for sample in "xyz"], "frame": [0] * 6,
               "object": [1] * 6, "area_um2": values}
    write_columns(tmp_path / "t.csv", columns)
    figure = Figure()
    draw_effects(figure, experiment(tmp_path))
    [axes] = figure.axes
    _, line, point = axes.lines
    assert point.get_marker() == marker
    assert np.abs(np.r_[line.get_xdata(), point.get_xdata()]).max() <= FARTHEST
    if marker != "o":
        assert point.get_xdata() == [np.sign(change) * FARTHEST]
    assert axes.texts[1].get_text().startswith(f"{'+' if change > 0 else '−'}{abs(change)}")


def test_the_gallery_goes_from_the_least_to_the_most(grown):
    found, figure = experiment(grown), Figure()
    rows = chosen_rows(found, "area_um2")
    areas = found.numbers("area_um2")
    assert np.all(np.diff(areas[rows]) >= 0)
    assert {areas[rows[0]], areas[rows[-1]]} == {areas.min(), areas.max()}
    images = images_of(found, sorted((grown / "images").iterdir()))
    draw_gallery(figure, found, "area_um2", images, read_outlines(grown / "outlines", found))
    assert [float(axes.get_title().split()[0]) for axes in figure.axes] == pytest.approx(areas[rows], rel=0.01)
    for axes, row in zip(figure.axes, rows, strict=True):
        shown = np.asarray(axes.images[0].get_array()).mean(axis=2)
        left, right, bottom, top = axes.images[0].get_extent()
        place = found.numbers("centroid_x_um")[row] * 2 + 0.5 - left
        assert shown.shape[1] == right - left
        assert bottom - top == right - left
        assert (shown > 0.1).mean(axis=0) @ np.arange(0.5, shown.shape[1]) / (shown > 0.1).mean(axis=0).sum() == (
            pytest.approx(place, abs=1))


def test_every_picture_becomes_a_file_beside_the_table_of_differences(grown):
    plotted = morula.plot(grown / "t.csv", grown / "out", conditions="^[ab]", images=grown / "images",
                          outlines=grown / "outlines")
    assert [path.stem for path in plotted.pictures] == [
        "over_time", "conditions", "effects", "kymographs", "outlines", "gallery"
    ]
    for path in plotted.pictures:
        assert np.asarray(Picture.open(path).convert("L")).std() > 5
    table = read_table(grown / "out" / "effects.csv")
    assert (table["condition"], table["control"], table["samples"]) == (["b"], ["a"], [3])


def test_one_object_is_enough_and_nothing_is_compared(grown):
    write_mask(grown / "one.tif", [np.pad(np.ones((9, 12), np.uint8), 5)], pixel_size=None)
    morula.measure(grown / "one.tif", grown / "one.csv")
    plotted = morula.plot(grown / "one.csv", grown / "one")
    assert [path.name for path in plotted.pictures] == ["conditions.png"]
    assert plotted.effects is None


def test_what_does_not_fit_is_named(grown):
    with pytest.raises(RequestError, match="--geojson"):
        morula.plot(grown / "t.csv", grown / "out", outlines=grown / "masks")
    for path in (grown / "images").iterdir():
        path.rename(path.with_name(f"x{path.name[2]}{path.name[0]}.tif"))
    with pytest.raises(RequestError, match="by name"):
        morula.plot(grown / "t.csv", grown / "out", images=grown / "images")


def test_files_of_one_name_get_no_outlines_or_images_of_another_folder(grown):
    """Outlines lie in the folders that the table names, and images are matched where names say which is whose."""
    text = (grown / "t.csv").read_text()
    for folder in ("one", "two"):
        (grown / f"{folder}.csv").write_text("\n".join(
            f"{folder}/{line}" if line[0] in "ab" else line for line in text.splitlines()))
    _, *others = (grown / "two.csv").read_text().splitlines(keepends=True)
    (grown / "both.csv").write_text((grown / "one.csv").read_text() + "\n" + "".join(others))
    found = read_experiment([grown / "both.csv"], ExperimentSettings(conditions="one|two"))
    (grown / "drawn").mkdir()
    (grown / "outlines").rename(grown / "drawn" / "two")
    assert {file[:4] for file, _, _ in read_outlines(grown / "drawn", found)} == {"two/"}
    with pytest.raises(RequestError, match=r"Several files of the table have the same name, such as one.a_1\.tif"):
        images_of(found, sorted((grown / "images").iterdir()))


def test_outlines_of_two_tables_with_one_file_name_are_refused(grown):
    (grown / "u.csv").write_text((grown / "t.csv").read_text())
    with pytest.raises(RequestError, match=r"about a file a_1\.tif"):
        morula.plot([grown / "t.csv", grown / "u.csv"], grown / "out", outlines=grown / "outlines")


def test_images_of_the_working_folder_are_found(grown, monkeypatch):
    """Their relative paths read as the names in the table do."""
    monkeypatch.chdir(grown / "images")
    found = experiment(grown)
    assert len(images_of(found, [Path(path.name) for path in Path().iterdir()])) == 6


@pytest.mark.parametrize("draw", [draw_over_time, draw_conditions])
def test_what_is_said_around_a_single_panel_fits_beside_it(grown, draw):
    with figure_in_style("narrow", 4.4, 3.2) as figure:
        draw(figure, experiment(grown, measures=("area",)))
        figure.canvas.draw()
        said = figure.legends[0] if figure.legends else figure._supxlabel
        box = said.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= 4.4 * figure.dpi
