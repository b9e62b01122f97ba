"""The command `morula measure`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import StorageOptions, wherever
from morula.commands.status import finish
from morula.console import live_progress, print_line, print_measures, print_rows, say
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.measures.measure_settings import MeasureSettings


def show_measures(wanted: bool) -> None:
    if wanted:
        from morula.measures.catalogue import TOPICS

        print_measures(TOPICS)
        raise typer.Exit


@with_settings(settings="morula.measures.measure_settings:MeasureSettings")
def measure(
    masks: Annotated[str, typer.Argument(help="Masks, label images or annotations: a folder, a file, a 'glob' or a "
                                              "URL.")],
    out: Annotated[Path, typer.Option(help="The table to write, .csv or .parquet.")],
    settings: MeasureSettings,
    images: Annotated[str | None, typer.Option(help="Their images, to measure intensities too.")] = None,
    doubt: Annotated[Path | None, typer.Option(help="The doubt about them, for an interval of each measure.")] = None,
    rois: Annotated[Path | None, typer.Option(help="A folder for the outlines as ImageJ's ROI sets.")] = None,
    geojson: Annotated[Path | None, typer.Option(help="A folder for the outlines as GeoJSON, for QuPath.")] = None,
    labelme: Annotated[Path | None, typer.Option(help="A folder for the outlines as JSON of labelme.")] = None,
    coco: Annotated[Path | None, typer.Option(help="A .json file for all objects, as COCO has them.")] = None,
    straighten: Annotated[Path | None, typer.Option(help="A folder for objects straightened.")] = None,
    tables: Annotated[str | None, typer.Option(metavar="NAME", help="Write the rows of labels in an OME-Zarr there, "
                                                                   "too, as a table of this name.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Write over tables of this name.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List all measures and stop.", callback=show_measures, is_eager=True)
    ] = False,
    storage_option: StorageOptions = None,
) -> None:
    """Write size, shape and intensities of every object into a table."""
    from morula.plurals import many
    from morula.workflows import measure

    if settings.exposed:
        say(settings.exposed)
    with live_progress() as progress:
        measured = measure(wherever(masks, storage_option), out, settings,
                           images=wherever(images, storage_option), doubt=doubt,
                           rois=rois, geojson=geojson, labelme=labelme, coco=coco, straighten=straighten,
                           tables=tables, overwrite=overwrite,
                           progress=progress)
    print_line(f"{many(measured.objects, 'object')} in {many(measured.frames, 'frame')} measured into {measured.table}")
    print_rows(measured.rows)
    if measured.reading.doubt:
        say(measured.reading.doubt)
    for warning in measured.warnings:
        say(warning)
    finish(measured.failed)
