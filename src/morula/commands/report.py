"""The command `morula report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import ModelFile
from morula.commands.status import SOME_FAILED
from morula.console import live_progress, print_findings, print_line
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.plots.experiment import ExperimentSettings
    from morula.scores.comparison_settings import ComparedMasksSettings


@with_settings(
    settings="morula.plots.experiment:ExperimentSettings",
    reading="morula.scores.comparison_settings:ComparedMasksSettings",
)
def report(
    model: ModelFile,
    out: Annotated[Path, typer.Option(help="The page to write.")],
    settings: ExperimentSettings,
    reading: ComparedMasksSettings,
    images: Annotated[str | None, typer.Option(help="Images that were segmented.")] = None,
    masks: Annotated[str | None, typer.Option(help="Their true masks.")] = None,
    predicted: Annotated[str | None, typer.Option(help="The model's masks of them.")] = None,
    table: Annotated[Path | None, typer.Option(help="What morula measure or track found in its masks.")] = None,
) -> None:
    """Write one page about a model: data, plan, learning curves, scores, worst and best masks, measures."""
    from morula.workflows import report

    with live_progress() as progress:
        evaluation = report(model, out, images=images, masks=masks, predicted=predicted, table=table,
                            settings=settings, reading=reading, progress=progress)
    print_line(f"The report is {out}")
    if evaluation and evaluation.findings:
        print_findings(evaluation.findings)
    if evaluation and evaluation.failed:
        raise typer.Exit(SOME_FAILED)
