"""The command `morula synth`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from morula.console import live_progress, print_line
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.workflows import DrawingSettings


@with_settings(settings="morula.workflows:DrawingSettings")
def synth(
    kind: Annotated[Literal["gastruloids", "fields", "hearts", "shapes"], typer.Argument(help="What to draw.")],
    out: Annotated[Path, typer.Option(help="The new folder, with the folders images and masks in it.")],
    settings: DrawingSettings,
) -> None:
    """Draw images with known outlines, to try things out and to measure on."""
    from morula.workflows import draw

    with live_progress() as progress:
        drawn = draw(kind, out, settings, progress=progress)
    print_line(f"{drawn.frames} images in {drawn.images}, their masks in {drawn.masks}")
