"""The command `morula check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import Images, Masks, StorageOptions, wherever
from morula.commands.status import WRONG_REQUEST
from morula.console import live_progress, print_findings, print_line, print_proofs, print_rows
from morula.errors import RequestError
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
    model: Annotated[
        list[Path] | None,
        typer.Option(help="List masks that this model takes for wrong. Of several models, each mask is judged by those "
                          "that have not learned from it.", show_default=False),
    ] = None,
    table: Annotated[Path | None, typer.Option(help="Write what the model says of all masks to this .csv or .parquet "
                                                    "file.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Draw image, mask and model of those listed into this .png, .svg "
                                                    "or .pdf file.")] = None,
    corrections: Annotated[Path | None, typer.Option(help="Write masks without the mistakes into this new folder.")
                           ] = None,
    annotators: Annotated[
        str | None,
        typer.Option(help="Say who draws wider than others: what the names of masks tell, as '{what}_{annotator}', or "
                          "a .csv (file,annotator).", show_default=False),
    ] = None,
    storage_option: StorageOptions = None,
) -> None:
    """Say what images and masks hold, what must be mended before training, and which masks a model takes for wrong."""
    from morula.workflows import check, proofread

    if not model and (table or sheet or corrections or annotators):
        raise RequestError("--table, --sheet, --corrections and --annotators are of masks beside what a model sees. "
                           "Say which model with --model.")
    places = wherever(images, storage_option), wherever(masks, storage_option)
    with live_progress() as progress:
        inspection = check(*places, settings, leakage=leakage, progress=progress)
    print_rows(inspection.rows)
    if inspection.findings:
        print_line()
        print_findings(inspection.findings)
    if inspection.errors:
        raise typer.Exit(WRONG_REQUEST)
    if model:
        with live_progress() as progress:
            proofs = proofread(*places, model, settings, inspection=inspection, table=table, sheet=sheet,
                               corrections=corrections, annotators=annotators, progress=progress)
        print_line()
        print_proofs(proofs)
