"""What a split at random would have let through, on frames whose groups are known."""

from math import comb

import numpy as np
import pytest

from morula.checks.leakage import find_leakage
from morula.images.image import Image
from morula.pairs.pair import Frame, Pair
from morula.pairs.split import Split, split
from morula.progress import silent


def frames_of(groups: int, each: int) -> list[Frame]:
    """Frames of noise: those of one group are turned and brighter copies of one picture."""
    frames = []
    for group in range(groups):
        picture = np.random.default_rng(group).normal(100, 20, (48, 48))
        for number in range(each):
            image = Image.from_array(np.rot90(picture, number) * (1 + number), "YX", name=f"{group}_{number}")
            frames.append(Frame(Pair(image, image, f"group {group}"), 0))
    return frames


def test_copies_in_the_training_are_counted_and_alike():
    frames = frames_of(10, 4)
    divided = split(frames, share=0.2)
    leaked = find_leakage(frames, divided, silent)
    assert leaked
    assert leaked.validating == 8
    alone = comb(40 - 4, 8 - 4) / comb(40 - 1, 8 - 1)  # the other three validate with it, by chance
    assert leaked.related == pytest.approx(8 * (1 - alone), abs=0.2)
    assert leaked.alike_at_random > 0.999
    assert leaked.alike_by_group < 0.3
    rows = dict(leaked.rows())
    assert rows["split at random"] == "8 of 8 validation frames would have one of their group in the training"


def test_where_every_frame_stands_alone_nothing_leaks():
    frames = frames_of(12, 1)
    leaked = find_leakage(frames, split(frames, share=0.25), silent)
    assert leaked
    assert leaked.related == 0
    assert leaked.alike_at_random == pytest.approx(leaked.alike_by_group, abs=0.1)


def test_without_validation_there_is_nothing_to_compare():
    frames = frames_of(1, 1)
    assert find_leakage(frames, Split(tuple(frames), (), ""), silent) is None
