"""Things stand out from their floor as their look says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from morula.specimens import breadths
from morula.specimens.shading import VISIBLE, Look, shaded
from morula.specimens.things import Things

Y, X = np.mgrid[:120, :120]
AWAY = np.hypot(Y - 60, X - 60)
DISC = Things((AWAY < 30).astype(np.int32), (1.0, 1.0))
RNG = np.random.default_rng(0)
BARE = replace(Look.drawn("anything", RNG), floor=1.0, body=1.0, dome=0.0, rim=0.0, halo=0.0, fine=0.0, coarse=0.0,
               spots=0.0, variety=0.0, two_ways=False, defocused=False, ground=0.0, relief=False)


def test_a_bare_thing_is_one_contrast_above_its_floor():
    light = shaded(DISC, BARE, np.random.default_rng(0))
    assert np.allclose(light[AWAY < 29], 2)
    assert np.allclose(light[AWAY > 31], 1)


@pytest.mark.parametrize(("change", "inner", "outer"), [
    ({"dome": 0.5}, AWAY < 5, (AWAY > 25) & (AWAY < 29)),
    ({"rim": -0.5, "rim_width": 3.0}, AWAY < 20, (AWAY > 28) & (AWAY < 30)),
    ({"halo": -0.5, "halo_width": 4.0}, AWAY > 50, (AWAY > 31) & (AWAY < 33)),
])
def test_domes_rims_and_halos_lie_where_they_should(change, inner, outer):
    light = shaded(DISC, replace(BARE, **change), np.random.default_rng(0))
    assert light[inner].mean() > light[outer].mean() + 0.2


def test_textures_lie_within_things():
    light = shaded(DISC, replace(BARE, fine=0.3, coarse=0.3, spots=0.5), np.random.default_rng(0))
    assert light[AWAY < 28].std() > 0.2
    assert light[AWAY > 31].std() < 1e-6


def test_things_that_touch_have_a_valley_between():
    halves = Things(np.where(AWAY < 30, 1 + (X >= 60), 0).astype(np.int32), (1.0, 1.0))
    light = shaded(halves, BARE, np.random.default_rng(0))
    assert light[60, 59:61].max() < light[60, 50] - 0.1
    given = shaded(halves, BARE, np.random.default_rng(0), np.array([0, 1, -1], np.float32))
    assert given[60, 59] == pytest.approx(2)
    assert given[60, 60] == pytest.approx(0)


def test_nothing_that_nobody_could_outline_is_drawn():
    for microscope in breadths.FLOOR:
        looks = [Look.drawn(microscope, np.random.default_rng(seed)) for seed in range(50)]
        assert all(look.stands_out > VISIBLE for look in looks)
        for look in (look.plain() for look in looks):
            assert abs(look.body) >= 0.7
            assert look.rim * look.body >= 0
            assert look.halo * look.body <= 0


def test_relief_has_a_light_and_a_dark_side():
    light = shaded(DISC, replace(BARE, relief=True), np.random.default_rng(0))
    ring = (AWAY > 22) & (AWAY < 29)
    angle = np.arctan2(Y - 60, X - 60)
    sides = [light[ring & (np.cos(angle - turn) > 0.8)].mean() for turn in np.linspace(-np.pi, np.pi, 16)]
    assert max(sides) - min(sides) > 0.5
