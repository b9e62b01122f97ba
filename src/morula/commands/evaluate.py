"""The command `morula evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import StorageOptions, wherever
from morula.commands.status import SOME_FAILED
from morula.console import (
    live_progress,
    print_agreement,
    print_findings,
    print_line,
    print_object_scores,
    print_rows,
    print_scores,
)
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.scores.comparison_settings import ComparisonSettings


@with_settings(settings="morula.scores.comparison_settings:ComparisonSettings")
def evaluate(
    predicted: Annotated[str, typer.Argument(help="Predicted masks: a folder, a file or a 'glob'.")],
    truth: Annotated[str, typer.Argument(help="True masks or annotations, paired with the predicted ones by name.")],
    settings: ComparisonSettings,
    json: Annotated[Path | None, typer.Option(help="Write all scores to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page with scores and overlays.")] = None,
    images: Annotated[
        str | None, typer.Option(help="What was segmented, to be shown beneath the outlines of the report.")
    ] = None,
    storage_option: StorageOptions = None,
) -> None:
    """Compare predicted masks with the truth, or the masks of two annotators with each other."""
    from morula.workflows import evaluate

    places = wherever(predicted, storage_option), wherever(truth, storage_option)
    with live_progress() as progress:
        evaluation = evaluate(*places, settings, images=wherever(images, storage_option), json=json, report=report,
                              progress=progress)
    print_rows(evaluation.rows)
    if evaluation.scores.images:
        print_line()
        print_scores(evaluation.scores)
    if evaluation.annotators:
        print_line()
        print_agreement(evaluation.scores)
    if evaluation.objects:
        print_line()
        print_object_scores(evaluation.objects)
    if evaluation.tracks:
        print_line()
        print_rows(evaluation.tracks.rows)
    if evaluation.findings:
        print_line()
        print_findings(evaluation.findings)
    if evaluation.failed:
        raise typer.Exit(SOME_FAILED)
