from pathlib import Path

import pytest

from morula.names.endings import called, ending, home, stem, told_apart


@pytest.mark.parametrize(("name", "rest", "end"), [
    ("a.tif", "a", ".tif"), ("a.nii.gz", "a", ".nii.gz"), ("Scan 1.5.NII.GZ", "Scan 1.5", ".nii.gz"),
    ("a.nii", "a", ".nii"), ("a.ome.tif", "a", ".tif"), ("a.OME.TIFF", "a", ".tiff"),
    ("table.csv.gz", "table.csv", ".gz"),
    ("t 0.5 s.png", "t 0.5 s", ".png"), ("no ending", "no ending", ""), ("some.home.tif", "some.home", ".tif"),
    ("胚胎.nii.gz", "胚胎", ".nii.gz"),
])
def test_names_and_their_endings(name, rest, end):
    assert (stem(Path("folder.nii.gz") / name), ending(Path("folder.nii.gz") / name)) == (rest, end)


@pytest.mark.parametrize(("path", "rest"), [
    ("a.zarr", "a"), ("A.OME.ZARR", "A"), ("p.1.ome.zarr/B/03/0", "p.1_B03_f0"), ("p.zarr/AA/12/3", "p_AA12_f3"),
    ("a.zarr/0", "a_series0"), ("a.zarr/0/labels/nuclei", "a_series0"), ("p.zarr/B/03/0/labels/a.b", "p_B03_f0"),
    ("a.zarr/labels/x.y", "a"), ("a.zarr/raw", "a_raw"), ("old.zarr/new.zarr/B/03/0", "new_B03_f0"),
])
def test_what_lies_in_an_ome_zarr_has_a_name_that_can_be_told_from_others(path, rest):
    inside = Path("folder") / path
    assert (stem(inside), ending(inside)) == (rest, ".zarr")
    assert home(inside) / called(inside) == inside
    for name in ("a.tif", "a.NII.gz"):
        assert (stem(inside / name), home(inside / name)) == ("a", inside)


@pytest.mark.parametrize(("files", "names"), [
    (["p.zarr/B/1/0", "p.zarr/B/2/0"], ["p.zarr/B/1/0", "p.zarr/B/2/0"]),
    (["x/p.zarr/0", "y/p.zarr/0"], ["x/p.zarr/0", "y/p.zarr/0"]),
    (["a/t1.tif", "a/t2.tif"], ["t1.tif", "t2.tif"]),
    (["a/t1.tif", "b/t2.tif"], ["t1.tif", "t2.tif"]),
    (["a/t1.tif", "b/t1.tif", "b/t2.tif"], ["a/t1.tif", "b/t1.tif", "b/t2.tif"]),
    (["a/m/t1.tif", "b/m/t1.tif", "b/n/t1.tif"], ["a/m/t1.tif", "b/m/t1.tif", "b/n/t1.tif"]),
    (["/x/t1.tif", "/x/y/t1.tif"], ["x/t1.tif", "y/t1.tif"]),
    ([], []),
])
def test_files_are_called_by_their_folders_where_names_clash(files, names):
    assert list(told_apart([Path(file) for file in files]).values()) == names
