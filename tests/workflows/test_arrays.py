"""Masks in memory give what masks in files give, and what formulas and scikit-image say."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from skimage.measure import regionprops

import morula
from morula.errors import DataError, FileError, RequestError
from morula.images.image import Image
from morula.images.write import write_stack
from morula.objects.tables import read_table

RNG = np.random.default_rng(5)


def boxes(*places: tuple[int, int]) -> np.ndarray:
    """Object numbers from 1 on of boxes of 10 × 20 pixels, uint16 `(60, 80)`."""
    labels = np.zeros((60, 80), np.uint16)
    for number, (y, x) in enumerate(places, 1):
        labels[y : y + 10, x : x + 20] = number
    return labels


MOVIE = np.stack([boxes((5, 5), (15, 5), (30, 40)), boxes((6, 7), (30, 42))])
PIXELS = RNG.integers(0, 999, (2, 2, 60, 80)).astype(np.uint16)  # T C Y X


class TestMeasured:
    def test_as_a_box_is(self):
        table = morula.measure_array((boxes((5, 5)) > 0).astype(np.uint8), pixel_size=0.5)
        assert len(table) == 1
        assert table["area_um2"] == [50.0]
        assert table["class"] == [1]
        assert table["frame"] == [0]

    def test_as_scikit_image_measures_each_object(self):
        table = morula.measure_array(MOVIE[0], PIXELS[0, 1], read_masks_as="objects").dataframe()
        regions = regionprops(MOVIE[0], PIXELS[0, 1])
        assert list(table["object"]) == [1, 2, 3]
        np.testing.assert_allclose(table["area_px2"], [region.area for region in regions])
        np.testing.assert_allclose(table["centroid_x_px"], [region.centroid[1] for region in regions], atol=1)
        np.testing.assert_allclose(table["mean_grey"], [region.intensity_mean for region in regions])

    def test_as_files_are(self, tmp_path):
        """Every value of every column, but for the file's name and the digits of a CSV file."""
        write_stack(tmp_path / "masks" / "a.tif", Image.from_array(MOVIE, "TYX"))
        write_stack(tmp_path / "images" / "a.tif", Image.from_array(PIXELS, "TCYX", channels=("A", "B")))
        settings = {"pixel_size": 0.5, "read_masks_as": "objects", "background": 3}
        morula.measure(tmp_path / "masks", tmp_path / "a.csv", images=tmp_path / "images", **settings)
        expected = read_table(tmp_path / "a.csv")
        table = morula.measure_array(MOVIE, PIXELS, axes="TCYX", channels=("A", "B"), **settings)
        assert [*table.columns] == [name for name in expected if name != "file"]
        assert len(table) == 5
        for name in table.columns:
            if name != "note":
                np.testing.assert_allclose(np.array(table[name], float), np.array(expected[name], float), rtol=1e-5,
                                           atol=1e-5, err_msg=name)
        as_images = morula.measure_array(Image.from_array(MOVIE, "TYX"),
                                         Image.from_array(PIXELS, "TCYX", channels=("A", "B")), **settings)
        assert as_images.rows == table.rows
        one = morula.measure_array(MOVIE, PIXELS, axes="TCYX", channels=("A", "B"), use_channels=("B",), **settings)
        assert one["mean_B"] == table["mean_B"]
        assert "mean_A" not in one.columns

    def test_a_volume(self):
        volume = np.zeros((9, 20, 20), bool)
        volume[2:6, 5:10, 5:15] = True
        assert morula.measure_array(volume, axes="ZYX", pixel_size=(2, 1, 1))["volume_um3"] == [400.0]

    def test_nothing_where_there_is_no_object(self):
        movie = np.stack([MOVIE[0] > 0, MOVIE[0] < 0]).astype(np.uint8)
        assert set(morula.measure_array(movie, axes="TYX")["frame"]) == {0}

    def test_at_the_pixel_size_of_its_image(self):
        table = morula.measure_array(boxes((5, 5)), Image.from_array(PIXELS[0, 0], "YX", pixel_size=(0.5, 0.5)))
        assert table["area_um2"] == [50.0]

    @pytest.mark.parametrize(
        ("mask", "image", "fields", "error", "words"),
        [
            (MOVIE, None, {}, RequestError, r"axes 'YX' do not describe .*axes=\"TYX\" for moments"),
            (MOVIE[0], PIXELS[0, 0, :9], {}, RequestError, "mask has 60 × 80, image 9 × 80"),
            (MOVIE[0], None, {"pixel_size": (1, 2, 3)}, RequestError, "does not fit 60 × 80"),
            (MOVIE[0], None, {"pixel_size": -1}, RequestError, "should be one number above 0"),
            (MOVIE[0], None, {"pixle_size": 1}, RequestError, "no setting called 'pixle_size'"),
            (np.array([["a"]]), None, {}, RequestError, "holds no numbers"),
            (np.zeros((0, 4)), None, {}, RequestError, "holds no numbers"),
            (RNG.random((60, 80)), None, {}, DataError, "masks"),
            (MOVIE[0], PIXELS[0, 0], {"use_channels": ("x",)}, FileError, "x is none of them"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words(self, mask, image, fields, error, words):
        with pytest.raises(error, match=words):
            morula.measure_array(mask, image, **fields)


class TestEvaluated:
    def test_as_boxes_overlap(self):
        """10 × 20 boxes one row apart share 9 of 11 rows; two outlines in µm."""
        evaluation = morula.evaluate_array(boxes((6, 5)), boxes((5, 5)), pixel_size=2.0)
        assert evaluation.scores.foreground_iou == pytest.approx(9 / 11)
        assert evaluation.scores.unit == "µm"
        assert 0 < evaluation.scores.classes[1].boundary_mean < 2
        assert evaluation.objects is None
        assert not evaluation.failed

    def test_as_files_are(self, tmp_path):
        moved = np.roll(MOVIE, 2, axis=1)
        for name, array in (("truth", MOVIE), ("predicted", moved)):
            tifffile.imwrite(_made(tmp_path / name) / "a.tif", array, imagej=True, metadata={"axes": "TYX"})
        files = morula.evaluate(tmp_path / "predicted", tmp_path / "truth", objects=True)
        arrays = morula.evaluate_array(moved, MOVIE, axes="TYX", objects=True)
        assert arrays.scores.classes == files.scores.classes
        assert (arrays.objects.true, arrays.objects.predicted) == (5, 5)
        np.testing.assert_array_equal(arrays.objects.ious, files.objects.ious)
        assert [image.foreground_iou for image in arrays.scores.images] == [
            image.foreground_iou for image in files.scores.images]

    def test_what_nobody_annotated_does_not_count(self):
        truth = boxes((5, 5)).astype(np.uint8)
        truth[20:] = 9
        predicted = boxes((5, 5), (30, 40)) > 0
        assert morula.evaluate_array(predicted, truth, not_annotated=9).scores.foreground_iou == 1
        assert morula.evaluate_array(predicted, truth > 0).scores.foreground_iou < 1

    @pytest.mark.parametrize(
        ("predicted", "truth", "fields", "words"),
        [
            (MOVIE[0], MOVIE[0, :9], {}, "predicted has 60 × 80, truth 9 × 80"),
            (MOVIE, MOVIE, {}, "axes 'YX' do not describe"),
            (MOVIE[0], MOVIE[0], {"tracks": True}, "Tracks are scored in folders"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words(self, predicted, truth, fields, words):
        with pytest.raises(RequestError, match=words):
            morula.evaluate_array(predicted, truth, **fields)


def _made(folder):
    folder.mkdir()
    return folder
