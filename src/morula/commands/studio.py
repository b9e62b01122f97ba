"""The command `morula studio`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from morula.console import say


def studio(
    folder: Annotated[Path, typer.Argument(help="The project: a folder of images, or a new one.")] = Path(),
    host: Annotated[str, typer.Option(help="The address to listen at; others than this reach beyond this machine.")]
    = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Annotate, train, review and measure in a browser, on this machine."""
    from morula.studio.server import serve

    serve(folder, host=host, port=port, browse=browser, tell=say)
