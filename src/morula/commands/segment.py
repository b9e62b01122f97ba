"""The command `morula segment`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import ModelFile, StorageOptions, wherever
from morula.commands.status import finish
from morula.console import live_progress, print_line, say
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.models.segment_settings import SegmentSettings


@with_settings(settings="morula.models.segment_settings:SegmentSettings")
def segment(
    model: ModelFile,
    images: Annotated[list[str], typer.Argument(help="Images: folders, files, 'globs' or URLs.")],
    out: Annotated[str, typer.Option(help="The folder for the masks, or the URL of one.")],
    settings: SegmentSettings,
    storage_option: StorageOptions = None,
) -> None:
    """Make masks of new images with a trained model."""
    from morula.plurals import many
    from morula.workflows import segment

    places = [wherever(each, storage_option) for each in images]
    if settings.exposed:
        say(settings.exposed)
    with live_progress() as progress:
        segmented = segment(model, places, wherever(out, storage_option), settings, progress=progress)
    skipped = f", {segmented.skipped} had theirs already" if segmented.skipped else ""
    print_line(f"{many(segmented.written, 'mask')} written to {segmented.out}{skipped}")
    if segmented.review:
        print_line(f"What is most worth a look is shown in {segmented.review}")
    for note in segmented.notes:
        say(note)
    finish(segmented.failed)
