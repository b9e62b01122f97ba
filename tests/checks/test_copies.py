"""Copies are found whatever was done to them, and neighbours in a movie are none."""

import io

import numpy as np
import pytest
from PIL import Image as Picture

from morula.checks.copies import Copy, Families, find_copies
from morula.checks.flattened import plane_of
from morula.checks.landmarks import landmarks_of
from morula.drawings.shapes import draw_shapes
from morula.drawings.synthetic import draw_gastruloids
from morula.images.image import Image

MOVIES = [drawing.image for drawing in draw_gastruloids(12, movies=3, seed=5)]


def found(frames: list[np.ndarray]) -> list[Copy]:
    axes = {2: "YX", 3: "CYX", 4: "CZYX"}
    planes = [plane_of(Image.from_array(np.ascontiguousarray(frame), axes[frame.ndim])) for frame in frames]
    return find_copies([landmarks_of(plane) for plane in planes], planes.__getitem__)


def links(frames: list[np.ndarray]) -> list[tuple[int, int]]:
    return sorted((copy.first, copy.second) for copy in found(frames))


def squeezed(image: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Picture.fromarray(np.ascontiguousarray(image)).save(file, "JPEG", quality=quality)
    return np.asarray(Picture.open(file))


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    picture = Picture.fromarray(np.ascontiguousarray(image))
    return np.asarray(picture.resize((width, height), Picture.Resampling.BICUBIC))


def brighter(image: np.ndarray) -> np.ndarray:
    return np.clip(image * 1.4 + 20, 0, 255).astype(np.uint8)


def gamma(image: np.ndarray) -> np.ndarray:
    return np.rint(255 * (image / 255) ** 0.5).astype(np.uint8)


CHANGES = {
    "a quarter turn": (np.rot90, "turned"),
    "a half turn": (lambda image: np.rot90(image, 2), "turned"),
    "a flip": (np.fliplr, "flipped"),
    "brightness": (brighter, ""),
    "gamma": (gamma, ""),
    "compression": (lambda image: squeezed(image, 30), ""),
    "a crop": (lambda image: image[30:140, 10:130], "cropped"),
    "half the size": (lambda image: resized(image, 100, 100), "resized"),
    "a crop made large": (lambda image: resized(image[20:130, 30:140], 160, 160), "resized and cropped"),
    "a stretched crop": (lambda image: resized(image[20:150, 30:150], 160, 160), "resized and cropped"),
    "several": (lambda image: squeezed(gamma(np.rot90(image[15:150, 5:140])), 50), "turned and cropped"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_found_among_neighbours(change, words):
    [copy] = found([*MOVIES, change(MOVIES[6])])
    assert (copy.first, copy.second, copy.change) == (6, len(MOVIES), words)


def test_neighbours_in_a_movie_are_no_copies():
    assert links(MOVIES) == []


def test_empty_wells_are_no_copies():
    rng = np.random.default_rng(0)
    light = np.add.outer(np.linspace(80, 110, 150), np.linspace(0, 20, 150))
    assert links([rng.normal(light, 4).clip(0, 255).astype(np.uint8) for _ in range(8)]) == []
    assert links([np.full((80, 80), 9, np.uint8)] * 3) == []


@pytest.mark.parametrize("light", [(40, 180), (200, 60)], ids=["bright", "dark"])
@pytest.mark.parametrize(("noise", "counts"), [(0, [1] * 6 + [2] * 4 + [8] * 4), (3, [1] * 8)], ids=["plain", "noisy"])
def test_discs_are_no_copies_of_each_other(light, noise, counts):
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:128, :128]
    frames = []
    for count in counts:
        frame = np.full((128, 128), light[0], float)
        for down, right in rng.uniform(15, 113, (count, 2)):
            frame[np.hypot(y - down, x - right) < rng.choice([8, 12])] = light[1]
        frames.append((frame + rng.normal(0, noise, frame.shape)).clip(0, 255).astype(np.uint8))
    assert links(frames) == []


def test_all_copies_of_a_picture_are_linked():
    family = [change(MOVIES[2]) for change, _ in CHANGES.values()]
    families = Families(len(MOVIES) + len(family))
    for first, second in links([*MOVIES, *family]):
        families.join(first, second)
    assert {families.of(len(MOVIES) + number) for number in range(len(family))} == {2}
    assert len({families.of(number) for number in range(len(MOVIES))}) == len(MOVIES)


def test_copies_of_colours_and_volumes():
    colours = [drawing.image for drawing in draw_shapes(4, channels=3, seed=1)]
    assert links([*colours, brighter(colours[1][:, ::-1])]) == [(1, 4)]
    volumes = [drawing.image for drawing in draw_shapes(4, axes=3, size=64, seed=1)]
    turned = np.rot90(volumes[3], axes=(2, 3))
    assert links([*volumes, turned[:, ::-1]]) == [(3, 4)]


def test_parts_of_one_picture_that_overlap_are_found():
    assert links([MOVIES[0][:110, :120], MOVIES[4], MOVIES[0][40:, 30:]]) == [(0, 2)]


@pytest.mark.parametrize("frames", [0, 1])
def test_where_there_is_nothing_to_compare_there_are_no_copies(frames):
    assert found(MOVIES[:frames]) == []


def test_families():
    families = Families(5)
    families.join(4, 3)
    families.join(1, 0)
    families.join(4, 0)
    assert [families.of(thing) for thing in range(5)] == [0, 0, 2, 0, 0]
