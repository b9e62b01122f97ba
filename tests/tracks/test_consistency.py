"""Outlines that jump are found and nothing else, and what is drawn between two outlines lies between them."""

from __future__ import annotations

import numpy as np
import pytest

from morula.drawings.gastruloids import Gastruloid
from morula.drawings.phase_contrast import pixel_centres
from morula.images.image import Image
from morula.tracks.consistency import between, classes_between, find_jumps
from morula.tracks.movies import Movie, MovieFrame
from morula.tracks.tracked import track_movie

FRAMES = 12


def gastruloid(seed: int) -> np.ndarray:
    """The true masks of a drawn movie, `(frames, 160, 160)`."""
    life = Gastruloid.drawn(np.random.default_rng(seed))
    return np.stack([life.body(frame).depth(*pixel_centres(160)) > 0 for frame in range(FRAMES)]).astype(np.uint8)


def as_movie(masks: np.ndarray) -> Movie:
    image = Image.from_array(masks, "TYX", name="drawn")
    return Movie("drawn", tuple(MovieFrame(image, index, index) for index in range(len(masks))))


def half_lost(mask: np.ndarray) -> np.ndarray:
    return np.where(np.arange(mask.shape[1]) < np.nonzero(mask)[1].mean(), mask, 0)


def drowned(mask: np.ndarray) -> np.ndarray:
    return np.ones_like(mask)


