"""The command `morula info`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import ModelFile, StorageOptions, wherever
from morula.console import print_rows
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.models.segment_settings import FeatureSettings


@with_settings(settings="morula.models.segment_settings:FeatureSettings")
def info(
    model: ModelFile,
    settings: FeatureSettings,
    plot: Annotated[Path | None, typer.Option(help="Draw the network into this .svg, .png or .pdf file.")] = None,
    features: Annotated[Path | None, typer.Option(help="Draw what layers see in --image into this file.")] = None,
    image: Annotated[str | None, typer.Option(help="The image that the layers look at.")] = None,
    storage_option: StorageOptions = None,
) -> None:
    """Say what a model is, where it came from and how good it was, and draw what is inside."""
    from morula.workflows import info

    print_rows(info(model, settings, plot=plot, features=features,
                    image=wherever(image, storage_option)))
