"""The `morula` command, and `python -m morula`, where that is not on the path."""

from __future__ import annotations

import os
import signal
from typing import Any


def main() -> None:
    """Run the command; who stops it before it has begun is not shown where it was."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, leave)
    from morula.cli import main

    main()


def leave(number: int, _: Any) -> None:
    """End at once: nothing has been begun, and modules that are half loaded make of an exception what they like."""
    os.write(2, b"Stopped before it began.\n")
    os._exit(128 + number)


if __name__ == "__main__":
    main()
