"""The `morula` command, and `python -m morula`, where that is not on the path."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command; who stops it before it has begun is not shown where it was."""
    try:
        from morula.cli import main
    except KeyboardInterrupt:
        sys.exit("Stopped before it began.")
    main()


if __name__ == "__main__":
    main()
