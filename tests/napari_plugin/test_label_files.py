"""Labels are written as they are, and read by others with the size of their pixels."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula.errors import OutputError
from morula.images.read import open_image
from morula.napari_plugin.label_files import write_labels

LABELS = np.random.default_rng(1).integers(0, 300, (3, 8, 9))


@pytest.mark.parametrize(("names", "axes"), [(("z", "y", "x"), "ZYX"), (("t", "y", "x"), "TYX"),
                                             (("axis -3", "axis -2", "axis -1"), "TYX")])
def test_they_come_back(tmp_path, names, axes):
    attributes = {"scale": (2, 0.5, 0.5), "units": ("um", "micrometer", "µm"), "axis_labels": names}
    [path] = write_labels(str(tmp_path / "a.tif"), LABELS, attributes)
    image = open_image(path)
    assert image.stored_axes == axes
    assert (image.array().reshape(LABELS.shape) == LABELS).all()
    assert image.dtype == np.uint16
    assert image.pixel_size == ((2, 0.5, 0.5) if axes == "ZYX" else (0.5, 0.5))
    with tifffile.TiffFile(path) as file:
        assert (file.asarray() == LABELS).all()


def test_pixels_of_unknown_size_stay_so(tmp_path):
    write_labels(str(tmp_path / "a.tif"), LABELS[0] > 100, {"scale": (3, 3), "units": ("pixel", "pixel")})
    assert open_image(tmp_path / "a.tif").pixel_size is None
    assert (open_image(tmp_path / "a.tif").frame()[0] == (LABELS[0] > 100)).all()


@pytest.mark.parametrize(("labels", "words"), [(-LABELS, "below 0"), (np.zeros((1, 1, 1, 2, 2), int), "5 axes")])
def test_what_no_label_image_holds_is_refused(tmp_path, labels, words):
    with pytest.raises(OutputError, match=words):
        write_labels(str(tmp_path / "a.tif"), labels, {"scale": (1,) * labels.ndim})
    assert not list(tmp_path.iterdir())
