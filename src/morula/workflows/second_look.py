"""A second look at the annotations that a model has just learned from, in the time that its training can spare."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from morula.errors import FileError
from morula.progress import Progress, silent
from morula.workflows.proofreading import Proofread

if TYPE_CHECKING:
    from morula.learning.lesson import Lesson
    from morula.models.model import Model


def seconds_kept_back(lesson: Lesson) -> float:
    """Of the minutes of a training, those seconds that a second look will take; none where it goes by steps."""
    from morula.proofreading.spare_time import glance, spared

    seconds = spared(lesson.budget.of_model.budget_minutes)
    chosen = glance(lesson.split.validation, lesson.split.training, seconds)
    return chosen.expected if chosen else 0.0


def look_again(model: Model, lesson: Lesson, gone: float, progress: Progress = silent) -> Proofread | None:
    """List the annotations that are probably wrong, in a tenth of the time of the training.

    Where what follows learning took less time than was kept back for it, what is left of the minutes is used, too.

    Those that it was shown so often that it knows them by heart are left to other models.

    Args:
        model: that has learned from the lesson, with its record.
        lesson: what there was to learn from.
        gone: seconds of its minutes that are gone.
        progress: called with frames done, frames in all, and words.

    Returns:
        None where that time is too short, or there are too few annotations, or a file cannot be read any more: a
        training that took long is not given up for a second look.
    """
    from morula.proofreading.by_heart import BY_HEART, times_shown
    from morula.proofreading.spare_time import glance, spared, take

    training = lesson.split.training
    seconds = spared(lesson.budget.of_model.budget_minutes, model.record["seconds"], gone)
    chosen = glance(lesson.split.validation, training if times_shown(model, training) <= BY_HEART else (), seconds)
    found = None
    if chosen:
        with suppress(FileError):
            found = take(chosen, model, lesson.reading, seconds, progress)
    if not chosen or not found:
        return None
    frames = chosen.frames[: len(found.several)]
    every = len(lesson.split.validation) + len(training)
    return Proofread.told(found, frames, model.classes, [model], every - len(frames))
