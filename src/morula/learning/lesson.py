"""Everything that is settled before a network learns: the data, the plan, and what an earlier model knows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import Inspection, inspect
from morula.errors import RequestError
from morula.judging.forgetting import past_of
from morula.judging.separating import advice, reading_objects, require_numbers
from morula.learning.budget import Budget
from morula.learning.transfer import Transfer, begin, transfer
from morula.models.model import Model
from morula.models.plan import Plan
from morula.pairs.folders import Files
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.split import FEW, Split
from morula.planning.plan_making import make_plan
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.plurals import many
from morula.progress import Progress, silent

SHORTEST_FOLD = 5.0
"""Seconds that a fold gets at least where nobody asked for folds: fewer of them rather than more that learn nothing."""


@dataclass(frozen=True)
class Lesson:
    """What there is to learn from, and how.

    Attributes:
        settings: the budget, and what was not left to the plan.
        data: how files are read.
        network: what was not left to the plan about the network.
        inspection: what was found in the data.
        reading: how the masks are understood.
        folds: splits to estimate scores on new groups with, each a trial; none if they are not estimated.
        portions: parts of the training frames to tell a learning curve from, each a trial, too.
        budget: how it is divided among the trials and the model itself.
        plan: everything derived from the pairs.
        earlier: the model that the training goes on from.
        kept: what is taken over from it, or from what was learned from drawings.
        hint: what else could be learned from the masks.
    """

    settings: TrainSettings
    data: DataSettings
    network: NetworkSettings
    inspection: Inspection
    reading: MaskReading
    folds: tuple[Split, ...]
    portions: tuple[tuple[Frame, ...], ...]
    budget: Budget
    plan: Plan
    earlier: Model | None
    kept: Transfer
    hint: str | None = None

    @property
    def split(self) -> Split:
        """Which frames train and which validate."""
        return self.inspection.split

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All frames that are learned from or watched in any training."""
        return self.inspection.frames if self.folds else (*self.split.training, *self.split.validation)

    @property
    def sentences(self) -> Iterator[str]:
        """What a person would want to read before the training."""
        yield from map(str, self.inspection.warnings)
        yield self.split.sentence
        groups = len({frame.group for frame in self.frames})
        if self.split.by_group and not self.folds and groups <= FEW:
            yield f"So few groups say little about others: --folds {groups} would score all {groups}."
        if self.settings.folds and len(self.folds) < self.settings.folds:
            yield (f"{len(self.folds)} folds are all that can be made of {many(len(self.frames), 'frame')} in "
                   f"{many(groups, 'group')}, not {self.settings.folds}.")
        if self.budget.trials:
            yield self.budget.sentence
        yield from self.plan.reasons
        yield from self.kept.sentences
        if self.hint:
            yield self.hint


def prepare_lesson(
    images: Files,
    masks: Files | None,
    settings: TrainSettings,
    data: DataSettings,
    network: NetworkSettings,
    progress: Progress = silent,
) -> Lesson:
    """Check the data and plan the network.

    Raises:
        DataError: the check found errors; all are listed.
        RequestError: what was decided does not fit the data.
        ModelError: the earlier model cannot be used.
    """
    earlier = Model.load(settings.init, settings.precision) if settings.init else None
    recognised = data.read_masks_as == "auto"
    data = reading_objects(data) if settings.objects else data
    inspection = inspect(images, masks, data, progress, share=settings.share, seed=settings.seed, past=past_of(earlier))
    inspection.raise_on_errors()
    data = data.model_copy(update={"class_names": inspection.class_names})
    reading = inspection.reading
    assert reading is not None  # or there would have been an error
    if settings.objects and recognised:
        require_numbers(inspection.split.training, reading)
    hint = None if settings.objects else advice(inspection.split.training, reading)
    folds, portions = _folds(inspection, settings), _portions(inspection, settings)
    # Where nobody asked for folds, they take no more than half of the time.
    share = 1.0 if settings.folds or not folds else 1 / len(folds)
    budget = Budget(settings, len(folds) + len(portions), share)
    before = earlier.plan if earlier else None
    plan = make_plan(inspection.split.training, reading, budget.of_model, network, before,
                     data.class_names)
    kept = transfer(earlier, plan) if earlier or settings.from_nothing else begin(plan)
    return Lesson(settings, data, network, inspection, reading, folds, portions, budget, plan, earlier, kept,
                  hint)


def _folds(inspection: Inspection, settings: TrainSettings) -> tuple[Split, ...]:
    """As many as were asked for; if none were, and no frame is held out, as half of the minutes allow."""
    if settings.folds is None and (inspection.split.validation or len(inspection.frames) == 1):
        return ()
    half = 30 * (settings.budget_minutes or math.inf)
    return inspection.folds(settings.folds or max(2, int(min(FEW, half / SHORTEST_FOLD))), seed=settings.seed)


def _portions(inspection: Inspection, settings: TrainSettings) -> tuple[tuple[Frame, ...], ...]:
    if not settings.learning_curve:
        return ()
    if not inspection.split.validation:
        few = many(len(inspection.frames), "image")
        raise RequestError(f"A learning curve needs images that validate, and of {few} none can be spared. Leave out "
                           "--learning-curve, or annotate more.")
    return inspection.portions(seed=settings.seed)
