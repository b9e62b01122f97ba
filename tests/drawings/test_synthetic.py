"""The drawn gastruloids hold to what was measured on real frames, and to their own truth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.draw import polygon2mask
from skimage.measure import regionprops

from morula.drawings.drawn import Drawing
from morula.drawings.gastruloids import FRAME, MARGIN, Gastruloid
from morula.drawings.phase_contrast import pixel_centres
from morula.drawings.synthetic import MovieStyle, draw_frame, draw_gastruloids
from morula.errors import RequestError


@dataclass(frozen=True)
class Look:
    """What was measured on real frames, measured on a drawing by means that the drawing does not use."""

    body: float
    grain: float
    grain_width: float
    rim: float
    rim_depth: float
    floor: float
    spread: float
    half_fall: float
    fallen: float
    coverage: float
    aspect: float
    solidity: float


def look(drawing: Drawing) -> Look:
    image, body = drawing.image.astype(float), drawing.mask == 1
    shape = regionprops(body.astype(np.uint8))[0]
    outwards, inwards = ndimage.distance_transform_edt(~body), ndimage.distance_transform_edt(body)
    depth = np.where(body, inwards - 0.5, 0.5 - outwards) / np.sqrt(body.sum() / np.pi)

    steps = np.arange(-0.2, 0.4, 0.0125)
    rings = [image[(depth >= step) & (depth < step + 0.0125)] for step in steps]
    middles = steps + 0.00625
    mean = np.convolve([ring.mean() if ring.size else np.nan for ring in rings], [0.25, 0.5, 0.25], "same")
    median = np.array([np.median(ring) if ring.size else np.nan for ring in rings])
    near_rim = (middles > 0) & (middles < 0.3)
    inside, outside = depth > 0.4, depth < -0.1
    floor = np.median(image[outside])
    height = (median - floor) / (np.nanmax(median[near_rim]) - floor)
    falling = (middles > -0.1) & (middles < 0.06) & np.isfinite(height)
    return Look(
        body=image[body].mean(),
        grain=image[inside].std(),
        grain_width=correlation_width(image, inside),
        rim=np.nanmax(mean[near_rim]) / image[inside].mean(),
        rim_depth=middles[near_rim][np.nanargmax(mean[near_rim])],
        floor=image[outside].mean(),
        spread=image[outside].std(),
        half_fall=np.interp(0.5, height[falling], middles[falling]),
        fallen=height[np.abs(middles + 0.1).argmin()],
        coverage=body.mean(),
        aspect=shape.axis_major_length / shape.axis_minor_length,
        solidity=shape.solidity,
    )


def correlation_width(image: np.ndarray, where: np.ndarray) -> float:
    """Where the autocorrelation of an image within a region has fallen to half, in pixels."""
    values = np.where(where, image - image[where].mean(), 0)

    def correlation(shift: int) -> float:
        both = where[:, shift:] & where[:, : where.shape[1] - shift]
        return float((values[:, shift:] * values[:, : where.shape[1] - shift])[both].mean())

    course = np.array([correlation(shift) for shift in range(12)]) / correlation(0)
    below = int(np.argmax(course < 0.5))
    return below - 1 + (course[below - 1] - 0.5) / (course[below - 1] - course[below])


@pytest.fixture(scope="module")
def looks() -> dict[str, np.ndarray]:
    measured = [look(drawing) for drawing in draw_gastruloids(120, movies=60, seed=3)]
    return {name: np.array([getattr(one, name) for one in measured]) for name in Look.__dataclass_fields__}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("body", 98, 131),
        ("grain", 15, 20),
        ("rim", 1.4, 1.5),
        ("rim_depth", 0.05, 0.1),
        ("floor", 12, 53),
        ("spread", 20, 37),
        ("coverage", 0.19, 0.46),
        ("aspect", 1.0, 1.4),
        ("solidity", 0.93, 0.98),
        ("fallen", -0.1, 0.1),
    ],
)
def test_frames_look_like_the_real_ones(looks, name, low, high):
    values = looks[name]
    assert low < np.median(values) < high
    assert np.mean((values >= low) & (values <= high)) > 0.85
    stray = 0.4 * (high - low)
    assert np.mean((values < low - stray) | (values > high + stray)) <= 0.02


def test_grain_is_as_wide_as_the_real_one(looks):
    assert np.median(looks["grain_width"]) == pytest.approx(1.2, abs=0.1)


def test_the_outline_lies_where_the_light_has_fallen_to_half(looks):
    assert np.abs(np.median(looks["half_fall"])) < 0.02


@pytest.mark.parametrize(("name", "least"), [("body", 6), ("floor", 6), ("coverage", 0.05), ("aspect", 0.05)])
def test_movies_vary_widely(looks, name, least):
    assert looks[name].std() > least


def test_grain_scales_with_the_frame():
    widths = []
    for drawing in draw_gastruloids(4, movies=4, size=320):
        inside = ndimage.distance_transform_edt(drawing.mask == 1) > 40
        widths.append(correlation_width(drawing.image.astype(float), inside))
    assert np.mean(widths) == pytest.approx(2.4, abs=0.3)


@pytest.mark.parametrize("size", [33, 160, 401])
def test_the_mask_is_what_the_outline_encloses(size):
    for movie, drawing in enumerate(draw_gastruloids(3, movies=3, seed=5, size=size)):
        assert drawing.image.shape == drawing.mask.shape == (size, size)
        assert drawing.image.dtype == drawing.mask.dtype == np.uint8
        outline = MovieStyle.drawn(5, movie).gastruloid.body(0).outline()
        enclosed = polygon2mask((size, size), outline * (size / FRAME) - 0.5)
        assert np.mean(enclosed != (drawing.mask == 1)) < 1e-4 + 2 / size**2


def test_the_width_of_a_frame_in_micrometres_does_not_depend_on_its_pixels():
    small, large = (next(draw_gastruloids(1, movies=1, seed=2, size=size)) for size in (100, 300))
    assert small.pixel_size == (8.0, 8.0)
    assert large.pixel_size == pytest.approx((8 / 3, 8 / 3))
    assert small.mask.mean() == pytest.approx(large.mask.mean(), rel=0.01)


def test_depth_is_the_distance_from_the_outline():
    body = MovieStyle.drawn(1, 4).gastruloid.body(10)
    y, x = pixel_centres(640)
    inside = polygon2mask((640, 640), body.outline() * 4 - 0.5)
    signed = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    depth = body.depth(y, x)
    near = np.abs(signed) / 4 < 3
    assert np.abs(depth - signed / 4)[near].mean() < 0.25


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), movie=st.integers(0, 500), frame=st.integers(0, 2000))
def test_the_body_covers_its_share_and_stays_in_the_frame(seed, movie, frame):
    life = MovieStyle.drawn(seed, movie).gastruloid
    body = life.body(frame)
    y, x = body.outline().T
    for coordinate in (y, x):
        assert coordinate.min() >= MARGIN - 1e-6
        assert coordinate.max() <= FRAME - MARGIN + 1e-6
    area = 0.5 * abs(np.sum(y * np.roll(x, -1) - x * np.roll(y, -1)))  # the shoelace formula
    share = life.coverage[0] + life.aged(frame) * (life.coverage[1] - life.coverage[0])
    assert area / FRAME**2 == pytest.approx(share, rel=2e-3)


def test_a_movie_grows_elongates_turns_and_sheds():
    first, late, turned = [], [], []
    for movie in range(30):
        style = MovieStyle.drawn(8, movie)
        for frame, into in ((0, first), (40, late)):
            drawing = draw_frame(style, 8, movie, frame, 160, 2)
            body = regionprops((drawing.mask == 1).astype(np.uint8))[0]
            aspect = body.axis_major_length / body.axis_minor_length
            into.append((body.area, aspect, (drawing.mask == 2).sum()))
        turned.append(style.gastruloid.body(40).heading - style.gastruloid.heading)
    growth = np.mean(late, axis=0) / np.mean(first, axis=0)
    assert growth[0] > 1.05
    assert growth[1] > 1.03
    assert growth[2] > 1.2
    assert np.std(turned) > 0.5


def test_a_movie_runs_smoothly():
    masks = [drawing.mask == 1 for drawing in draw_gastruloids(8, movies=1, seed=4)]
    for one, following in pairwise(masks):
        assert (one & following).sum() / (one | following).sum() > 0.85


def test_the_tip_grows_where_the_body_heads_and_its_patch_is_dark():
    rng = np.random.default_rng(0)
    lives = [life for life in (Gastruloid.drawn(rng) for _ in range(60)) if life.tip > 0.2 and life.darkness]
    for life in lives:
        body = life.body(100)
        ahead, behind = body.reach(np.array([body.heading, body.heading + np.pi]))
        assert ahead > behind
    darker = []
    for movie in range(40):
        style = MovieStyle.drawn(6, movie)
        body = style.gastruloid.body(100)
        if body.darkness > 0.3:
            drawing = draw_frame(style, 6, movie, 100, 160, 1)
            y, x = pixel_centres(160)
            patch = np.hypot(y - body.patch[0], x - body.patch[1]) < 0.1 * body.radius
            darker.append(drawing.image[patch].mean() / drawing.image[drawing.mask == 1].mean())
    assert len(darker) > 5
    assert np.mean(darker) < 0.8


def test_shed_cells_are_marked_outside_the_body_only_where_asked_for():
    plain = list(draw_gastruloids(20, movies=20, seed=9))
    both = list(draw_gastruloids(20, movies=20, seed=9, classes=2))
    touching = []
    for one, other in zip(plain, both, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.mask == 1, other.mask == 1)
        assert set(np.unique(one.mask)) == {0, 1}
        assert set(np.unique(other.mask)) == {0, 1, 2}
        cells = other.mask == 2
        away = cells & (ndimage.distance_transform_edt(one.mask == 0) > 8)
        nearby = ndimage.binary_dilation(away, iterations=6) & (other.mask == 0) & ~(one.mask == 1)
        assert one.image[away].mean() > one.image[nearby].mean() + 10
        rim = ndimage.binary_dilation(one.mask == 1) & (one.mask == 0)
        touching.append(cells[rim].mean())
    # Heaps hide some of the rim of most gastruloids, and never most of it.
    assert np.mean(np.array(touching) > 0.05) > 0.5
    assert max(touching) < 0.7


def test_a_frame_does_not_depend_on_how_many_are_drawn():
    few = {drawing.name: drawing for drawing in draw_gastruloids(4, movies=2, seed=1)}
    many = {drawing.name: drawing for drawing in draw_gastruloids(9, movies=3, seed=1)}
    assert set(few) == {"movie00_t000", "movie00_t001", "movie01_t000", "movie01_t001"}
    for name, drawing in few.items():
        np.testing.assert_array_equal(drawing.image, many[name].image)
        np.testing.assert_array_equal(drawing.mask, many[name].mask)


def test_seeds_movies_and_frames_differ():
    images = [drawing.image for seed in (0, 1) for drawing in draw_gastruloids(4, movies=2, seed=seed)]
    for number, one in enumerate(images):
        for other in images[number + 1 :]:
            assert np.mean(one != other) > 0.5


@pytest.mark.parametrize(("count", "movies"), [(10, 3), (7, 7), (45, 4)])
def test_frames_are_spread_evenly_over_the_movies(count, movies):
    names = [drawing.name for drawing in draw_gastruloids(count, movies=movies, size=32)]
    assert len(set(names)) == count
    frames = np.bincount([int(name[len("movie") :].split("_")[0]) for name in names])
    assert len(frames) == movies
    assert frames.sum() == count
    assert np.ptp(frames) <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"movies": 0},
        {"movies": 11},
        {"seed": -1},
        {"size": 8},
        {"classes": 3},
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(wrong):
    with pytest.raises(RequestError, match=next(iter(wrong))):
        draw_gastruloids(**({"count": 10, "movies": 2} | wrong))
