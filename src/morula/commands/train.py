"""The command `morula train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import Images, Masks, StorageOptions, wherever
from morula.console import live_progress, print_line, print_object_scores, print_proofs, print_rows, print_scores, say
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.checks.data_settings import DataSettings
    from morula.planning.training_settings import NetworkSettings, TrainSettings


@with_settings(
    settings="morula.planning.training_settings:TrainSettings",
    architecture="morula.planning.training_settings:NetworkSettings",
    data="morula.checks.data_settings:DataSettings",
)
def train(
    images: Images,
    out: Annotated[Path, typer.Option(help="The model file to write.")],
    settings: TrainSettings,
    architecture: NetworkSettings,
    data: DataSettings,
    masks: Masks = None,
    animation: Annotated[
        Path | None, typer.Option(help="Show how the mask of a validation frame emerges, in this .gif file.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model that exists.")] = False,
    storage_option: StorageOptions = None,
) -> None:
    """Learn to outline, from images and their masks."""
    from morula.workflows import train

    places = wherever(images, storage_option), wherever(masks, storage_option)
    with live_progress() as progress:
        training = train(*places, out, settings, data, architecture, animation=animation, resume=resume,
                         overwrite=overwrite, progress=progress, tell=say)
    say(training.times)
    if training.scores:
        print_line("On the validation frames:")
        print_scores(training.scores)
        print_line()
    if training.objects:
        print_object_scores(training.objects)
        print_line()
    if training.outlook:
        print_rows(training.outlook)
        print_line()
    if training.second_look:
        print_line("A second look at the masks:")
        print_proofs(training.second_look)
        print_line()
    if training.more_looks:
        print_line(training.more_looks)
    print_line(training.files)
