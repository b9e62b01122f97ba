"""The command `morula track`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import StorageOptions, wherever
from morula.console import live_progress, print_line, print_rows, say
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.tracks.track_files import TrackSettings


@with_settings(settings="morula.tracks.track_files:TrackSettings")
def track(
    masks: Annotated[str, typer.Argument(help="Masks or label images: a stack, a folder of frames or a 'glob'.")],
    out: Annotated[Path, typer.Option(help="The folder for the label images and tracks.csv.")],
    settings: TrackSettings,
    table: Annotated[
        Path | None, typer.Option(help="A table of morula measure, to be written again with the tracks.")
    ] = None,
    storage_option: StorageOptions = None,
) -> None:
    """Follow objects through a movie, so that each keeps its number."""
    from morula.workflows import track

    with live_progress() as progress:
        tracked = track(wherever(masks, storage_option), out, settings, table=table, progress=progress)
    print_rows(tracked.summary)
    for sentence in tracked.written:
        print_line(sentence)
    for warning in tracked.warnings:
        say(warning)
