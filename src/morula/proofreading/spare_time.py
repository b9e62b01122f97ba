"""A second look in the time that a training can spare for it: at which annotations, and with how many mistakes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from morula.models.model import Model
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly
from morula.progress import Progress, silent
from morula.proofreading.proofs import FEWEST, Inquiry, Proofs
from morula.proofreading.sights import LARGEST
from morula.proofreading.spoiling import MISTAKES, MOST_OF_ONE

SPARED = 0.1
"""Of the time of a training, this share is kept back for a second look."""
COMPARING = 3.0
"""Seconds in which all that was seen is compared, and what does that is loaded, however little it is."""
SEEING, WEIGHING = 0.4e-6, 0.2e-6
"""Seconds for each pixel of an annotation: to see what is there, and to weigh what speaks for and against it. These
were measured on two networks, and are right about; a look that takes longer is cut short."""
FEWEST_MISTAKES = 80
"""From fewer mistakes made on purpose it is not learned how they look: some ten of each kind."""


@dataclass(frozen=True)
class Glance:
    """What is looked at.

    Attributes:
        frames: those that took no part in learning first.
        mistakes: how many are made on purpose.
        expected: seconds that it takes, about.
    """

    frames: tuple[Frame, ...]
    mistakes: int
    expected: float


def spared(minutes: float | None, learned: float = 0.0, gone: float | None = None) -> float:
    """Seconds that there are for a second look.

    Args:
        minutes: that were asked for, all in all; None where it went by steps.
        learned: seconds in which the network learned.
        gone: seconds of the minutes that are gone. Where more is left than this share, that is used too, up to as much
            again; None where that is not known yet.
    """
    if minutes is None:
        return SPARED * learned
    share = SPARED * 60 * minutes
    return share if gone is None else min(max(share, 60 * minutes - gone), 2 * share)


def glance(held: Sequence[Frame], learned: Sequence[Frame], seconds: float) -> Glance | None:
    """As much as fits into some seconds: half of them for annotations, and half for mistakes made on purpose in these.

    Args:
        held: frames that took no part in learning.
        learned: frames that did; where not all fit, some that lie evenly.
        seconds: there are so many.

    Returns:
        None where too little fits to say anything.
    """
    every = [*held, *learned]
    if len(every) < FEWEST:
        return None
    pixels = float(np.mean([min(math.prod(frame.pair.image.space), LARGEST) for frame in every]))
    half = max(0.0, seconds - COMPARING) / 2
    count = min(len(every), int(half / (pixels * (SEEING + WEIGHING))))
    mistakes = min(MISTAKES, MOST_OF_ONE * count, int(half / (pixels * WEIGHING)))
    if count < FEWEST or mistakes < FEWEST_MISTAKES:
        return None
    frames = [*held, *evenly(learned, count - len(held))] if count > len(held) else evenly(held, count)
    expected = COMPARING + pixels * (count * (SEEING + WEIGHING) + mistakes * WEIGHING)
    return Glance(tuple(frames), mistakes, expected)


def take(
    chosen: Glance, model: Model, reading: MaskReading, seconds: float, progress: Progress = silent
) -> Proofs | None:
    """Look, and stop in time.

    Args:
        chosen: what is looked at.
        model: that has learned.
        reading: how the annotations are read; their classes are numbered as those of the model.
        seconds: it takes no more, but for what is compared at the end.
        progress: called with frames done, frames in all, and words.

    Returns:
        What is thought of the first of the frames, as many as were looked at in time; None where these were too few.

    Raises:
        FileError: a file cannot be read any more.
    """
    import_module("sklearn.ensemble")  # takes a second of those for comparing
    began, seen = time.perf_counter(), 0
    inquiry = Inquiry([model], reading, np.arange(1, reading.classes + 1), len(chosen.frames), chosen.mistakes)
    for frame in chosen.frames:
        if time.perf_counter() - began > seconds - COMPARING:
            break
        progress(seen, len(chosen.frames), f"looking again at {frame.name}")
        inquiry.look(frame)
        seen += 1
    return inquiry.conclude() if seen >= FEWEST else None
