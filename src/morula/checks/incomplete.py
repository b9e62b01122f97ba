"""Masks that leave objects out: looked for where that may be, and taken as annotated in part where a person says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from morula.checks.data_settings import DataSettings
from morula.checks.left_out import LeftOut, find_left_out, may_leave_out
from morula.checks.looks import Look
from morula.checks.mask_problems import complete_frames
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.partial import partly_annotated, with_unknown
from morula.plurals import many
from morula.progress import Progress


def look_for_left_out(
    looks: Sequence[Look], reading: MaskReading | None, settings: DataSettings, progress: Progress
) -> LeftOut | None:
    """What the images say of objects that masks leave out; None where nobody asks and nothing makes one think so."""
    objects = [census.pieces for look in looks for census in look.censuses]
    if reading is None or any(look.photographed for look in looks):
        return None
    if not settings.partly_annotated and (reading.classes > 1 or not may_leave_out(objects)):
        return None
    frames = [Frame(look.pair, index) for look in looks for index in range(len(look.censuses))]
    return find_left_out(frames, objects, reading,
                         lambda done: progress(done, len(frames), "looking for objects that masks leave out"))


def take_as_partly_annotated(
    looks: Sequence[Look], reading: MaskReading, left_out: LeftOut
) -> tuple[list[Look], MaskReading]:
    """The same looks, whose masks say what is not annotated, and the reading of these."""
    counts = np.array([reading.class_counts(census)[1:].sum() for look in looks for census in look.censuses])
    shown = left_out.objects > 0
    axes = len(looks[0].pair.mask.space)
    side = float(np.median(counts[shown] / left_out.objects[shown])) ** (1 / axes) if shown.any() else 0.0
    changed, start = [], 0
    for look in looks:
        stop = start + len(look.censuses)
        partial = np.flatnonzero(~left_out.complete[start:stop]).tolist()
        changed.append(replace(look, pair=partly_annotated(look.pair, reading, partial, side)))
        start = stop
    frames = len(left_out.objects)
    return changed, with_unknown(reading, frames - int(left_out.complete.sum()), frames)


def complete_in_words(looks: Sequence[Look], left_out: LeftOut) -> str:
    """How many frames are annotated wholly, and which."""
    count = f"{left_out.complete.sum()} of {many(len(left_out.objects), 'frame')}"
    names = complete_frames(looks, left_out)
    return f"{count}: {names}" if names else count
