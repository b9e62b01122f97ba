"""Outlines over time in one picture for each movie: the later, the brighter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from morula.errors import RequestError
from morula.exchange.geojson import ReadOutlines, read_written
from morula.names.endings import home, stem
from morula.plots import palette
from morula.plots.experiment import Experiment
from morula.plots.panels import grid_of_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 8
"""Of more movies than this, some are shown, evenly chosen."""

PANEL = (2.5, 2.5)

Outlines = Mapping[tuple[str, int, int], ReadOutlines]
"""By file, frame and object."""


def read_outlines(folder: Path, experiment: Experiment) -> dict[tuple[str, int, int], ReadOutlines]:
    """The outlines that were written when the table was.

    Raises:
        RequestError: the folder has none of any file of the table, or would have to have those of two files of one
            name.
        FileError: a file cannot be read.
    """
    found = {}
    tables: dict[str, int] = {}
    for file, table in zip(experiment.columns["file"], experiment.table.tolist(), strict=True):
        if tables.setdefault(file, table) != table:
            raise RequestError(f"Two of the tables are about a file {file}, and {folder} can hold the outlines of one "
                               "alone. Draw each table with outlines of its own.")
    for file in tables:
        path = folder / home(Path(file)) / f"{stem(Path(file))}.geojson"
        if path.exists():
            found |= {(file, each.frame, each.number): each for each in read_written(path)}
    if not found:
        raise RequestError(f"{folder} has no outlines of {experiment.columns['file'][0]}, nor of any other file of the "
                           "table. Give the folder that morula measure --geojson wrote.")
    return found


def outlines_of(experiment: Experiment, outlines: Outlines) -> list[ReadOutlines | None]:
    """Of each row its outlines, None where there are none."""
    keys = zip(*(experiment.columns[name] for name in ("file", "frame", "object")), strict=True)
    return [outlines.get(key) for key in keys]


def shown_groups(experiment: Experiment) -> list[np.ndarray]:
    """The rows of each movie that is shown, in the order of time, condition by condition."""
    groups = [rows for rows in experiment.through_time(experiment.group) if len(np.unique(experiment.time[rows])) > 1]
    groups.sort(key=lambda rows: experiment.condition[rows[0]])
    places = np.linspace(0, len(groups) - 1, min(MOST, len(groups))).round().astype(int)
    return [groups[place] for place in places]


def draw_outlines(figure: Figure, experiment: Experiment, outlines: Outlines) -> None:
    """A panel for each movie, with the outlines of all its objects where they were."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    colours = LinearSegmentedColormap.from_list("ramp", palette.RAMP[:4])
    scale = Normalize(experiment.moments[0], experiment.moments[-1])
    found = outlines_of(experiment, outlines)
    panels, middles, spans = [], [], []
    for axes, rows in grid_of_panels(figure, shown_groups(experiment)):
        lines, times, micrometres = [], [], False
        for row in rows:
            each = found[row]
            if each is not None:
                micrometres = each.pixel_size is not None
                size = np.array(each.pixel_size or (1.0, 1.0))
                for polygon in each.rings:
                    lines.append(_closed(polygon * size))
                    times.append(experiment.time[row])
        title = f"{experiment.name_of_group(rows[0])}, n = {len(np.unique(experiment.time[rows]))} frames"
        axes.add_collection(LineCollection(lines, array=times, cmap=colours, norm=scale, linewidths=0.9))
        corners = np.concatenate(lines or [np.zeros((1, 2))])
        middles.append((corners.min(axis=0) + corners.max(axis=0)) / 2)
        spans.append(np.ptp(corners, axis=0).max())
        axes.set(aspect="equal", xlabel="x (µm)" if micrometres else "x (px)", title=title)
        axes.set_ylabel("y (µm)" if micrometres else "y (px)")
        axes.title.set_fontsize(8)
        panels.append(axes)
    half = 0.54 * max(spans)
    for axes, (x, y) in zip(panels, middles, strict=True):  # all at one scale
        axes.set(xlim=(x - half, x + half), ylim=(y + half, y - half))
    bar = figure.colorbar(ScalarMappable(scale, colours), ax=panels, label=experiment.time_label, pad=0.01, shrink=0.8)
    bar.outline.set_visible(False)


def _closed(polygon: np.ndarray) -> np.ndarray:
    return np.concatenate([polygon, polygon[:1]])[:, ::-1]
