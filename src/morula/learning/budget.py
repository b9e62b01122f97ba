"""How the time of a training is divided among the trials before it and the model itself."""

from __future__ import annotations

from dataclasses import dataclass

from morula.planning.training_settings import TrainSettings
from morula.plurals import many
from morula.progress import duration


@dataclass(frozen=True)
class Budget:
    """Minutes are shared; steps are what each training makes.

    Attributes:
        asked: the budget for all of it.
        trials: how many trials there are.
        share: what each gets where the model itself gets one.
    """

    asked: TrainSettings
    trials: int = 0
    share: float = 1.0

    @property
    def of_model(self) -> TrainSettings:
        """What the training of the model itself goes by."""
        return self._part(1.0) if self.trials else self.asked

    @property
    def of_trial(self) -> TrainSettings:
        """What each trial goes by."""
        return self._part(self.share)

    @property
    def sentence(self) -> str:
        """How the budget is divided."""
        return (f"{many(self.trials, 'training')} on a part of the images come first, to tell what masks of others are "
                f"worth: {in_words(self.of_trial)} each, and {in_words(self.of_model)} for the model itself.")

    def seconds_left(self, trials: int) -> float | None:
        """What a trial that begins has still before it in all, with so many after it; None with steps."""
        if self.asked.budget_minutes is None:
            return None
        each, model = self.of_trial.budget_minutes or 0, self.of_model.budget_minutes or 0
        return 60 * ((1 + trials) * each + model)

    def _part(self, share: float) -> TrainSettings:
        minutes, steps = self.asked.budget_minutes, self.asked.steps
        return self.asked.model_copy(update={
            "minutes": None if minutes is None else minutes * share / (1 + self.trials * self.share),
            "steps": None if steps is None else max(1, round(steps * share)),
            "folds": None,
            "learning_curve": False,
        })


def in_words(settings: TrainSettings) -> str:
    """A budget as one reads it: `50 s`, `200 steps`."""
    minutes = settings.budget_minutes
    return many(settings.steps or 0, "step") if minutes is None else duration(60 * minutes)
