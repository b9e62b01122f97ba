"""The command `morula convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import StorageOptions, wherever
from morula.commands.status import finish
from morula.console import live_progress, print_line
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.pyramids.conversion_settings import ConversionSettings


@with_settings(settings="morula.pyramids.conversion_settings:ConversionSettings")
def convert(
    images: Annotated[list[str], typer.Argument(help="Images: folders, files, 'globs' or URLs.")],
    out: Annotated[Path, typer.Option(help="The folder for the images; or the name of one, in .zarr or .tif.")],
    settings: ConversionSettings,
    storage_option: StorageOptions = None,
) -> None:
    """Write images as OME-Zarr or OME-TIFF, with smaller levels."""
    from morula.plurals import many
    from morula.workflows import convert

    places = [wherever(each, storage_option) for each in images]
    with live_progress() as progress:
        converted = convert(places, out, settings, progress=progress)
    print_line(f"{many(len(converted.written), 'image')} written to {converted.out}")
    finish(converted.failed)
