"""Everything that is settled before a network learns: the data, the plan, and what an earlier model knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from morula.images.inspection import DataSettings, Files, Inspection, inspect
from morula.images.masks import MaskReading
from morula.images.split import Split
from morula.learning.forgetting import past_of
from morula.learning.planning import make_plan
from morula.learning.settings import NetworkSettings, TrainSettings
from morula.learning.transfer import Transfer, transfer
from morula.models.model import Model
from morula.models.plan import Plan
from morula.progress import Progress, silent


@dataclass(frozen=True)
class Lesson:
    """What there is to learn from, and how.

    Attributes:
        settings: the budget, and what was not left to the plan.
        data: how files are read.
        network: what was not left to the plan about the network.
        inspection: what was found in the data.
        reading: how the masks are understood.
        plan: everything derived from the pairs.
        earlier: the model that the training goes on from.
        kept: what is taken over from it.
    """

    settings: TrainSettings
    data: DataSettings
    network: NetworkSettings
    inspection: Inspection
    reading: MaskReading
    plan: Plan
    earlier: Model | None
    kept: Transfer

    @property
    def split(self) -> Split:
        """Which frames train and which validate."""
        return self.inspection.split

    @property
    def sentences(self) -> Iterator[str]:
        """What a person would want to read before the training."""
        yield from map(str, self.inspection.warnings)
        yield self.split.sentence
        yield from self.plan.reasons
        yield from self.kept.sentences


def prepare_lesson(
    images: Files,
    masks: Files,
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
    inspection = inspect(images, masks, data, progress, share=settings.share, seed=settings.seed, past=past_of(earlier))
    inspection.raise_on_errors()
    reading = inspection.reading
    assert reading is not None  # or there would have been an error
    plan = make_plan(inspection.split.training, reading, settings, network, earlier.plan if earlier else None)
    return Lesson(settings, data, network, inspection, reading, plan, earlier, transfer(earlier, plan))
