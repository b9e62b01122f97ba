"""What a command tells whoever started it when it ends, as its exit status.

    0    done
    1    done, but some inputs failed, each named
    2    the request itself was wrong; nothing was written
    70   a fault in Morula
    130  stopped with Ctrl-C
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from morula.console import say_error

SOME_FAILED, WRONG_REQUEST, FAULT, STOPPED = 1, 2, 70, 130


def finish(failed: Mapping[Path, str]) -> None:
    """End a command: with an error for each input that failed, where some did.

    Raises:
        typer.Exit: of the status for that.
    """
    for error in failed.values():
        say_error(error)
    if failed:
        raise typer.Exit(SOME_FAILED)
