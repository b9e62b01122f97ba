"""Measured objects as AnnData writes and reads them, with the keys of SpatialData's tables."""

from __future__ import annotations

import anndata
import numpy as np
import pytest
import tifffile

import morula
from morula.errors import RequestError
from morula.objects.tables import Table


def boxes(*places: tuple[int, int]) -> np.ndarray:
    labels = np.zeros((60, 80), np.uint16)
    for number, (y, x) in enumerate(places, 3):
        labels[y : y + 11, x : x + 21] = number
    return labels


def test_objects_lie_where_they_are(tmp_path):
    made = morula.measure_array(boxes((5, 5), (30, 40)), pixel_size=0.5, read_masks_as="objects").to_anndata("nuclei")
    assert made.obsm["spatial"].tolist() == [[7.5, 5.0], [25.0, 17.5]]  # x, then y
    assert made.obs["object"].tolist() == [3, 4]
    assert made.obs["region"].dtype == "category"
    assert made.uns["spatialdata_attrs"] == {"region": ["nuclei"], "region_key": "region", "instance_key": "object"}
    assert made[:, "area_um2"].X.ravel().tolist() == [11 * 21 / 4] * 2


def test_it_is_kept_in_a_file(tmp_path):
    made = morula.measure_array(boxes((5, 5)), read_masks_as="objects", class_names=("cell",)).to_anndata()
    made.write_h5ad(tmp_path / "a.h5ad")
    again = anndata.read_h5ad(tmp_path / "a.h5ad")
    assert again.obs_names.tolist() == ["labels_3"]
    assert again.obs["class_name"].tolist() == ["cell"]
    assert (again.obsm["spatial"] == made.obsm["spatial"]).all()
    np.testing.assert_array_equal(again.X, made.X)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_each_mask_is_a_region_and_so_is_each_frame_of_a_movie(tmp_path, ending):
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks" / "a b.tif", boxes((5, 5), (30, 40)))
    movie = np.stack([boxes((5, 5)), boxes(), boxes((6, 6), (33, 7))])
    tifffile.imwrite(tmp_path / "masks" / "m.tif", movie, imagej=True, metadata={"axes": "TYX"})
    measured = morula.measure(tmp_path / "masks", tmp_path / f"t.{ending}", read_masks_as="objects")
    made = measured.read().to_anndata()
    assert made.uns["spatialdata_attrs"]["region"] == ["a_b", "m_t0000", "m_t0002"]
    assert made.obs["region"].tolist() == ["a_b", "a_b", "m_t0000", "m_t0002", "m_t0002"]
    assert made.obs_names.is_unique
    assert len(measured.read()) == 6  # with the row of the empty frame


def test_tables_of_something_else_are_refused():
    with pytest.raises(RequestError, match=r"the table has none.*morula\.measure"):
        Table({"file": str}, ({"file": "a"},)).to_anndata()


def test_places_in_two_units_are_refused():
    columns = {"object": int, "centroid_x_um": float, "centroid_y_um": float, "centroid_x_px": float,
               "centroid_y_px": float}
    rows = ({"object": 1, "centroid_x_um": 1.0, "centroid_y_um": 1.0},
            {"object": 2, "centroid_x_px": 1.0, "centroid_y_px": 1.0})
    with pytest.raises(RequestError, match="--pixel-size"):
        Table(columns, rows).to_anndata()
