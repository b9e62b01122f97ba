"""Full disks, failing disks, small limits: what fails is said with file and remedy, and what was there stays."""

from __future__ import annotations

import errno
import os
import random
import resource
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.attempts import Disturbance, Ended, attempt
from campaign.outcomes import Outcome
from campaign.stops import copied, spread, wrong_after
from campaign.traces import calls_on
from campaign.wholeness import contents
from campaign.works import WORKS, Work, prepare

REFUSED = ("ENOSPC", "EIO", "EDQUOT")
"""What a disk says that is full, that fails, or of which a person has had their share."""
NEVER = ("chmod", "fchmod", "unlink", "unlinkat", "rmdir")
"""Calls that need no room; they do fail on a disk that fails."""
LIMITS: Mapping[str, tuple[int, int]] = {
    "no file larger than 1 KB": (resource.RLIMIT_FSIZE, 1000),
    "no file larger than 100 KB": (resource.RLIMIT_FSIZE, 100_000),
    "64 open files": (resource.RLIMIT_NOFILE, 64),
    "16 open files": (resource.RLIMIT_NOFILE, 16),
}
REMEDIES = ("Choose another", "ake room", "opy what is on it", "ook after its disk", "llow larger files", "llow more")
"""Words with which is said what to do."""


@dataclass(frozen=True)
class Fault:
    """What a system may refuse a work."""

    name: str
    disturbance: Disturbance


def faults(tries: int, seed: int) -> Iterator[Outcome]:
    """Let each work fail at its points, or at as many as there are tries, and within small limits."""
    for name, work in WORKS.items():
        yield failed(name, work, max(1, round(tries * work.share)), seed)


def failed(name: str, work: Work, tries: int, seed: int) -> Outcome:
    """Let one work fail."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        ready = Path(place) / "ready"
        prepare(ready)
        undisturbed = copied(ready, Path(place) / "undisturbed")
        ended = attempt(work.begin, undisturbed, Disturbance(traced=True))
        wanted = contents(undisturbed / "out")
        calls = [call for call in calls_on(ended.trace, undisturbed / "out") if not call.failed]
        points = [Fault(f"{error} at {call}", Disturbance(f"{call.name}:error={error}:when={call.number}"))
                  for call in calls for error in REFUSED if error == "EIO" or call.name not in NEVER]
        chosen = [*spread(points, tries, rng), *(Fault(said, Disturbance(limits=dict([limit])))
                                                 for said, limit in LIMITS.items())]
        broken = [f"{name}, {fault.name}: {wrong}" for number, fault in enumerate(chosen)
                  if (wrong := _wrong(work, fault, copied(ready, Path(place) / str(number)), wanted))]
    return Outcome(f"`{name}` on disks that are full or fail, and within small limits", len(chosen),
                   "said with its file and a remedy, what was there stayed, and going on came to the same",
                   tuple(broken))


def _wrong(work: Work, fault: Fault, folder: Path, wanted: dict[str, Any]) -> str:
    """What is wrong with how a fault was met, and after going on; empty where nothing is."""
    return _said_badly(attempt(work.begin, folder, fault.disturbance), folder) or wrong_after(work, folder, wanted)


def _said_badly(ended: Ended, folder: Path) -> str:
    """What is missing in how a failure was said."""
    said = " ".join(ended.said.split())
    if ended.is_fault:
        return f"it ended with {ended.status}: {said[-500:]}"
    if ended.status == 0:
        return ""
    reasons = [os.strerror(getattr(errno, name)) for name in (*REFUSED, "EFBIG", "EMFILE")]
    told = str(folder) in said, any(reason in said for reason in reasons), any(each in said for each in REMEDIES)
    return "" if all(told) else f"file, reason, remedy are {told}: {said[-500:]}"
