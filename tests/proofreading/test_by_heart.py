"""How often a network was shown what it learned from: pixels of its patches over pixels of its frames."""

from __future__ import annotations

import numpy as np
import pytest

from morula.images.image import Image
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.pairs.pair import Frame, Pair
from morula.proofreading.by_heart import times_shown


def shown(steps: int, frames: int, binning: int = 1) -> float:
    """To a network that learned from so many frames of 128 × 128 pixels, in steps of two patches of 32 × 32."""
    plan = Plan(channels=("grey",), classes=("a",), binning=(binning, binning), patch=(32, 32), batch=2,
                architecture=Architecture(width=4, depth=2), learning_rate=0.01)
    record = {"training_frames": list(map(str, range(frames))), "steps_done": steps}
    image = Image.from_array(np.zeros((128, 128), np.uint8), "YX")
    return times_shown(Model(UNet(plan.architecture), plan, record), [Frame(Pair(image, image, "a"), 0)] * 3)


def test_it_is_what_steps_times_patches_make_of_all_frames():
    assert shown(80, 10) == pytest.approx(80 * 2 * 32**2 / (10 * 128**2))
    assert shown(80, 10, binning=2) == pytest.approx(4 * shown(80, 10))


def test_it_is_nothing_where_nobody_says_what_was_learned_from():
    assert shown(80, 0) == 0
