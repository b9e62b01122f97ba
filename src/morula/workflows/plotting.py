"""From tables of measures to pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from morula.cards import Card, Shown
from morula.files import ensure_writable
from morula.images.read import find_files
from morula.pairs.folders import Files
from morula.plots.measure_plots import PlotSettings
from morula.progress import Progress, silent
from morula.settings import with_fields


@dataclass(frozen=True, repr=False)
class Plotted(Shown):
    """The pictures of a set of tables, and the table of differences; None where nothing is compared."""

    pictures: tuple[Path, ...]
    effects: Path | None

    @property
    def card(self) -> Card:
        effects = [("differences", str(self.effects))] if self.effects else []
        return Card("Plotted", [*(("picture", str(path)) for path in self.pictures), *effects])


def plot(
    tables: str | Path | Sequence[str | Path],
    out: str | Path,
    settings: PlotSettings | None = None,
    *,
    images: Files | None = None,
    outlines: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Plotted:
    """Draw what tables of measures hold: over time, by condition, with the size of each difference.

    Args:
        tables: of `measure`, or the same with tracks, of `track`.
        out: the folder for the pictures, and for `effects.csv` where conditions are compared.
        settings: what is compared and shown.
        images: what was segmented, named like the masks that were measured, for a gallery of objects.
        outlines: the folder that `measure` wrote with `geojson`, for outlines over time and in the gallery.
        progress: called with pictures done, pictures in all, and words.
        fields: single values of `PlotSettings`, over those of `settings`.

    Raises:
        RequestError: a table lacks a column that is needed or asked for, a file has no condition, or images and
            outlines are of other objects.
        FileError: a file cannot be read.
        OutputError: a picture cannot be written.
    """
    from morula.objects.tables import write_columns
    from morula.plots.comparison import effect_columns
    from morula.plots.experiment import read_experiment
    from morula.plots.figures import figure_in_style, save_figure
    from morula.plots.measure_plots import measure_pictures

    (settings,) = with_fields(fields, settings or PlotSettings())
    ensure_writable(Path(out) / "effects.csv")
    paths = [tables] if isinstance(tables, str | Path) else tables
    experiment = read_experiment([Path(path) for path in paths], settings)
    pictures = list(measure_pictures(
        experiment,
        sort_by=settings.sort_by,
        against=settings.against,
        images=None if images is None else find_files(images),
        outlines=None if outlines is None else Path(outlines),
    ))
    written = []
    for done, picture in enumerate(pictures):
        progress(done, len(pictures), f"drawing {picture.name}")
        with figure_in_style(picture.name, *picture.size) as figure:
            picture.draw(figure)
            written.append(Path(out) / f"{picture.name}.{settings.format}")
            save_figure(figure, written[-1])
    progress(len(pictures), len(pictures), "drawn")
    columns = effect_columns(experiment)
    if columns:
        write_columns(Path(out) / "effects.csv", columns)
    return Plotted(tuple(written), Path(out) / "effects.csv" if columns else None)
