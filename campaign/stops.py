"""Killed at each point at which a folder changes; what lies there is whole, and going on comes to the same end.

A point is a system call that changes the folder: the process is killed when it would begin, so that all before it has
happened and nothing after. The points are those of a run that nobody disturbs; there are no others. Where threads take
turns, one may not come: then the work ends as usual, and is no stop.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL
from typing import Any, TypeVar

from campaign.attempts import Disturbance, attempt
from campaign.outcomes import Outcome
from campaign.traces import calls_on
from campaign.wholeness import contents, leftovers
from campaign.works import WORKS, Work, prepare

Point = TypeVar("Point")


def stops(tries: int, seed: int) -> Iterator[Outcome]:
    """Stop each work at each point, or at as many as there are tries for each."""
    for name, work in WORKS.items():
        yield stopped(name, work, max(1, round(tries * work.share)), seed)


def stopped(name: str, work: Work, tries: int, seed: int) -> Outcome:
    """Stop one work at each point, or at some of them."""
    with tempfile.TemporaryDirectory() as place:
        ready = Path(place) / "ready"
        prepare(ready)
        undisturbed = copied(ready, Path(place) / "undisturbed")
        ended = attempt(work.begin, undisturbed, Disturbance(traced=True))
        assert ended.status == 0, ended.said
        wanted = contents(undisturbed / "out")
        points = [call for call in calls_on(ended.trace, undisturbed / "out") if not call.failed]
        chosen = spread(points, tries, random.Random(seed))
        broken, killed = [], 0
        for number, point in enumerate(chosen):
            folder = copied(ready, Path(place) / str(number))
            ended = attempt(work.begin, folder, Disturbance(f"{point.name}:signal=KILL:when={point.number}"))
            killed += ended.status == -SIGKILL
            strange = f"it ended with {ended.status}: {ended.said[-300:]}" if ended.status not in (-SIGKILL, 0) else ""
            if wrong := strange or wrong_after(work, folder, wanted):
                broken.append(f"{name}, killed before {point}: {wrong}")
    every = "each" if len(chosen) == len(points) else f"{len(chosen):,} of {len(points):,}"
    return Outcome(f"`{name}` killed at {every} of its points", killed,
                   "all files whole, nothing left over, and going on came to the same", tuple(broken))


def wrong_after(work: Work, folder: Path, wanted: dict[str, Any]) -> str:
    """What is wrong with what a work left that did not come to its end, and with going on from there.

    The folder is removed.
    """
    try:
        contents(folder / "out")
        again = attempt(work.again, folder)
        if again.status != 0 and not (work.finished and work.finished in again.said):
            return f"going on ended with {again.status}: {again.said[-300:]}"
        if left := leftovers(folder / "out"):
            return f"left over: {', '.join(left)}"
        found = contents(folder / "out")
        different = [path for path in wanted.keys() | found.keys() if found.get(path) != wanted.get(path)]
        return f"different: {', '.join(sorted(different))}" if different else ""
    except ValueError as error:
        return str(error)
    finally:
        shutil.rmtree(folder)


def spread(points: Sequence[Point], tries: int, rng: random.Random) -> list[Point]:
    """As many of the points as there are tries, one from each of so many stretches of equal length."""
    count = min(tries, len(points))
    borders = [len(points) * place // count for place in range(count + 1)]
    return [points[rng.randrange(start, end)] for start, end in pairwise(borders)]


def copied(ready: Path, folder: Path) -> Path:
    """A copy of a folder."""
    shutil.copytree(ready, folder)
    return folder
