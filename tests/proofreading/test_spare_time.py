"""A second look takes no more time than there is: held-out frames come first, and of others as many as fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.images.image import Image
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame, Pair
from morula.proofreading.proofs import FEWEST
from morula.proofreading.sights import LARGEST
from morula.proofreading.spare_time import COMPARING, FEWEST_MISTAKES, SEEING, WEIGHING, glance, spared, take
from morula.proofreading.spoiling import MISTAKES, MOST_OF_ONE


def frames(count: int, side: int = 64, name: str = "") -> tuple[Frame, ...]:
    """So many frames with an empty mask each."""
    plane = np.zeros((side, side), np.uint8)
    several = []
    for number in range(count):
        image = Image.from_array(plane, "YX", name=f"{name}{number}")
        several.append(Frame(Pair(image, image, f"{name}{number}"), 0))
    return tuple(several)


HELD, LEARNED = frames(4, name="held"), frames(60, name="learned")


def test_a_tenth_is_kept_back_and_what_learning_did_not_need_is_used_too():
    assert spared(2) == spared(2, gone=110) == spared(2, gone=120) == pytest.approx(12)
    assert spared(2, gone=102) == pytest.approx(18)
    assert spared(2, gone=20) == pytest.approx(24)  # no more: a training may have been taken up
    assert spared(None, learned=300) == spared(None, learned=300, gone=10) == pytest.approx(30)


def test_with_time_enough_all_are_looked_at():
    found = glance(HELD, LEARNED, seconds=1000)
    assert found is not None
    assert [frame.name for frame in found.frames] == [frame.name for frame in (*HELD, *LEARNED)]
    assert found.mistakes == MISTAKES
    assert found.expected == pytest.approx(COMPARING + 64 * 64 * (64 * (SEEING + WEIGHING) + MISTAKES * WEIGHING))


@given(st.floats(0, 10), st.integers(0, 80), st.integers(0, 80))
def test_it_never_takes_longer_than_there_is_time_and_says_nothing_of_too_few(seconds, held, learned):
    several = frames(1, 512) * (held + learned)
    found = glance(several[:held], several[held:], seconds)
    if found is None:
        assert held + learned < FEWEST or seconds < COMPARING + 2 * 512**2 * max(
            FEWEST * (SEEING + WEIGHING), FEWEST_MISTAKES * WEIGHING) * 1.01
    else:
        assert found.expected <= seconds
        assert FEWEST <= len(found.frames) <= held + learned
        assert FEWEST_MISTAKES <= found.mistakes <= min(MISTAKES, MOST_OF_ONE * len(found.frames))


def test_those_that_took_no_part_in_learning_come_first_and_others_lie_evenly():
    enough_for_ten = COMPARING + 2 * 64 * 64 * max(10.5 * (SEEING + WEIGHING), FEWEST_MISTAKES * WEIGHING)
    found = glance(HELD, LEARNED, enough_for_ten)
    assert found is not None
    count = len(found.frames)
    assert count < len(HELD) + len(LEARNED)
    assert [frame.name for frame in found.frames[: len(HELD)]] == [frame.name for frame in HELD]
    rest = [int(frame.name.removeprefix("learned")) for frame in found.frames[len(HELD) :]]
    assert (rest[0], rest[-1]) == (0, len(LEARNED) - 1)
    assert np.ptp(np.diff(rest)) <= 1


def test_where_not_even_all_that_was_held_out_fits_some_of_it_is_looked_at():
    many = frames(1) * 5000
    found = glance(many, LEARNED, COMPARING + 1)
    assert found is not None
    assert not set(map(id, found.frames)) & set(map(id, LEARNED))


def test_of_large_frames_no_more_is_counted_than_is_looked_at():
    large, larger = frames(12, side=1024), frames(12, side=2048)
    assert LARGEST < 1024**2
    one, other = (glance((), several, 60) for several in (large, larger))
    assert one is not None
    assert other is not None
    assert one.expected == other.expected


def test_looking_stops_when_the_time_is_over(discs):
    drawn = [discs((40, 30 + 3 * number, 12), space=(64, 96)) for number in range(12)]
    pairs = [Pair(*(Image.from_array(each * value, "YX") for value in (200, 1)), str(number))
             for number, each in enumerate(drawn)]
    architecture = Architecture(width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("disc",), binning=(1, 1), patch=(32, 32), batch=2,
                architecture=architecture, learning_rate=0.01)
    model = Model(UNet(architecture).eval(), plan, precision="float32")
    reading = MaskReading("grey", ((0,), (1,)), (0, 1))
    chosen = glance([Frame(pair, 0) for pair in pairs], (), 1000)
    assert chosen is not None
    found = take(chosen, model, reading, 1000)
    assert found is not None
    assert len(found.several) == len(pairs)
    assert take(chosen, model, reading, COMPARING) is None
