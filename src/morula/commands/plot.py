"""The command `morula plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.console import live_progress, print_line
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.plots.measure_plots import PlotSettings


@with_settings(settings="morula.plots.measure_plots:PlotSettings")
def plot(
    tables: Annotated[list[Path], typer.Argument(help="Tables of morula measure or morula track.")],
    out: Annotated[Path, typer.Option(help="The folder for the pictures.")],
    settings: PlotSettings,
    images: Annotated[str | None, typer.Option(help="What was segmented, for a gallery of objects.")] = None,
    outlines: Annotated[
        Path | None, typer.Option(help="The folder of measure --geojson, for outlines over time and in the gallery.")
    ] = None,
) -> None:
    """Draw measures over time and by condition, with the size of each difference."""
    from morula.workflows import plot

    with live_progress() as progress:
        plotted = plot(tables, out, settings, images=images, outlines=outlines, progress=progress)
    print_line(f"{', '.join(path.name for path in plotted.pictures)} written to {out}")
    if plotted.effects:
        print_line(f"The differences are in {plotted.effects}")
