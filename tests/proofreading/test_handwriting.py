"""Who draws wider is told in pixels where it is so, and hardly ever where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.proofreading.girth import drawn_wider
from morula.proofreading.handwriting import FEWEST, handwriting

SEEDS = range(200)


def width(radius: float, drawn: float) -> float | None:
    """By how much a disc is drawn wider than it is seen, with a soft edge."""
    distance = np.hypot(*(np.indices((72, 72)) - 35.5))
    return drawn_wider((distance < drawn).astype(np.uint8), 1 / (1 + np.exp((distance - radius) / 1.5)))


def by_two(rng: np.random.Generator, apart: float, count: int = 12) -> tuple[list[float], list[str], list[str]]:
    """The widths of masks by anna and ben, who draws wider; each is drawn a little otherwise, and one is no good."""
    widths = np.concatenate([rng.normal(0, 0.7, count), rng.normal(apart, 0.7, count)])
    widths[rng.integers(len(widths))] = -7.0
    return list(widths), ["anna"] * count + ["ben"] * count, [str(number) for number in range(2 * count)]


def test_masks_of_one_who_draws_two_pixels_wider_tell_it_in_pixels_and_micrometres():
    rng = np.random.default_rng(0)
    radii = rng.uniform(12, 20, 16)
    drawn = radii + rng.normal(0, 0.4, 16) + np.repeat([0, 2], 8)
    widths = [width(*each) for each in zip(radii, drawn, strict=True)]
    found = handwriting(widths, ["anna"] * 8 + ["ben"] * 8, [str(number) for number in range(16)], 0.5)
    [hand] = found.hands
    assert (hand.name, hand.others, hand.masks, hand.systematic) == ("ben", ("anna",), 8, True)
    assert hand.wider == pytest.approx(2, abs=0.4)
    assert hand.ends[0] < 2 < hand.ends[1]
    low, high = hand.ends
    assert found.sentences[0] == (f"ben draws wider than anna by {hand.wider:.1f} px ({low:.1f} to {high:.1f}; "
                                  f"{hand.wider / 2:.2g} µm) in 8 masks.")


def test_those_who_draw_alike_are_hardly_ever_told_apart_and_those_who_do_not_nearly_always():
    alike, apart, within = 0, 0, 0
    for seed in SEEDS:
        [hand] = handwriting(*by_two(np.random.default_rng(seed), 0)).hands
        alike += hand.systematic
        [hand] = handwriting(*by_two(np.random.default_rng(seed), 2)).hands
        apart += hand.systematic and hand.name == "ben"
        within += hand.ends[0] <= 2 <= hand.ends[1]
    assert alike <= 0.03 * len(SEEDS)
    assert apart >= 0.97 * len(SEEDS)
    assert within >= 0.9 * len(SEEDS)


def test_with_many_people_chance_is_no_finding_either():
    names = [name for name in "abcdef" for _ in range(8)]
    groups = [str(number) for number in range(len(names))]
    told = [any(hand.systematic for hand in handwriting(list(np.random.default_rng(seed).normal(0, 1, len(names))),
                                                         names, groups).hands) for seed in SEEDS]
    assert np.mean(told) <= 0.03


def test_masks_of_one_movie_are_no_samples_of_their_own():
    """Two movies of forty masks each differ as any two things do, whoever drew them."""
    rng = np.random.default_rng(1)
    widths = [*rng.normal(0, 0.1, 40), *rng.normal(1, 0.1, 40)]
    found = handwriting(widths, ["anna"] * 40 + ["ben"] * 40, ["movie 1"] * 40 + ["movie 2"] * 40)
    assert found.hands == ()
    assert found.few == ("anna", "ben")
    assert f"masks of at least {FEWEST} images" in found.sentences[0]


@given(st.integers(0, 10**6), st.floats(-3, 3), st.floats(-5, 5))
def test_what_all_share_changes_nothing(seed, apart, shift):
    widths, names, groups = by_two(np.random.default_rng(seed), apart)
    [one], [other] = (handwriting([width + by for width in widths], names, groups).hands for by in (0, shift))
    assert (one.name, one.systematic) == (other.name, other.systematic)
    assert (one.wider, *one.ends) == pytest.approx((other.wider, *other.ends), abs=1e-9)


def test_of_three_each_is_compared_with_both_others():
    rng = np.random.default_rng(3)
    widths = [*rng.normal(0, 0.5, 10), *rng.normal(0, 0.5, 10), *rng.normal(-3, 0.5, 10)]
    names = [name for name in ("anna", "ben", "eve") for _ in range(10)]
    found = handwriting(widths, names, [str(number) for number in range(30)])
    assert [hand.name for hand in found.hands if hand.systematic][-1] == "eve"
    eve = found.hands[-1]
    assert eve.others == ("anna", "ben")
    assert eve.wider == pytest.approx(-3, abs=0.6)
    assert any(said.startswith("eve draws narrower than the others by 3") or
               said.startswith("eve draws narrower than the others by 2.") for said in found.sentences)
