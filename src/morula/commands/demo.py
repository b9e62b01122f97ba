"""The command `morula demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from morula.console import live_progress, print_line, print_scores, say


def demo(out: Annotated[Path, typer.Option(help="The new folder for everything.")] = Path("demo")) -> None:
    """The whole story in a minute or two, on drawn gastruloids."""
    from morula.workflows import demo

    with live_progress() as progress:
        shown = demo(out, progress=progress, tell=say)
    seconds = shown.training_seconds
    print_line(f"Trained for {seconds:.0f} s on 300 drawn frames, then outlined 90 frames of other movies:")
    print_scores(shown.scores)
    print_line()
    print_line(shown.verdict)
    print_line(f"Open {shown.report} to see them.")
