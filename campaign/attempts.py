"""A work done in a process of its own, traced, disturbed or limited.

A process that has loaded everything forks one for each attempt, so that hundreds of attempts are affordable. It has a
single thread, and nothing has been computed in it.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from campaign.traces import CHANGING

PATIENCE = 120.0
"""Seconds until an attempt counts as hanging: many times what any takes."""
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["campaign.warm"])


@dataclass(frozen=True)
class Ended:
    """How an attempt ended.

    Attributes:
        status: of the process; negative for the signal that ended it, None where it hung.
        said: all that it wrote to its terminal.
        trace: what strace saw, empty where it was not asked.
    """

    status: int | None
    said: str
    trace: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether it ended as nothing ever should."""
        return self.status not in (0, 1, 2) or "Traceback" in self.said or "fault in Morula" in self.said


@dataclass(frozen=True)
class Disturbance:
    """What is done to an attempt.

    Attributes:
        inject: what strace does at a system call, as in `write:signal=KILL:when=3`; without, nothing.
        traced: whether strace looks on.
        limits: of `setrlimit`, by their number.
    """

    inject: str = ""
    traced: bool = False
    limits: Mapping[int, int] = field(default_factory=dict)


def why_not() -> str:
    """What is missing here for strace to look on; empty where nothing is."""
    if not shutil.which("strace"):
        return "strace is not installed"
    looked = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if looked.returncode == 0 else f"strace may not look on here ({looked.stderr.strip()})"


def attempt(
    work: Callable[[Path], None], folder: Path, disturbance: Disturbance | None = None, *,
    onlooker: Callable[[int], None] | None = None, every: float = PATIENCE, patience: float = PATIENCE,
) -> Ended:
    """Do a work in a folder, in a process of its own, and wait for its end.

    Args:
        work: what is done.
        folder: where.
        disturbance: what is done to it.
        onlooker: shown its process again and again, while it works.
        every: seconds between two of these looks.
        patience: seconds until it counts as hanging.
    """
    disturbance = disturbance or Disturbance()
    ours, theirs = FORKS.Pipe()
    with tempfile.TemporaryDirectory() as aside:
        said, trace = Path(aside) / "said", Path(aside) / "trace"
        process = FORKS.Process(target=_perform, args=(theirs, work, folder, said, dict(disturbance.limits)))
        process.start()
        theirs.close()  # so that its end is heard
        assert process.pid is not None
        ours.recv_bytes()  # it is there
        looking = _look_on(process.pid, trace, disturbance) if disturbance.traced or disturbance.inject else None
        ours.send_bytes(b"begin")
        until = time.monotonic() + patience
        while process.is_alive() and time.monotonic() < until:
            if onlooker:
                onlooker(process.pid)
            process.join(every)
        hung = process.is_alive()
        if hung:
            process.kill()
            process.join()
        if looking:
            looking.communicate()
        return Ended(None if hung else process.exitcode, said.read_text(encoding="utf-8", errors="replace"),
                     trace.read_text(encoding="utf-8", errors="replace") if looking else "")


def _look_on(process: int, trace: Path, disturbance: Disturbance) -> subprocess.Popen[str]:
    """Let strace see what a process does from now on."""
    inject = [f"--inject={disturbance.inject}"] if disturbance.inject else []
    seen = [f"--trace={','.join(CHANGING)}", "--signal=none", "-f", "-y", "-s", "0"]
    looking = subprocess.Popen(["strace", *seen, *inject, "-o", str(trace), "-p", str(process)],
                               stderr=subprocess.PIPE, text=True)
    assert looking.stderr is not None
    attached = looking.stderr.readline()
    assert "attached" in attached, attached
    return looking


def _perform(ours: Connection, work: Callable[[Path], None], folder: Path, said: Path, limits: dict[int, int]) -> None:
    """In the process of the attempt: say that it is there, and work once told to."""
    with said.open("wb", buffering=0) as terminal:
        for stream in (1, 2):
            os.dup2(terminal.fileno(), stream)
    os.environ["COLUMNS"] = "400"
    os.environ["HOME"] = str(folder)
    ours.send_bytes(b"there")
    ours.recv_bytes()
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
    work(folder)
    sys.stdout.flush()
