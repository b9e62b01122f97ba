"""Fields are the same for the same seed, look as their microscope makes things look, and are of many kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from morula.drawings.star_shapes import StarShape
from morula.worlds import ranges
from morula.worlds.aggregates import ANGLES, Body
from morula.worlds.camera import photograph
from morula.worlds.fields import STYLES, draw_field, draw_fields
from morula.worlds.optics import VISIBLE, Contrast, light_of
from morula.worlds.scene import Scene
from morula.worlds.shed import Cells

NONE = Cells(*(np.empty(0) for _ in range(5)))
DISC = Scene((160, 160), (Body((StarShape((80.0, 80.0), np.full(ANGLES.size, 40.0)),), 40.0),), NONE)
Y, X = np.mgrid[:160, :160]
AWAY = np.hypot(Y - 80, X - 80)


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_draws_the_same(style):
    one, again, other = (draw_field(style, seed, 3) for seed in (0, 0, 1))
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.mask, again.mask)
    assert not np.array_equal(one.image, other.image)
    assert one.image.dtype == np.uint8
    assert one.image.shape == one.mask.shape == (192, 192)


def test_styles_take_turns():
    names = [drawing.name for drawing in draw_fields(len(STYLES) + 1, size=64)]
    assert len({name.rsplit("-", 1)[0] for name in names}) == len(STYLES)


@pytest.fixture
def plain(monkeypatch):
    """A world without dirt and walls."""
    monkeypatch.setattr(ranges, "SURROUNDED", 0.0)
    monkeypatch.setattr(ranges, "DIRT", 0.0)


@pytest.mark.parametrize(("microscope", "sign"), [("fluorescence", 1), ("dark on light", -1), ("phase contrast", 1)])
def test_bodies_are_lighter_or_darker_than_the_floor(plain, microscope, sign):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        light = light_of(DISC, Contrast.drawn(microscope, rng), rng)
        assert sign * (light[AWAY < 30].mean() - light[AWAY > 60].mean()) > 0


def test_relief_has_a_light_and_a_dark_side(plain):
    rng = np.random.default_rng(0)
    contrast = replace(Contrast.drawn("relief", rng), light_from=0.0, grain=0.0, mottle=0.0, rim=0.0, halo=0.0)
    light = light_of(DISC, contrast, rng)
    rim = (AWAY > 34) & (AWAY < 39) & (np.abs(Y - 80) < 20)
    assert light[rim & (X < 80)].mean() > light[rim & (X > 80)].mean() + 0.1


def test_nothing_that_nobody_could_outline_is_drawn():
    assert all(Contrast.drawn(style.microscope, np.random.default_rng(seed)).stands_out > VISIBLE
               for style in STYLES.values() for seed in range(50))


def test_cameras_use_their_range():
    """However dim or bright the light was: half of the pictures span more than a third of the grey levels."""
    spans = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        picture = photograph(light_of(DISC, Contrast.drawn("anything", rng), rng), rng)
        low, high = np.percentile(picture, [1, 99])
        spans.append(high - low)
    assert np.median(spans) > 85
    assert min(spans) > 10
