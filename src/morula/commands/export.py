"""The command `morula export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from morula.commands.arguments import ModelFile
from morula.console import print_line
from morula.options import with_settings

if TYPE_CHECKING:
    from morula.exports.export_settings import ExportSettings


@with_settings(settings="morula.exports.export_settings:ExportSettings")
def export(
    model: ModelFile,
    out: Annotated[Path, typer.Option(help="The file to write: .onnx, .pt, .zip (a package) or .pt2.")],
    settings: ExportSettings,
) -> None:
    """Write a model as a file that other programs read."""
    from morula.workflows import export

    exported = export(model, out, settings)
    print_line(f"{exported.out} written, {exported.size / 1e6:.1f} MB")
    print_line(f"How it is used is on {exported.page or 'the README.md in it'}")
