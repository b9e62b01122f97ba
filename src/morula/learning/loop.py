"""Learning from examples within a budget: step, validate, put aside, log."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from morula.errors import OutputError, TrainingError
from morula.examples.example import Example, Piece
from morula.examples.patches import Patches
from morula.examples.places import SPARSE
from morula.judging.validation import LARGEST_SCORED, Validation, score
from morula.learning.afterwards import Afterwards
from morula.learning.beside import note
from morula.learning.clock import Clock
from morula.learning.emergence import glimpse, is_glimpsed
from morula.learning.health import ADVICE, diagnose_losses, diagnose_masks
from morula.learning.onlooker import Onlooker
from morula.learning.probe import HEAD, fit_head
from morula.learning.run import Run
from morula.learning.settling import settle
from morula.models.plan import Plan
from morula.networks.unet import UNet
from morula.planning.enough import enough
from morula.planning.training_settings import TrainSettings
from morula.progress import Progress, silent

if TYPE_CHECKING:
    from morula.ranks.leading import Ranks

RECENT = 32
"""Steps whose mean loss is told."""
VALIDATIONS = 10
"""How often a training is validated, unless that takes more than a tenth of it."""
COST = {1: 0.5, 2: 0.5, 3: 3}
"""What a pixel that is scored takes, in pixels that are learned from, by spatial axes: volumes go one by one."""
PERFECT = 5
"""So many perfect validations in a row end a training early."""
JUDGED = 96
"""Budgets of fewer steps are for trying things out, and their masks are not judged."""
ATTEMPTS = 3
"""How often training is tried before it is given up."""
LEAST = 10
"""So many steps are made once minutes have become steps, however few they are."""
CHECKPOINT_SECONDS = 20.0
"""A checkpoint is written about this often."""


@dataclass(frozen=True)
class Trained:
    """What came out of a training.

    Attributes:
        network: the running average of its weights, as it was at the end.
        steps: steps that were planned, to repeat it with.
        step: steps that were made.
        seconds: time it took.
        losses: of every step since the last restart.
        validations: one record for each validation: step, loss, scores, seconds.
        restarts: how often it had to start again more gently.
        sated: whether it ended before its minutes, since more steps would learn its images by heart.
        glimpses: what was watched, as it looked after certain steps, see `glimpse`, and at the end.
    """

    network: UNet
    steps: int
    step: int
    seconds: float
    losses: tuple[float, ...]
    validations: tuple[dict[str, Any], ...]
    restarts: int
    sated: bool = False
    glimpses: Mapping[int, np.ndarray] = field(default_factory=dict)

    @property
    def scores(self) -> Mapping[str, float] | None:
        """Those of the network as it is, on the frames that validate, or else on those that train; None where the
        last validation came before the last step."""
        last = self.validations[-1] if self.validations else None
        return last if last and last["step"] == self.step else None

    @property
    def history(self) -> list[dict[str, Any]]:
        """The course of the training in at most some 200 records: `step` with `loss` or `validation_iou`."""
        every = -(-len(self.losses) // 200)
        means = [{"step": end, "loss": float(np.mean(self.losses[end - every : end]))}
                 for end in range(every, len(self.losses) + 1, every)]
        scores = [{"step": past["step"], "validation_iou": past["foreground_iou"], "seconds": past["seconds"]}
                  for past in self.validations]
        return sorted([*means, *scores], key=lambda record: record["step"])


@dataclass(frozen=True)
class Course:
    """What a training goes by, from its beginning to its end.

    Attributes:
        plan: the network and how it learns.
        settings: the budget and the seed.
        training: examples to learn from.
        validation: examples to score. Without any, the training examples are scored instead, which tells a
            collapse but nothing about quality.
        checkpoint: where to put the run aside; if the file exists, training goes on from there.
        log: a file of JSON lines to add to.
        progress: told about every step.
        initial: weights to begin with, by their names; all others are drawn.
        watched: what is segmented again and again, to be seen emerging; learning takes no notice of it.
        onlooker: looks through the network now and then, for a person to see; learning takes no notice of it, either.
        before: seconds of its minutes that were gone when it began.
        after: what is done in the last of them; learning may take all of them where nothing is.
        ranks: the processes that it is learned with, of which this is the first; None where it is the only one.
    """

    plan: Plan
    settings: TrainSettings
    training: Sequence[Example]
    validation: Sequence[Example]
    checkpoint: Path | None = None
    log: Path | None = None
    progress: Progress = silent
    initial: Mapping[str, torch.Tensor] = field(default_factory=dict)
    watched: Piece | None = None
    before: float = 0.0
    after: Afterwards | None = None
    onlooker: Onlooker | None = None
    ranks: Ranks | None = None

    @cached_property
    def name(self) -> str:
        """The same letters and digits for the same plan, settings and examples only."""
        digest = hashlib.sha256((self.plan.model_dump_json() + self.settings.model_dump_json()).encode())
        for example in [*self.training, *self.validation]:
            digest.update(example.key.encode())
        return digest.hexdigest()[:16]

    @cached_property
    def judged(self) -> str:
        """Which frames are scored while it learns: those that validate, or some that train."""
        trained = {id(example) for example in self.training}
        return "validation" if self.validation and id(self.validation[0]) not in trained else "training"

    @property
    def timed(self) -> int:
        """Steps after which minutes are turned into steps: before the learning rate depends on how many there are."""
        return self.plan.warm_up - 2

    @cached_property
    def enough(self) -> int:
        """Steps that teach something, see `enough`: more are not made because there is time for them."""
        return enough([example.shape[1:] for example in self.training], self.plan.patch)

    @cached_property
    def shown(self) -> list[Example]:
        """What a pass shows: the training examples, those of a rare kind several times."""
        return [example for example in self.training for _ in range(self.plan.repeated.get(example.name, 1))]

    def note(self, event: str, **record: Any) -> None:
        """Add a line to the log; where it has no room, learning goes on without."""
        if self.log:
            note(self.log, event, **record)

    def put_aside(self, run: Run) -> None:
        """Write a checkpoint, with how far the log had come; where it has no room, learning goes on without."""
        if self.checkpoint is None:
            return
        run.logged = self.log.stat().st_size if self.log and self.log.exists() else 0
        try:
            run.put_aside(self.checkpoint, self.name)
        except OutputError as error:
            self.progress(run.step, run.end or 0, f"going on, though nothing could be put aside: {error}")

    def take_up(self, checkpoint: Path) -> Run:
        """The run that was put aside; what was logged after that will be logged again.

        Raises:
            FileError: the checkpoint is damaged.
            RequestError: it belongs to another course.
        """
        run = Run.take_up(checkpoint, self.name, self.plan, self.settings.seed, self.settings.precision)
        if self.log and self.log.exists() and self.log.stat().st_size > run.logged:
            os.truncate(self.log, run.logged)
        return run

    @cached_property
    def scored(self) -> int:
        """Pixels that a validation scores."""
        examples = self.validation or self.training
        return int(sum(min(np.prod(example.shape[1:]), LARGEST_SCORED) for example in examples))

    def interval(self, steps: int) -> int:
        """Steps between validations: it depends on nothing but sizes, so that a run repeats exactly."""
        cost = self.scored * COST[self.plan.architecture.axes] / self.plan.pixels_until(steps)
        times = int(np.clip(0.1 / cost, 2 if steps >= JUDGED else 1, VALIDATIONS))
        return -(-steps // times)

    def validations(self, step: int, end: int) -> int:
        """How many come after a step of a training that ends at another."""
        every = self.interval(end)
        return 1 + (end - 1) // every - max(step, self.timed) // every

    def validates(self, step: int, steps: int) -> bool:
        """Whether to validate after a step: never before a run by minutes could know how often."""
        return step == steps or (step > self.timed and step % self.interval(steps) == 0)


def fit(course: Course) -> Trained:
    """Train the planned network until its budget is used up.

    Raises:
        TrainingError: it went wrong every time it was tried; the message says how.
    """
    settings = course.settings
    if course.checkpoint and course.checkpoint.exists():
        run = course.take_up(course.checkpoint)
    else:
        run = _begin(course)
        if settings.steps:
            run.budget = settings.steps
            run.end_at(settings.steps)
    while wrong := _learn(run, course):
        course.note("restart", step=run.step, reason=wrong)
        if run.attempt + 1 == ATTEMPTS:
            raise TrainingError(f"Training went wrong {ATTEMPTS} times, the last time because {wrong}. {ADVICE}")
        course.progress(run.step, run.end or 0, f"starting again more gently, because {wrong}")
        run = _start_again(run, course)
    run.end_at(run.step)
    course.put_aside(run)  # whatever goes wrong from now on, there is nothing to learn again
    glimpses = dict(run.glimpses)
    if course.watched is not None:
        glimpses[run.step] = glimpse(run.average, course.watched, settings.precision)
    return Trained(run.average, run.budget or run.step, run.step, run.seconds,
                   tuple(run.losses), tuple(run.validations), run.attempt,
                   sated=settings.steps is None and run.step >= course.enough, glimpses=glimpses)


def _begin(course: Course, attempt: int = 0) -> Run:
    """A run at its first step; features that are known already are read by the head before they change."""
    run = Run.start(course.plan, course.settings.seed, course.settings.precision, attempt, course.initial)
    if course.initial and HEAD not in course.initial:
        tick = time.perf_counter()
        fit_head(run, _patches(course, attempt))
        run.seconds = time.perf_counter() - tick
    return run


def _patches(course: Course, attempt: int) -> Patches:
    plan = course.plan
    return Patches(course.shown, plan.patch, plan.batch_sizes, plan.augmentation, course.settings.seed + attempt)


def _step(run: Run, course: Course) -> Callable[[], float]:
    """What makes a step and returns its loss: this process, or all ranks."""
    patches = _patches(course, run.attempt)
    if course.ranks:
        descend = course.ranks.descent(run.network, run.loss, run.reduced, patches)
        return lambda: run.move(descend(run.step))
    return lambda: run.learn(patches.batch(run.step))


def _start_again(run: Run, course: Course) -> Run:
    """A gentler run with what is left of the budget, but at least half of it."""
    again = _begin(course, run.attempt + 1)
    again.seconds, again.budget = again.seconds + run.seconds, run.budget
    if run.budget and run.end:
        again.end_at(max(run.end - run.step, run.budget // 2))
    if run.until:
        again.until = max(run.until, run.seconds + run.until / 2)
    return again


def _learn(run: Run, course: Course) -> str | None:
    """Learn to the end of the budget; returns what went wrong, or None."""
    plan, settings, learn = course.plan, course.settings, _step(run, course)
    began = saved = time.perf_counter() - run.seconds
    clock = Clock(plan.batch_sizes)
    while run.end is None or run.step < run.end:
        tick = time.perf_counter()
        loss = learn()
        clock.took(run.step - 1, time.perf_counter() - tick)
        run.seconds = time.perf_counter() - began
        if settings.budget_minutes:
            _keep_time(run, course, clock)
        run.seconds = time.perf_counter() - began
        course.note("step", step=run.step, loss=round(loss, 5), seconds=round(run.seconds, 2))
        course.progress(run.step, run.end or 0, _words(run, course))
        if course.watched is not None and is_glimpsed(run.step):
            run.glimpses[run.step] = glimpse(run.average, course.watched, settings.precision)
        if course.onlooker:
            course.onlooker.look(run.average, run.step)
        # A network that knows its task already has no loss to lose.
        if wrong := diagnose_losses(run.losses, None if course.initial else run.end):
            return wrong
        if run.end and course.validates(run.step, run.end):
            wrong = _validate(run, course)
            clock.validation = time.perf_counter() - began - run.seconds
            run.seconds = time.perf_counter() - began
            if wrong and (run.budget or 0) >= JUDGED and run.step >= 0.4 * run.end:
                return wrong
            if _is_over(run, course):
                break
        if time.perf_counter() - saved > CHECKPOINT_SECONDS:
            course.put_aside(run)
            saved = time.perf_counter()
    return None


def _keep_time(run: Run, course: Course, clock: Clock) -> None:
    """Turn minutes into steps, as soon as it is known how long those take, and again when it has changed."""
    if not clock.is_sure if run.end else run.step < course.timed:
        return
    if clock.validation is None:
        tick = time.perf_counter()
        _look(run, course)
        clock.validation = time.perf_counter() - tick
        run.seconds += clock.validation
    if run.until is None:
        run.until = _time_to_learn(run, course, clock)
    in_time = clock.end(run.step, run.until - run.seconds, lambda end: course.validations(run.step, end))
    end = min(in_time, course.enough)
    if run.end is None:
        run.end_at(max(end, run.step + LEAST))
        run.budget = run.end
    elif clock.is_off(run.end, end, run.until):
        course.note("end moved", step=run.step, end=end, planned=run.end)
        run.budget = end + (run.budget or end) - run.end
        run.end_at(end)


def _time_to_learn(run: Run, course: Course, clock: Clock) -> float:
    """The seconds of the minutes that are left for learning; half of them, however long all else takes."""
    whole = 60 * (course.settings.budget_minutes or 0)
    left = whole - course.before
    if course.after:
        reached = clock.end(run.step, left - run.seconds, lambda end: course.validations(run.step, end))
        frame = (clock.validation or 0) / len(course.validation or course.training)
        left -= course.after.seconds(frame, course.plan.pixels_until(reached))
    return max(left, whole / 2)


def _words(run: Run, course: Course) -> str:
    words = f"loss {np.mean(run.losses[-RECENT:]):.3f}"
    return words + (f", {course.judged} IoU {run.validations[-1]['foreground_iou']:.3f}" if run.validations else "")


def _look(run: Run, course: Course) -> Validation:
    """Settle and score the average."""
    settle(run.average, course.shown, course.plan, course.settings.seed, reduced=run.reduced)
    return score(run.average, course.validation or course.training, course.plan, course.settings.precision)


def _validate(run: Run, course: Course) -> str | None:
    """Look at the average and note what is found; returns what is wrong with its masks."""
    found = _look(run, course)
    record = {"step": run.step, "loss": float(np.mean(run.losses[-RECENT:])), **found.scores,
              "seconds": round(run.seconds, 2)}
    run.validations.append(record)
    course.note("validation", **record)
    return diagnose_masks(found.confusion, course.plan.classes)


def _is_over(run: Run, course: Course) -> bool:
    """Whether the last validations were all perfect.

    Scribbles are met perfectly long before outlines are, so that there perfection is no reason to stop.
    """
    last = [record["foreground_iou"] for record in run.validations[-PERFECT:]]
    sparse = any(example.places.annotated < SPARSE for example in course.validation or course.training)
    return len(last) == PERFECT and min(last) == 1 and not sparse
