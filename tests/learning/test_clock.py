"""How many steps fit into a time, counted one by one."""

from __future__ import annotations

import pytest

from morula.learning.clock import BESIDES, Clock
from morula.models.batch_sizes import BatchSizes


def clock_of(sizes: BatchSizes, *, patch: float = 0.1, steps: int = 40) -> Clock:
    """After some steps, each patch of which took so many seconds."""
    clock = Clock(sizes)
    for step in range(steps):
        clock.took(step, patch * (sizes.at(step) + BESIDES))
    return clock


@pytest.mark.parametrize("sizes", [BatchSizes(4, 4), BatchSizes(4, 16), BatchSizes(1, 3)])
@pytest.mark.parametrize("left", [0, 0.7, 10, 333, 2500])
@pytest.mark.parametrize("validation", [0, 3.0])
def test_the_end_is_the_last_step_that_is_in_time(sizes, left, validation):
    clock = clock_of(sizes)
    clock.validation = validation
    end = clock.end(40, left, lambda end: 3)
    step, spent = 40, 3 * validation
    while spent + 0.1 * (sizes.at(step) + BESIDES) <= left + 1e-9:
        spent += 0.1 * (sizes.at(step) + BESIDES)
        step += 1
    assert abs(end - step) <= 1


def test_one_step_that_was_disturbed_changes_nothing_and_many_do():
    clock = clock_of(BatchSizes(4, 4))
    usual = clock.end(40, 60, lambda end: 1)
    clock.took(40, 50.0)
    assert clock.end(40, 60, lambda end: 1) == usual
    for step in range(41, 60):
        clock.took(step, 0.1 * 2 * (4 + BESIDES))
    assert clock.end(40, 60, lambda end: 1) == pytest.approx(40 + (usual - 40) / 2, abs=1)


def test_seconds_between_steps_are_those_of_their_patches():
    clock = clock_of(BatchSizes(4, 16), patch=0.25)
    assert clock.seconds(0, 10) == pytest.approx(10 * 6 * 0.25)
    assert clock.seconds(2000, 2010) == pytest.approx(10 * 18 * 0.25)
    assert clock.seconds(10, 0) == pytest.approx(-10 * 6 * 0.25)
    assert not clock.is_off(100, 101, whole=300)
    assert clock.is_off(100, 110, whole=300)


@pytest.mark.parametrize("sizes", [BatchSizes(4, 16), BatchSizes(3, 10), BatchSizes(2, 2), BatchSizes(16, 64)])
def test_patches_until_a_step_are_the_sum_of_all_before_it(sizes):
    shown = 0
    for step in range(1300):
        assert sizes.until(step) == shown
        assert sizes.first <= sizes.at(step) <= sizes.last
        shown += sizes.at(step)
    assert sizes.at(0) == sizes.first
    assert sizes.at(1300) == sizes.last
