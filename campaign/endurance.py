"""Thousands of frames, hundreds of trainings, thousands of requests in one process each: nothing may pile up.

A process is looked at from outside while it works: the memory that is its own, its threads, its open files. Each is
taken at its least within a stretch of the work, so that neither a large frame nor a file that is just being read
counts, and what remains at the end of a run is compared with what was there once it had settled.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import tifffile

from campaign.attempts import Ended, attempt
from campaign.outcomes import Outcome
from campaign.strangers import Studio, status_of, studio_at
from campaign.works import MODEL, prepare, typed
from morula.files import PART

SETTLED = 500
"""Frames and requests after which nothing may grow any more; of few, two thirds of them."""
FRAMES_A_TRAINING = 50
"""One training is made for each so many frames."""
BAD = 100
"""Of so many files, one is damaged."""
SIDES = 24, 161
"""Between which the sides of frames lie: so many that hundreds of frames have hundreds of sizes."""
BEHIND = 16
"""Masks that may wait to be written when the network has given its memory back already, and more."""
STRETCH = 0.1
"""The part of the work within which the least is taken."""
AT_LEAST = 60
"""Of threads and open files the least of so many of what is counted, or of half of little work: what is there for a
moment must not be there whenever somebody looks."""
MEMORY = 20 * 2**20
"""Bytes by which a process may grow."""
AGAIN = 0.05
"""Seconds between two looks."""
PATIENCE = 7200.0


@dataclass(frozen=True)
class Taken:
    """What a process has taken of the system.

    Attributes:
        memory: bytes that are its own; parts of files that it has only looked into are not.
        threads: all of them.
        files: that are open.
    """

    memory: int
    threads: int
    files: int

    @classmethod
    def by(cls, process: int) -> Taken:
        """What a process has taken now.

        Raises:
            OSError: it has ended.
            ValueError: it is about to.
        """
        place = Path("/proc") / str(process)
        told = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        if "RssAnon" not in told:
            raise ValueError("it has given its memory back")
        return cls(1024 * int(told["RssAnon"].split()[0]), int(told["Threads"]), len([*(place / "fd").iterdir()]))


Look = tuple[int, Taken]
"""How much was done, and what had been taken by then."""


def endurance(tries: int, seed: int) -> Iterator[Outcome]:
    """Segment so many frames, answer so many requests, and train once for each fifty of them."""
    yield frames(tries, seed)
    yield trainings(max(8, tries // FRAMES_A_TRAINING))
    yield requests(tries, seed)


def frames(count: int, seed: int) -> Outcome:
    """Frames of many sizes through `morula segment`, some of them damaged."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder)
        bad = _many_sizes(folder / "many", count, seed)
        settled, end = min(SETTLED, 2 * count // 3), count - len(bad) - BEHIND
        ended, looks = _watched(partial(typed, ("segment", f"@/{MODEL}", "@/many", "--out", "@/made")), folder, "made")
        unsaid = [name for name in bad if name not in ended.said]
        wrong = [*(f"{name} was not named" for name in unsaid), *grown(looks, end, settled)]
        if ended.status != 1 or ended.is_fault:
            wrong.append(f"it ended with {ended.status}: {ended.said[-300:]}")
        masks = len([*(folder / "made").glob("*.tif")])
        if masks != count - len(bad):
            wrong.append(f"{masks:,} masks of {count - len(bad):,} were made")
    return Outcome("Frames of many sizes in one run, one of each hundred damaged", count,
                   f"ended, with the damaged named; {told(looks, end, settled)}", tuple(wrong))


def trainings(count: int) -> Outcome:
    """Tiny trainings, one after the other."""
    settled = min(SETTLED // 25, 2 * count // 3)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder)
        (folder / "trained").mkdir()
        ended, looks = _watched(partial(_train, count), folder, "trained")
        wrong = [*grown(looks, count, settled)]
        if ended.status != 0:
            wrong.append(f"it ended with {ended.status}: {ended.said[-300:]}")
    return Outcome("Trainings in one process", count, told(looks, count, settled), tuple(wrong))


def requests(count: int, seed: int) -> Outcome:
    """What its own page asks a studio for when somebody looks around and draws."""
    rng, looks, wrong = random.Random(seed), [], []
    settled = min(SETTLED, 2 * count // 3)
    with tempfile.TemporaryDirectory() as place, studio_at(Path(place)) as studio:
        project = json.loads(_answered(studio, "/api/project").partition(b"\r\n\r\n")[2])
        asked = ["/", "/api/project", "/api/jobs", "/api/models", "/page/main.js"]
        for image in project["images"]:
            about = f"/api/images/{image['id']}"
            asked += [f"{about}/limits", f"{about}/thumbnail", f"{about}/history?t=0", f"{about}/strokes"]
        for number in range(count):
            path = rng.choice(asked)
            drawn = {"t": 0, "box": [3, 5, 23, 25], "runs": [rng.randrange(3), 400]}
            answer = _answered(studio, path, drawn if path.endswith("strokes") else None)
            if status_of(answer) >= 500 or not answer:
                wrong.append(f"{path}: {answer[:200]!r}")
            looks.append((number, Taken.by(studio.process)))
    return Outcome("Requests of its own page to one studio", count, told(looks, count, settled),
                   (*wrong, *grown(looks, count, settled)))


def grown(looks: Sequence[Look], count: int, settled: int) -> Iterator[str]:
    """What became more than it may from where a run had settled to its end, in words."""
    first, last = _ends(looks, count, settled)
    if last.memory > first.memory + MEMORY:
        yield f"memory grew from {first.memory / 2**20:,.0f} to {last.memory / 2**20:,.0f} MB"
    for name, before, after in (("threads", first.threads, last.threads), ("open files", first.files, last.files)):
        if after > before:
            yield f"{name} became {after} of {before}"


def told(looks: Sequence[Look], count: int, settled: int) -> str:
    """What became of what a run takes, where nothing is wrong with it."""
    first, last = _ends(looks, count, settled)
    more = max(0, last.memory - first.memory) / 2**20
    return f"from the {settled:,}th on memory grew by {more:.1f} MB, threads and open files by none"


def _ends(looks: Sequence[Look], count: int, settled: int) -> tuple[Taken, Taken]:
    """The least that was taken in the stretch after a run had settled, and in its last stretch."""
    after = count - settled
    narrow, wide = max(2, STRETCH * after), max(STRETCH * after, min(after / 2, AT_LEAST))

    def least(begin: float, end: float) -> Taken:
        return _least([taken for done, taken in looks if begin <= done <= end])

    return (replace(least(settled, settled + wide), memory=least(settled, settled + narrow).memory),
            replace(least(count - wide, count), memory=least(count - narrow, count).memory))


def _least(taken: Sequence[Taken]) -> Taken:
    if not taken:
        raise ValueError("nobody looked in time")
    return Taken(*(min(each) for each in zip(*map(astuple, taken), strict=True)))


def _watched(work: Callable[[Path], None], folder: Path, counted: str) -> tuple[Ended, list[Look]]:
    """Do a work, and look at it meanwhile; how much is done is how many files lie in one of its folders.

    What is looked at after the last of them is left out, for then things are given back.
    """
    looks: list[Look] = []

    def look(process: int) -> None:
        with suppress(OSError, ValueError):
            looks.append((_whole_files(folder / counted), Taken.by(process)))

    ended = attempt(work, folder, onlooker=look, every=AGAIN, patience=PATIENCE)
    most = max((done for done, _ in looks), default=0)
    return ended, [(done, taken) for done, taken in looks if done < most]


def _whole_files(folder: Path) -> int:
    """How many files lie in a folder, of thousands too; not those that are being written."""
    return sum(not each.name.startswith(PART) for each in os.scandir(folder)) if folder.exists() else 0


def _many_sizes(folder: Path, count: int, seed: int) -> list[str]:
    """Write pictures of all sizes; the names of those that were cut short come back."""
    rng = np.random.default_rng(seed)
    grey = rng.integers(0, 255, (SIDES[1], SIDES[1]), np.uint8)
    folder.mkdir()
    bad = []
    for number in range(count):
        path = folder / f"{number:05d}.tif"
        high, wide = rng.integers(*SIDES, 2)
        tifffile.imwrite(path, grey[:high, :wide])
        if number % BAD == BAD // 2:
            path.write_bytes(path.read_bytes()[: rng.integers(200)])
            bad.append(path.name)
    return bad


def _train(count: int, folder: Path) -> None:
    from morula.workflows import train

    for number in range(count):
        train(folder / "images", folder / "masks", folder / "m.safetensors", steps=2, quick=True, width=4, depth=2,
              seed=number, overwrite=True)
        (folder / "trained" / str(number)).touch()


def _answered(studio: Studio, path: str, said: dict | None = None) -> bytes:
    body = json.dumps(said).encode() if said else b""
    return studio.ask(studio.request(path, studio.host, "X-Morula: 1", "Content-Type: application/json",
                                     method="POST" if said else "GET", body=body))
