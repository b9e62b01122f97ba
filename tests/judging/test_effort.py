"""The longer a network learned, the more objects tell how sure measures of its masks are."""

from __future__ import annotations

import pytest

from morula.judging.effort import (
    FRAME_PIXELS,
    FRAMES,
    LEARNED,
    OBJECTS,
    PIXELS,
    TRAINED,
    frames_segmented,
    objects_measured,
    pixels_measured,
    work,
)

ALL = LEARNED * (OBJECTS + TRAINED)


def test_a_short_training_measures_few_objects():
    assert objects_measured(ALL) == objects_measured(100 * ALL) == (OBJECTS, TRAINED)
    assert objects_measured(ALL // 4) == (OBJECTS // 4, TRAINED // 4)
    assert objects_measured(0) == (0, 0)
    assert pixels_measured(ALL // 2) == PIXELS // 2


def test_few_frames_are_segmented_where_they_are_large():
    assert frames_segmented(FRAME_PIXELS / 100) == 100
    assert frames_segmented(10 * FRAME_PIXELS) == FRAMES


@pytest.mark.parametrize(("box", "pixels"), [((20, 30), 600), ((4, 20, 30), 9600)])
def test_voxels_take_longer_than_pixels(box, pixels):
    assert work(box) == pixels
