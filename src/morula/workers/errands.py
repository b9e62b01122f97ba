"""Tasks that come from another machine, and the process of this one that does them."""

from __future__ import annotations

import pickle
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock, Timer

from morula.errors import RequestError
from morula.progress import Part
from morula.workers.crew import Crew
from morula.workers.crew_process import portable

IDLE = 60
"""Seconds without a task after which a process ends: whoever asked may have been killed."""
MORE_MEMORY = "Give each worker more memory."
COMPUTING = ("morula", "numpy", "scipy", "scikit-image", "torch", "openvino")
"""What masks and measures come from."""


@cache
def software() -> dict[str, str]:
    """The versions of what computes here, which are the same wherever a run is shared."""
    found = {"Python": platform.python_version()}
    for name in COMPUTING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


@dataclass(frozen=True)
class Errand:
    """What comes along with every task of a run.

    Attributes:
        run: its number, which no other run has.
        folder: from where its paths are seen.
        software: what computes where it was begun.
    """

    run: str
    folder: str
    software: dict[str, str] = field(default_factory=software)


@dataclass(frozen=True)
class SealedDuty:
    """A duty that is opened in the process that does it, so that nobody on the way needs what it is made of.

    Its tasks are sealed, and so is what is made of them.
    """

    sealed: bytes

    def begin(self) -> Callable[[bytes, Part], bytes]:
        """Open it, and make ready what it needs."""
        work = pickle.loads(self.sealed).begin()
        return lambda task, on_part: sealed(work(pickle.loads(task), on_part))


def sealed(made: object = None, error: Exception | None = None) -> bytes:
    """What was made of a task, or what went wrong, on its way back."""
    return pickle.dumps((made, error))


def carry_out(errand: Errand, duty: bytes | None, task: bytes, *, threads: int, worker: str) -> bytes | None:
    """What is made of a task, or what went wrong; None where its duty is not known here, and must come along.

    Args:
        errand: what belongs to all tasks of the run.
        duty: what they need, pickled; it is kept until they are all done.
        task: also pickled.
        threads: with how many the process computes.
        worker: what this worker is called, in words.
    """
    try:
        _ensure_same(errand, worker)
        station = _taken_up(errand, duty, threads)
        if station is None:
            return None
        try:
            return station.crew.do(task)
        finally:
            _put_down(errand.run, station)
    except Exception as error:
        return sealed(error=portable(error))


def dismiss(run: str, *, idle: bool = False) -> None:
    """End the process of a run, whatever it does.

    Args:
        run: its number.
        idle: whether it ends only if it does nothing.
    """
    with _LOCK:
        station = _STATIONS.get(run)
        if station is None or (idle and station.under_way):
            return
        del _STATIONS[run]
    station.crew.end()


@dataclass
class _Station:
    """The process of a run, and how many tasks there are for it."""

    crew: Crew
    under_way: int = 0
    timer: Timer | None = None


_STATIONS: dict[str, _Station] = {}
_LOCK = Lock()


def _taken_up(errand: Errand, duty: bytes | None, threads: int) -> _Station | None:
    with _LOCK:
        station = _STATIONS.get(errand.run)
        if station is None:
            if duty is None:
                return None
            crew = Crew(1, SealedDuty(duty), threads=threads, folder=errand.folder, relief=MORE_MEMORY)
            station = _STATIONS[errand.run] = _Station(crew)
        station.under_way += 1
        if station.timer:
            station.timer.cancel()
        return station


def _put_down(run: str, station: _Station) -> None:
    with _LOCK:
        station.under_way -= 1
        station.timer = Timer(IDLE, dismiss, [run], {"idle": True})
        station.timer.daemon = True
        station.timer.start()


def _ensure_same(errand: Errand, worker: str) -> None:
    """What is made here is what would be made where the run was begun.

    Raises:
        RequestError: something else computes here, or there are other files.
    """
    here = software()
    other = [f"{name} {here.get(name)} instead of {wanted}" for name, wanted in errand.software.items()
             if here.get(name) != wanted]
    if other:
        raise RequestError(f"{worker} has {', '.join(other)}. Begin all workers with the Python that runs this "
                           "command.")
    if not Path(errand.folder).is_dir():
        raise RequestError(f"{worker} does not see {errand.folder}, where this command runs. Workers need the same "
                           "files under the same names: run it in a folder that all machines share.")
