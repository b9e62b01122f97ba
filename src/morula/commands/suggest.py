"""The command `morula suggest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import ModelFile, StorageOptions, wherever
from morula.commands.status import finish
from morula.console import live_progress, print_line, print_suggestions
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.models.segment_settings import SuggestSettings


@with_settings(settings="morula.models.segment_settings:SuggestSettings")
def suggest(
    model: ModelFile,
    images: Annotated[list[str], typer.Argument(help="Images to choose from: folders, files or 'globs'.")],
    settings: SuggestSettings,
    copy: Annotated[Path | None, typer.Option(help="Copy the chosen images into this folder.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the list to this .json file.")] = None,
    table: Annotated[Path | None, typer.Option(help="Write the list to this .csv or .parquet file.")] = None,
    storage_option: StorageOptions = None,
) -> None:
    """Choose the images most worth annotating next: some of each kind. Where all are of one kind, chance is as good."""
    from morula.plurals import many
    from morula.workflows import suggest

    places = [wherever(each, storage_option) for each in images]
    with live_progress() as progress:
        suggested = suggest(model, places, settings, copy=copy, json=json, table=table, progress=progress)
    print_suggestions(suggested.frames)
    known = f", {suggested.annotated} more are annotated already" if suggested.annotated else ""
    print_line(f"{len(suggested.frames)} of {many(suggested.of, 'frame')} suggested{known}")
    if copy is not None:
        print_line(f"Copies are in {copy}")
    finish(suggested.failed)
