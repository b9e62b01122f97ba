"""Arrays of NumPy, dask and xarray become images, with all that these know."""

from __future__ import annotations

import dask.array
import numpy as np
import pytest
import xarray

import morula
from morula.errors import RequestError
from morula.images.given_arrays import given_array
from morula.models.model import Model

RNG = np.random.default_rng(2)


def line(step: float, unit: str | None) -> xarray.DataArray:
    attributes = {} if unit is None else {"units": unit}
    coords = {axis: (axis, 3 + step * np.arange(8), attributes) for axis in "yx"}
    return xarray.DataArray(np.zeros((8, 8), np.uint8), coords, ["y", "x"])


@pytest.mark.parametrize(("step", "unit", "size"), [
    (0.65, "µm", 0.65), (650.0, "nm", 0.65), (0.65, "micrometer", 0.65), (0.65, None, 0.65), (-0.65, None, 0.65),
    (1.0, None, None), (1.0, "um", 1.0), (2.0, "pixel", None), (2.0, "furlong", None)])
def test_the_size_of_a_pixel_follows_from_places(step, unit, size):
    given = given_array(line(step, unit))
    assert given.steps == pytest.approx((size, size)) if size else given.steps == (None, None)
    assert given.image("YX", name="a").pixel_size == (None if size is None else pytest.approx((size, size)))


def test_axes_go_by_their_names_whatever_their_order():
    array = RNG.integers(0, 255, (5, 2, 6, 3)).astype(np.uint8)
    known = given_array(xarray.DataArray(array, {"channel": ["DAPI", "GFP"]}, ["X", "channel", "y", "time"], "movie"))
    image = known.image(known.axes, name="?")
    assert (image.frames, image.channels, image.space, image.name) == (3, ("DAPI", "GFP"), (6, 5), "movie")
    assert (image.array() == array.transpose(3, 1, 2, 0)).all()


def test_what_cannot_be_understood_is_said():
    with pytest.raises(RequestError, match=r"an axis called 'wavelength'.*Rename"):
        given_array(xarray.DataArray(np.zeros((2, 3, 4)), dims=["wavelength", "y", "x"]))
    uneven = xarray.DataArray(np.zeros((3, 4)), {"y": [0, 1, 5]}, ["y", "x"])
    with pytest.raises(RequestError, match=r"along y .* not evenly spaced.*drop_vars\('y'\)"):
        given_array(uneven)
    with pytest.raises(RequestError, match="Dataset is no array"):
        Model.load("gastruloid").segment(xarray.Dataset({"a": ("x", [1.0])}))


def test_dask_is_read_only_where_it_is_looked_at():
    read = []

    def plane(block_info):
        read.append(block_info[None]["chunk-location"])
        return np.full((1, 1, 6, 7), len(read), np.uint8)

    lazy = dask.array.map_blocks(plane, chunks=((1,) * 5, (1,), (6,), (7,)), dtype=np.uint8, meta=np.empty(0, np.uint8))
    image = given_array(lazy).image("TCYX", name="a")
    assert (image.frames, image.space) == (5, (6, 7))
    assert not read
    assert (image.frame(3) == 1).all()
    assert read == [(3, 0, 0, 0)]
    with pytest.raises(ValueError, match="without a copy"):
        np.array(image, copy=False)


def test_a_model_segments_them_all_alike(tmp_path):
    drawn = morula.draw("gastruloids", tmp_path / "drawn", count=1, movies=1)
    image = morula.open_image(next(drawn.images.iterdir()))
    model = Model.load("gastruloid")
    expected = model.segment(image)
    assert expected.any()
    for given in (image.to_xarray(), image.to_dask()[0, 0], image.to_xarray()[0, 0].chunk(), image.frame()[0]):
        assert (model.segment(given) == expected).all()


def test_masks_are_measured_and_compared_in_their_units():
    mask = np.zeros((40, 50), np.uint8)
    mask[5:15, 10:30] = 1
    named = xarray.DataArray(mask, {"y": 0.5 * np.arange(40), "x": 0.5 * np.arange(50)}, ["y", "x"])
    assert morula.measure_array(named)["area_um2"] == [50.0]
    turned = morula.measure_array(named.T, named.T.astype(float))
    assert (turned["centroid_x_um"], turned["mean_grey"]) == ([9.75], [1.0])
    assert morula.evaluate_array(named, dask.array.from_array(mask)).scores.foreground_iou == 1
