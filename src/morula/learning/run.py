"""A training under way: its state, one step of it, and how it is put aside and taken up again."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from morula.errors import RequestError
from morula.examples.patches import Batch
from morula.learning.checkpoint import read_checkpoint, write_checkpoint
from morula.learning.optimiser import Optimiser, make_optimisers
from morula.learning.schedule import Schedule
from morula.machine.devices import chosen_device, memory_format
from morula.machine.number_formats import Precision, reduced_precision
from morula.machine.preparation import prepare
from morula.models.plan import Plan
from morula.networks.losses import Loss
from morula.networks.unet import UNet
from morula.ranks.gradients import descend

AVERAGING = 0.99
"""Decay of the running average of the weights, each step."""
GENTLER = 1 / 3
"""Each restart has this part of the learning rate before it."""

PLAIN = ("budget", "until", "step", "attempt", "seconds", "losses", "validations", "logged")


@dataclass
class Run:
    """Everything that changes while a network learns; all of it goes into a checkpoint.

    Attributes:
        network: learns.
        average: follows the network slowly; this is what gets validated, and becomes the model.
        optimisers: Muon and AdamW.
        loss: what they descend.
        reduced: whether to compute in bfloat16.
        schedule: the learning rate of every step of this attempt, and its end, which comes sooner after a restart.
        budget: steps in all, over all attempts; None until minutes have been turned into steps.
        until: seconds after which learning should end, if it goes by minutes and these have been turned into steps.
        step: steps done.
        attempt: 0, and one more after each gentler restart.
        seconds: time spent, over all sittings and attempts.
        losses: of every step of this attempt.
        validations: one record for each validation: step, loss, scores, seconds.
        glimpses: of what is watched, by their step.
        logged: bytes of the log when it was put aside last.
    """

    network: UNet
    average: UNet
    optimisers: tuple[Optimiser, ...]
    loss: Loss
    reduced: bool
    schedule: Schedule
    budget: int | None = None
    until: float | None = None
    step: int = 0
    attempt: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    validations: list[dict[str, Any]] = field(default_factory=list)
    glimpses: dict[int, np.ndarray] = field(default_factory=dict)
    logged: int = 0

    @classmethod
    def start(
        cls, plan: Plan, seed: int, precision: Precision, attempt: int = 0, initial: Mapping[str, Tensor] | None = None
    ) -> Run:
        """Fresh weights, drawn from the seed and the attempt, but for those that are `initial`."""
        prepare()
        torch.manual_seed(seed + attempt)
        layout = memory_format(plan.architecture.axes)
        network = UNet(plan.architecture).to(chosen_device()).to(memory_format=layout)  # pyright: ignore
        network.load_state_dict(initial or {}, strict=False)
        reduced = reduced_precision(precision, chosen_device())
        optimisers = make_optimisers(network, plan.learning_rate * GENTLER**attempt)
        loss = Loss(plan.loss, plan.class_weights)
        return cls(network, copy.deepcopy(network).eval(), optimisers, loss, reduced, Schedule(plan.warm_up),
                   attempt=attempt)

    @property
    def end(self) -> int | None:
        """The step at which this attempt ends; None until minutes have been turned into steps."""
        return self.schedule.end

    def end_at(self, step: int) -> None:
        """Plan to end at a step; the learning rate falls from where it is."""
        self.schedule = self.schedule.ending(step, self.step)

    def learn(self, batch: Batch) -> float:
        """One step of the optimiser on one batch; returns the loss."""
        return self.move(descend(self.network, batch, self.loss, reduced=self.reduced))

    def move(self, loss: float) -> float:
        """One step of the optimiser along the gradients of a batch, of which this is the loss."""
        # A rare patch far from all others must not throw the weights off.
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        for optimiser in self.optimisers:
            optimiser.step(self.schedule.rate(self.step))
        self.network.zero_grad()
        self.step += 1
        self._follow()
        self.losses.append(loss)
        return loss

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the network, quickly at first; statistics of batch normalisation too."""
        decay = min(AVERAGING, self.step / (self.step + 9))
        following, leading = self.average.state_dict(), self.network.state_dict()
        for name, value in following.items():
            if value.is_floating_point():
                value.lerp_(leading[name], 1 - decay)
            else:
                value.copy_(leading[name])

    def put_aside(self, path: Path, course: str) -> None:
        """Write all of it to a checkpoint, with the name of the course it belongs to."""
        parts = {"network": self.network.state_dict(), "average": self.average.state_dict()}
        tensors = {f"{part}.{name}": value for part, values in parts.items() for name, value in values.items()}
        tensors |= {f"glimpses.{step}": torch.from_numpy(seen) for step, seen in self.glimpses.items()}
        for number, optimiser in enumerate(self.optimisers):
            for index, moments in enumerate(optimiser.moments):
                tensors |= {f"optimiser.{number}.{index}.{name}": value for name, value in moments.items()}
        plain = {name: getattr(self, name) for name in PLAIN} | {"schedule": asdict(self.schedule)}
        write_checkpoint(path, {"course": course, **plain}, tensors)

    @classmethod
    def take_up(cls, path: Path, course: str, plan: Plan, seed: int, precision: Precision) -> Run:
        """The run that `put_aside` wrote, ready to go on as if nothing had happened.

        Raises:
            FileError: the checkpoint is damaged.
            RequestError: it belongs to another course.
        """
        with read_checkpoint(path) as (state, tensors):
            if state["course"] != course:
                raise RequestError(f"{path} was put aside by a training with other images, masks or settings. "
                                   "Go on with those, or start again with --overwrite.")
            run = cls.start(plan, seed, precision, state["attempt"])
            for name in PLAIN:
                setattr(run, name, state[name])
            run.schedule = Schedule(**state["schedule"])
            run._fill(tensors)
        return run

    def _fill(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the tensors of a checkpoint."""
        names = ("network", "average", "optimiser", "glimpses")
        parts: dict[str, dict[str, Tensor]] = {name: {} for name in names}
        for name, value in tensors.items():
            part, rest = name.split(".", 1)
            parts[part][rest] = value
        self.network.load_state_dict(parts["network"])
        self.average.load_state_dict(parts["average"])
        self.glimpses = {int(step): parts["glimpses"][step].numpy() for step in sorted(parts["glimpses"], key=int)}
        for name, value in parts["optimiser"].items():
            number, index, moment = name.split(".")
            self.optimisers[int(number)].recall(int(index), moment, value)
