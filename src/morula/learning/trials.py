"""Trials: trainings on a part of the frames, whose networks are scored on others and then thrown away."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from morula.errors import TrainingError
from morula.examples.prepared import Prepared
from morula.files import read_json, write_text
from morula.judging.known_masks import Look, looks, read_looks, write_looks
from morula.judging.scoring import score_frames
from morula.learning.afterwards import Afterwards
from morula.learning.lesson import Lesson
from morula.learning.loop import Course, Trained, fit
from morula.learning.onlooker import Onlooker
from morula.models.model import Model
from morula.pairs.pair import Frame
from morula.plurals import many
from morula.progress import Progress, Tell, duration, silent, unheard
from morula.scores.compare import ImageScores, Scores, summarise

if TYPE_CHECKING:
    from morula.ranks.leading import Ranks


@dataclass(frozen=True)
class Trial:
    """A training that is only made to be scored.

    Attributes:
        name: what it is called while it goes on; no two trials of a training have the same.
        training: the frames to learn from.
        watched: those that are scored while it learns, which tells a collapse.
        held: those that the network is scored on at the end.
        judged: whether it also looks at their masks, for the model to learn how good masks are.
    """

    name: str
    training: tuple[Frame, ...]
    watched: tuple[Frame, ...]
    held: tuple[Frame, ...]
    judged: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    Attributes:
        scores: on the frames that it held out.
        looks: at their masks, as they are and spoiled; empty where these were not judged.
    """

    scores: Scores
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Trials:
    """What all trials of a training have in common.

    Each leaves its scores and looks in files in `folder`, and until then a checkpoint, so that a training which was
    stopped goes on with the trial that it was at.

    Attributes:
        lesson: what there is to learn from, and how.
        examples: the frames, ready to learn from.
        folder: where finished trials and the one that is going on are kept.
        progress: told about every step, with the time that is left in all.
        tell: told what came of each trial.
        onlooker: looks through the networks while they learn.
        ranks: the processes that they are learned with; None where this is the only one.
    """

    lesson: Lesson
    examples: Prepared
    folder: Path
    progress: Progress = silent
    tell: Tell = unheard
    onlooker: Onlooker | None = None
    ranks: Ranks | None = None

    def run(self, trials: Sequence[Trial], later: int = 0) -> Iterator[Outcome | None]:
        """What comes of each trial; None where nothing could be learned.

        Args:
            trials: in order.
            later: how many more trials there will be, for the time that is left.
        """
        for number, trial in enumerate(trials, start=1):
            kept = self.folder / trial.name.replace(" ", "-")
            yield self._run(trial, kept, len(trials) - number + later)

    def _run(self, trial: Trial, kept: Path, later: int) -> Outcome | None:
        lesson = self.lesson
        course = Course(
            lesson.plan,
            lesson.budget.of_trial,
            self.examples.of(trial.training),
            self.examples.of(trial.watched),
            checkpoint=kept.with_suffix(".checkpoint"),
            progress=self._with_time_left(trial, later),
            initial=lesson.kept.weights,
            after=Afterwards(len(lesson.frames), self.examples.pixels, lesson.plan.architecture.axes, len(trial.held),
                             judged=False, looked=trial.judged),
            onlooker=self.onlooker,
            ranks=self.ranks,
        )
        finished, looked, name = kept.with_suffix(".json"), kept.with_suffix(".npz"), self._name(course, trial)
        images = _kept_scores(finished, name)
        if images is None or (trial.judged and not _has_looks(looked)):
            try:
                trained = fit(course)
            except TrainingError as error:
                self.tell(f"{trial.name.capitalize()} has no score: {error}")
                return None
            model = Model(trained.network, lesson.plan, precision=lesson.settings.precision)
            if trial.judged:
                write_looks(looked, self._looks(model, trained, trial, course.progress))
            images = self._scored(model, trial, course.progress)
            write_text(finished, json.dumps({"trial": name, "images": [image.record() for image in images]}))
        kept.with_suffix(".checkpoint").unlink(missing_ok=True)
        scores = summarise(images, lesson.plan.classes)
        iou = "no foreground" if scores.foreground_iou is None else f"foreground IoU {scores.foreground_iou:.3f}"
        self.tell(f"{trial.name.capitalize()}: {iou} on {many(len(images), 'frame')} left out.")
        return Outcome(scores, read_looks(looked) if trial.judged else ())

    def _scored(self, model: Model, trial: Trial, progress: Progress) -> tuple[ImageScores, ...]:
        scores = score_frames(model, trial.held, self.lesson.reading, model.plan.classes, progress)
        assert scores is not None  # since frames are held out
        return scores.images

    def _looks(self, model: Model, trained: Trained, trial: Trial, progress: Progress) -> Iterator[Look]:
        """Looks at what was held out, each frame with its number among all."""
        frames = self.lesson.frames
        groups = {frame.name: frame.group for frame in frames}
        places = {id(frame): place for place, frame in enumerate(frames)}
        numbers = [places[id(frame)] for frame in trial.held]
        learned = model.plan.pixels_until(trained.step)
        for look in looks(model, (), self.examples.of(trial.held), groups, learned, progress):
            yield replace(look, frame=numbers[look.frame])

    def _name(self, course: Course, trial: Trial) -> str:
        """The same letters and digits for the same trial on the same data only."""
        digest = hashlib.sha256(course.name.encode())
        for example in self.examples.of(trial.held):
            digest.update(example.key.encode())
        return digest.hexdigest()[:16]

    def _with_time_left(self, trial: Trial, later: int) -> Progress:
        began, seconds = time.perf_counter(), self.lesson.budget.seconds_left(later)

        def show(done: float, total: int, words: str) -> None:
            left = ""
            if seconds is not None:
                left = f", {duration(max(seconds - (time.perf_counter() - began), 1))} left in all"
            self.progress(done, total, f"{trial.name}{left}: {words}")

        return show


def _kept_scores(path: Path, name: str) -> tuple[ImageScores, ...] | None:
    """The scores that a trial left; None if it is not finished, or was another, or they are damaged."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = read_json(path)
        return tuple(map(ImageScores.from_record, record["images"])) if record["trial"] == name else None
    return None


def _has_looks(path: Path) -> bool:
    """Whether a trial left what it looked at, whole."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        read_looks(path)
        return True
    return False
