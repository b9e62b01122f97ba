"""What a command tells whoever started it when it ends, as its exit status.

    0    done
    1    done, but some inputs failed, each named
    2    the request itself was wrong; nothing was written
    70   a fault in Morula
    130  stopped with Ctrl-C
    143  ended by the system, as when the time of a batch job is up
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from morula.console import say_error

SOME_FAILED, WRONG_REQUEST, FAULT, STOPPED, ENDED = 1, 2, 70, 130, 143


def finish(failed: Mapping[Path, str]) -> None:
    """End a command: with an error for each input that failed, where some did; the same is said once of several.

    Raises:
        typer.Exit: of the status for that.
    """
    alike: dict[str, list[Path]] = {}
    for path, error in failed.items():
        alike.setdefault(error.replace(str(path), ""), []).append(path)
    for first, *others in alike.values():
        also = f" The same is wrong with {', '.join(map(str, others))}." if others else ""
        say_error(failed[first] + also)
    if failed:
        raise typer.Exit(SOME_FAILED)