def debris_taken_along(mask: np.ndarray) -> np.ndarray:
    grown = mask.copy()
    grown[:, : mask.shape[1] // 3] = 1
    return grown


def shifted(mask: np.ndarray) -> np.ndarray:
    return np.roll(mask, -18, axis=0)


BREAKS = [half_lost, debris_taken_along, shifted, drowned]


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return (first & second).sum() / (first | second).sum()


@pytest.mark.parametrize("seed", range(12))
def test_a_movie_without_a_broken_frame_has_no_jump(seed):
    assert set(track_movie(as_movie(gastruloid(seed))).outline) == {"found"}


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("seed", range(6))
def test_a_broken_frame_is_found_and_mended(seed, broken):
    masks = gastruloid(seed)
    place = 2 + seed
    bad = masks.copy()
    bad[place] = broken(masks[place])
    found = track_movie(as_movie(bad))
    assert found.tracks.count == 1
    assert np.flatnonzero(found.outline == "jump").tolist() == [place]
    mended = track_movie(as_movie(bad), mend=True)
    assert mended.outline.tolist() == ["mended" if moment == place else "found" for moment in range(FRAMES)]
    images = list(mended.images())
    assert iou(images[place] > 0, masks[place] > 0) > 0.95
    assert iou(images[place] > 0, masks[place] > 0) > iou(bad[place] > 0, masks[place] > 0) + 0.1
    for moment in set(range(FRAMES)) - {place}:
        np.testing.assert_array_equal(images[moment], bad[moment])
    np.testing.assert_allclose(mended.rows.size[place], (images[place] > 0).sum(), rtol=1e-12)


def test_two_broken_frames_of_a_short_movie_do_not_hide_each_other():
    bad = gastruloid(3)
    bad[3], bad[8] = half_lost(bad[3]), debris_taken_along(bad[8])
    assert np.flatnonzero(track_movie(as_movie(bad)).outline == "jump").tolist() == [3, 8]


def test_a_frame_that_lost_its_object_is_filled():
    masks = gastruloid(3)
    bad = masks.copy()
    bad[4] = 0
    mended = track_movie(as_movie(bad), mend=True)
    assert mended.outline.tolist() == ["filled" if moment == 4 else "found" for moment in range(FRAMES)]
    assert mended.rows.label[4] == 0
    assert set(mended.tracks.track) == {1}
    assert iou(list(mended.images())[4] > 0, masks[4] > 0) > 0.95
    assert len(track_movie(as_movie(bad)).outline) == FRAMES - 1


def test_two_that_are_one_for_a_frame_are_taken_apart_again():
    y, x = np.mgrid[:50, :90]
    left, right = ((x - centre) ** 2 + (y - 25) ** 2 < 12**2 for centre in (25, 60))
    masks = np.stack([np.where(left, 1, 0) + np.where(right, 2, 0)] * 5).astype(np.uint8)
    bad = masks.copy()
    bad[2][(left | right) | ((abs(y - 25) < 3) & (x > 25) & (x < 60))] = 1
    found = track_movie(as_movie(bad))
    assert [found.tracks.count, *found.outline[found.rows.moment == 2]] == [3, "merged"]
    mended = track_movie(as_movie(bad), mend=True)
    assert mended.tracks.count == 2
    assert sorted(mended.outline[mended.rows.moment == 2]) == ["filled", "filled", "merged"]
    assert mended.tracks.track[mended.outline == "merged"].tolist() == [0]
    image = list(mended.images())[2]
    assert set(np.unique(image)) == {0, 1, 2}
    assert iou(image == 1, left) > 0.95
    assert iou(image == 2, right) > 0.95


def test_a_jump_that_stays_is_none_and_neither_are_the_ends():
    moment, position = np.arange(9), np.zeros((9, 2))
    size = np.where(moment < 4, 100.0, 200.0)
    assert not find_jumps(moment, position, size).any()
    ends = np.where((moment == 0) | (moment == 8), 50.0, 100.0)
    assert not find_jumps(moment, position, ends).any()
    middle = np.where(moment == 5, 50.0, 100.0)
    assert np.flatnonzero(find_jumps(moment, position, middle)).tolist() == [5]
    with_a_gap = np.delete(moment, 6)
    assert not find_jumps(with_a_gap, position[:8], np.delete(middle, 6)).any()


def test_of_jumps_in_a_row_only_the_largest_counts():
    sizes = np.full(20, 100.0)
    sizes[9:12] = 60, 112, 64
    assert np.flatnonzero(find_jumps(np.arange(20), np.zeros((20, 2)), sizes)).tolist() == [10]


def test_steady_noise_is_no_jump_and_larger_noise_hides_smaller_jumps():
    rng = np.random.default_rng(0)
    moment, position = np.arange(200), np.zeros((200, 2))
    noisy = np.exp(rng.normal(0, 0.1, 200))
    quiet = np.exp(rng.normal(0, 0.01, 200))
    assert find_jumps(moment, position, noisy).sum() <= 2
    noisy[100], quiet[100] = 1.3, 1.3
    assert not find_jumps(moment, position, noisy)[100]
    assert find_jumps(moment, position, quiet)[100]


@pytest.mark.parametrize(("axes", "spacing"), [(2, None), (3, None), (3, (2.0, 1.0, 1.0))])
def test_between_two_balls_lies_the_ball_of_their_mean(axes, spacing):
    scale = np.array(spacing or (1.0,) * axes)
    points = np.stack(np.meshgrid(*[np.arange(48 / step) * step for step in scale], indexing="ij"), axis=-1)

    def ball(radius: float, place: float) -> np.ndarray:
        centre = np.array([*[24.0] * (axes - 1), place])
        return np.linalg.norm(points - centre, axis=-1) < radius

    assert iou(between(ball(8, 20), ball(14, 26), spacing), ball(11, 23)) > 0.9


def test_between_two_that_fill_the_frame_lies_the_frame():
    full = np.ones((9, 12), bool)
    assert between(full, full).all()


def discs(*of: tuple[int, int, int, int]) -> np.ndarray:
    """Class numbers of 100 × 140: a disc for each class, row, column and radius, later ones over earlier ones."""
    y, x = np.mgrid[:100, :140]
    mask = np.zeros((100, 140), np.uint8)
    for number, row, column, radius in of:
        mask[np.hypot(y - row, x - column) <= radius] = number
    return mask


def test_between_discs_of_radius_10_and_20_lies_one_of_15():
    found = classes_between(discs((1, 50, 60, 10)), discs((1, 50, 60, 20)))
    assert found.dtype == np.uint8
    assert np.array_equal(np.unique(found), [0, 1])
    assert iou(found == 1, discs((1, 50, 60, 15)) == 1) > 0.97
    y, x = np.nonzero(found)
    assert abs(np.hypot(y - 50, x - 60).max() - 15) < 0.75


def test_between_two_places_of_a_body_it_lies_in_the_middle():
    found = classes_between(discs((1, 40, 40, 12)), discs((1, 60, 90, 16)))  # they do not even overlap
    assert iou(found == 1, discs((1, 50, 65, 14)) == 1) > 0.93


def test_classes_keep_apart_and_pieces_stay_where_they_are():
    before = discs((1, 50, 40, 20), (2, 50, 40, 8), (1, 50, 110, 10))
    after = discs((1, 50, 40, 24), (2, 50, 40, 12), (1, 50, 110, 14))
    found = classes_between(before, after)
    assert iou(found == 2, discs((2, 50, 40, 10)) == 2) > 0.9
    assert iou(found > 0, discs((1, 50, 40, 22), (1, 50, 110, 12)) > 0) > 0.95
    assert found[50, 20:60].all()  # nothing is lost where classes meet


def test_what_only_one_frame_shows_is_left_out():
    assert not classes_between(discs((1, 50, 50, 10)), discs((2, 50, 50, 10))).any()
    one, more = discs((1, 50, 40, 12)), discs((1, 50, 40, 12), (1, 50, 110, 12))
    assert np.array_equal(classes_between(one, more), one)
    assert not classes_between(discs(), one).any()
