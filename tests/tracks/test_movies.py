"""Files become movies by their names, and their values objects by how they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from morula.errors import DataError, FileError, RequestError
from morula.tracks.movies import open_movies


def save(folder: Path, **images: np.ndarray) -> list[Path]:
    for name, image in images.items():
        tifffile.imwrite(folder / f"{name}.tif", image, photometric="minisblack")
    return sorted(folder.iterdir())


def two_pieces(number: int = 1) -> np.ndarray:
    image = np.zeros((20, 30), np.uint8)
    image[2:8, 2:8] = image[2:8, 20:28] = number
    return image


def numbered() -> np.ndarray:
    image = two_pieces()
    image[:, 15:] *= 2
    return image


def test_names_that_differ_in_their_last_number_are_one_movie(tmp_path):
    names = ["pos1_t9_seg", "pos1_t10_seg", "pos2_t9_seg", "pos2_t10_seg", "pos2_t11_seg"]
    movies = open_movies(save(tmp_path, **dict.fromkeys(names, numbered())))
    assert {movie.name: [frame.number for frame in movie.frames] for movie in movies} == {
        "pos1_t": [9, 10],
        "pos2_t": [9, 10, 11],
    }


def test_a_stack_is_a_movie_beside_others(tmp_path):
    stack = np.stack([numbered()] * 3)
    movies = open_movies(save(tmp_path, first=stack, second=stack[:2]))
    assert [(movie.name, len(movie.frames)) for movie in movies] == [("first", 3), ("second", 2)]
    np.testing.assert_array_equal(movies[0].labels(2), numbered())


def test_single_images_are_no_movie(tmp_path):
    with pytest.raises(RequestError, match="more than one moment"):
        open_movies(save(tmp_path, a=numbered(), b=numbered()))


def test_frames_of_other_size_are_named(tmp_path):
    with pytest.raises(DataError, match=r"t1\.tif 20 × 30"):
        open_movies(save(tmp_path, t1=numbered(), t2=numbered()[1:]))


@pytest.mark.parametrize(
    ("image", "numbers"), [(two_pieces(), [0, 1, 2]), (two_pieces(255), [0, 1, 2]), (3 * numbered(), [0, 3, 6])]
)
def test_pieces_of_one_value_are_objects_and_numbers_are_kept(tmp_path, image, numbers):
    [movie] = open_movies(save(tmp_path, t1=image, t2=image))
    assert np.unique(movie.labels(0)).tolist() == numbers


def test_a_background_other_than_0_is_no_object(tmp_path):
    stored = np.full((20, 30), 100, np.uint8)
    stored[2:8, 2:8] = 200
    [movie] = open_movies(save(tmp_path, t0=stored, t1=stored))
    np.testing.assert_array_equal(movie.labels(0), stored == 200)


@pytest.mark.parametrize("stored", [two_pieces(), numbered()])
def test_what_nobody_annotated_is_no_object(tmp_path, stored):
    unknown = stored.astype(np.int16)
    unknown[15:] = -1
    files = save(tmp_path, t0=unknown, t1=unknown)
    with pytest.raises(DataError, match="--not-annotated -1"):
        open_movies(files)
    [movie] = open_movies(files, not_annotated=-1)
    np.testing.assert_array_equal(movie.labels(0), numbered())


def test_what_the_values_mean_can_be_said(tmp_path):
    files = save(tmp_path, t1=two_pieces(), t2=two_pieces())
    [movie] = open_movies(files, read_as="objects")
    assert np.unique(movie.labels(0)).tolist() == [0, 1]
    [movie] = open_movies(save(tmp_path, t1=numbered(), t2=numbered()), read_as="classes")
    assert np.unique(movie.labels(0)).tolist() == [0, 1, 2]


def test_what_numbers_could_mean_instead_is_kept(tmp_path):
    image = np.where(numbered() == 2, 255, numbered())
    [movie] = open_movies(save(tmp_path, t1=image, t2=image))
    assert (movie.reading, np.unique(movie.labels(0)).tolist()) == (None, [0, 1, 255])
    assert "--not-annotated 255" in movie.doubt
    image = numbered()
    image[15:, :5], image[15:, 10:15] = 3, 4
    [movie] = open_movies(save(tmp_path, t1=image, t2=image))
    assert (movie.reading, movie.doubt) == (None, "")  # as object numbers they are read already


def test_classes_that_touch_are_objects_of_their_own(tmp_path):
    image = two_pieces()
    image[2:5, 2:8] = 2
    [movie] = open_movies(save(tmp_path, t1=image, t2=image), read_as="classes")
    assert movie.labels(0).max() == 3


@pytest.mark.parametrize(("image", "wrong"), [(numbered() - 0.5, "between"), (-numbered().astype(np.int16), "-2")])
def test_values_that_number_nothing_are_named(tmp_path, image, wrong):
    [movie] = open_movies(save(tmp_path, t1=image, t2=image), read_as="objects")
    with pytest.raises(FileError, match=f"t1.*{wrong}"):
        movie.labels(0)


def test_numbers_beyond_16_bits_are_kept(tmp_path):
    image = numbered().astype(np.uint32) * 70_000
    [movie] = open_movies(save(tmp_path, t1=image, t2=image))
    assert np.unique(movie.labels(1)).tolist() == [0, 70_000, 140_000]


def test_folders_are_movies_of_their_own_even_with_the_same_names(tmp_path):
    """Frames and stacks alike; none takes the place of another."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    first = save(tmp_path / "one", t0=numbered(), t1=numbered(), s=np.stack([numbered()] * 2))
    second = save(tmp_path / "two", t0=numbered(), t1=numbered(), t2=numbered(), s=np.stack([numbered()] * 3))
    movies = open_movies([*first, *second])
    assert {movie.name: len(movie.frames) for movie in movies} == {"one/s": 2, "one/t": 2, "two/s": 3, "two/t": 3}
    assert [frame.file for frame in movies[1].frames] == ["one/t0.tif", "one/t1.tif"]
    assert {frame.image.path.parent.name for frame in movies[3].frames} == {"two"}


def test_no_two_movies_have_one_name(tmp_path):
    names = ["a_t0_x", "a_t1_x", "a_t0_y", "a_t1_y", "b_0", "b_1"]
    movies = open_movies(save(tmp_path, **dict.fromkeys(names, numbered())))
    assert [movie.name for movie in movies] == ["a_t_x", "a_t_y", "b"]


def test_folders_that_are_moments_hold_the_frames_of_one_movie(tmp_path):
    for moment in (1, 2, 10):
        (tmp_path / f"TimePoint_{moment}").mkdir()
    files = [save(tmp_path / f"TimePoint_{moment}", exp_A01=numbered(), exp_B02=numbered()) for moment in (1, 2, 10)]
    movies = open_movies([file for folder in files for file in folder])
    assert {movie.name: [(frame.number, frame.file) for frame in movie.frames] for movie in movies} == {
        name: [(moment, f"TimePoint_{moment}/{name}.tif") for moment in (1, 2, 10)] for name in ("exp_A01", "exp_B02")}
