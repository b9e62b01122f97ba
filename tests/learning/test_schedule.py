"""The learning rate of every step, against the schedulers of PyTorch and its own promises."""

from __future__ import annotations

import pytest
import torch
from torch.optim.lr_scheduler import LinearLR, SequentialLR

from morula.learning.schedule import Schedule


@pytest.mark.parametrize("warm_up", [10, 32])
def test_the_rate_rises_and_falls_along_lines(warm_up):
    steps = 220
    schedule = Schedule(warm_up, steps)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    rising = LinearLR(optimiser, 1 / warm_up, 1, warm_up - 1)
    falling = LinearLR(optimiser, 1, 0, steps - warm_up)
    both = SequentialLR(optimiser, [rising, falling], [warm_up])
    for step in range(steps + 1):
        assert schedule.rate(step) == pytest.approx(optimiser.param_groups[0]["lr"], abs=1e-9)
        assert step >= warm_up or Schedule(warm_up).rate(step) == schedule.rate(step)  # minutes are not steps yet
        optimiser.step()
        both.step()
    assert schedule.rate(steps) == 0


@pytest.mark.parametrize("steps", [1, 5, 32, 33])
def test_the_shortest_trainings_have_a_rate_too(steps):
    assert all(0 < Schedule(32, steps).rate(step) <= 1 for step in range(steps))


@pytest.mark.parametrize("end", [80, 150, 400])
def test_an_end_that_is_moved_changes_no_rate_before_it_and_leads_to_nothing(end):
    first = Schedule(10, 200)
    moved = first.ending(end, 60)
    assert moved.rate(60) == pytest.approx(first.rate(60))
    rates = [moved.rate(step) for step in range(60, end + 1)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0)
    assert moved.rate((60 + end) // 2) == pytest.approx(first.rate(60) / 2, abs=0.01)
    again = moved.ending(200, 70)
    assert again.rate(70) == pytest.approx(moved.rate(70))
    assert again.rate(200) == pytest.approx(0)


def test_an_end_that_is_moved_while_the_rate_rises_is_as_if_it_had_always_been_there():
    assert [Schedule(32, 300).ending(90, 12).rate(step) for step in range(90)] == pytest.approx(
        [Schedule(32, 90).rate(step) for step in range(90)])
