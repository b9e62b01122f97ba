"""The command `morula check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import Images, Masks
from morula.commands.status import WRONG_REQUEST
from morula.console import live_progress, print_findings, print_line, print_rows
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.checks.data_settings import DataSettings


@with_settings(settings="morula.checks.data_settings:DataSettings")
def check(
    images: Images,
    settings: DataSettings,
    masks: Masks = None,
    leakage: Annotated[
        bool, typer.Option("--leakage", help="Say also what a split at random would have let through.")
    ] = False,
) -> None:
    """Say what images and masks hold, and what must be mended before training."""
    from morula.workflows import check

    with live_progress() as progress:
        inspection = check(images, masks, settings, leakage=leakage, progress=progress)
    print_rows(inspection.rows)
    if inspection.findings:
        print_line()
        print_findings(inspection.findings)
    if inspection.errors:
        raise typer.Exit(WRONG_REQUEST)
