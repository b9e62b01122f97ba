"""The process of a rank on this machine: its number, how many there are and where they meet are its arguments.

It says a byte when it is ready, and ends when what it reads from is closed, because the first rank is gone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread

from morula.ranks.following import ALONE, follow
from morula.ranks.membership import Membership


def end_with_the_first() -> None:
    sys.stdin.buffer.read()
    os._exit(ALONE)


if __name__ == "__main__":
    rank, ranks = map(int, sys.argv[1:3])
    Thread(target=end_with_the_first, daemon=True).start()
    said = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print is for people
    follow(Membership(rank, ranks, local=rank), Path(sys.argv[3]), ready=lambda: os.write(said, b"."))
