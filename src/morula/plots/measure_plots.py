"""The pictures that tables of measures give: which there are, how large, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from morula.plots.against import draw_against
from morula.plots.comparison import draw_conditions, draw_effects, effects
from morula.plots.experiment import Experiment, ExperimentSettings
from morula.plots.figures import chart
from morula.plots.kymographs import draw_kymographs, kymograph_size, profiles
from morula.plots.object_gallery import chosen_rows, draw_gallery, gallery_size, images_of
from morula.plots.outline_series import PANEL as OUTLINE_PANEL
from morula.plots.outline_series import draw_outlines, read_outlines, shown_groups
from morula.plots.over_time import draw_over_time
from morula.plots.panels import ALONE, size_of_panels
from morula.plots.quantities import columns_of, quantity

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class PlotSettings(ExperimentSettings):
    """What is compared and shown."""

    format: Literal["png", "svg", "pdf"] = "png"
    """The kind of files to write; svg and pdf are sharp at any size."""
    against: str | None = None
    """A measure that the others are seen against, each object as a point; nothing is where left out."""


@dataclass(frozen=True)
class MeasurePicture:
    """One picture of measures.

    Attributes:
        name: of its file, without ending.
        title: what it shows.
        size: width and height in inches.
        draw: draws it into a figure of that size.
    """

    name: str
    title: str
    size: tuple[float, float]
    draw: Callable[[Figure], None]

    def svg(self) -> str:
        """The picture as SVG to stand in a page."""
        with chart(self.name, *self.size) as (figure, save):
            self.draw(figure)
            return save()


def measure_pictures(
    experiment: Experiment, *, sort_by: str | None = None, against: str | None = None,
    images: Sequence[Path] | None = None, outlines: Path | None = None,
) -> Iterator[MeasurePicture]:
    """The pictures of an experiment, as far as it has what they show.

    Args:
        experiment: rows of measures.
        sort_by: the measure that the gallery is sorted by, the first that is shown where it is None.
        against: the measure that the others are seen against, if any.
        images: what was segmented, for the gallery.
        outlines: the folder that `morula measure --geojson` wrote.

    Raises:
        RequestError: images or outlines do not fit the tables, or there is no such measure to sort by or to see
            others against.
        FileError: an image or an outline cannot be read; raised when it is drawn, too.
    """
    count = len(experiment.measures)
    panels = size_of_panels(count) if count > 1 else ALONE
    if experiment.is_movie:
        yield MeasurePicture("over_time", "Over time", panels, lambda figure: draw_over_time(figure, experiment))
    yield MeasurePicture("conditions", "Conditions" if len(experiment.conditions) > 1 else "Samples", panels,
                         lambda figure: draw_conditions(figure, experiment))
    if against is not None:
        [across, *_] = columns_of([against], experiment.columns)
        yield MeasurePicture("against", f"Against {quantity(across)}", panels,
                             lambda figure: draw_against(figure, experiment, across))
    differences = effects(experiment)
    if any(np.isfinite(each.hedges_g) for each in differences.values()):
        yield MeasurePicture("effects", "Differences", (9.0, 0.9 + 0.28 * len(differences)),
                             lambda figure: draw_effects(figure, experiment))
    if experiment.is_movie and profiles(experiment):
        yield MeasurePicture("kymographs", "Profiles over time", kymograph_size(experiment),
                             lambda figure: draw_kymographs(figure, experiment))
    drawn = read_outlines(outlines, experiment) if outlines else {}
    if drawn and experiment.is_movie:
        size = size_of_panels(len(shown_groups(experiment)), OUTLINE_PANEL, above=0.1)
        yield MeasurePicture("outlines", "Outlines over time", size,
                             lambda figure: draw_outlines(figure, experiment, drawn))
    found_images = images_of(experiment, images) if images else {}
    if found_images or drawn:
        [column, *_] = columns_of([sort_by or experiment.measures[0]], experiment.columns)
        yield MeasurePicture("gallery", "Objects", gallery_size(len(chosen_rows(experiment, column))),
                             lambda figure: draw_gallery(figure, experiment, column, found_images, drawn))
