"""Processes that make masks for another are killed while they work, and one image is such that all die of it.

A run with two of them, some of which are killed, is compared with one that made all masks by itself.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from campaign.attempts import Ended, attempt
from campaign.children import children
from campaign.outcomes import Outcome
from campaign.wholeness import contents
from campaign.works import MODEL, prepare, typed

A_RUN = 5
"""Processes that are killed in one run."""
BETWEEN = 6
"""Masks that are made from one of these deaths to the next: a picture is given up after three."""
SIDES = 150, 400
AGAIN = 0.01
"""Seconds between two looks."""
POISON = "poison.tif"
DECODER = f"""
import os, signal, sys
if sys.orig_argv[-1].endswith("crew_process"):
    sys.addaudithook(lambda event, told: event == "open" and str(told[0]).endswith("{POISON}")
                     and os.kill(os.getpid(), signal.SIGKILL))
"""
"""What ends a process that makes masks for another when it opens this file, as a fault in a decoder would."""


@dataclass
class Killer:
    """Kills processes that work for another, each time when so many files lie in a folder.

    Attributes:
        made: the folder.
        chance: which of them.
        left: how many it has still to kill.
        killed: the processes that it has killed.
    """

    made: Path
    chance: random.Random
    left: int
    killed: list[int] = field(default_factory=list)

    def __call__(self, process: int) -> None:
        made = len([*self.made.glob("*.tif")])
        if self.left and made > BETWEEN * len(self.killed) and (there := children(process, "crew_process")):
            self.killed.append(self.chance.choice(there))
            self.left -= 1
            with suppress(ProcessLookupError):
                os.kill(self.killed[-1], signal.SIGKILL)


def deaths(tries: int, seed: int) -> Iterator[Outcome]:
    """Kill so many processes, some in each run."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _prepare(folder, seed)
        alone = attempt(partial(_segment, "alone", 1), folder)
        assert alone.status == 0, alone.said
        wanted, broken, killed = contents(folder / "alone"), [], 0
        (folder / "sitecustomize.py").write_text(DECODER)
        tifffile.imwrite(folder / "many" / POISON, np.zeros((40, 50), np.uint8))
        for number, left in enumerate(min(A_RUN, tries - done) for done in range(0, tries, A_RUN)):
            killer = Killer(folder / str(number), rng, left)
            ended = attempt(partial(_segment, str(number), 2), folder, onlooker=killer, every=AGAIN)
            broken += [f"run {number}: {wrong}" for wrong in _wrong(ended, folder, str(number), wanted, killer)]
            killed += len(killer.killed)
    yield Outcome("Processes that make masks, killed while they do, and an image of which all die", killed,
                  "that image was named, and all else is as one process makes it", tuple(broken))


def _wrong(ended: Ended, folder: Path, out: str, wanted: dict[str, Any], killer: Killer) -> Iterator[str]:
    """What is wrong with how a run ended, and with what it left."""
    if killer.left:
        yield f"there were {killer.left} processes too few to kill"
    if ended.status != 1 or ended.is_fault:
        yield f"it ended with {ended.status}: {ended.said[-300:]}"
    if POISON not in ended.said:
        yield f"{POISON} was not named"
    found = contents(folder / out)
    yield from (f"{name} is not as one process makes it" for name in sorted(wanted.keys() | found.keys())
                if wanted.get(name) != found.get(name))


def _prepare(folder: Path, seed: int) -> None:
    """Put a model and pictures into a folder, enough to be at work for as long as the deaths take."""
    prepare(folder)
    (folder / "many").mkdir()
    rng = np.random.default_rng(seed)
    for number in range(BETWEEN * (A_RUN + 2)):
        tifffile.imwrite(folder / "many" / f"{number:02d}.tif", rng.integers(0, 255, rng.integers(*SIDES, 2), np.uint8))


def _segment(out: str, workers: int, folder: Path) -> None:
    """Segment the pictures; the processes that help run what lies in the folder before anything else."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    typed(("segment", f"@/{MODEL}", "@/many", "--out", f"@/{out}", "--no-flips", "--workers", str(workers)), folder)
